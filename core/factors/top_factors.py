"""Factors -> each film's top factors, each factor's films, the most common factors (article, steps 3–6).

Takes the films' table of a factor model; returns small tables. Pure arithmetic on weights: no model, no
reviews.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from core.errors import BadSettings
from core.settings import SelectionSettings


def weights_of(films: pd.DataFrame) -> np.ndarray:
    """Return the weights as an array, a row a film and a column a factor."""
    columns = [c for c in films.columns if c.startswith("weight_")]
    weights: np.ndarray = films[columns].to_numpy(dtype=np.float64)
    return weights


def enough_rated(films: pd.DataFrame, least_ratings: int) -> pd.DataFrame:
    """Return the films with at least so many ratings, or all where none has.

    >>> enough_rated(pd.DataFrame({"ratings": [5, 30]}), 20).ratings.tolist()
    [30]
    """
    rated = films[films.ratings >= least_ratings]
    return films if rated.empty else rated


def standardised(weights: np.ndarray) -> np.ndarray:
    """Return each column with mean 0 and standard deviation 1, a constant one as zeros.

    >>> standardised(np.array([[1.0, 0.7], [3.0, 0.7]])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    spread = weights.std(0)
    # Rounding alone leaves a constant column a spread above 0.
    varies = spread > 1e-9 * np.abs(weights).max(0, initial=0.0)
    return np.asarray((weights - weights.mean(0)) / np.where(varies, spread, np.inf))


def top_factors(films: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return each film's `top` highest factors: film_id, title, rank (1 is the highest), factor, weight.

    >>> films = pd.DataFrame({"film_id": [7], "title": ["A"], "weight_0": [0.1], "weight_1": [0.9]})
    >>> top_factors(films, 1)[["film_id", "rank", "factor", "weight"]].values.tolist()
    [[7.0, 1.0, 1.0, 0.9]]
    """
    weights = weights_of(films)
    order = np.argsort(-weights, axis=1, kind="stable")[:, :top]
    return pd.DataFrame(
        {
            "film_id": np.repeat(films.film_id.to_numpy(), top),
            "title": np.repeat(films.title.to_numpy(), top),
            "rank": np.tile(np.arange(1, top + 1), len(films)),
            "factor": order.ravel(),
            "weight": np.take_along_axis(weights, order, axis=1).ravel(),
        }
    )


def rank_films(films: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Return the films by descending weight on one factor: film_id, title, weight, ratings."""
    ranked = films.sort_values(f"weight_{factor}", ascending=False, kind="stable")
    return ranked[["film_id", "title", f"weight_{factor}", "ratings"]].rename(
        columns={f"weight_{factor}": "weight"}
    )


def common_factors(tops: pd.DataFrame) -> pd.DataFrame:
    """Count the films that have each factor among their top: factor, films, share; most common first."""
    counts = tops.factor.value_counts().rename_axis("factor").reset_index(name="films")
    counts = counts.sort_values(["films", "factor"], ascending=[False, True], ignore_index=True)
    return counts.assign(share=counts.films / tops.film_id.nunique())


def without_factors(films: pd.DataFrame, tops: pd.DataFrame, factors: tuple[int, ...]) -> pd.DataFrame:
    """Leave out every film that has one of the factors among its top factors."""
    return films[~films.film_id.isin(tops[tops.factor.isin(factors)].film_id)]


def no_film_left(excluded: Iterable[int]) -> str:
    """Return why a run without the excluded factors has no film, and what to do.

    >>> no_film_left([0, 2])
    'no film is left: each has an excluded factor (0, 2) among its top factors; exclude fewer factors'
    """
    listed = ", ".join(map(str, sorted(set(excluded))))
    return f"no film is left: each has an excluded factor ({listed}) among its top factors; exclude fewer factors"


def choose_films(
    films: pd.DataFrame, tops: pd.DataFrame, reviews: pd.DataFrame, settings: SelectionSettings
) -> pd.DataFrame:
    """Choose the films of a run: the first of the ranking, without those of few ratings or excluded factors.

    Returns film_id, title, weight, ratings, reviews (their number), in the order of the ranking. With
    `settings.pass_over` the ranking is followed until enough films have reviews, and the films passed over
    stay in the table with 0 reviews; without it the table has the first films, reviewed or not. With
    `settings.only` it has just these films. Raises BadSettings where no film is left, or where the model
    lacks one of `settings.only`.
    """
    if settings.only:
        return _requested_films(films, reviews, settings)
    rated = films[films.ratings >= settings.least_ratings]
    if rated.empty:
        raise BadSettings(f"no film has {settings.least_ratings} ratings; ask for fewer (least-ratings)")
    eligible = without_factors(rated, tops, settings.exclude_factors)
    if eligible.empty:
        raise BadSettings(no_film_left(settings.exclude_factors))
    ranked = _with_reviews(rank_films(eligible, settings.rank_by), reviews)
    if not settings.pass_over:
        return ranked.head(settings.films).reset_index(drop=True)
    reviewed = (ranked.reviews > 0).cumsum()
    # The last film needed is the first at which the running count of reviewed films is full.
    last = int((reviewed < min(settings.films, reviewed.iloc[-1])).sum()) + 1
    return ranked.head(last).reset_index(drop=True)


def _requested_films(films: pd.DataFrame, reviews: pd.DataFrame, settings: SelectionSettings) -> pd.DataFrame:
    chosen = films[films.film_id.isin(settings.only)]
    if len(chosen) < len(settings.only):
        missing = min(set(settings.only) - set(chosen.film_id))
        raise BadSettings(
            f"the model knows no film with the id {missing}; choose among the films that are rated"
        )
    return _with_reviews(rank_films(chosen, settings.rank_by), reviews).reset_index(drop=True)


def _with_reviews(ranked: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Add the number of reviews of each film."""
    counts = reviews.groupby("film_id").size()
    return ranked.assign(reviews=ranked.film_id.map(counts).fillna(0).astype(int))
