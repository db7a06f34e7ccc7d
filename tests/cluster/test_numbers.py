"""A run whose worker is killed in the midst has the numbers of an undisturbed one."""

from pathlib import Path

import pytest
from faults.small import SETTINGS, differences, figures, finished_stages

from cluster.conftest import Cluster, wait_for
from core import jobs
from core.progress import silent
from core.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def test_another_worker_ends_the_run_of_a_killed_one_with_the_same_numbers(
    cluster: Cluster, tmp_path: Path
) -> None:
    run_id = jobs.start(SETTINGS, cluster.store)
    cluster.start("real"), cluster.start("real")
    wait_for(lambda: len(finished_stages(cluster.store)) >= 4)
    cluster.worker_of(run_id).kill()
    finished = finished_stages(cluster.store)
    cluster.wait_until(run_id, "done")
    assert cluster.progress(run_id).starts == 2
    again = {
        name
        for name, number in finished_stages(cluster.store).items()
        if finished.get(name, number) != number
    }
    assert again == set()

    from core.jobs.__main__ import load

    undisturbed = Store(tmp_path / "undisturbed")
    chain, _ = load(undisturbed)
    chain(SETTINGS, undisturbed, silent, tmp_path / "out")
    expected, found = figures(tmp_path / "out"), figures(jobs.run_folder(run_id, cluster.store))
    assert expected and differences(expected, found) == []
