"""A cluster of Ray on this machine: nodes with a core each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def ray_cluster(nodes: int) -> Iterator[Any]:
    """Start a head without cores and some nodes, and name them by FACTORSCOPE_RAY; yields Ray's `Cluster`."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        try:
            for _ in range(nodes):
                cluster.add_node(num_cpus=1)
            patch.setenv("FACTORSCOPE_RAY", cluster.address)
            yield cluster
        finally:
            cluster.shutdown()
