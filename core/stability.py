"""Which factors are real: what repeats when the model is trained again on other people, or from another seed.

Takes ratings and a way of training. First the costly part, `resample`: the model is trained on random halves of the
users, on halves of ratings without any taste, and from other seeds. Then arithmetic on what came out: how many
factors repeat (`choose`), and how far each of a model's factors does (`stability`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import t as student

from core.canonical import axes
from core.factor_model import FactorModel, train
from core.progress import Report, part
from core.ratings import Ratings
from core.settings import FactorModelSettings, Form, StabilitySettings
from core.top_factors import weights_of

STAGE = "stability"


@dataclass(frozen=True)
class Side:
    """One trained model, in short: enough to bring its films into any form."""

    films: np.ndarray
    """Weights as the fit left them, a row a film of the ratings; not a number where it learnt nothing of one."""
    root: np.ndarray
    """root.T @ root is the covariance of the users' weights."""

    def weights(self, form: Form, keep: int | None, compared: np.ndarray, scaled: bool = True) -> np.ndarray:
        """Give the weights of the films compared (a mask) in a form, centred; standard deviation 1 if scaled."""
        known = ~np.isnan(self.films[:, 0])
        weights = np.where(known[:, None], self.films - self.films[known].mean(0), 0.0)
        if form != "raw":
            turn, back = axes(weights[known], self.root, form, keep)
            weights = weights @ turn
            if not scaled:
                # The users' spread is what a factor's strength is.
                weights = weights * np.sqrt(np.square(self.root @ back).sum(0))
        weights = np.asarray(weights[compared] - weights[compared].mean(0))
        if not scaled:
            return weights
        size = np.sqrt(np.square(weights).mean(0))
        standard: np.ndarray = weights / np.where(size > 0, size, 1.0)
        return standard


@dataclass(frozen=True)
class Resamples:
    """What training again gave."""

    halves: list[tuple[Side, Side]]
    """Models of two halves of the users that share nobody, from two seeds."""
    null_whole: Side
    """A model of all users, tastes permuted away."""
    null_halves: list[tuple[Side, Side]]
    """The same of halves of theirs."""
    seeds: list[Side]
    """Models of all users from other seeds."""
    compared: np.ndarray
    """True for films with enough ratings."""
    users: int
    """How many users there were."""


def resample(
    ratings: Ratings,
    held_out: np.ndarray,
    settings: FactorModelSettings,
    how: StabilitySettings,
    seed: int,
    report: Report,
) -> Resamples:
    """Train again and again, with `settings.factors` or, where they are to be chosen, `how.most_factors`.

    Of large data a random part of the users is used.
    """
    ratings, held_out = _some_users(ratings, held_out, how.most_ratings, seed)
    compared = _compared(ratings, held_out, how)
    factors = settings.factors or min(how.most_factors, most_comparable(ratings, held_out, how))
    settings = replace(settings, factors=factors, burn_in=how.burn_in, samples=how.samples)
    fits = iter(_shares(report, 4 * how.repeats + 1 + how.seeds))

    def side(data: Ratings, mask: np.ndarray, own_seed: int) -> Side:
        return _side(train(data, settings, own_seed, next(fits), mask), ratings)

    def halves(data: Ratings, own_seed: int) -> tuple[Side, Side]:
        users = np.random.default_rng(own_seed).permutation(len(ratings.user_ids))
        first = users < len(users) / 2
        return (
            side(*_of_users(data, held_out, first), own_seed),
            side(*_of_users(data, held_out, ~first), own_seed + 1),
        )

    null = permuted(ratings, seed)
    return Resamples(
        halves=[halves(ratings, seed + i) for i in range(how.repeats)],
        null_whole=side(null, held_out, seed),
        null_halves=[halves(null, seed + i) for i in range(how.repeats)],
        seeds=[side(ratings, held_out, seed + 1 + i) for i in range(how.seeds)],
        compared=compared,
        users=int(ratings.table.user.nunique()),
    )


def most_comparable(ratings: Ratings, held_out: np.ndarray, how: StabilitySettings) -> int:
    """Give the most factors that can be compared between halves of the users: of films, too few have ratings."""
    return int(_compared(ratings, held_out, how).sum()) // how.films_a_factor


