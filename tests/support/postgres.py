"""A Postgres server of Debian's packages for tests: a cluster of its own in a temporary folder, on a free port."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from support.ports import free_port

USER, PASSWORD = "factorscope", "s3cr3t/of@them"
"""Of the server; the password has characters that a URL needs codes for."""
IN_URL = "s3cr3t%2Fof%40them"


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, None where Postgres is not installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    usual = shutil.which("initdb")
    return max(found, default=Path(usual).resolve().parent if usual else None)


@dataclass
class Server:
    """A server that runs."""

    folder: Path
    port: int
    address: str = "127.0.0.1"
    inside: Sequence[str] = ()
    """Words that do the rest of a command line on another host."""
    databases: int = 0

    def database(self, create: bool = True) -> str:
        """Return the URL of a new and empty database."""
        self.databases += 1
        name = f"jobs{self.databases}"
        if create:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str, password: str = IN_URL) -> str:
        return f"postgresql://{USER}:{password}@{self.address}:{self.port}/{name}"

    def call(self, program: str, *words: str) -> None:
        """Call a program of Postgres's as the user of the server, since it refuses root."""
        folder = programs()
        assert folder is not None
        became = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        subprocess.run(
            [
                *self.inside,
                *(became if os.geteuid() == 0 else ()),
                "env",
                "-C",
                self.folder,
                folder / program,
                *words,
            ],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses={self.address} -c fsync=off"
        if self.inside:
            options += " -c ssl=on -c ssl_cert_file=../certificate -c ssl_key_file=../key"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.call("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)

    def stop(self) -> None:
        self.call("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.folder / "data"))


@contextlib.contextmanager
def postgres(address: str = "127.0.0.1", inside: Sequence[str] = ()) -> Iterator[Server]:
    """Yield a server, which ends with the block; one on another host speaks TLS alone with the others."""
    # Not below the folder of the tests, which only their user may enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as temporary:
        folder = Path(temporary)
        (folder / "password").write_text(PASSWORD)
        if inside:
            _certify(folder)
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        server = Server(folder, 5432 if inside else free_port(), address, inside)
        access = ("-U", USER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}")
        server.call("initdb", "-N", "-E", "UTF8", "--locale=C", *access, "-D", str(folder / "data"))
        if inside:
            with (folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("hostssl all all samenet scram-sha-256\n")
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _certify(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=a"]
        + ["-newkey", "rsa:2048", "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True,
        capture_output=True,
    )
    (folder / "key").chmod(0o600)
