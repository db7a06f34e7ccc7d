"""What a cluster is asked for, what is waited for, and its errors in words; a stand-in does Ray's part."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.shard_work import do_shard_on_any_gpu, shards

from core.errors import ClusterError, DegenerateResult
from core.shards import cluster
from core.shards.shard_store import ShardStore
from core.shards.shards import Shards, in_shards
from core.store import Store


class RayError(Exception):
    """As Ray's; what a shard's work raised is the `cause` of a RayTaskError."""

    cause: Exception | None = None


NAMES = (
    "RayTaskError",
    "OutOfMemoryError",
    "WorkerCrashedError",
    "NodeDiedError",
    "ObjectLostError",
    "RpcError",
)
ERRORS = {"RayError": RayError} | {name: type(name, (RayError,), {}) for name in NAMES}
CORE, GPU = {"CPU": 1.0}, {"CPU": 1.0, "GPU": 1.0}


@dataclass
class Ray:
    """Ray's part, done in this process."""

    resources: list[dict[str, float]]
    error: Exception | None = None

    def __post_init__(self) -> None:
        self.exceptions = SimpleNamespace(**ERRORS)
        self.asked: list[dict[str, Any]] = []

    def nodes(self) -> list[dict[str, Any]]:
        gone = {"Alive": False, "Resources": GPU}
        return [gone, *({"Alive": True, "Resources": some} for some in self.resources)]

    def remote(self, function: Callable[..., Any]) -> Any:
        def options(**asked: Any) -> Any:
            self.asked.append(asked)
            return SimpleNamespace(remote=lambda *given: partial(function, *given))

        return SimpleNamespace(options=options)

    def put(self, value: Any) -> Any:
        return value

    def wait(self, tasks: list[Any], **_: Any) -> tuple[list[Any], list[Any]]:
        assert tasks, "Ray refuses to wait for nothing"
        return tasks[:1], tasks[1:]

    def get(self, task: Callable[[], Any]) -> Any:
        if self.error:
            raise self.error
        return task()


@pytest.fixture
def done(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[dict[str, int], set[str]]]:
    """Give what does three shards with a stand-in, and returns the squares and what was waited for."""
    monkeypatch.setenv("FACTORSCOPE_RAY", "ray://127.0.0.1:1")
    monkeypatch.setattr(cluster, "_refuse_ended", lambda _: None)
    monkeypatch.setattr(cluster, "do_shard", do_shard_on_any_gpu)
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.0)
    diary = tmp_path / "diary"

    def do(ray: Ray, device: str = "cpu") -> tuple[dict[str, int], set[str]]:
        @contextmanager
        def connected(_: str) -> Iterator[Ray]:
            yield ray

        monkeypatch.setattr(cluster, "_connected", connected)
        waited_for: set[str] = set()
        some: Shards[Path, int] = replace(shards(diary), device=device)
        shard_store = ShardStore(store, "squares", "1", {})
        found = in_shards(some, shard_store, float, lambda _, what: waited_for.add(what))
        return {name: int(arrays["square"][0]) for name, arrays in found}, waited_for

    return do


@pytest.mark.parametrize(("device", "share"), [("cpu", 0), ("cuda", 0.25)])
def test_a_gpu_is_asked_for_where_the_worker_chose_one_alone(done: Any, device: str, share: float) -> None:
    ray = Ray([CORE, GPU])
    assert done(ray, device) == ({"a": 1, "b": 4, "c": 9}, set())
    assert [asked["num_gpus"] for asked in ray.asked] == [share]


def test_shards_of_another_device_are_not_taken(done: Any, tmp_path: Path) -> None:
    done(Ray([GPU]), "cuda")
    done(Ray([GPU]), "cpu")
    done(Ray([GPU]), "cuda")
    assert (tmp_path / "diary").read_text().split() == ["1", "2", "3"] * 2


@pytest.mark.parametrize(
    ("device", "resources", "what"),
    [("cpu", [], "core"), ("cpu", [{"memory": 9.0}], "core"), ("cuda", [CORE, {"GPU": 1.0}], "GPU")],
)
def test_a_cluster_where_no_node_can_do_a_shard_is_waited_for_and_given_up(
    done: Any, device: str, resources: list[dict[str, float]], what: str
) -> None:
    with pytest.raises(ClusterError, match=f"^a node of Ray with a {what} was waited for in vain; start one"):
        done(Ray(resources), device)


def test_shards_go_on_once_a_node_is_there(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = Ray([])
    monkeypatch.setattr(cluster.time, "sleep", lambda _: ray.resources.append(CORE))
    assert done(ray) == ({"a": 1, "b": 4, "c": 9}, {"waiting for a node of Ray with a core"})


def of_task(cause: Exception) -> Exception:
    error = ERRORS["RayTaskError"](f"traceback of a node: {cause!r}")
    error.cause = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (ConnectionError("gone"), ClusterError, r"the cluster of Ray was lost \(ConnectionError\)"),
        (ERRORS["RpcError"](), ClusterError, r"the cluster of Ray was lost \(RpcError\)"),
        (ERRORS["NodeDiedError"](), ClusterError, r"lost a shard 8 times \(NodeDiedError\)"),
        (ERRORS["OutOfMemoryError"](), ClusterError, "too little memory for a shard"),
        (
            of_task(RuntimeError("The remote function failed to import on the worker.")),
            ClusterError,
            "a node of Ray does not find this project",
        ),
        (of_task(DegenerateResult("no factor")), DegenerateResult, "^no factor$"),
        (of_task(ModuleNotFoundError("no module")), ModuleNotFoundError, "^no module$"),
        (of_task(ValueError("ModuleNotFoundError, failed to import")), ValueError, "^ModuleNotFoundError, f"),
    ],
)
def test_an_error_is_told_by_its_kind(
    done: Any, error: Exception, kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        done(Ray([CORE], error))
