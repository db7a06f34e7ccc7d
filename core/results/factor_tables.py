"""Factors and films -> the small tables of a screen: all factors, one factor, one film.

Takes the films' table of a run (film_id, title, weight_0 …, bias, ratings, and, from a Bayesian model, low_0
… and high_0 …, the ends of 95 % intervals). Verdicts and names are arguments.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of

BINS = 40
"""Bars of a histogram of weights."""


def rated(films: pd.DataFrame, least_ratings: int) -> pd.DataFrame:
    """Leave out films with fewer ratings."""
    return films[films.ratings >= least_ratings]


def overview(
    films: pd.DataFrame,
    verdicts: Sequence[str],
    strengths: Sequence[float] | None,
    names: Mapping[int, str],
) -> pd.DataFrame:
    """Return a row a factor.

    Columns: factor, name, verdict, strength (NaN where unknown), highest, lowest (titles).

    >>> table = pd.DataFrame({"title": ["A", "B"], "weight_0": [0.1, 0.9]})
    >>> overview(table, ["solid"], [0.2], {0: "late"}).values.tolist()
    [[0, 'late', 'solid', 0.2, 'B', 'A']]
    """
    weights = weights_of(films)
    factors = weights.shape[1]
    return pd.DataFrame(
        {
            "factor": range(factors),
            "name": [names.get(k, "") for k in range(factors)],
            "verdict": list(verdicts),
            "strength": np.full(factors, np.nan) if strengths is None else list(strengths),
            "highest": films.title.to_numpy()[weights.argmax(0)],
            "lowest": films.title.to_numpy()[weights.argmin(0)],
        }
    )


def strongest(strengths: Sequence[float] | None, factors: int) -> tuple[int, int]:
    """Return the two strongest factors, without strengths the first two; a single factor counts twice.

    >>> strongest([0.1, 0.3, 0.2], 3)
    (1, 2)
    """
    order = range(factors) if strengths is None else sorted(range(factors), key=lambda k: -strengths[k])
    return order[0], order[min(1, factors - 1)]


def full_strength(strengths: Sequence[float] | None) -> float:
    """Return the greatest strength, which ends the common scale of all charts; 1 without strengths.

    >>> full_strength([0.1, 0.3]), full_strength(None)
    (0.3, 1.0)
    """
    return max(strengths or [1.0])


def enough_ratings(few: int, least: int) -> int:
    """Return the number of ratings below which a film is marked: `few`, or the run's `least` if greater.

    >>> enough_ratings(50, 20), enough_ratings(50, 200)
    (50, 200)
    """
    return max(few, least)


def evenly(tops: pd.DataFrame, factors: int) -> tuple[int, int, float]:
    """Return the number of films, of top factors a film, and of films a factor if all were equally common.

    >>> evenly(pd.DataFrame({"film_id": [1, 1, 2, 2], "rank": [1, 2, 1, 2]}), 8)
    (2, 2, 0.5)
    """
    return tops.film_id.nunique(), int(tops["rank"].max()), len(tops) / factors


def ends(films: pd.DataFrame, factor: int, many: int, enough_ratings: int) -> pd.DataFrame:
    """Return the `many` highest films on a factor, then the `many` lowest, by descending weight.

    Columns: film_id, title, weight, low, high (NaN without intervals), ratings, end ("highest", "lowest"),
    doubtful (the interval contains zero) and few (fewer than `enough_ratings` ratings). No film is at both
    ends.
    """
    ranked = films.sort_values(f"weight_{factor}", ascending=False, kind="stable")
    top = min(many, (len(ranked) + 1) // 2)
    bottom = min(many, len(ranked) - top)
    shown = pd.concat([ranked.head(top), ranked.tail(bottom)])
    low, high = _interval(shown, factor)
    return pd.DataFrame(
        {
            "film_id": shown.film_id.to_numpy(),
            "title": shown.title.to_numpy(),
            "weight": shown[f"weight_{factor}"].to_numpy(dtype=np.float64),
            "low": low,
            "high": high,
            "ratings": shown.ratings.to_numpy(),
            "end": ["highest"] * top + ["lowest"] * bottom,
            "doubtful": _holds_zero(low, high),
            "few": (shown.ratings < enough_ratings).to_numpy(),
        }
    )


def of_film(films: pd.DataFrame, film_id: Any, top_factors: Collection[int]) -> pd.DataFrame:
    """Return a film's weight on each factor: factor, weight, low, high, doubtful, own (a top factor)."""
    film = films[films.film_id == film_id]
    weights = weights_of(film)[0]
    ends_of = [_interval(film, k) for k in range(len(weights))]
    low, high = (np.array([end[side][0] for end in ends_of]) for side in (0, 1))
    return pd.DataFrame(
        {
            "factor": range(len(weights)),
            "weight": weights,
            "low": low,
            "high": high,
            "doubtful": _holds_zero(low, high),
            "own": [k in top_factors for k in range(len(weights))],
        }
    )


