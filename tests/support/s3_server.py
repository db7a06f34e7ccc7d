"""A server that speaks S3 for tests: rclone, from a package of its own, which serves a folder as buckets.

It checks signatures, refuses wrong keys, and writes the objects of a bucket as files into a folder of that name.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support.ports import free_port

KEY, SECRET = "factorscope", "s3cr3t/of+them"
LIMIT_SECONDS = 30


def program() -> Path | None:
    """Return the path of rclone, None where it is not installed."""
    beside = Path(sys.executable).with_name("rclone")
    usual = shutil.which("rclone")
    return beside if beside.exists() else Path(usual) if usual else None


@dataclass
class S3Server:
    """A server and its buckets; `command` precedes rclone's, as `ip netns exec NAME` does."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    command: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    buckets: int = field(default=0)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def environment(self, bucket: str, prefix: str = "shared") -> dict[str, str]:
        """Return the environment by which artifacts are shared in a bucket."""
        return {
            "FACTORSCOPE_STORE": f"s3://{bucket}/{prefix}",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def bucket(self) -> str:
        """Return the name of a new and empty bucket."""
        self.buckets += 1
        name = f"bucket{self.buckets}"
        (self.folder / "buckets" / name).mkdir(parents=True)
        return name

    def objects(self, bucket: str, prefix: str = "shared") -> Path:
        """Return the folder of the objects under a prefix."""
        return self.folder / "buckets" / bucket / prefix

    def start(self, *options: str) -> None:
        rclone = program()
        assert rclone is not None and self.process is None
        (self.folder / "buckets").mkdir(parents=True, exist_ok=True)
        address = f"{self.host}:{self.port}"
        # Objects are looked up in the folder at each request, and written there at once.
        words = [
            "serve",
            "s3",
            "--addr",
            address,
            "--dir-cache-time",
            "0s",
            *options,
            str(self.folder / "buckets"),
        ]
        settings = {"RCLONE_AUTH_KEY": f'"{KEY},{SECRET}"', "RCLONE_CONFIG": os.devnull}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, str(rclone), *words], env=os.environ | settings, stdout=log, stderr=log
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        assert self.process is not None
        until = time.monotonic() + LIMIT_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        if self.command:
            return (
                f"on {self.host}:{self.port}" in (self.folder / "log").read_text()
                or "Starting" in (self.folder / "log").read_text()
            )
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def s3_server(host: str = "127.0.0.1", command: tuple[str, ...] = (), port: int = 0) -> Iterator[S3Server]:
    """Yield a server, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="s3-") as temporary:
        server = S3Server(Path(temporary), port or free_port(), host, command)
        server.start()
        try:
            yield server
        finally:
            server.stop()
