"""Out-of-fold logits of several tables of labels, by shards."""

from pathlib import Path

import numpy as np
import pytest

from core.classification.fold_shards import Folding, logits_of_tables
from core.classification.readers.base import out_of_fold_logits
from core.classification.readers.heads import HeadReader
from core.errors import Cancelled
from core.progress import silent
from core.settings import ClassifierSettings
from core.shards.shard_store import ShardStore
from core.store import Store

FEATURES = np.random.default_rng(0).normal(size=(60, 36)).astype(np.float32)
FOLDING = Folding(HeadReader(FEATURES, ClassifierSettings(batch_size=8), 0), np.arange(60) % 3)
TABLES = {"logits": FEATURES[:, :2] > 0, "shuffled": FEATURES[:, 2:4] > 0.3}


@pytest.fixture
def shard_store(store: Store) -> ShardStore:
    return ShardStore(store, "readings", "1", {})


def test_each_table_is_read_as_by_itself(shard_store: ShardStore) -> None:
    found = logits_of_tables(FOLDING, TABLES, shard_store, silent)
    assert list(found) == list(TABLES)
    for name, y_true in TABLES.items():
        alone = out_of_fold_logits(FOLDING.reader, y_true, FOLDING.folds).astype(np.float32)
        assert found[name].tobytes() == alone.tobytes() and found[name].shape == (60, 2)


def test_a_cancelled_run_goes_on_with_the_tables_that_are_left(
    shard_store: ShardStore, tmp_path: Path
) -> None:
    whole = logits_of_tables(
        FOLDING, TABLES, ShardStore(Store(tmp_path / "other"), "readings", "1", {}), silent
    )
    seen: list[float] = []

    def stop(stage: str, done: float, message: str, values: object = None) -> None:
        assert stage == "classifier" and message == "6 heads, each without some of the films"
        seen.append(done)
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        logits_of_tables(FOLDING, TABLES, shard_store, stop)
    assert [shard_store.has(name) for name in TABLES] == [True, False]
    seen.clear()
    found = logits_of_tables(FOLDING, TABLES, shard_store, lambda _, done, *__: seen.append(done))
    assert min(seen) >= 0.5
    assert all(found[name].tobytes() == whole[name].tobytes() for name in TABLES)
