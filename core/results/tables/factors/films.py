"""Films and their weights: those at the ends of a factor, one film on all factors, and all as a long table."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from core.factors.top_factors import weights_of

BINS, SMALL_BINS = 40, 20
"""Bars of a histogram of weights, and of a small one."""


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
    low, high = interval_of(shown, factor)
    return pd.DataFrame(
        {
            "film_id": shown.film_id.to_numpy(),
            "title": shown.title.to_numpy(),
            "weight": shown[f"weight_{factor}"].to_numpy(dtype=np.float64),
            "low": low,
            "high": high,
            "ratings": shown.ratings.to_numpy(),
            "end": ["highest"] * top + ["lowest"] * bottom,
            "doubtful": holds_zero(low, high),
            "few": (shown.ratings < enough_ratings).to_numpy(),
        }
    )


def of_film(films: pd.DataFrame, film_id: str, top_factors: Collection[int]) -> pd.DataFrame:
    """Return a film's weight on each factor: factor, weight, low, high, doubtful, own (a top factor)."""
    film = films[films.film_id == film_id]
    weights = weights_of(film)[0]
    ends_of = [interval_of(film, k) for k in range(len(weights))]
    low, high = (np.array([end[side][0] for end in ends_of]) for side in (0, 1))
    return pd.DataFrame(
        {
            "factor": range(len(weights)),
            "weight": weights,
            "low": low,
            "high": high,
            "doubtful": holds_zero(low, high),
            "own": [k in top_factors for k in range(len(weights))],
        }
    )


def weight(films: pd.DataFrame, film_id: str, factor: int) -> tuple[float, float, float]:
    """Return a film's weight on a factor, and the ends of its interval (NaN without intervals)."""
    film = films[films.film_id == film_id]
    low, high = interval_of(film, factor)
    return float(film[f"weight_{factor}"].iloc[0]), float(low[0]), float(high[0])


def distribution(films: pd.DataFrame, factor: int, bins: int = BINS) -> pd.DataFrame:
    """Count films by their weight on a factor: low, high (edges of the bin), films."""
    counts, edges = np.histogram(films[f"weight_{factor}"].to_numpy(dtype=np.float64), bins=bins)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "films": counts})


def intervals(films: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Return the interval of each film's weight on a factor: film_id, low, high (NaN without intervals)."""
    low, high = interval_of(films, factor)
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


def reviews_known(films: pd.DataFrame, coverage: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
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
        low, high = interval_of(films, k)
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


def holds_zero(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return whether each interval contains zero; false where there is no interval."""
    return (low <= 0) & (high >= 0)


def interval_of(films: pd.DataFrame, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval of each film's weight on a factor, NaN without intervals."""
    if f"low_{factor}" not in films:
        return np.full(len(films), np.nan), np.full(len(films), np.nan)
    low, high = (films[f"{end}_{factor}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
    return low, high
