"""The published folds of MovieLens 100K, and the article's code on them."""

import sys
import zipfile
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.datasets.find import find
from core.data.ratings.dataset import Ratings
from core.paths import cache_dir
from core.progress import silent
from core.store import Store
from parts.other_libraries import HIGH, LOW, timed

Cost = tuple[float, float, float]
"""RMSE of a fold's test ratings, seconds of the fit alone, and mean number of busy cores."""


@dataclass(frozen=True)
class Fold:
    """Training and test ratings: as rows of user, film and rating, and as our `Ratings`."""

    name: str
    base: np.ndarray
    test: np.ndarray
    ratings: Ratings
    held_out: np.ndarray


def read_folds() -> list[Fold]:
    """Return the five published folds of MovieLens 100K."""
    path = find("ml-100k", Store(cache_dir()), silent)
    root = path if path.is_dir() else zipfile.Path(path, "ml-100k/")
    if not (root / "u1.base").exists():
        sys.exit(f"{path.name} has no folds; put ml-100k.zip into a folder and set FACTORSCOPE_DATA to it")
    return [
        _fold(name, *(np.loadtxt((root / f"{name}.{part}").open())[:, :3] for part in ("base", "test")))
        for name in ("u1", "u2", "u3", "u4", "u5")
    ]


def _fold(name: str, base: np.ndarray, test: np.ndarray) -> Fold:
    both = np.concatenate([base, test])
    users, films = (np.arange(1, both[:, column].max() + 1, dtype=np.int64) for column in (0, 1))
    table = pd.DataFrame(both, columns=["user", "film", "rating"]).astype(
        {"user": "int32", "film": "int32", "rating": "float32"}
    )
    table[["user", "film"]] -= 1
    frame = pd.DataFrame({"film_id": films.astype(str), "title": films.astype(str)})
    ratings = Ratings(name, table, frame, pd.Index(users.astype(str)), (LOW, HIGH), licence="", digest="")
    return Fold(name, base, test, ratings, np.arange(len(both)) >= len(base))


def article_code(fold: Fold, seed: int) -> Cost:
    """Train as the article does, with stock fastai; the validation set is the fold's test ratings."""
    from fastai.collab import TabularCollab, collab_learner
    from fastai.data.block import TransformBlock
    from fastai.tabular.core import Categorify
    from fastai.torch_core import set_seed

    table, trained = fold.ratings.table, len(fold.base)
    splits = list(range(trained)), list(range(trained, len(table)))
    # As CollabDataLoaders.from_df does, except for its random split.
    items = TabularCollab(
        table, [Categorify], ["user", "film"], y_names=["rating"], y_block=TransformBlock(), splits=splits
    )
    set_seed(seed)
    learn = collab_learner(items.dataloaders(bs=64), n_factors=50, y_range=(0, 5.5))
    with learn.no_bar(), learn.no_logging():
        cost = timed(lambda: learn.fit_one_cycle(5, 5e-3, wd=0.1))
        predicted, rating = (tensor.numpy().ravel() for tensor in learn.get_preds())
    return float(np.sqrt(np.square(predicted.clip(LOW, HIGH) - rating).mean())), *cost
