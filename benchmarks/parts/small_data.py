"""How well the presets learn from few ratings: planted tastes, samples of MovieLens 100K, and files of one's own."""

import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.data.ratings.synthetic import synthetic_ratings
from core.factors.models.factor_model import hold_out, train
from core.paths import cache_dir
from core.progress import silent
from core.settings import FACTOR_MODELS, FactorModelSettings
from core.store import Store
from parts.other_libraries import SEED

SEEDS = 3
SHARE = 0.2
"""Of the ratings kept out, as in a run."""
PLANTED = ((40, 30, 600, 0.4), (80, 40, 1_900, 0.4), (150, 80, 6_000, 0.4), (120, 60, 3_000, 0.8))
"""Users, films, ratings and noise of worlds with two tastes."""
SAMPLES = (5_000, 20_000, 100_000)
"""Ratings of MovieLens 100K: all those of users drawn at random."""
PRESETS = {
    "fast, six epochs": FACTOR_MODELS["fast"].replace(least_steps=0),
    "fast": FACTOR_MODELS["fast"],
    "accurate": FACTOR_MODELS["accurate"],
}
"""The first is `fast` without a bound on its steps."""


def small(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Return a row a data set and preset: mean RMSE, that of the means, seconds, epochs, and how many runs learnt."""
    rows = []
    for name, ratings in _data(files):
        for preset, settings in PRESETS.items():
            row = {"data": name, "ratings": len(ratings.table), "model": preset}
            rows.append(row | _measured(ratings, settings))
            print(f"{name}, {preset}: RMSE {rows[-1]['rmse']:.3f}", file=sys.stderr, flush=True)
    return rows


def _measured(ratings: Ratings, settings: FactorModelSettings) -> dict[str, Any]:
    # As many factors as the preset has, or as few films and users allow.
    factors = min(settings.factors or 0, len(ratings.films) - 5, len(ratings.user_ids) - 5)
    models, seconds = [], []
    for seed in range(SEED, SEED + SEEDS):
        began = time.process_time()
        held_out = hold_out(ratings, SHARE, seed)
        models.append(train(ratings, settings.replace(factors=factors), seed, silent, held_out))
        seconds.append(time.process_time() - began)
    return {
        "factors": factors,
        "rmse": statistics.mean(model.rmse_valid for model in models),
        "rmse_means": statistics.mean(model.rmse_means for model in models),
        "processor_seconds": statistics.mean(seconds),
        "passes": [len(model.losses) for model in models],
        "learnt": sum(model.rmse_gain_interval[0] > 0 for model in models if model.rmse_gain_interval),
    }


def _data(files: Iterable[Path]) -> Iterator[tuple[str, Ratings]]:
    store = Store(cache_dir())
    for users, films, count, noise in PLANTED:
        world = synthetic_ratings(factors=2, films=films, users=users, ratings=count, noise=noise, seed=SEED)
        yield f"two planted tastes, noise {noise:g}", world[0]
    movielens = read_ratings("ml-100k", store, silent)
    for most in SAMPLES:
        yield "MovieLens 100K, some users", _some_users(movielens, most)
    yield "MovieLens 100K, some ratings", _subset(movielens, _some_rows(movielens, SAMPLES[0]))
    for path in files:
        yield path.name, read_ratings(str(path), store, silent)


def _some_users(ratings: Ratings, most: int) -> Ratings:
    order = np.random.default_rng(SEED).permutation(len(ratings.user_ids))
    counts = np.bincount(ratings.table.user, minlength=len(order))
    drawn = order[np.cumsum(counts[order]) <= most]
    return _subset(ratings, np.isin(ratings.table.user, drawn))


def _some_rows(ratings: Ratings, most: int) -> np.ndarray:
    order = np.random.default_rng(SEED).permutation(len(ratings.table))
    chosen: np.ndarray = order < most
    return chosen


def _subset(ratings: Ratings, rows: np.ndarray) -> Ratings:
    """Return the ratings in some rows (a mask), with only the users and films that they name."""
    table = ratings.table[rows]
    users, films = (np.unique(table[side]) for side in ("user", "film"))
    codes = {"user": users, "film": films}
    renumbered = {side: np.searchsorted(known, table[side]).astype(np.int32) for side, known in codes.items()}
    return replace(
        ratings,
        table=pd.DataFrame(renumbered | {"rating": table.rating.to_numpy()}),
        films=ratings.films.iloc[films].reset_index(drop=True),
        user_ids=ratings.user_ids[users],
    )
