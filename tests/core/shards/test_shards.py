"""Shards are done once, in order, and found again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.shard_work import SIZES, refuse, shards, squares

from core.errors import Cancelled, ClusterError, DegenerateResult
from core.shards.shard_store import ShardStore
from core.shards.shards import Shards, in_shards
from core.store import Store


@pytest.fixture
def shard_store(store: Store) -> ShardStore:
    return ShardStore(store, "squares", "1", {"of": 3})


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    (tmp_path / "diary").touch()
    return tmp_path / "diary"


def results(some: Shards[Path, int], shard_store: ShardStore, at_most: float = 1.0) -> dict[str, list[int]]:
    """Return what came out of shards; cancelled where more than a share is done."""

    def progress(share: float) -> None:
        if share > at_most:
            raise Cancelled("enough")

    return {name: arrays["square"].tolist() for name, arrays in in_shards(some, shard_store, progress)}


def test_an_interrupted_stage_does_only_the_rest(diary: Path, shard_store: ShardStore) -> None:
    with pytest.raises(DegenerateResult):
        results(replace(shards(diary), work=refuse), shard_store)
    assert diary.read_text().split() == ["1"]
    assert results(shards(diary), shard_store) == {"a": [1], "b": [4], "c": [9]}
    assert diary.read_text().split() == ["1", "2", "3"]


def test_a_cancelled_stage_keeps_what_was_finished(diary: Path, shard_store: ShardStore) -> None:
    with pytest.raises(Cancelled):
        results(shards(diary), shard_store, at_most=0.49)
    assert [name for name in SIZES if shard_store.has(name)] == ["a", "b"]
    results(shards(diary), shard_store)
    assert diary.read_text().split() == ["1", "2", "3"]


def test_a_damaged_shard_is_done_again(diary: Path, shard_store: ShardStore) -> None:
    results(shards(diary), shard_store)
    (file,) = shard_store.store.home("squares shard", "1", {"of": 3, "shard": "b"}).glob("*.safetensors")
    file.write_bytes(b"nothing")
    assert results(shards(diary), shard_store) == {"a": [1], "b": [4], "c": [9]}
    assert diary.read_text().split() == ["1", "2", "3", "2"]


def test_shards_of_other_inputs_are_not_taken(diary: Path, shard_store: ShardStore, store: Store) -> None:
    results(shards(diary), shard_store)
    results(shards(diary), ShardStore(store, "squares", "1", {"of": 4}))
    assert diary.read_text().split() == ["1", "2", "3"] * 2


def test_a_finished_stage_leaves_no_shard(diary: Path, shard_store: ShardStore, store: Store) -> None:
    results(shards(diary), shard_store)
    assert len(list((store.root / "artifacts").iterdir())) == 3
    shard_store.clear()
    assert list((store.root / "artifacts").iterdir()) == []


def test_a_single_shard_is_kept_nowhere_and_is_done_here(
    diary: Path, shard_store: ShardStore, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_RAY", "ray://127.0.0.1:1")
    one = Shards(squares, diary, {"c": 5}, lambda name: 3)
    assert results(one, shard_store) == {"c": [9]}
    assert list((store.root / "artifacts").iterdir()) == []


def test_the_share_that_is_done_counts_each_shard_by_its_size(diary: Path, shard_store: ShardStore) -> None:
    shares: list[float] = []
    list(in_shards(shards(diary), shard_store, shares.append))
    assert shares == [0.0, 0.25, 0.5, 1.0]


def test_threads_lead_to_the_same(diary: Path, shard_store: ShardStore) -> None:
    assert results(replace(shards(diary), at_once=3), shard_store) == {"a": [1], "b": [4], "c": [9]}


def test_a_cluster_that_cannot_be_reached_is_said(
    diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_RAY", "ray://127.0.0.1:1")
    with pytest.raises(ClusterError, match="no cluster of Ray answers|Ray is not installed"):
        results(shards(diary), shard_store)


def test_an_array_in_another_order_is_kept_as_it_is(shard_store: ShardStore) -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    assert shard_store.arrays("turned", lambda: {"array": turned})["array"].tolist() == [
        [0, 3],
        [1, 4],
        [2, 5],
    ]
