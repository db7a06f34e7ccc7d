"""A cluster of Ray on this machine: nodes with a core each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.ports import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def ray_cluster(nodes: int) -> Iterator[Any]:
    """Start a head without cores and some nodes, and name them by FACTORSCOPE_RAY; yields Ray's `Cluster`.

    Its head has a port for processes on machines without a node too: `ray_client_server_port` of `head_node`.
    """
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Ray starts no process for such a client where it picks the agent's port by itself.
        ports = {"ray_client_server_port": free_port(), "runtime_env_agent_port": free_port()}
        head = {"num_cpus": 0, "include_dashboard": False, **ports}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            for _ in range(nodes):
                cluster.add_node(num_cpus=1)
            patch.setenv("FACTORSCOPE_RAY", cluster.address)
            yield cluster
        finally:
            cluster.shutdown()
