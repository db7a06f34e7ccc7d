"""Shards are done once, in order, and found again."""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.shard_work import SIZES, refuse, shards, squares

from core.errors import Cancelled, ClusterError, DegenerateResult
from core.jobs.leftovers import forget_leftovers
from core.pipeline.stage import Stage
from core.progress import silent
from core.settings import RunSettings
from core.shards import shards as shards_module
from core.shards.shard_store import ShardStore, forget_old_shards
from core.shards.shards import Shards, in_shards
from core.store import MANIFEST, OLD_SECONDS, Store
from core.store.object_store import shared_store


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
    (file,) = shard_store.store.whole(shard_store.artifact_name("b")).glob("*.safetensors")
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
    shard_store.keep("turned", lambda: {"array": turned})
    arrays = shard_store.arrays("turned")
    assert arrays is not None and arrays["array"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_shards_that_vanish_are_done_again_where_shards_are_done(
    diary: Path, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another run of the stage clears them, and its artifact is gone too."""
    sent: list[list[str]] = []

    def record(shards: Shards[Path, int], names: list[str], *rest: object) -> None:
        sent.append(names)
        do(shards, names, *rest)  # type: ignore[arg-type]

    do = shards_module._do
    monkeypatch.setattr(shards_module, "_do", record)
    squares: list[int] = []
    for _, arrays in in_shards(shards(diary), shard_store, float):
        squares += arrays["square"].tolist()
        if len(squares) == 1:
            shard_store.clear()
    assert squares == [1, 4, 9] and sent == [["a", "b", "c"], ["b", "c"]]


def test_a_stage_that_another_run_finished_is_not_done_again(diary: Path, store: Store) -> None:
    """The other run finishes it between two shards, and deletes them."""
    stage = Stage(RunSettings(), store, silent)
    builds: list[str] = []

    def write(folder: Path, shard_store: ShardStore) -> None:
        (folder / "squares").write_text(" ".join(map(str, results(shards(diary), shard_store))))

    def build(folder: Path, shard_store: ShardStore) -> None:
        builds.append("begun")
        for _ in in_shards(shards(diary), shard_store, float):
            Stage(RunSettings(), Store(store.root), silent).sharded_artifact("resamples", {"of": 3}, write)
        builds.append("ended")

    folder = stage.sharded_artifact("resamples", {"of": 3}, build)
    assert (folder / "squares").read_text() == "a b c" and builds == ["begun"]
    assert diary.read_text().split() == ["1", "2", "3"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("shared", [False, True])
def test_shards_of_a_run_that_was_killed_before_it_cleared_them_go(
    diary: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    if shared:
        monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    killed, other = (ShardStore(store, "squares", "1", {"of": of}) for of in (3, 4))
    for shard_store in (killed, other):
        results(shards(diary), shard_store)
    ShardStore(Store(store.root), "squares", "1", {"of": 3}).clear()
    folders = [store.root / "artifacts", *([tmp_path / "shared"] if shared else [])]
    for folder in folders:
        names = {path.name for path in folder.iterdir() if path.is_dir()}
        assert names == {other.artifact_name(name) for name in SIZES}


def test_old_shards_of_a_run_that_was_never_resumed_go_and_nothing_else(
    diary: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    old, new = (ShardStore(store, "squares", "1", {"of": of}) for of in (3, 4))
    for shard_store in (old, new):
        results(shards(diary), shard_store)
    finished = store.artifact("squares", "1", {"of": 5}, lambda to: (to / "n").write_text("25"))
    # A kill came between the arrays and the manifest.
    (tmp_path / "shared" / old.artifact_name("a") / MANIFEST).unlink()
    before = time.time() - OLD_SECONDS - 1
    for name in (finished.name, *map(old.artifact_name, SIZES)):
        for path in (tmp_path / "shared" / name).iterdir():
            os.utime(path, (before, before))
    assert forget_leftovers(store.root) == 3
    shared = shared_store()
    assert shared is not None
    assert set(shared.names()) == {finished.name, *map(new.artifact_name, SIZES)}


def test_a_store_that_is_away_does_not_fail_what_is_finished(
    diary: Path, shard_store: ShardStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    results(shards(diary), shard_store)
    away = shared_store()

    def silence(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(away._files, "ls", silence)  # type: ignore[union-attr]
        patch.setattr(away._files, "rm", silence)  # type: ignore[union-attr]
        patch.setattr("core.store.object_store.WAIT_SECONDS", 0.0)
        shard_store.clear()
        assert forget_old_shards() == 0
    shard_store.clear()
    assert away is not None and away.names() == []
