"""Several machines, as far as it needs no database: addresses, marks, signs of life, and what is told of faults."""

import json
import os
import re
import subprocess
import textwrap
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.command_line import ROOT, forked
from support.ports import free_port
from support.run_folders import add_recorded_run

from core import jobs
from core.code_version import version
from core.errors import Cancelled, QueueError
from core.jobs import worker_starts
from core.jobs.cluster import heartbeat, presence
from core.jobs.cluster.database import Unreachable, database_url, in_words
from core.jobs.cluster.heartbeat import Heartbeat
from core.jobs.cluster.mark import cluster_id, marked
from core.jobs.recorder import Recorder
from core.settings import preset
from core.store import Store

RUN = "20261124-120000-aaa1"
SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)
WORKER = "b-7-ab12"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database at a port where nobody listens, set in the environment."""
    port = free_port()
    monkeypatch.setenv("FACTORSCOPE_DATABASE", f"postgresql://me:s3cr3t@127.0.0.1:{port}/jobs")
    return f"jobs at 127.0.0.1:{port}"


def running(store: Store, worker: int | str = WORKER) -> None:
    """Add a run that a worker is at, as its files say."""
    add_recorded_run(store, RUN, SETTINGS, state="running")
    path = store.root / "runs" / RUN / "progress.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"worker": worker}))


@pytest.mark.parametrize(
    "text",
    [
        "jobs",
        "http://me:s3cr3t@host/jobs",
        "postgresql://me:s3cr3t@host",
        "postgresql://me:x@s3cr3t@host/jobs",
        "postgresql://me:x@s3cr3t:y@host/jobs",
        "postgresql://me:x@s3cr3t/y@host/jobs",
        "postgresql://me:x@y/s3cr3t@host/jobs",
        "postgresql://me:x@y?s3cr3t=1@host/jobs",
        "postgresql://me:x@s3cr3t#y@host/jobs",
        "postgresql://me/you:s3cr3t@host/jobs",
        "postgresql://host/jobs?user=me&password=s3cr3t",
        "sqlite:///s3cr3t",
    ],
)
def test_what_is_no_url_is_refused_and_not_shown(
    text: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_DATABASE", text)
    with pytest.raises(QueueError, match="is no URL of a database; write postgresql://USER") as told:
        database_url()
    assert "s3cr3t" not in str(told.value) and told.value.__suppress_context__
    with pytest.raises(QueueError, match="is no URL"):
        jobs.start(SETTINGS, store)
    assert jobs.runs(store) == []


def test_a_url_gets_limits_for_lost_networks_unless_it_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_url() is None
    monkeypatch.setenv(
        "FACTORSCOPE_DATABASE", "postgres://me:a%2Fb@host/jobs?connect_timeout=1&sslmode=require"
    )
    url = database_url()
    assert url is not None and (url.password, url.drivername) == ("a/b", "postgresql+psycopg")
    assert url.query["connect_timeout"] == "1" and url.query["sslmode"] == "require"
    assert url.query["tcp_user_timeout"] == "10000"


@pytest.mark.parametrize(
    "password", ["s3/cr3t", "s3#cr3t", "s3%cr3t", "s3%25cr3t", "s3?cr3t", "s3:cr3t", "s3%40cr3t"]
)
def test_a_password_of_special_characters_is_in_no_message(
    password: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_DATABASE", f"postgresql://me:{password}@127.0.0.1:1/jobs")
    with pytest.raises(QueueError, match="the database jobs at 127.0.0.1:1 cannot be used") as told:
        jobs.start(SETTINGS, store)
    assert "cr3t" not in str(told.value) and told.value.__suppress_context__


def test_no_error_of_a_library_shows_the_password() -> None:
    url = sa.make_url("postgresql://me:s3cr3t@host/jobs")
    with pytest.raises(Unreachable) as told, in_words(url):
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("no pg_hba entry for s3cr3t\nand more"))
    assert "(no pg_hba entry for …)" in str(told.value) and told.value.__suppress_context__


def test_a_database_that_cannot_be_reached_is_told_and_leaves_no_run(closed: str, store: Store) -> None:
    with pytest.raises(
        QueueError, match=f"the database {closed} cannot be used .*Connection refused"
    ) as told:
        jobs.start(SETTINGS, store)
    assert "s3cr3t" not in str(told.value)
    assert jobs.runs(store) == [] and not any((store.root / "runs").iterdir())


def test_a_run_that_cannot_be_queued_again_stays_as_it_was(closed: str, store: Store) -> None:
    add_recorded_run(store, RUN, SETTINGS, state="cancelled")
    job = (store.root / "runs" / RUN / "job.json").read_text()
    with pytest.raises(QueueError, match="cannot be used"):
        jobs.resume(RUN, store)
    assert jobs.status(RUN, store).state == "cancelled"
    assert json.loads((store.root / "runs" / RUN / "job.json").read_text()) == json.loads(job)


@pytest.mark.slow
def test_the_command_tells_in_one_sentence(closed: str, tmp_path: Path) -> None:
    environment = os.environ | {"FACTORSCOPE_CACHE": str(tmp_path)}
    ended = forked(environment, "worker")
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert closed in ended.stderr and "s3cr3t" not in ended.stderr
    ended = forked(environment | {"FACTORSCOPE_DATABASE": ""}, "worker")
    assert ended.returncode == 2 and "the dashboard starts its worker by itself" in ended.stderr
    assert not (tmp_path / "error.log").exists()


def test_a_worker_is_alive_while_its_file_changes_by_the_readers_clock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert not presence.is_alive(store.root, WORKER) and not presence.is_any_alive(store.root)
    presence.show(store.root, WORKER, 1)
    # Its own clock is far behind.
    os.utime(store.root / presence.FOLDER / f"{WORKER}.json", (0, 0))
    assert presence.is_alive(store.root, WORKER) and presence.is_any_alive(store.root)
    now += presence.SILENT_SECONDS
    assert not presence.is_alive(store.root, WORKER)
    presence.show(store.root, WORKER, 2)
    assert presence.is_alive(store.root, WORKER)
    presence.hide(store.root, WORKER)
    assert not presence.is_alive(store.root, WORKER)
    assert not presence.is_alive(store.root, "../runs/x") and not presence.is_alive(store.root, "")


def test_a_run_is_running_while_its_worker_is_alive(
    store: Store, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    running(store)
    now = jobs.status(RUN, store)
    assert (now.state, now.message) == (
        "waiting",
        "waits for a worker, and none is there; start one by `python -m core worker`",
    )
    presence.show(store.root, "a-1-ffff", 1)
    now = jobs.status(RUN, store)
    assert (now.state, now.message) == (
        "waiting",
        "its worker is gone; another goes on after the last finished stage",
    )
    presence.show(store.root, WORKER, 1)
    assert jobs.status(RUN, store).state == "running"
    jobs.cancel(RUN, store)
    assert jobs.status(RUN, store).message == "is being cancelled"
    presence.hide(store.root, WORKER)
    assert jobs.status(RUN, store).state == "cancelled"
    # A dashboard without the address sees the same of a run at work.
    (store.root / "runs" / RUN / "cancel-1").unlink()
    presence.show(store.root, WORKER, 1)
    monkeypatch.delenv("FACTORSCOPE_DATABASE")
    assert jobs.status(RUN, store).state == "running"


def test_a_dashboard_starts_no_worker_for_several_machines(
    store: Store, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    started: list[Path] = []
    monkeypatch.setattr(worker_starts, "start", started.append)
    running(store)
    jobs.ensure_worker(store)
    monkeypatch.delenv("FACTORSCOPE_DATABASE")
    marked(store.root)
    jobs.ensure_worker(store)
    assert started == []
    assert jobs.status(RUN, store).message == (
        "workers of a database serve this folder; set FACTORSCOPE_DATABASE"
    )
    with pytest.raises(QueueError, match="set FACTORSCOPE_DATABASE, or end them and delete cluster.json"):
        jobs.start(SETTINGS, store)
    (store.root / "cluster.json").unlink()
    jobs.ensure_worker(store)
    assert started == [store.root]


def test_a_shell_reads_the_environment_of_the_operators_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    (lines,) = re.findall(r"/etc/factorscope\.env`\):\n\n +```\n(.*?)\n +```", page, re.DOTALL)
    (command,) = re.findall(r"`(set -a; \. /etc/factorscope\.env; set \+a)`", page)
    file = tmp_path / "factorscope.env"
    file.write_text(textwrap.dedent(lines).replace("='…'", "='a $b;\"&'"))
    command = command.replace("/etc/factorscope.env", str(file))
    told = subprocess.run(["bash", "-c", f"{command}; env -0"], capture_output=True, text=True, check=True)
    read = dict(line.split("=", 1) for line in told.stdout.rstrip("\0").split("\0"))
    assert read["PGPASSWORD"] == read["AWS_SECRET_ACCESS_KEY"] == 'a $b;"&'
    monkeypatch.setenv("FACTORSCOPE_DATABASE", read["FACTORSCOPE_DATABASE"])
    url = database_url()
    assert url is not None and (url.host, url.query["sslmode"]) == ("a.example", "require")
    assert {"FACTORSCOPE_CACHE", "FACTORSCOPE_STORE", "FACTORSCOPE_RAY", "RAY_AUTH_TOKEN"} <= read.keys()


def test_a_folder_is_marked_once(store: Store) -> None:
    assert cluster_id(store.root) is None
    first = marked(store.root)
    assert marked(store.root) == cluster_id(store.root) == first
    (store.root / "cluster.json").write_text("[1]")
    assert cluster_id(store.root) is None


def test_a_version_is_the_same_at_every_call() -> None:
    assert len(version()) == 10 and version() == version.__wrapped__()


def test_a_worker_writes_only_for_a_time_after_it_signed(
    store: Store, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    url = database_url()
    assert url is not None
    now = 1000.0
    monkeypatch.setattr(heartbeat, "_now", lambda: now)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    beating = Heartbeat(store.root, url, WORKER, lambda: None)
    permitted = threading.Event()

    def write() -> None:
        beating.permit()
        permitted.set()

    threading.Thread(target=write, daemon=True).start()
    assert not permitted.wait(0.1)
    beating._until = 1001.0
    assert permitted.wait(30)
    # The process was stopped, or the machine slept.
    now = 1001.0
    permitted.clear()
    threading.Thread(target=write, daemon=True).start()
    assert not permitted.wait(0.1)
    beating._until = 1002.0
    assert permitted.wait(30)
    with pytest.raises(Unreachable):
        beating.sign()


def test_a_recorder_writes_nothing_without_a_permit(store: Store) -> None:
    add_recorded_run(store, RUN, SETTINGS, state="running")
    folder = store.root / "runs" / RUN
    allowed = True

    def permit() -> None:
        if not allowed:
            raise Cancelled("given up")

    recorder = Recorder(folder, 1, ("first",), WORKER, permit)
    recorder("first", 0.5, "at work")
    recorder._write("running")
    written = (folder / "progress.json").read_bytes()
    assert json.loads(written)["worker"] == WORKER
    allowed = False
    for write in (lambda: recorder("first", 1, "ends"), lambda: recorder._write("done")):
        with pytest.raises(Cancelled):
            write()
    assert (folder / "progress.json").read_bytes() == written


def test_a_later_attempt_waits_for_the_end_of_the_one_before(store: Store, closed: str) -> None:
    from core.jobs.cluster.worker import _wait_for_earlier
    from core.jobs.worker import Workplace

    running(store)
    presence.show(store.root, WORKER, 1)
    here = Workplace(store, lambda *_: None, (), "a-1-ffff")
    job = json.loads((store.root / "runs" / RUN / "job.json").read_text())
    ended = threading.Event()

    def wait() -> None:
        _wait_for_earlier(RUN, job["attempt"] + 1, here)
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    assert not ended.wait(0.5)
    presence.hide(store.root, WORKER)
    # The request of the next attempt shows up late on a shared file system.
    assert not ended.wait(0.5)
    (store.root / "runs" / RUN / "job.json").write_text(json.dumps(job | {"attempt": job["attempt"] + 1}))
    assert ended.wait(30)


def test_machines_share_no_index_and_prune_none_of_the_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    monkeypatch.setattr("core.store.index.machine", lambda: "a")
    monkeypatch.setattr("core.store.leftovers.machine", lambda: "a")
    store = Store(tmp_path / "cache")
    store.put("key", 1)
    assert store.get("key") == 1 and store.index_folder == store.root / "index-a"
    gone = 2**22 + 1
    names = {
        f".{gone}@a@-x-1": False,
        f".{gone}@b-2@-x-1": True,
        f".{gone}-x-1": False,
        f".{os.getpid()}@a@-x-1": True,
    }
    for name in names:
        (store.root / "artifacts" / name).mkdir()
    store.prune(10**9)
    assert {name: (store.root / "artifacts" / name).exists() for name in names} == names
    seen: list[str] = []
    store.artifact("squares", "1", {}, lambda to: (seen.append(to.name), (to / "n.txt").write_text("9")))
    assert seen[0].startswith(f".{os.getpid()}@a@-squares-")
