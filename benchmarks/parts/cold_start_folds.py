"""The folds of `cold_start.py`: factor models trained without the held-out films, and predicted ratings."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.cold_start import fit
from core.data.ratings.dataset import Ratings
from core.factors.models.factor_model import train
from core.factors.rotation import canonical
from core.factors.top_factors import weights_of
from core.progress import Report
from core.settings import FACTOR_MODELS

WELL_KNOWN = 20
"""Least ratings of a held-out film for its bias to be compared with an interval."""
FOLDS, SEED = 5, 42


@dataclass(frozen=True)
class Fold:
    """Held-out films, a fifth of all, and a factor model of the other films and of the users."""

    rated: np.ndarray
    """Positions, among the films with reviews, of those with training ratings."""
    held_out: np.ndarray
    """Positions of the held-out films."""
    table: pd.DataFrame
    """The rated films, as in factors.parquet."""
    trained: np.ndarray
    """Ratings of the rated films with reviews, as rows of the ratings."""
    tested: np.ndarray
    """All ratings of the held-out films, as rows of the ratings."""
    users: np.ndarray
    """Weights: users x factors."""
    base: np.ndarray
    """Offset and bias of each user, in stars."""
    picks: np.ndarray
    """For each user, the mean predicted rating of the films rated, relative to the user's bias."""
    means: dict[str, np.ndarray]
    """For each baseline, the rating that each user is expected to give an unknown film."""


def place_of(ratings: Ratings, films: np.ndarray) -> np.ndarray:
    """Return, for each rating, the position of its film among the films with reviews, -1 if it has none."""
    place = pd.Index(films).get_indexer(ratings.films.film_id)
    positions: np.ndarray = place[ratings.table.film.to_numpy()]
    return positions


def fold_of(ratings: Ratings, films: np.ndarray, held_out: np.ndarray, report: Report) -> Fold:
    """Train on all ratings except those of the held-out films; return the fold."""
    place = place_of(ratings, films)
    is_test = np.isin(place, held_out)
    model = canonical(train(ratings, FACTOR_MODELS["accurate"], SEED, report, is_test), "principal")
    table = model.films.set_index("film_id").reindex(films).reset_index()
    rated = np.setdiff1d(np.flatnonzero(table.ratings.notna()), held_out)

    # Users without training ratings get average parameters.
    rows = pd.Index(model.users.user_id).get_indexer(ratings.user_ids)
    weights = np.vstack([weights_of(model.users), np.zeros(weights_of(model.users).shape[1])])[rows]
    bias = np.append(model.users.bias, model.users.bias.mean())[rows]
    user, film = ratings.table.user.to_numpy()[~is_test], ratings.table.film.to_numpy()[~is_test]
    rating, count = ratings.table.rating.to_numpy(np.float64)[~is_test], len(ratings.user_ids)
    trained_films = model.films.set_index("film_id").reindex(ratings.films.film_id)
    above = trained_films.bias.to_numpy()[film] + (weights[user] * weights_of(trained_films)[film]).sum(1)
    film_mean = means(film, rating, len(ratings.films))
    return Fold(
        rated=rated,
        held_out=held_out,
        table=table.iloc[rated],
        trained=np.flatnonzero(np.isin(place, rated)),
        tested=np.flatnonzero(is_test),
        users=weights,
        base=model.link.offset + bias,
        picks=means(user, above, count),
        means={
            "users_means": rating.mean() + means(user, rating - film_mean[film], count, 0.0),
            "plain_means": means(user, rating, count),
        },
    )


def means(codes: np.ndarray, values: np.ndarray, size: int, unknown: float | None = None) -> np.ndarray:
    """Return the mean value of each code; `unknown`, or by default the mean of all, for absent codes."""
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, values, size)
    averages: np.ndarray = np.where(
        counts > 0, sums / counts.clip(min=1), values.mean() if unknown is None else unknown
    )
    return averages


def baselines(ratings: Ratings, films: np.ndarray, folds: list[Fold]) -> dict[str, list[np.ndarray]]:
    """Return the errors, on each fold, of the predictors that use no reviews."""
    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)
    errors: dict[str, list[np.ndarray]] = {
        name: [] for name in ("users_means", "plain_means", "no_reviews", "oracle")
    }
    for fold in folds:
        tested, raters = fold.tested, user[fold.tested]
        predicted = {name: ratings_of[raters] for name, ratings_of in fold.means.items()}
        expected = predicted["users_means"]
        predicted["oracle"] = (
            expected + means(place[tested], rating[tested] - expected, len(films))[place[tested]]
        )
        alone = np.stack([fold.picks, np.ones(len(fold.picks))], 1)
        share = np.linalg.lstsq(
            alone[user[fold.trained]], rating[fold.trained] - fold.base[user[fold.trained]], rcond=None
        )[0]
        predicted["no_reviews"] = fold.base[raters] + alone[raters] @ share
        for name, values in predicted.items():
            errors[name].append(np.clip(values, *ratings.scale) - rating[tested])
    return errors


def predict(
    fold: Fold, vectors: dict[str, np.ndarray], ratings: Ratings, films: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions of the held-out ratings, and which biases of well-known films are in their intervals.

    Well-known films have at least WELL_KNOWN held-out ratings. The coefficients of a film's predicted bias
    and weights, and of the kind of films that the user picks, are fitted on the rated films with
    leave-one-out predictions.
    """
    placing = fit({reader: rows[fold.rated] for reader, rows in vectors.items()}, fold.table)
    placed = placing.place({reader: rows[fold.held_out] for reader, rows in vectors.items()})
    predicted = pd.concat([placing.left_out().set_index(fold.rated), placed.set_index(fold.held_out)])
    predicted = predicted.reindex(range(len(films)))
    bias, weights = predicted.bias.to_numpy(), weights_of(predicted)

    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)

    def inputs_of(rows: np.ndarray) -> np.ndarray:
        taste = (fold.users[user[rows]] * weights[place[rows]]).sum(1)
        return np.stack([bias[place[rows]], taste, fold.picks[user[rows]], np.ones(len(rows))], 1)

    rest = rating - fold.base[user]
    shares = np.linalg.lstsq(inputs_of(fold.trained), rest[fold.trained], rcond=None)[0]
    tested = inputs_of(fold.tested)

    count = np.bincount(place[fold.tested], minlength=len(films))[fold.held_out]
    true_bias = means(place[fold.tested], rest[fold.tested] - tested[:, 1], len(films))[fold.held_out]
    inside = (placed.bias_low.to_numpy() < true_bias) & (true_bias < placed.bias_high.to_numpy())
    return fold.base[user[fold.tested]] + tested @ shares, inside[count >= WELL_KNOWN]