def weight(films: pd.DataFrame, film_id: Any, factor: int) -> tuple[float, float, float]:
    """Return a film's weight on a factor, and the ends of its interval (NaN without intervals)."""
    film = films[films.film_id == film_id]
    low, high = _interval(film, factor)
    return float(film[f"weight_{factor}"].iloc[0]), float(low[0]), float(high[0])


def distribution(films: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Count films by their weight on a factor: low, high (edges of the bin), films."""
    counts, edges = np.histogram(films[f"weight_{factor}"].to_numpy(dtype=np.float64), bins=BINS)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "films": counts})


def alike(films: pd.DataFrame, factor: int, many: int = 3) -> pd.DataFrame:
    """Return the other factors by descending |correlation| of their weights: factor, correlation."""
    weights = standardised(weights_of(films))
    # A constant factor correlates with nothing.
    related = weights.T @ weights[:, factor] / len(weights)
    order = [int(k) for k in np.argsort(-np.abs(related), kind="stable") if k != factor][:many]
    return pd.DataFrame({"factor": order, "correlation": related[order]})


def on_map(films: pd.DataFrame, across: int, up: int) -> pd.DataFrame:
    """Return each film's weights on two factors, x and y.

    Columns: film_id, title, ratings, x, x_low, x_high, y, y_low, y_high (NaN without intervals), doubtful
    (both intervals contain zero).
    """
    (x_low, x_high), (y_low, y_high) = (_interval(films, factor) for factor in (across, up))
    return pd.DataFrame(
        {
            "film_id": films.film_id,
            "title": films.title,
            "ratings": films.ratings,
            "x": films[f"weight_{across}"],
            "x_low": x_low,
            "x_high": x_high,
            "y": films[f"weight_{up}"],
            "y_low": y_low,
            "y_high": y_high,
            "doubtful": _holds_zero(x_low, x_high) & _holds_zero(y_low, y_high),
        }
    ).reset_index(drop=True)


def intervals(films: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Return the interval of each film's weight on a factor: film_id, low, high (NaN without intervals)."""
    low, high = _interval(films, factor)
    return pd.DataFrame({"film_id": films.film_id.to_numpy(), "low": low, "high": high})


def with_intervals(table: pd.DataFrame, intervals: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return a table of weights with the low and high of `intervals`, joined by a column; unchanged without.

    >>> weights = pd.DataFrame({"factor": [3], "weight": [1.0]})
    >>> bounds = pd.DataFrame({"factor": [3], "low": [0.5], "high": [1.5]})
    >>> with_intervals(weights, bounds, "factor").values.tolist()
    [[3.0, 1.0, 0.5, 1.5]]
    >>> list(with_intervals(weights, bounds.assign(low=np.nan), "factor"))
    ['factor', 'weight']
    """
    if intervals.low.isna().all():
        return table
    return table.merge(intervals[[by, "low", "high"]], on=by, how="left")


def reviews_known(films: pd.DataFrame, coverage: pd.DataFrame, wanted: Sequence[Any]) -> pd.DataFrame:
    """Return the films of `wanted`, in its order, indexed by id: title, ratings, reviews (NaN where unknown).

    `coverage` has film_id and reviews.
    """
    shown = films.set_index("film_id").loc[list(wanted), ["title", "ratings"]]
    return shown.assign(reviews=shown.index.map(coverage.set_index("film_id").reviews))


def with_names(table: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Return a table with a column `name` beside its column `factor`, "" for a factor without a name."""
    named = table.copy()
    named.insert(named.columns.get_loc("factor") + 1, "name", [names.get(int(k), "") for k in table.factor])
    return named


def long_table(films: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Return a row a film and factor: film_id, title, factor, name, weight, low, high, ratings."""
    factors = range(weights_of(films).shape[1])
    parts = []
    for k in factors:
        low, high = _interval(films, k)
        parts.append(
            films[["film_id", "title"]].assign(
                factor=k,
                name=names.get(k, ""),
                weight=films[f"weight_{k}"],
                low=low,
                high=high,
                ratings=films.ratings,
            )
        )
    return pd.concat(parts, ignore_index=True)


def _holds_zero(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return whether each interval contains zero; false where there is no interval."""
    return (low <= 0) & (high >= 0)


def _interval(films: pd.DataFrame, factor: int) -> tuple[np.ndarray, np.ndarray]:
    if f"low_{factor}" not in films:
        return np.full(len(films), np.nan), np.full(len(films), np.nan)
    low, high = (films[f"{end}_{factor}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
    return low, high
