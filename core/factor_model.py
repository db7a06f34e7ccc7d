"""Ratings -> trained factor model, as plain tables (article, step 2).

Takes checked `Ratings`, gives weights and offsets of films and users, and the error on ratings that
were kept out. What the factors mean is left to later stages.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from fastai.collab import CollabDataLoaders, collab_learner

from core.errors import BadSettings, DegenerateResult
from core.progress import Report
from core.ratings import Ratings
from core.settings import FactorModelSettings
from core.training import own_draws, quiet, reporting, seeded

STAGE = "factor model"


@dataclass(frozen=True)
class FactorModel:
    """A trained factor model as tables.

    `films`: film_id, title, weight_0 … weight_{k-1}, bias, ratings (how many it has).
    `users`: user_id, weight_0 …, bias. Both in the order of the ratings' own ids. Films and users that
    only occur among the ratings kept out have no row: nothing was learnt of them.
    """

    films: pd.DataFrame
    users: pd.DataFrame
    rmse_valid: float
    """Root mean squared error on the ratings kept out, in the rating's own unit."""
    rmse_means: float
    """The same error of a baseline, each film's mean plus each user's mean deviation from it."""
    losses: list[dict[str, float]]
    """An entry an epoch: epoch, train (mean squared error), valid (the same on the ratings kept out)."""


def train(ratings: Ratings, settings: FactorModelSettings, seed: int, report: Report) -> FactorModel:
    """Train fastai's EmbeddingDotBias: dot product of embeddings plus biases, by a sigmoid to the scale.

    Films are told apart by their row in `ratings.films`, and the embedding's rows are read through the
    DataLoaders' own vocabulary, so weights and titles cannot slip against each other.
    Raises BadSettings where there are as many factors as films, DegenerateResult on a loss or a weight
    that is not a number.
    """
    if settings.factors >= len(ratings.films):
        raise BadSettings(
            f"{settings.factors} factors for {len(ratings.films)} films in {ratings.name}; "
            f"choose fewer factors than films"
        )
    with seeded(seed):
        data = CollabDataLoaders.from_df(
            ratings.table,
            user_name="user",
            item_name="film",
            rating_name="rating",
            valid_pct=settings.valid_share,
            seed=seed,
            bs=settings.batch_size,
        )
        own_draws(data, seed)
        # The article's range is 0 to 5.5 for ratings of 1 to 5: a tenth above the highest, from zero.
        low, high = min(0.0, ratings.scale[0]), ratings.scale[1] * 1.1
        learn = quiet(collab_learner(data, n_factors=settings.factors, y_range=(low, high)))
        with reporting(learn, report, STAGE):
            learn.fit_one_cycle(settings.epochs, settings.learning_rate, wd=settings.weight_decay)

    losses = [
        {"epoch": i + 1, "train": float(row[0]), "valid": float(row[1])}
        for i, row in enumerate(learn.recorder.values)
    ]
    model, classes = learn.model.eval().cpu(), data.classes
    trained, held_out = data.train_ds.items, data.valid_ds.items
    films = _table(classes["film"], model.i_weight.weight, model.i_bias.weight)
    films["ratings"] = np.bincount(ratings.table.film, minlength=len(ratings.films))[films.code]
    films.insert(0, "film_id", ratings.films.film_id.to_numpy()[films.pop("code")])
    films.insert(1, "title", ratings.films.set_index("film_id").title.loc[films.film_id].to_numpy())
    users = _table(classes["user"], model.u_weight.weight, model.u_bias.weight)
    users.insert(0, "user_id", ratings.user_ids[users.pop("code")])

    weights = films.filter(like="weight_").to_numpy()
    if not np.isfinite(weights).all() or (weights.std(axis=0) == 0).any():
        raise DegenerateResult("a factor came out constant or not a number; choose a lower learning rate")
    return FactorModel(
        films, users, float(np.sqrt(losses[-1]["valid"])), _rmse_means(trained, held_out), losses
    )


def _table(vocabulary: list[object], weight: object, bias: object) -> pd.DataFrame:
    """Give code, weight_0 …, bias, a row for each entry of the vocabulary but `#na#`."""
    weights = weight.detach().numpy()[1:]  # type: ignore[attr-defined]
    table = pd.DataFrame(weights, columns=[f"weight_{k}" for k in range(weights.shape[1])])
    table["bias"] = bias.detach().numpy()[1:, 0]  # type: ignore[attr-defined]
    table["code"] = np.asarray(list(vocabulary)[1:], dtype=np.int64)
    return table


def _rmse_means(trained: pd.DataFrame, held_out: pd.DataFrame) -> float:
    """Give the error of predicting film mean + user's mean deviation from the film means."""
    overall = trained.rating.mean()
    film_mean = trained.groupby("film").rating.mean()
    deviation = (trained.rating - trained.film.map(film_mean)).groupby(trained.user).mean()
    predicted = held_out.film.map(film_mean).fillna(overall) + held_out.user.map(deviation).fillna(0.0)
    return float(np.sqrt(((held_out.rating - predicted) ** 2).mean()))
