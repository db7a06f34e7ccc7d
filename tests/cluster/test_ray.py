"""Shards on a cluster of Ray: the same bytes, lost nodes, cancelled runs, and errors in words."""

import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.random_classifier import CHUNK, POOLED, WORDS, random_classifier
from support.ray_cluster import ray_cluster
from support.shard_work import (
    SECRET,
    do_shard_on_any_gpu,
    knows_password,
    refuse,
    shards,
    share_of_gpu,
    slow_squares,
)

from core.classification.fold_shards import Folding, logits_of_tables
from core.classification.prediction_shards import logits_of_all
from core.classification.predictor import Predictor
from core.classification.readers.heads import HeadReader
from core.data.ratings.synthetic import synthetic_ratings
from core.errors import Cancelled, ClusterError, DegenerateResult
from core.factors.models.factor_model import hold_out
from core.factors.stability.resample import Plan, resample
from core.language_model import feature_shards
from core.language_model.encoder import Encoder
from core.language_model.tokens import Tokens
from core.progress import silent
from core.settings import ClassifierSettings, FactorModelSettings, StabilitySettings
from core.shards.cluster import _connected, _unreachable
from core.shards.shard_store import ShardStore
from core.shards.shards import Shards, in_shards
from core.store import Store
from core.training.device_rule import Work

pytest.importorskip("ray", reason="Ray is not installed; see requirements-cluster.txt")
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


