"""The folds of `cold_start.py`: factor models that never saw the held-out films, and predictions of their ratings."""

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
"""Ratings of a held-out film from which its own bias is known well enough to be looked for in an interval."""
FOLDS, SEED = 5, 42


@dataclass(frozen=True)
class Fold:
    """The films of a fifth held out, and what a factor model knows of the others and of the users."""

    known: np.ndarray
    """Of the films with reviews, in their order: those rated by training."""
    held: np.ndarray
    table: pd.DataFrame
    """The known ones, as in factors.parquet."""
    trained: np.ndarray
    """Ratings of known films with reviews: rows of the ratings."""
    tested: np.ndarray
    """All ratings of held-out films."""
    users: np.ndarray
    """Users x factors: weights."""
    base: np.ndarray
    """Users: offset and bias, in stars."""
    picks: np.ndarray
    """Users: how far above their bias the model has the films they rated, on average."""
    means: dict[str, np.ndarray]
    """Users: what they are expected to give a film of which nothing is known, by the baselines."""


def place_of(ratings: Ratings, films: np.ndarray) -> np.ndarray:
    """Return each rating's film as its place among the films with reviews, -1 where it has none."""
    place = pd.Index(films).get_indexer(ratings.films.film_id)
    found: np.ndarray = place[ratings.table.film.to_numpy()]
    return found


def fold_of(ratings: Ratings, films: np.ndarray, held: np.ndarray, report: Report) -> Fold:
    """Train on all ratings but those of the films held out."""
    place = place_of(ratings, films)
    out = np.isin(place, held)
    model = canonical(train(ratings, FACTOR_MODELS["accurate"], SEED, report, out), "principal")
    table = model.films.set_index("film_id").reindex(films).reset_index()
    known = np.setdiff1d(np.flatnonzero(table.ratings.notna()), held)

    # Users of whom nothing was learnt are average.
    rows = pd.Index(model.users.user_id).get_indexer(ratings.user_ids)
    weights = np.vstack([weights_of(model.users), np.zeros(weights_of(model.users).shape[1])])[rows]
    bias = np.append(model.users.bias, model.users.bias.mean())[rows]
    user, film = ratings.table.user.to_numpy()[~out], ratings.table.film.to_numpy()[~out]
    rating, count = ratings.table.rating.to_numpy(np.float64)[~out], len(ratings.user_ids)
    rated = model.films.set_index("film_id").reindex(ratings.films.film_id)
    above = rated.bias.to_numpy()[film] + (weights[user] * weights_of(rated)[film]).sum(1)
    film_mean = means(film, rating, len(ratings.films))
    return Fold(
        known=known,
        held=held,
        table=table.iloc[known],
        trained=np.flatnonzero(np.isin(place, known)),
        tested=np.flatnonzero(out),
        users=weights,
        base=model.link.offset + bias,
        picks=means(user, above, count),
        means={
            "users_means": rating.mean() + means(user, rating - film_mean[film], count, 0.0),
            "plain_means": means(user, rating, count),
        },
    )


def means(codes: np.ndarray, values: np.ndarray, size: int, unknown: float | None = None) -> np.ndarray:
    """Return the mean value of each code; of one that does not occur, the mean of all unless said."""
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, values, size)
    found: np.ndarray = np.where(
        counts > 0, sums / counts.clip(min=1), values.mean() if unknown is None else unknown
    )
    return found


def baselines(ratings: Ratings, films: np.ndarray, folds: list[Fold]) -> dict[str, list[np.ndarray]]:
    """Return the errors on each fold of what looks at no review."""
    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)
    errors: dict[str, list[np.ndarray]] = {
        name: [] for name in ("users_means", "plain_means", "no_reviews", "oracle")
    }
    for fold in folds:
        tested, own = fold.tested, user[fold.tested]
        predicted = {name: found[own] for name, found in fold.means.items()}
        expected = predicted["users_means"]
        predicted["oracle"] = (
            expected + means(place[tested], rating[tested] - expected, len(films))[place[tested]]
        )
        alone = np.stack([fold.picks, np.ones(len(fold.picks))], 1)
        share = np.linalg.lstsq(
            alone[user[fold.trained]], rating[fold.trained] - fold.base[user[fold.trained]], rcond=None
        )[0]
        predicted["no_reviews"] = fold.base[own] + alone[own] @ share
        for name, values in predicted.items():
            errors[name].append(np.clip(values, *ratings.scale) - rating[tested])
    return errors


def predict(
    fold: Fold, vectors: dict[str, np.ndarray], ratings: Ratings, films: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Predict the ratings held out; say too of each well-known film whether its bias lies in its interval.

    How far a user follows a film's bias and weights as they are placed, and the kind of films that the user picks,
    is learnt on the known films as the others place them.
    """
    placing = fit({reader: found[fold.known] for reader, found in vectors.items()}, fold.table)
    placed = placing.place({reader: found[fold.held] for reader, found in vectors.items()})
    stands = pd.concat([placing.left_out().set_index(fold.known), placed.set_index(fold.held)])
    stands = stands.reindex(range(len(films)))
    bias, weights = stands.bias.to_numpy(), weights_of(stands)

    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)

    def known_of(rows: np.ndarray) -> np.ndarray:
        taste = (fold.users[user[rows]] * weights[place[rows]]).sum(1)
        return np.stack([bias[place[rows]], taste, fold.picks[user[rows]], np.ones(len(rows))], 1)

    rest = rating - fold.base[user]
    shares = np.linalg.lstsq(known_of(fold.trained), rest[fold.trained], rcond=None)[0]
    tested = known_of(fold.tested)

    count = np.bincount(place[fold.tested], minlength=len(films))[fold.held]
    truth = means(place[fold.tested], rest[fold.tested] - tested[:, 1], len(films))[fold.held]
    inside = (placed.bias_low.to_numpy() < truth) & (truth < placed.bias_high.to_numpy())
    return fold.base[user[fold.tested]] + tested @ shares, inside[count >= WELL_KNOWN]
