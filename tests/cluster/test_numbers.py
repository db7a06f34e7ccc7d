"""A run whose worker is killed in the midst has the numbers of an undisturbed one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults.forks import ROOT
from faults.small import SETTINGS, differences, figures, finished_stages

from cluster.conftest import Cluster, wait_for
from core import jobs

pytestmark = [pytest.mark.slow, pytest.mark.cluster]
UNDISTURBED = """
import sys
from pathlib import Path
from core.jobs.__main__ import load
from core.progress import silent
from core.store import Store
from faults.small import SETTINGS

cache, out = map(Path, sys.argv[1:])
store = Store(cache)
load(store)[0](SETTINGS, store, silent, out)
"""


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

    # With one thread, as the workers: sums depend on their number.
    places = [str(tmp_path / "undisturbed"), str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", UNDISTURBED, *places], cwd=ROOT, env=environment, check=True)
    expected, found = figures(tmp_path / "out"), figures(jobs.run_folder(run_id, cluster.store))
    assert expected and differences(expected, found) == []
