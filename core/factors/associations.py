"""Factors, films' genres and years -> each factor's association with genres, and its trend over the decades.

Takes the films' table of a factor model with `year` and `genres`; returns a small table. Many genres are
tested on many factors, so the intervals are corrected for the number of tests: where no association exists,
all of them contain zero in 95 of 100 runs. An association shows what a factor varies with, not what it means.
"""

import numpy as np
import pandas as pd

from core.factors.top_factors import weights_of

FEWEST_FILMS = 5
"""Least films with a genre, and least without it, for the two groups to be compared."""
LEVEL = 0.95
"""Joint confidence level of all intervals of a table."""
DECADE = "a decade later"
COLUMNS = ["factor", "kind", "name", "films", "effect", "low", "high", "clear"]


def associations(films: pd.DataFrame, least_ratings: int) -> pd.DataFrame:
    """Return the effects of genres and years on each factor, sorted by factor, kind and descending effect.

    `films` has year, genres ("Comedy|War", "" unknown), ratings and weight_0 …; those with fewer than
    `least_ratings` ratings are left out. A genre's effect is the mean weight with it minus that without
    (Welch), a year's the slope a decade (least squares); intervals are Bonferroni-corrected. Columns: factor,
    kind ("genre", "year"), name, films (with that genre, or a year), effect, low, high, clear (excludes
    zero).

    >>> table = pd.DataFrame({"film_id": range(20), "year": 1990, "ratings": 50, "genres": ["War", "Drama"] * 10})
    >>> table["weight_0"] = [1.1, 0.0, 0.9, 0.1] * 5
    >>> associations(table, 20)[["name", "films", "effect", "clear"]].round(2).values.tolist()
    [['War', 10, 0.95, True], ['Drama', 10, -0.95, True]]
    """
    rated = films[films.ratings >= least_ratings]
    weights = weights_of(rated)
    # A film whose genres are unknown is not one without a genre.
    has_genres = rated.genres.fillna("").to_numpy() != ""
    carried = _genres(rated.genres[has_genres])
    year = rated.year.to_numpy(dtype=np.float64, na_value=np.nan)
    dated = np.isfinite(year)
    with_year = dated.sum() >= 2 * FEWEST_FILMS and bool(np.ptp(year[dated]) > 0)
    tests = (carried.shape[1] + with_year) * weights.shape[1]
    if not tests:
        return _table([])
    tail = 1 - (1 - LEVEL) / (2 * tests)
    parts = [_genre_effect(weights[has_genres], carried[name].to_numpy(), name, tail) for name in carried]
    if with_year:
        parts.append(_drift(weights[dated], year[dated] / 10, tail))
    return _table(parts)


def _genres(genres: pd.Series) -> pd.DataFrame:
    """Return whether each film (row) carries each genre (column) that can be compared."""
    if genres.empty:
        return pd.DataFrame(index=genres.index)
    carried = genres.str.get_dummies().astype(bool)
    count = carried.sum()
    return carried.loc[:, (count >= FEWEST_FILMS) & (len(carried) - count >= FEWEST_FILMS)]


def _genre_effect(weights: np.ndarray, carried: np.ndarray, name: str, tail: float) -> pd.DataFrame:
    """Compare the films with a genre to those without, on every factor (Welch 1947)."""
    inside, outside = weights[carried], weights[~carried]
    inside_error, outside_error = inside.var(0, ddof=1) / len(inside), outside.var(0, ddof=1) / len(outside)
    error = inside_error + outside_error
    with np.errstate(invalid="ignore"):
        freedom = error**2 / (inside_error**2 / (len(inside) - 1) + outside_error**2 / (len(outside) - 1))
    # Where nothing varies the interval has no width, and freedom is 0 / 0.
    half = np.where(error > 0, _quantile(tail, np.nan_to_num(freedom, nan=1.0)) * np.sqrt(error), 0.0)
    return _rows("genre", name, len(inside), inside.mean(0) - outside.mean(0), half)


def _drift(weights: np.ndarray, decades: np.ndarray, tail: float) -> pd.DataFrame:
    """Fit a straight line through the weights on every factor, by decade of the film."""
    centred, weights = decades - decades.mean(), weights - weights.mean(0)
    spread = float(np.square(centred).sum())
    slope = centred @ weights / spread
    residual = weights - np.outer(centred, slope)
    freedom = len(decades) - 2
    half = _quantile(tail, np.asarray(freedom)) * np.sqrt(np.square(residual).sum(0) / freedom / spread)
    return _rows("year", DECADE, len(decades), slope, half)


def _quantile(share: float, freedom: np.ndarray) -> np.ndarray:
    """Return the quantiles of Student's t distribution."""
    # Imported here, since it takes half a second, and pages need only the names of this module.
    from scipy import stats

    return np.asarray(stats.t.ppf(share, freedom))


def _rows(kind: str, name: str, films: int, effect: np.ndarray, half: np.ndarray) -> pd.DataFrame:
    low, high = effect - half, effect + half
    return pd.DataFrame(
        {
            "factor": np.arange(len(effect)),
            "kind": kind,
            "name": name,
            "films": films,
            "effect": effect,
            "low": low,
            "high": high,
            "clear": (low > 0) | (high < 0),
        }
    )


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        kinds = {"factor": "int64", "films": "int64", "kind": "str", "name": "str", "clear": "bool"}
        return pd.DataFrame({c: pd.Series(dtype=kinds.get(c, "float64")) for c in COLUMNS})
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["factor", "kind", "effect"], ascending=[True, True, False], ignore_index=True)