WORK = Work("reading of the reviews", "text reading", 10_000, "words", 1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_cluster(nodes=2) as running:
        yield running


@pytest.fixture
def shard_store(store: Store) -> ShardStore:
    return ShardStore(store, "squares", "1", {})


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    (tmp_path / "diary").touch()
    return tmp_path / "diary"


def many(diary: Path, count: int) -> Shards[Path, int]:
    """Return shards that square so many numbers slowly."""
    sizes = {str(number): 1 for number in range(count)}
    return Shards(slow_squares, diary, sizes, int)


def test_features_and_predictions_are_the_same_to_the_bit_with_and_without_the_cluster(
    cluster: Any, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_classifier(tmp_path)
    monkeypatch.setattr(feature_shards, "TEXTS", 100)
    here: list[str] = []
    do = Shards.do
    monkeypatch.setattr(Shards, "do", lambda *given: here.append(given[1]) or do(*given))
    logits = {}
    rng = np.random.default_rng(1)
    ends = np.cumsum(rng.integers(1, 60, 450))
    tokens = Tokens(
        rng.integers(2, len(WORDS), ends[-1]).astype(np.int32), np.concatenate([[0], ends]), WORDS
    )
    for name in ("with", "without"):
        if name == "without":
            monkeypatch.delenv("FACTORSCOPE_RAY")
        encoder = Encoder(tmp_path, precision="float32-slots")
        reading = feature_shards.Reading(encoder, WORK, POOLED, CHUNK)
        shard_store = ShardStore(store, "features", "1", {"by": name})
        feature_shards.write_features(reading, tokens, shard_store, silent, tmp_path / f"{name}.npy")
        predictor = Predictor(tmp_path, "float32-slots")
        predicted = ShardStore(store, "classifier", "1", {"by": name})
        logits[name] = logits_of_all(predictor, WORK, tokens, predicted, silent)
        assert len(here) == {"with": 0, "without": 10}[name]
    assert logits["with"].tobytes() == logits["without"].tobytes() and logits["with"].shape == (450, 3)
    assert (tmp_path / "with.npy").read_bytes() == (tmp_path / "without.npy").read_bytes()
    assert np.load(tmp_path / "with.npy").shape == (450, 18)


def test_folds_are_read_to_the_same_logits_with_and_without_the_cluster(
    cluster: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = np.random.default_rng(0).normal(size=(90, 36)).astype(np.float32)
    folding = Folding(HeadReader(features, ClassifierSettings(batch_size=8), 0), np.arange(90) % 3)
    tables = {"logits": features[:, :2] > 0, "shuffled": features[:, 2:4] > 0}
    here: list[str] = []
    do = Shards.do
    monkeypatch.setattr(Shards, "do", lambda *given: here.append(given[1]) or do(*given))
    found = []
    for name in ("with", "without"):
        if name == "without":
            monkeypatch.delenv("FACTORSCOPE_RAY")
        shard_store = ShardStore(store, "readings", "1", {"by": name})
        found.append(logits_of_tables(folding, tables, shard_store, silent))
        assert here == {"with": [], "without": list(tables)}[name]
    assert all(found[0][name].tobytes() == found[1][name].tobytes() for name in tables)


def test_models_are_trained_to_the_same_weights_with_and_without_the_cluster(
    cluster: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, _ = synthetic_ratings(factors=2, films=30, users=60, ratings=1_200, noise=0.2, seed=5)
    how = StabilitySettings(repeats=2, seeds=2, burn_in=3, samples=3)
    plan = Plan(FactorModelSettings(method="gibbs", factors=2), how, 42, 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    found = []
    for name in ("with", "without"):
        if name == "without":
            monkeypatch.delenv("FACTORSCOPE_RAY")
        shard_store = ShardStore(store, "resamples", "1", {"by": name})
        found.append(resample(ratings, hold_out(ratings, 0.2, 42), plan, silent, shard_store))
    for one, other in zip(found[0].halves, found[1].halves, strict=True):
        for side, same in zip(one, other, strict=True):
            assert side.films.tobytes() == same.films.tobytes()
            assert side.root.tobytes() == same.root.tobytes()


def test_a_machine_without_a_node_reaches_the_head(
    cluster: Any, diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = cluster.head_node._ray_params.ray_client_server_port
    monkeypatch.setenv("FACTORSCOPE_RAY", f"ray://127.0.0.1:{port}")
    found = {name: int(arrays["square"][0]) for name, arrays in in_shards(shards(diary), shard_store, float)}
    assert found == {"a": 1, "b": 4, "c": 9}
    assert sorted(diary.read_text().split()) == ["1", "2", "3"]
    with pytest.raises(DegenerateResult, match="two cannot be squared"):
        list(in_shards(replace(shards(diary), work=refuse), replace(shard_store, stage="refused"), float))


def test_nodes_get_no_password_of_the_worker(
    cluster: Any, diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("FACTORSCOPE_DATABASE", f"postgresql://someone:{SECRET}@nowhere")
    found = in_shards(replace(shards(diary), work=knows_password), shard_store, float)
    assert [arrays["square"].tolist() for _, arrays in found] == [[0]] * 3


def test_shards_of_a_lost_node_are_done_again_on_the_other(
    cluster: Any, diary: Path, shard_store: ShardStore
) -> None:
    lost = cluster.add_node(num_cpus=1)

    def begun_there() -> list[str]:
        return [line for line in diary.read_text().splitlines() if line.startswith(lost.node_id)]

    def lose_it() -> None:
        while not begun_there():
            time.sleep(0.05)
        cluster.remove_node(lost, allow_graceful=False)

    thread = threading.Thread(target=lose_it)
    thread.start()
    try:
        found = {
            name: arrays["square"].tolist() for name, arrays in in_shards(many(diary, 9), shard_store, float)
        }
    finally:
        thread.join()
    assert found == {str(number): [number**2] for number in range(9)}
    (number, *_) = (line.split()[1] for line in begun_there())
    others = [line for line in diary.read_text().splitlines() if line.split()[1] == number]
    assert len(others) == 2 and len({line.split()[0] for line in others}) == 2


def test_a_cancelled_run_ends_at_once_and_keeps_what_was_finished(
    cluster: Any, diary: Path, shard_store: ShardStore
) -> None:
    shares: list[tuple[float, float]] = []

    def progress(share: float) -> None:
        shares.append((time.monotonic(), share))
        if share >= 0.25:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(in_shards(many(diary, 8), shard_store, progress))
    finished = [name for name in map(str, range(8)) if shard_store.has(name)]
    assert 2 <= len(finished) <= 4
    began = diary.read_text().splitlines()
    time.sleep(3)
    assert diary.read_text().splitlines() == began
    assert len(list(in_shards(many(diary, 8), shard_store, float))) == 8
    again = [line.split()[1] for line in diary.read_text().splitlines()[len(began) :]]
    assert not set(again) & set(finished)


class TestByOneConnection:
    """What depends on no connection of its own; the processes of the nodes stay from one test to the next."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def connected(cls, cluster: Any) -> Iterator[None]:
        with _connected(cluster.address) as ray, pytest.MonkeyPatch.context() as patch:
            patch.setattr("core.shards.cluster._connected", lambda address: nullcontext(ray))
            yield

    def test_what_a_shard_raises_is_raised_here(self, diary: Path, shard_store: ShardStore) -> None:
        with pytest.raises(DegenerateResult, match="^two cannot be squared$"):
            list(in_shards(replace(shards(diary), work=refuse), shard_store, float))

    def test_another_version_on_a_node_is_refused(
        self, diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.shards.cluster.version", lambda: "another")
        with pytest.raises(ClusterError, match="a node of Ray has version .* and this is version another"):
            list(in_shards(shards(diary), shard_store, float))

    def test_a_node_that_can_do_a_shard_is_waited_for_and_gives_the_share_of_its_gpu_that_was_asked_for(
        self, cluster: Any, diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The GPU is made up."""
        monkeypatch.setattr("core.shards.cluster.PATIENCE_SECONDS", 60.0)
        monkeypatch.setattr("core.shards.cluster.LOOK_SECONDS", 0.5)
        waited_for: list[str] = []
        came: list[Any] = []

        def waiting(share: float, what: str) -> None:
            waited_for.append(what)
            if len(waited_for) > 5 and not came:
                came.append(cluster.add_node(num_cpus=1, num_gpus=1))

        try:
            asking = replace(shards(diary), work=share_of_gpu)
            with monkeypatch.context() as patch:
                patch.setattr("core.shards.cluster.do_shard", do_shard_on_any_gpu)
                found = list(in_shards(replace(asking, device="cuda"), shard_store, float, waiting))
            assert set(waited_for) == {"waiting for a node of Ray with a GPU"}
            assert [arrays["square"].tolist() for _, arrays in found] == [[0.25, False]] * 3
            # Where the worker computes on its processor, so does this node.
            for node in list(cluster.worker_nodes):
                if node not in came:
                    cluster.remove_node(node)
            found = list(in_shards(asking, shard_store, float))
            assert [arrays["square"].tolist() for _, arrays in found] == [[0, True]] * 3
            shard_store.clear()
            with pytest.raises(ClusterError, match="a node of Ray names a GPU that its torch cannot use"):
                list(in_shards(replace(asking, device="cuda"), shard_store, float))
            cluster.remove_node(came.pop())
            waited_for.clear()
            shard_store.clear()
            assert len(list(in_shards(shards(diary), shard_store, float, waiting))) == 3
            assert set(waited_for) == {"waiting for a node of Ray with a core"}
        finally:
            # The tests that follow have the nodes that they began with, whatever happened here.
            for node in list(cluster.worker_nodes):
                cluster.remove_node(node)
            for _ in range(2):
                cluster.add_node(num_cpus=1)


def test_an_address_where_nobody_listens_is_said(
    diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_RAY", "ray://127.0.0.1:1")
    with pytest.raises(ClusterError, match="no cluster of Ray answers at ray://127.0.0.1:1"):
        list(in_shards(shards(diary), shard_store, float))


def test_a_dead_head_that_auto_finds_is_said_before_ray_tries(
    diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_RAY", "auto")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr("ray.init", lambda *_, **__: pytest.fail("Ray tries for minutes"))
    with pytest.raises(ClusterError, match="no cluster of Ray answers at auto"):
        list(in_shards(shards(diary), shard_store, float))


def test_a_head_that_ends_in_the_midst_is_said(diary: Path, shard_store: ShardStore) -> None:
    with ray_cluster(nodes=1) as running:

        def end_it() -> None:
            while not diary.read_text():
                time.sleep(0.05)
            running.head_node.kill_gcs_server(check_alive=False)

        thread = threading.Thread(target=end_it)
        thread.start()
        # Ray itself would end this process after a minute.
        with pytest.raises(ClusterError, match="the head of the cluster of Ray at .* has ended"):
            list(in_shards(many(diary, 60), shard_store, float))
        thread.join()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Failed to connect to Ray cluster at 10.0.0.1:6379", "the RAY_AUTH_TOKEN of the nodes$"),
        ("ray client connection timeout", "the RAY_AUTH_TOKEN of the nodes$"),
        ("no authentication token was found", "the RAY_AUTH_TOKEN of the nodes$"),
        ("Could not find any running Ray instance", "^no cluster of Ray answers at auto"),
    ],
)
def test_a_missing_token_is_named(said: str, sentence: str) -> None:
    with pytest.raises(ClusterError, match=sentence):
        raise _unreachable("auto", ConnectionError(said))