def choose(resamples: Resamples, how: StabilitySettings) -> dict[str, Any]:
    """Choose the number of factors, and the form, by what repeats between halves of the users.

    Directions are sought in which the halves vary together most (singular vectors of the covariance between their
    loadings). As many count as vary together more than any direction does where tastes were permuted away, and
    correlate at least as a stable factor does. The form is the one whose factors agree better between the halves.
    Gives `factors` (0 where nothing repeats), `form`, `tried` (factors trained), `shared` (root of the covariance
    of each direction, mean over the halvings, in the unit of the model's sum), `null_shared` (the largest of the
    permuted), `correlations`, `agreement` (a form's mean correlation of its factors).
    """
    together = [_together(pair, resamples.compared) for pair in resamples.halves]
    null = max(float(_together(pair, resamples.compared)[0][0]) for pair in resamples.null_halves)
    shared, correlations = np.mean(together, axis=0)
    repeats = (shared > null) & (correlations >= how.stable_from)
    factors = int(np.cumprod(repeats).sum())
    forms: tuple[Form, ...] = ("principal", "varimax")
    agreement = {form: _form_agreement(resamples, form, factors) for form in forms} if factors else {}
    return {
        "factors": factors,
        "form": max(agreement, key=lambda form: agreement[form], default="principal"),
        "tried": len(shared),
        "shared": shared.tolist(),
        "null_shared": null,
        "correlations": correlations.tolist(),
        "agreement": agreement,
    }


def stability(
    model: FactorModel, ratings: Ratings, resamples: Resamples, form: Form, how: StabilitySettings
) -> dict[str, Any]:
    """Give plain data on each factor of `model`, which is in the form:

    - `factors`: an entry a factor: `factor`, `stability` (mean absolute correlation between two halves of the
      users, over films), `interval` (95 %, of that mean over the random halvings), `seeds`, `seeds_interval`
      (between this model and those of other seeds), and `verdict`: "stable", "weak" or "noise";
    - `null`: the first of these where tastes were permuted away: `mean`, and `high`, its 95th percentile;
    - `subspace`: cosines of the principal angles between the halves' spaces of factors, `halves` and `null`;
    - `repeats`, `seeds`, `users` (whose ratings were used), `films` (compared), `least_ratings`, `stable_from`.

    A factor is stable where its interval lies above `null.high` and its mean is at least `how.stable_from`, weak
    where only the former holds, noise otherwise.
    """

    def in_form(side: Side) -> np.ndarray:
        return side.weights(form, None, resamples.compared)

    def pairs(halves: list[tuple[Side, Side]], whole: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(_ordered(whole, in_form(one)), _ordered(whole, in_form(two))) for one, two in halves]

    films = weights_of(model.films)
    whole = Side(_spread(films, model, ratings), np.eye(films.shape[1])).weights(
        "raw", None, resamples.compared
    )
    halves = pairs(resamples.halves, whole)
    null_halves = pairs(resamples.null_halves, in_form(resamples.null_whole))
    between = np.array([_correlations(*pair) for pair in halves])
    null = np.array([_correlations(*pair) for pair in null_halves])
    seeds = np.array([_correlations(whole, _ordered(whole, in_form(side))) for side in resamples.seeds])
    high = float(np.quantile(null, 0.95))
    rows = []
    for k in range(films.shape[1]):
        mean, interval = _mean_interval(between[:, k])
        seeds_mean, seeds_interval = _mean_interval(seeds[:, k])
        verdict = "noise" if interval[0] <= high else "stable" if mean >= how.stable_from else "weak"
        rows.append(
            {
                "factor": k,
                "stability": mean,
                "interval": interval,
                "seeds": seeds_mean,
                "seeds_interval": seeds_interval,
                "verdict": verdict,
            }
        )
    return {
        "factors": rows,
        "null": {"mean": float(null.mean()), "high": high},
        "subspace": {
            "halves": np.mean([_cosines(*pair) for pair in halves], axis=0).tolist(),
            "null": np.mean([_cosines(*pair) for pair in null_halves], axis=0).tolist(),
        },
        "repeats": how.repeats,
        "seeds": how.seeds,
        "users": resamples.users,
        "films": int(resamples.compared.sum()),
        "least_ratings": 2 * how.least_ratings,
        "stable_from": how.stable_from,
    }


def permuted(ratings: Ratings, seed: int) -> Ratings:
    """Give ratings without taste: each film's ratings dealt out anew among those who rated it (Horn 1965)."""
    film = ratings.table.film.to_numpy()
    by_film = np.argsort(film, kind="stable")
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(film)), film))
    dealt = np.empty(len(film), dtype=np.float32)
    dealt[by_film] = ratings.table.rating.to_numpy()[shuffled]
    return replace(ratings, table=ratings.table.assign(rating=dealt))


def save(resamples: Resamples, folder: Path) -> None:
    """Write the arrays as NPY files."""
    for name, value in _arrays(resamples):
        np.save(folder / f"{name}.npy", value, allow_pickle=False)


def load(folder: Path, how: StabilitySettings) -> Resamples:
    """Give what `save` wrote."""

    def array(name: str) -> np.ndarray:
        values: np.ndarray = np.load(folder / f"{name}.npy", allow_pickle=False)
        return values

    def side(name: str) -> Side:
        return Side(array(f"{name}-films"), array(f"{name}-root"))

    return Resamples(
        halves=[(side(f"half-{i}-0"), side(f"half-{i}-1")) for i in range(how.repeats)],
        null_whole=side("null"),
        null_halves=[(side(f"null-{i}-0"), side(f"null-{i}-1")) for i in range(how.repeats)],
        seeds=[side(f"seed-{i}") for i in range(how.seeds)],
        compared=array("compared"),
        users=int(array("users")),
    )


