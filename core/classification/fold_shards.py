"""Features of labelled reviews -> out-of-fold logits for several tables of labels, by shards: a table each.

The heads of all folds of a table train side by side, which costs little more than one head, so a shard is no less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.classification.head import STAGE, head_work
from core.classification.readers.base import out_of_fold_logits
from core.classification.readers.heads import HeadReader
from core.progress import Report
from core.shards.shard_store import Arrays, ShardStore
from core.shards.shards import Progress, Shards, in_shards
from core.training.device import on_one


@dataclass(frozen=True)
class Folding:
    """What the labels are learnt from, and the parts that take turns to be kept out."""

    reader: HeadReader
    folds: np.ndarray
    """The fold of each review; films stay together."""


def read_table(folding: Folding, y_true: np.ndarray, progress: Progress) -> Arrays:
    """Return the out-of-fold logits (reviews x labels) of a table of labels, as `out_of_fold_logits` does."""
    logits = out_of_fold_logits(folding.reader, y_true, folding.folds, lambda _, done, *__: progress(done))
    return {"logits": logits.astype(np.float32)}


def logits_of_tables(
    folding: Folding, tables: Mapping[str, np.ndarray], shard_store: ShardStore, report: Report
) -> dict[str, np.ndarray]:
    """Return the out-of-fold logits of each table of labels (reviews x labels), by its name.

    Raises what `in_shards` raises.
    """
    heads = len(np.unique(folding.folds)) * len(tables)
    with on_one(head_work(len(folding.folds))) as device:
        shards = Shards(
            work=read_table,
            common=folding,
            sizes=dict.fromkeys(tables, len(folding.folds)),
            argument=tables.__getitem__,
            device=device.type,
        )
        found = in_shards(
            shards,
            shard_store,
            lambda share: report(STAGE, min(share, 0.99), f"{heads} heads, each without some of the films"),
            partial(report, STAGE),
        )
        return {name: arrays["logits"] for name, arrays in found}
