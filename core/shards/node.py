"""What a machine of the cluster does: one shard, by the function that one machine calls in a loop."""

import os
from collections.abc import Callable
from typing import Any

import torch

from core.code_version import version
from core.errors import ClusterError
from core.shards.shard_store import Arrays
from core.training.device import gpu_kind, using


def do_shard(work: Callable[..., Arrays], common: Any, argument: Any, device: str, wanted: str) -> Arrays:
    """Return what comes out of a shard, done by one thread; ClusterError where the node cannot do it."""
    if version() != wanted:
        raise ClusterError(
            f"a node of Ray has version {version()} of this project and its libraries, and this is version "
            f"{wanted}. Bring all nodes to one version"
        )
    # Read by `workers`; torch reads it only when it is loaded.
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    if device == "cuda" and gpu_kind() != device:
        raise ClusterError("a node of Ray names a GPU that its torch cannot use; start it with --num-gpus=0")
    with using(device):
        return work(common, argument, _unheard)


def _unheard(done: float) -> None:
    """Tell nobody: the cluster's own queue says which shards are finished, and ends those that are cancelled."""
