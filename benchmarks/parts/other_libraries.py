"""Accuracy and speed of other libraries on given folds of ratings.

    python benchmarks/parts/other_libraries.py FOLDER

FOLDER holds u1.base.npy and u1.test.npy, u2 and so on: one row per rating, with the columns user, film and
rating, on a scale of 1 to 5. Run by benchmarks/factor_model.py with the Python of an environment that has
benchmarks/requirements.txt. Prints a line of JSON for each library and fold: model, fold, rmse, seconds (of
the fit alone) and cores (processor time of the fit divided by its wall time).
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

SEED = 42
LOW, HIGH = 1.0, 5.0
Fitted = tuple[np.ndarray, float, float]
"""Predictions of the test ratings, seconds of the fit, and mean number of busy cores."""


def timed(fit: Callable[[], object]) -> tuple[float, float]:
    """Run a fit; return its seconds and the mean number of busy cores."""
    wall, processor = time.perf_counter(), time.process_time()
    fit()
    seconds = time.perf_counter() - wall
    return seconds, (time.process_time() - processor) / seconds


def surprise_svd(base: np.ndarray, test: np.ndarray) -> Fitted:
    from surprise import SVD, Dataset, Reader

    table = pd.DataFrame(base, columns=["user", "film", "rating"])
    data = Dataset.load_from_df(table, Reader(rating_scale=(LOW, HIGH))).build_full_trainset()
    model = SVD(n_factors=50, n_epochs=60, reg_all=0.1, lr_all=0.01, random_state=SEED)
    cost = timed(lambda: model.fit(data))
    return np.array([model.predict(user, film).est for user, film, _ in test]), *cost


def lenskit_biased_mf(base: np.ndarray, test: np.ndarray) -> Fitted:
    from lenskit.als import BiasedMFScorer
    from lenskit.batch import predict
    from lenskit.data import from_interactions_df
    from lenskit.pipeline import predict_pipeline
    from lenskit.training import TrainingOptions

    columns = ["user_id", "item_id", "rating"]
    data = from_interactions_df(pd.DataFrame(base, columns=columns).astype({"user_id": int, "item_id": int}))
    # The pipeline falls back to means for an unknown user or film.
    pipeline = predict_pipeline(BiasedMFScorer(features=50))
    cost = timed(lambda: pipeline.train(data, TrainingOptions(rng=SEED)))
    wanted = pd.DataFrame(test[:, :2].astype(int), columns=columns[:2])
    scores = predict(pipeline, wanted, n_jobs=1).to_df().set_index(columns[:2]).score
    return scores.loc[pd.MultiIndex.from_frame(wanted)].to_numpy(), *cost


def cornac_mf(base: np.ndarray, test: np.ndarray) -> Fitted:
    from cornac.data import Dataset
    from cornac.models import MF

    data = Dataset.from_uir(list(map(tuple, base)))
    # With a seed it uses one thread.
    model = MF(k=50, max_iter=60, learning_rate=0.01, lambda_reg=0.1, use_bias=True, seed=SEED)
    cost = timed(lambda: model.fit(data))
    # An unknown user or film has the code -1, which leads to means.
    pairs = [(data.uid_map.get(user, -1), data.iid_map.get(film, -1)) for user, film, _ in test]
    return np.array([model.rate(user, film) for user, film in pairs]), *cost


def myfm_regressor(base: np.ndarray, test: np.ndarray) -> Fitted:
    from myfm import MyFMRegressor

    users, films = np.unique(base[:, 0]), np.unique(base[:, 1])

    def one_hot(rows: np.ndarray) -> csr_matrix:
        """Return one-hot users and films: rows x (users + films); zeros if not in the base."""
        parts = []
        for levels, codes in ((users, rows[:, 0]), (films, rows[:, 1])):
            place = np.searchsorted(levels, codes).clip(max=len(levels) - 1)
            matches = np.flatnonzero(levels[place] == codes)
            parts.append((matches, place[matches]))
        row = np.concatenate([parts[0][0], parts[1][0]])
        column = np.concatenate([parts[0][1], len(users) + parts[1][1]])
        return csr_matrix((np.ones(len(row)), (row, column)), (len(rows), len(users) + len(films)))

    train_rows, test_rows = one_hot(base), one_hot(test)
    model = MyFMRegressor(rank=10, random_seed=SEED)
    shapes = [len(users), len(films)]
    cost = timed(
        lambda: model.fit(train_rows, base[:, 2], n_iter=200, n_kept_samples=200, group_shapes=shapes)
    )
    return model.predict(test_rows), *cost


LIBRARIES = {
    "Surprise 1.1.5, SVD, tuned": surprise_svd,
    "LensKit 2025.8.1, BiasedMF": lenskit_biased_mf,
    "Cornac 3.0.1, MF": cornac_mf,
    "myFM 0.4.0, rank 10": myfm_regressor,
}


def main() -> None:
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    for model, fit in LIBRARIES.items():
        for path in sorted(folder.glob("*.base.npy")):
            fold = path.name.removesuffix(".base.npy")
            base, test = np.load(path), np.load(folder / f"{fold}.test.npy")
            predicted, seconds, cores = fit(base, test)
            error = np.sqrt(np.square(np.clip(predicted, LOW, HIGH) - test[:, 2]).mean())
            row = {"model": model, "fold": fold, "rmse": float(error), "seconds": seconds, "cores": cores}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
