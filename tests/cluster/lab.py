"""What docs/cluster.md sets up, on hosts of namespaces: Postgres on A, a shared folder, workers, and dashboards."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import psycopg
from faults.visitors import Visitor, visit
from support.postgres import IN_URL, PASSWORD, Server

from cluster.hosts import Host, Network, Program, wait_for
from cluster.ray_nodes import RayNodes
from core import jobs
from core.jobs.progress_file import ENDED, Progress, progress_of
from core.settings import RunSettings
from core.settings.changes import changes, preset_of
from core.store import Store

DASHBOARD = 8501
PYTHON = sys.executable
ALONE = """
import json, sys
from pathlib import Path
from core.jobs.__main__ import load
from core.progress import silent
from core.settings import settings_from_dict
from core.store import Store
store = Store(Path(sys.argv[1]))
chain, _ = load(store)
chain(settings_from_dict(json.loads(sys.argv[2])), store, silent, Path(sys.argv[3]))
"""
"""A program that performs a run without a worker."""


@dataclass
class Lab:
    """Hosts that share a folder and a database."""

    net: Network
    server: Server
    folder: Path
    """Of everything that the hosts write, their logs too."""
    database: str = ""
    """Its name."""
    environment: dict[str, str] = field(default_factory=dict)
    """Of workers and dashboards, beside what names the database and the shared folder."""

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.store = Store(self.folder / "shared" / "cache")
        self.ray = RayNodes(self.host, self.folder)
        with self.host("a").inside():
            self.database = self.server.database().rpartition("/")[2]

    def host(self, name: str) -> Host:
        """Return a host; one that was killed is started again."""
        return self.net.hosts[name] if self.net.is_up(name) else self.net.add(name)

    def settings(self, **other: str) -> dict[str, str]:
        """Return the environment of a worker or dashboard, as the page has it."""
        address = f"{self.server.address}:{self.server.port}"
        return {
            "FACTORSCOPE_DATABASE": f"postgresql://factorscope@{address}/{self.database}?sslmode=require",
            "FACTORSCOPE_CACHE": str(self.store.root),
            "PGPASSWORD": PASSWORD,
            "OMP_NUM_THREADS": "1",
            **self.environment,
            **self.ray.environment,
            **other,
        }

    def log(self, name: str) -> str:
        """Return what all programs of a host printed."""
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def start(self, name: str, *words: str | Path, **environment: str) -> Program:
        return self.host(name).start(self.folder / f"{name}.log", *words, **self.settings(**environment))

    def call(self, name: str, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Do a verb of the command line on a host."""
        ended = self.host(name).call(PYTHON, "-m", "core", *words, **self.settings(**environment))
        with (self.folder / f"{name}.log").open("a") as log:
            log.write(ended.stdout + ended.stderr)
        return ended

    def worker(self, name: str, **environment: str) -> Program:
        """Start a worker on a host, and return it once it has signed."""
        known = set(self.alive())
        started = self.start(name, PYTHON, "-m", "core", "worker", **environment)
        wait_for(lambda: started.poll() is not None or set(self.alive()) - known)
        assert started.poll() is None, self.log(name)
        return started

    def alive(self) -> list[str]:
        """Return the workers that have signed and were not given up."""
        with self.host("a").inside(), psycopg.connect(self.url, autocommit=True) as connection:
            if connection.execute("SELECT to_regclass('factorscope.workers')").fetchone() == (None,):
                return []
            return [name for (name,) in connection.execute("SELECT name FROM factorscope.workers").fetchall()]

    @property
    def url(self) -> str:
        return self.server.url(self.database)

    @contextlib.contextmanager
    def dashboard(self, name: str, **environment: str) -> Iterator[Visitor]:
        """Yield a session with a new dashboard on a host, which ends with the block."""
        server = self.start(name, PYTHON, "-m", "core", "serve", **environment)
        try:
            wait_for(lambda: server.poll() is not None or self.answers(name))
            with contextlib.ExitStack() as stack:
                with self.host(name).inside():
                    visitor = stack.enter_context(visit(SimpleNamespace(port=DASHBOARD)))  # type: ignore[arg-type]
                yield visitor
            assert visitor.exceptions == []
        finally:
            server.end()

    def ports(self, name: str) -> set[int]:
        """Return the ports that other hosts reach on a host."""
        listening = self.host(name).call("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout
        ends = [line.split()[3].rpartition(":") for line in listening.splitlines()]
        return {int(port) for address, _, port in ends if not address.startswith(("127.", "[::1]"))}

    def answers(self, name: str) -> bool:
        """Return whether a dashboard answers on a host."""
        probe = f"exec 3<>/dev/tcp/127.0.0.1/{DASHBOARD}"
        return self.host(name).call("bash", "-c", probe).returncode == 0

    def start_run(self, visitor: Visitor, settings: RunSettings) -> str:
        """Start a run as a user does: open the form by a link, press the button. Return its id.

        The run that a dashboard starts by itself on an empty cache is cancelled before.
        """
        visitor.open("Train")
        for job in jobs.runs(self.store):
            if job.state == "waiting":
                visitor.use("Train", f"cancel {job.run_id}")
        before = {job.run_id for job in jobs.runs(self.store)}
        shown = press_start(visitor, settings)
        started = {job.run_id for job in jobs.runs(self.store)} - before
        assert len(started) == 1, shown
        return started.pop()

    def state(self, run_id: str) -> str:
        return jobs.status(run_id, self.store).state

    def progress(self, run_id: str) -> Progress:
        found = progress_of(self.store.root / "runs" / run_id)
        assert found is not None
        return found

    def wait_until_at(self, run_id: str, stage: str, starts: int = 1) -> Progress:
        """Wait until so many workers have taken up a run, and it is in the midst of a stage."""

        def there() -> bool:
            now = progress_of(self.store.root / "runs" / run_id)
            assert now is None or now.state not in ENDED, now
            at_work = (
                now is not None and now.state == "running" and now.starts >= starts and now.current == stage
            )
            return at_work and any(s.name == stage and 0 < s.done < 1 for s in now.stages)  # type: ignore[union-attr]

        wait_for(there)
        return self.progress(run_id)

    def is_at_work(self, run_id: str) -> bool:
        """Return whether a run is under way; it is a failure where it has ended."""
        now = self.progress(run_id)
        assert now.state not in ENDED, now
        return now.state == "running"

    def wait_until_done(self, run_id: str) -> None:
        wait_for(lambda: self.state(run_id) in ENDED)
        assert self.progress(run_id).state == "done", self.progress(run_id)

    def end(self) -> None:
        """End all hosts but that of the database; they start again when they are wanted."""
        self.ray.end()
        for name, host in self.net.hosts.items():
            if name != "a":
                host.kill()

    def secrets(self) -> list[str]:
        """Return the files that hold a secret: none should."""
        told = self.ray.environment.items()
        words = [*self.passwords(), *(value for name, value in told if "TOKEN" in name)]
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [str(path) for path in files if any(word.encode() in path.read_bytes() for word in words)]

    def passwords(self) -> list[str]:
        """Return what opens the database and the store."""
        return [PASSWORD, IN_URL, *(value for name, value in self.environment.items() if "SECRET" in name)]


def press_start(visitor: Visitor, settings: RunSettings) -> str:
    """Fill the form with settings by a link, press the button, and return what the page then shows."""
    changed = {name: value for name, (value, _) in changes(settings).items()}
    link = {"preset": preset_of(settings), "changed": json.dumps(changed)}
    data = {"ratings": settings.ratings, "reviews": settings.reviews}
    visitor.open("Train", **dict(pair.split("=", 1) for pair in urlencode(link | data).split("&")))
    return visitor.use("Train", "Start the run")


def reference(settings: RunSettings, lab: Lab) -> "subprocess.Popen[bytes]":
    """Start the same run on this machine, alone, with a cache of its own; its files come to `alone` of the folder."""
    where = (str(lab.folder / "alone-cache"), settings.model_dump_json(), str(lab.folder / "alone"))
    return subprocess.Popen([PYTHON, "-c", ALONE, *where], env=os.environ | {"OMP_NUM_THREADS": "1"})


def host_of(worker: object) -> str:
    """Return the host of a worker, by its name.

    >>> host_of("b-12-3f4a")
    'b'
    """
    return str(worker).split("-")[0]
