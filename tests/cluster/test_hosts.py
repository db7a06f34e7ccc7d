"""Three hosts with addresses of their own: a run outlives the loss of one, and a cut network of another."""

import time

import pytest
from faults.small import SETTINGS, differences, figures, finished_stages
from support.s3_server import S3Server

from cluster.hosts import wait_for
from cluster.lab import Lab, host_of, reference
from core import jobs

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

IN_SHARDS = SETTINGS.replace(
    factor_model=SETTINGS.factor_model.replace(epochs=24),
    stability=SETTINGS.stability.replace(repeats=100),
)
"""Trains 404 models again for its stability, in nine shards of some seconds each."""
LONG = SETTINGS.replace(language_model=SETTINGS.language_model.replace(epochs=1000))
"""Takes minutes, most of it in the language model; it is cancelled."""
CUT_SECONDS = 20
"""Shorter than the time after which a worker is given up."""


def test_a_run_outlives_a_killed_host_and_a_cut_network_with_the_same_numbers(
    lab: Lab, store_on_a: S3Server
) -> None:
    alone = reference(IN_SHARDS, lab)
    lab.environment |= store_on_a.environment(bucket := store_on_a.bucket())
    for name, core in (("a", 0), ("b", 0), ("c", 1)):
        lab.ray.start(name, core)
    with lab.dashboard("a") as visitor:
        run_id = lab.start_run(visitor, IN_SHARDS)
        lab.worker("b")
        wait_for(lambda: lab.state(run_id) == "running")
        lab.worker("c")
        first = lab.wait_until_at(run_id, "stability")
        assert host_of(first.worker) == "b"
        wait_for(lambda: lab.is_at_work(run_id) and lab.ray.shards().keys() >= {"b", "c"})
        for name in ("b", "c"):
            environments = lab.ray.environments(name)
            assert environments and not any(
                secret in text for text in environments for secret in lab.passwords()
            )
        lab.host("b").kill()
        second = lab.wait_until_at(run_id, "stability", starts=2)
        assert host_of(second.worker) == "c"
        before = lab.ray.shards()
        # As the page says.
        rays = {6380, 6381, 6382, 6383, *range(10002, 11000)}
        assert lab.ports("c") <= rays and lab.ports("a") <= {5432, 9000, 6379, 10001, *rays}
        lab.net.cut(lab.host("c"))
        time.sleep(CUT_SECONDS)
        assert lab.progress(run_id).current == "stability" and lab.is_at_work(run_id)
        lab.net.mend(lab.host("c"))
        lab.wait_until_done(run_id)
        text = visitor.open("Train", run=run_id)
        assert "Under way" not in text
    assert (lab.progress(run_id).worker, lab.progress(run_id).starts) == (second.worker, 2)
    assert lab.ray.shards()["c"] > before["c"]
    assert "nothing is written until it answers" in lab.log("c")
    assert "the database answers again" in lab.log("c")
    assert alone.wait() == 0
    expected, found = figures(lab.folder / "alone"), figures(jobs.run_folder(run_id, lab.store))
    assert expected and differences(expected, found) == []
    assert [*store_on_a.objects(bucket).rglob("manifest.json")]


def test_a_host_that_is_cut_off_for_long_is_replaced_and_any_dashboard_watches_and_cancels(lab: Lab) -> None:
    with lab.dashboard("a") as visitor:
        run_id = lab.start_run(visitor, LONG)
        lab.worker("c")
        first = lab.wait_until_at(run_id, "language model")
        finished = finished_stages(lab.store)
        lab.worker("b")
        lab.net.cut(lab.host("c"))
        second = lab.wait_until_at(run_id, "language model", starts=2)
        assert (host_of(first.worker), host_of(second.worker)) == ("c", "b")
        lab.net.mend(lab.host("c"))
        wait_for(lambda: "begins anew" in lab.log("c") and len(lab.alive()) == 2)
        assert first.worker not in lab.alive()
        with lab.dashboard("c") as other:
            assert "language model" in other.open("Train", run=run_id)
            other.use("Train", f"cancel {run_id}")
            wait_for(lambda: lab.progress(run_id).state == "cancelled", 30)
        assert (lab.progress(run_id).worker, lab.progress(run_id).starts) == (second.worker, 2)
        visitor.open("Train", run=run_id, part="Runs")
        visitor.use("Train", f"resume {run_id}")
        wait_for(lambda: lab.progress(run_id).attempt == 2)
        lab.wait_until_at(run_id, "language model")
        visitor.open("Train", run=run_id)
        visitor.use("Train", f"cancel {run_id}")
        wait_for(lambda: lab.progress(run_id).state == "cancelled", 30)
    assert finished.items() <= finished_stages(lab.store).items()
