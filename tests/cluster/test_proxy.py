"""The proxy of docs/cluster.md: from another host it asks for a password, and passes the dashboard on by TLS."""

import base64
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.visitors import Visitor
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from cluster.hosts import PAGE, PATIENCE, wait_for
from cluster.lab import PYTHON, Lab

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

NAME = "factors.example"
BASIC = "Basic " + base64.b64encode(b"operator:letmein").decode()


@pytest.fixture
def proxy(lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """Yield the certificate of the page's proxy on host A, with the dashboard behind it as the page starts it."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    (server,) = re.findall(r"```\n(server \{\n.*?\n\})\n```", PAGE, re.DOTALL)
    (command,) = re.findall(r"\.venv/bin/(streamlit run app\.py --server\.allowedHosts .*)", PAGE)
    users, certificate, key = tmp_path / "users", tmp_path / "certificate", tmp_path / "key"
    hashed = subprocess.run(
        ["openssl", "passwd", "-apr1", "letmein"], capture_output=True, text=True, check=True
    )
    users.write_text(f"operator:{hashed.stdout.strip()}\n")
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
        + ["-addext", f"subjectAltName=DNS:{NAME}"]
        + ["-newkey", "rsa:2048", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    for written, ours in (
        (f"/etc/ssl/{NAME}.pem", certificate),
        (f"/etc/ssl/{NAME}.key", key),
        ("/etc/nginx/factorscope.users", users),
    ):
        assert written in server
        server = server.replace(written, str(ours))
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        f"user root; pid {tmp_path}/pid; daemon off; events {{}} http {{ access_log off; {server} }}"
    )
    nginx = lab.start("a", "nginx", "-c", settings, "-e", tmp_path / "nginx.log")
    dashboard = lab.start("a", PYTHON, "-m", *command.split())
    try:
        wait_for(lambda: dashboard.poll() is not None or lab.answers("a"))
        assert nginx.poll() is None, (tmp_path / "nginx.log").read_text()
        yield certificate
    finally:
        dashboard.end()
        nginx.end()


def session(lab: Lab, certificate: Path, **headers: str) -> ClientConnection:
    """Return a session that host B has with the dashboard on host A through the proxy."""
    trusted = ssl.create_default_context(cafile=str(certificate))
    with lab.host("b").inside():
        way = socket.create_connection((lab.server.address, 443))
        return connect(
            f"wss://{NAME}/_stcore/stream",
            sock=way,
            ssl=trusted,
            origin=f"https://{NAME}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=headers,
            max_size=None,
            open_timeout=PATIENCE,
        )


def test_the_proxy_asks_for_a_password_and_passes_a_session_on(lab: Lab, proxy: Path) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        session(lab, proxy)
    with session(lab, proxy, Authorization=BASIC) as connection:
        visitor = Visitor(connection)
        assert "Start the run" in visitor.open("Train")
        assert visitor.exceptions == []
    # Without the proxy nobody on another host reaches it.
    probe = f"exec 3<>/dev/tcp/{lab.server.address}/8501"
    assert "refused" in lab.host("b").call("bash", "-c", probe).stderr