def _arrays(resamples: Resamples) -> Iterator[tuple[str, np.ndarray]]:
    sides = {"null": resamples.null_whole}
    for kind, pairs in (("half", resamples.halves), ("null", resamples.null_halves)):
        sides |= {f"{kind}-{i}-{j}": side for i, pair in enumerate(pairs) for j, side in enumerate(pair)}
    sides |= {f"seed-{i}": side for i, side in enumerate(resamples.seeds)}
    for name, side in sides.items():
        yield f"{name}-films", side.films.astype(np.float32)
        yield f"{name}-root", side.root
    yield "compared", resamples.compared
    yield "users", np.array(resamples.users)


def _some_users(ratings: Ratings, held_out: np.ndarray, most: int, seed: int) -> tuple[Ratings, np.ndarray]:
    """Give the ratings of so many users, drawn at random, that they are about `most`."""
    if len(ratings.table) <= most:
        return ratings, held_out
    drawn = np.random.default_rng(seed).random(len(ratings.user_ids)) < most / len(ratings.table)
    return _of_users(ratings, held_out, drawn)


def _of_users(ratings: Ratings, held_out: np.ndarray, users: np.ndarray) -> tuple[Ratings, np.ndarray]:
    kept = users[ratings.table.user.to_numpy()]
    return replace(ratings, table=ratings.table[kept].reset_index(drop=True)), held_out[kept]


def _compared(ratings: Ratings, held_out: np.ndarray, how: StabilitySettings) -> np.ndarray:
    """Mark the films that a half of the users can be expected to give enough ratings to train on."""
    counts = np.bincount(ratings.table.film[~held_out], minlength=len(ratings.films))
    enough: np.ndarray = counts >= 2 * how.least_ratings
    return enough


def _shares(report: Report, fits: int) -> list[Report]:
    """Give a report for each of so many fits of about equal length."""

    def share(i: int) -> Report:
        piece = part(report, i / fits, (i + 1) / fits)
        return lambda _, done, __: piece(STAGE, done, f"training model {i + 1} of {fits}")

    return [share(i) for i in range(fits)]


def _side(model: FactorModel, ratings: Ratings) -> Side:
    users = weights_of(model.users)
    users = users - users.mean(0)
    root = np.linalg.qr(users, mode="r") / np.sqrt(len(users))
    return Side(_spread(weights_of(model.films), model, ratings), root)


def _spread(films: np.ndarray, model: FactorModel, ratings: Ratings) -> np.ndarray:
    """Give a row for each film of the ratings, not a number where the model has none."""
    table = pd.DataFrame(films, index=model.films.film_id)
    rows: np.ndarray = table.reindex(ratings.films.film_id).to_numpy()
    return rows


def _together(pair: tuple[Side, Side], compared: np.ndarray) -> np.ndarray:
    """Give two rows: roots of the covariances of the directions in which two halves vary together, descending; and
    the halves' correlations along them."""
    one, two = (side.weights("principal", None, compared, scaled=False) for side in pair)
    left, size, right = np.linalg.svd(one.T @ two / len(one))
    spread = np.sqrt(np.square(one @ left).mean(0) * np.square(two @ right.T).mean(0))
    return np.array([np.sqrt(size), size / np.where(spread > 0, spread, 1.0)])


def _form_agreement(resamples: Resamples, form: Form, keep: int) -> float:
    """Give the mean correlation between the halves of the factors of a form, matched one to one."""
    pairs = [[side.weights(form, keep, resamples.compared) for side in pair] for pair in resamples.halves]
    return float(np.mean([_correlations(one, _ordered(one, two)) for one, two in pairs]))


def _ordered(whole: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Put the factors of `other` into the order of `whole`, matched one to one by |correlation| (Kuhn 1955)."""
    return other[:, linear_sum_assignment(-np.abs(whole.T @ other))[1]]


def _correlations(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Give the absolute correlation of each factor, both sides standardised."""
    same: np.ndarray = np.abs((one * two).mean(0))
    return same


def _cosines(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Give the cosines of the principal angles between two spaces of factors, descending."""
    cosines: np.ndarray = np.linalg.svd(np.linalg.qr(one)[0].T @ np.linalg.qr(two)[0], compute_uv=False)
    return cosines.clip(max=1.0)


def _mean_interval(values: np.ndarray) -> tuple[float, list[float]]:
    """Give the mean and its 95 % interval by Student's t, within 0 to 1."""
    mean = float(values.mean())
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, [max(0.0, mean - half), min(1.0, mean + half)]
