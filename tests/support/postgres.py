"""A Postgres server of Debian's packages for tests: a cluster of its own in a temporary folder, on a free port."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"

    def call(self, program: str, *words: str) -> None:
        """Call a program of Postgres's as the user of the server, since it refuses root."""
        folder = programs()
        assert folder is not None
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            owner = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        subprocess.run(
            [folder / program, *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            **owner,
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.call("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)

    def stop(self) -> None:
        self.call("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.folder / "data"))


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Yield a server, which ends with the block."""
    port = free_port()
    # Not below the folder of the tests, which only their user may enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as temporary:
        folder = Path(temporary)
        (folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        server = Server(folder, port)
        access = ("-U", USER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}")
        server.call("initdb", "-N", "-E", "UTF8", "--locale=C", *access, "-D", str(folder / "data"))
        server.start()
        try:
            yield server
        finally:
            server.stop()
