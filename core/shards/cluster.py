"""Shards on a cluster of Ray: submitted, waited for, and done again by Ray where a node is lost.

What all shards need is sent once; what comes out of a shard comes back here, and is kept by the caller. Ray is
imported here alone, when a run has shards for it.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.code_version import version
from core.errors import ClusterError
from core.shards.node import do_shard
from core.shards.shard_store import Arrays

TICK_SECONDS = 0.2
"""Time between two looks at what is finished, and so how soon a cancelled run ends."""
SECONDS_TO_ANSWER = 5.0
PATIENCE_SECONDS = 600.0
"""How long to wait for a node where none is left that can do a shard."""
LOOK_SECONDS = 5.0
"""Time between two looks at the head and its nodes; Ray ends this process a minute after the head has ended."""
RETRIES = 8
"""How often Ray does a shard again whose node or process was lost."""
GPU_SHARE = 0.25
"""Share of a GPU that a shard asks for."""
AHEAD = 2
"""Shards that are submitted, for each processor core of the cluster; a node that is done has the next at hand."""


def on_cluster(
    address: str,
    shards: Any,
    names: list[str],
    keep: Callable[[str, Callable[[], Arrays]], None],
    tick: Callable[[str], None],
) -> None:
    """Do some shards (of a `Shards`) on the cluster at an address, and hand what comes out of each to `keep`.

    `tick` is called now and then with what is waited for, if anything, and may raise to stop. Raises what the work
    raises, and ClusterError where the cluster cannot be reached or no node can do a shard.
    """
    with _connected(address) as ray:
        gpus = GPU_SHARE if shards.device == "cuda" else 0
        task = ray.remote(do_shard).options(
            num_cpus=1, num_gpus=gpus, max_retries=RETRIES, scheduling_strategy="SPREAD"
        )
        wanted = "a node of Ray with a GPU" if gpus else "a node of Ray with a core"
        common, left, waiting = ray.put(shards.common), deque(names), dict[Any, str]()
        look, room, since = 0.0, 0, time.monotonic()
        try:
            while left or waiting:
                if time.monotonic() >= look:
                    # First, since Ray waits for a head that has ended.
                    _refuse_ended(address)
                    room = AHEAD * _at_once(ray, {"CPU": 1, "GPU": gpus})
                    look = time.monotonic() + LOOK_SECONDS
                if room:
                    since = time.monotonic()
                elif time.monotonic() - since > PATIENCE_SECONDS:
                    raise ClusterError(f"{wanted} was waited for in vain; start one, and resume the run")
                while left and len(waiting) < room:
                    name = left.popleft()
                    sent = task.remote(shards.work, common, shards.argument(name), shards.device, version())
                    waiting[sent] = name
                finished = []
                if waiting:
                    finished, _ = ray.wait(list(waiting), num_returns=1, timeout=TICK_SECONDS)
                else:
                    time.sleep(TICK_SECONDS)
                for result in finished:
                    arrays = ray.get(result)
                    keep(waiting.pop(result), lambda arrays=arrays: arrays)  # type: ignore[misc]
                tick("" if room else f"waiting for {wanted}")
        except (ray.exceptions.RayError, ConnectionError) as error:
            raise _in_words(ray, error) from error


def _at_once(ray: Any, needs: dict[str, float]) -> int:
    """Return how many shards the nodes can do at a time that each need so much of some resources."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return sum(min(int(node.get(name, 0) / need) for name, need in needs.items() if need) for node in nodes)


def _in_words(ray: Any, error: Exception) -> Exception:
    """Return an error of Ray as one of ours; what a shard's work raised as it is."""
    of_ray = ray.exceptions
    if isinstance(error, of_ray.RayTaskError):
        cause: Exception = getattr(error, "cause", None) or error
        # By no class of its own: Ray's stand-in for a function that it could not load.
        if type(cause) is RuntimeError and str(cause).startswith("The remote function failed to import"):
            return ClusterError(
                "a node of Ray does not find this project; start Ray there in the project's folder, by its .venv"
            )
        return cause
    kind = type(error).__name__
    if isinstance(error, of_ray.OutOfMemoryError):
        return ClusterError("a node of Ray has too little memory for a shard; give it more, or fewer cores")
    if isinstance(error, of_ray.WorkerCrashedError | of_ray.NodeDiedError | of_ray.ObjectLostError):
        return ClusterError(f"the cluster of Ray lost a shard {RETRIES} times ({kind}); see its logs")
    return ClusterError(f"the cluster of Ray was lost ({kind}); check its head, and resume the run")


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Connect this process to the cluster while the shards are done. Raises ClusterError."""
    # One try of 40 seconds for a head that listens and does not answer; Ray would make twenty.
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
    try:
        import ray
    except ImportError as error:
        raise ClusterError(
            "FACTORSCOPE_RAY is set, and Ray is not installed; install requirements-cluster.txt"
        ) from error
    _refuse_silent(address)
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM) if is_main else None
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError, ImportError, ray.exceptions.RayError) as error:
        raise _unreachable(address, error) from error
    finally:
        if handler is not None:
            # Ray puts its own in its place.
            signal.signal(signal.SIGTERM, handler)
    try:
        yield ray
    finally:
        # Ends the shards that are left. Ray 2.60 aborts this process where one is cancelled as it finishes.
        ray.shutdown()


def _refuse_silent(address: str) -> None:
    """Raise ClusterError where nobody listens at an address, since Ray tries for minutes."""
    try:
        _knock(address)
    except (OSError, OverflowError, ValueError) as error:
        raise _unreachable(address, error) from error


def _refuse_ended(address: str) -> None:
    """Raise ClusterError where the head of the cluster has ended; a network that is cut may come back."""
    try:
        _knock(address)
    except ConnectionRefusedError as error:
        raise ClusterError(
            f"the head of the cluster of Ray at {address} has ended; start it, and resume the run"
        ) from error
    except OSError:
        return


def _knock(address: str) -> None:
    """Open a connection to the head of a cluster. Raises ClusterError for what is no address, or OSError."""
    from ray._private.services import canonicalize_bootstrap_address

    head = str(canonicalize_bootstrap_address(address)) if address == "auto" else address
    host, _, port = head.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(f"FACTORSCOPE_RAY is {address!r}; give auto or ray://host:port")
    socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()


def _unreachable(address: str, error: Exception) -> ClusterError:
    if "ersion" in str(error):
        return ClusterError(f"the cluster of Ray at {address} has other versions of Ray or Python: {error}")
    # Ray says the same of a missing token, a wrong one, and a head that hangs.
    if any(words in str(error) for words in ("Failed to connect", "connection timeout", "token")):
        return ClusterError(
            f"the cluster of Ray at {address} does not let this process in, or hangs. Give it RAY_AUTH_MODE=token "
            "and the RAY_AUTH_TOKEN of the nodes"
        )
    return ClusterError(f"no cluster of Ray answers at {address}; start it, or unset FACTORSCOPE_RAY")
