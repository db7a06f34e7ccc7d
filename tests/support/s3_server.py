"""A server that speaks S3 for tests: rclone, from a package of its own, which serves a folder as buckets.

It checks signatures and clocks, refuses wrong keys, and writes the objects of a bucket as files into a folder of that
name.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.ports import free_port

KEY, SECRET = "factorscope", "s3cr3t/of+them"
LIMIT_SECONDS = 30
NOTICED_SECONDS = 0.2
"""How long the server remembers what lies in a folder. With 0, rclone 1.75 may look into it for ever."""


BUCKETS = 200
"""Buckets that it serves, all of them empty at its start."""


def program() -> Path | None:
    """Return the path of rclone, None where it or s3fs is not installed."""
    beside = Path(sys.executable).with_name("rclone")
    found = str(beside) if beside.exists() else shutil.which("rclone")
    return Path(found) if found and importlib.util.find_spec("s3fs") else None


@dataclass
class S3Server:
    """A server and its buckets; `command` precedes rclone's, such as one that enters another host's network."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    command: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    buckets: int = 0

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
        """Return the name of an empty bucket that nobody was given before."""
        self.buckets += 1
        assert self.buckets <= BUCKETS
        return f"bucket{self.buckets}"

    def objects(self, bucket: str, prefix: str = "shared") -> Path:
        """Return the folder of the objects under a prefix."""
        return self.folder / "buckets" / bucket / prefix

    def notice(self) -> None:
        """Wait until the server sees what was changed in the folder of its buckets."""
        time.sleep(2 * NOTICED_SECONDS)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        rclone = program()
        assert rclone is not None and self.process is None
        # Before it looks, since it would notice a new one late.
        for number in range(1, BUCKETS + 1):
            (self.folder / "buckets" / f"bucket{number}").mkdir(parents=True, exist_ok=True)
        remembers = f"{NOTICED_SECONDS}s"
        words = ["serve", "s3", "--addr", f"{self.host}:{self.port}", "--dir-cache-time", remembers]
        settings = {"RCLONE_AUTH_KEY": f'"{KEY},{SECRET}"', "RCLONE_CONFIG": os.devnull}
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [*self.command, rclone, *words, self.folder / "buckets"],
                env=os.environ | settings,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + LIMIT_SECONDS
        while "Starting s3 server on" not in (said := (self.folder / "log").read_text()):
            assert self.process.poll() is None and time.monotonic() < until, said
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once."""
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
