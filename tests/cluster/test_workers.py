"""Workers of one queue: they share runs, and replace each other."""

import base64
import contextlib
import os
import pickle
import signal
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from support.cut_network import Way
from support.postgres import PASSWORD, Server

from cluster.conftest import Cluster, wait_for
from core import jobs
from core.errors import QueueError
from core.jobs.cluster import heartbeat
from core.jobs.cluster.database import admit, database_url, opened
from core.jobs.cluster.heartbeat import Heartbeat
from core.settings import preset

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

ONE, TWO = preset("quick", seed=1), preset("quick", seed=2)


def built(cluster: Cluster) -> list[str]:
    return (cluster.store.root / "built").read_text().split()


def files(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return what tells whether any file of a folder was touched."""
    found = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {str(path): (stat.st_ino, stat.st_mtime_ns, path.read_bytes()) for path, stat in found.items()}


def test_two_workers_do_two_runs_at_once_and_nobody_starts_one_by_himself(cluster: Cluster) -> None:
    first, second = jobs.start(ONE, cluster.store), jobs.start(TWO, cluster.store)
    jobs.ensure_worker(cluster.store)
    now = jobs.status(first, cluster.store)
    assert (now.state, now.message) == (
        "waiting",
        "waits for a worker, and none is there; start one by `python -m core worker`",
    )
    cluster.start(), cluster.start()
    workers = {cluster.wait_for_second_stage(run_id).worker for run_id in (first, second)}
    assert len(workers) == 2 and workers == set(cluster.alive())
    cluster.go()
    for run_id, seed in ((first, "1"), (second, "2")):
        cluster.wait_until(run_id, "done")
        assert (jobs.run_folder(run_id, cluster.store) / "result.txt").read_text() == seed
    assert not (cluster.store.root / "jobs.sqlite").exists()


def test_the_run_of_a_killed_worker_goes_on_elsewhere_though_clocks_differ(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    cluster.start(SKEW="86400"), cluster.start(SKEW="-86400")
    before = cluster.wait_for_second_stage(run_id)
    cluster.worker_of(run_id).kill()
    after = cluster.wait_for_second_stage(run_id, starts=2)
    assert after.worker != before.worker and cluster.alive() == [after.worker]
    cluster.go()
    cluster.wait_until(run_id, "done")
    assert built(cluster) == ["1"]


def test_a_worker_that_is_asked_to_end_hands_its_run_over(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    cluster.start(), cluster.start()
    cluster.wait_for_second_stage(run_id)
    worker = cluster.worker_of(run_id)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    cluster.wait_for_second_stage(run_id, starts=2)
    # Nobody had to be given up for it.
    assert "is given up" not in cluster.log.read_text()


def test_a_stopped_worker_that_continues_leaves_its_run_to_the_other(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    cluster.start(), cluster.start()
    before = cluster.wait_for_second_stage(run_id)
    stopped = cluster.worker_of(run_id)
    stopped.send_signal(signal.SIGSTOP)
    after = cluster.wait_for_second_stage(run_id, starts=2)
    cluster.go()
    cluster.wait_until(run_id, "done")
    (cluster.store.root / "go").unlink()
    left = files(cluster.store.root / "runs" / run_id)
    stopped.send_signal(signal.SIGCONT)
    # It comes back as another worker, in the same process, and takes up other runs.
    wait_for(lambda: "begins anew" in cluster.log.read_text() and len(cluster.alive()) == 2)
    assert before.worker not in cluster.alive() and stopped.poll() is None
    assert files(cluster.store.root / "runs" / run_id) == left
    next_run, last_run = jobs.start(ONE, cluster.store), jobs.start(TWO, cluster.store)
    workers = {cluster.wait_for_second_stage(each).worker for each in (next_run, last_run)}
    assert after.worker in workers and before.worker not in workers
    assert files(cluster.store.root / "runs" / run_id) == left


def test_a_worker_whose_network_is_cut_writes_nothing_and_comes_back_as_another(
    cluster: Cluster, server: Server
) -> None:
    run_id = jobs.start(ONE, cluster.store)
    way = Way(server.port)
    cluster.start(FACTORSCOPE_DATABASE=cluster.url.replace(f":{server.port}/", f":{way.port}/"))
    before = cluster.wait_for_second_stage(run_id)
    cluster.start()
    way.cut()
    after = cluster.wait_for_second_stage(run_id, starts=2)
    # It still works, and would find `go`.
    cluster.go()
    cluster.wait_until(run_id, "done")
    left = files(cluster.store.root / "runs" / run_id)
    assert cluster.progress(run_id).worker == after.worker != before.worker
    way.mend()
    wait_for(lambda: "begins anew" in cluster.log.read_text() and len(cluster.alive()) == 2)
    assert files(cluster.store.root / "runs" / run_id) == left
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    way.close()


def test_a_worker_that_is_lost_while_it_signs_does_not_keep_its_sign_locked(cluster: Cluster) -> None:
    jobs.start(ONE, cluster.store)
    url = database_url()
    assert url is not None
    lost, other = opened(url), opened(url)
    with lost.connect() as connection:
        connection.execute(sa.text("INSERT INTO factorscope.workers (name, version) VALUES ('b-1-x', '1')"))
        connection.commit()
        connection.execute(sa.text("UPDATE factorscope.workers SET signed = clock_timestamp()"))

        def given_up() -> bool:
            with contextlib.suppress(sa.exc.OperationalError), other.begin() as living:
                return living.execute(sa.text("DELETE FROM factorscope.workers")).rowcount == 1
            return False

        wait_for(given_up)
        connection.invalidate()
    lost.dispose(), other.dispose()


def test_nobody_is_given_up_for_a_pause_that_one_worker_may_have_missed(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signs just before the database pauses for 26 s, and B had signed 5 s before A."""
    jobs.start(ONE, cluster.store)
    now, url = 1000.0, database_url()
    assert url is not None
    monkeypatch.setattr(heartbeat, "_now", lambda: now)
    names = ["a-1-x", "b-1-x"]
    for name in names:
        admit(cluster.store.root, url, name)
    beating = Heartbeat(cluster.store.root, url, "a-1-x", lambda: None)

    def sign(seconds_later: float) -> list[str]:
        nonlocal now
        now += seconds_later
        beating.sign()
        return sorted(beating.alive())

    assert [sign(5) for _ in range(8)] == [names] * 8
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("UPDATE factorscope.workers SET signed = signed - interval '31 s'")
    assert sign(26) == names
    # B does not sign any more, and the database answers for 30 s.
    assert [sign(5) for _ in range(6)] == [names] * 5 + [["a-1-x"]]
    beating._engine.dispose()


def test_a_worker_that_was_stopped_a_moment_goes_on(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    worker = cluster.start()
    before = cluster.wait_for_second_stage(run_id)
    worker.send_signal(signal.SIGSTOP)
    # Another one gives nobody up so soon after its own start.
    cluster.start()
    worker.send_signal(signal.SIGCONT)
    cluster.go()
    cluster.wait_until(run_id, "done")
    after = cluster.progress(run_id)
    assert (after.worker, after.starts) == (before.worker, 1)


def test_cancelling_and_resuming_work_from_any_dashboard(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    cluster.start(), cluster.start()
    cluster.wait_for_second_stage(run_id)
    jobs.cancel(run_id, cluster.store)
    cluster.wait_until(run_id, "cancelled")
    jobs.resume(run_id, cluster.store)
    again = cluster.wait_for_second_stage(run_id)
    assert again.attempt == 2
    # Resumed while it is being cancelled: the next attempt waits for the end of this one, on whichever worker.
    jobs.cancel(run_id, cluster.store)
    jobs.resume(run_id, cluster.store)
    assert cluster.wait_for_second_stage(run_id).attempt == 3
    cluster.go()
    cluster.wait_until(run_id, "done")
    assert built(cluster) == ["1"]


def test_runs_go_on_through_a_pause_of_the_database(cluster: Cluster, server: Server) -> None:
    run_id = jobs.start(ONE, cluster.store)
    cluster.start(), cluster.start()
    before = cluster.wait_for_second_stage(run_id)
    server.stop()
    try:
        wait_for(lambda: cluster.log.read_text().count("nothing is written until it answers") >= 2)
        with pytest.raises(QueueError, match="cannot be used"):
            jobs.start(TWO, cluster.store)
        assert [job.run_id for job in jobs.runs(cluster.store)] == [run_id]
    finally:
        server.start()
    wait_for(lambda: cluster.log.read_text().count("the database answers again") >= 2)
    cluster.go()
    cluster.wait_until(run_id, "done")
    after = cluster.progress(run_id)
    assert (after.worker, after.starts) == (before.worker, 1)
    cluster.wait_until(jobs.start(TWO, cluster.store), "done")


def test_a_run_that_is_not_in_the_queue_is_done_all_the_same(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.go()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_enqueue", lambda *_: None)
        run_id = jobs.start(ONE, cluster.store)
    cluster.start()
    cluster.wait_until(run_id, "done")


def test_a_pickle_in_the_queue_is_not_loaded_and_its_run_is_queued_anew(
    cluster: Cluster, tmp_path: Path
) -> None:
    run_id = jobs.start(ONE, cluster.store)

    class Touches:
        def __reduce__(self) -> tuple[object, tuple[object]]:
            return Path.touch, (tmp_path / "loaded",)

    evil = base64.b64encode(pickle.dumps({"args": (Touches(), 1), "kwargs": {}})).decode()
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        changed = connection.execute(
            "UPDATE dbos.workflow_status SET inputs = %s, serialization = 'py_pickle' WHERE workflow_uuid = %s",
            (evil, f"{run_id}-1"),
        )
        assert changed.rowcount == 1
    cluster.go()
    cluster.start(), cluster.start()
    cluster.wait_until(run_id, "done")
    assert cluster.progress(run_id).attempt == 2
    assert not (tmp_path / "loaded").exists() and "nothing of ours is pickled" in cluster.log.read_text()


def test_no_file_and_no_message_holds_the_password(cluster: Cluster) -> None:
    run_id = jobs.start(ONE, cluster.store)
    worker = cluster.start()
    cluster.wait_for_second_stage(run_id)
    cluster.go()
    cluster.wait_until(run_id, "done")
    worker.send_signal(signal.SIGTERM)
    worker.wait()
    texts = [path.read_bytes() for path in cluster.store.root.parent.rglob("*") if path.is_file()]
    for secret in (PASSWORD, "s3cr3t", "of@them"):
        assert not any(secret.encode() in text for text in texts)
    assert os.environ["FACTORSCOPE_DATABASE"] == cluster.url
