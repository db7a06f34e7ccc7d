"""A run's films -> a filtered and sorted list of them, and the reviews in which a factor is most probable.

Takes tables of frequencies, top factors, films and predictions; returns a row a film. No model is used.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.results.factor_names import numbered

ORDERS = {
    "ranking": "as the run ranked them",
    "title": "title, A to Z",
    "reviews": "reviews, most first",
    "agreement": "agreement, best first",
    "disagreement": "agreement, worst first",
}
"""Orders of films -> their names on screen."""
_COLUMNS = {
    "title": ("title", True),
    "reviews": ("reviews", False),
    "agreement": ("agreement", False),
    "disagreement": ("agreement", True),
}
"""Order -> the column to sort by, and whether ascending."""
MANY_REVIEWS = 5
"""Number of reviews shown for a factor."""


def film_list(counts: pd.DataFrame, tops: pd.DataFrame, films: pd.DataFrame | None) -> pd.DataFrame:
    """Return film_id, title, reviews, agreement, baseline, genres: a row a film of `counts`, in its order.

    `counts` is the table of frequencies with all factors, `tops` that of top factors; `genres` is a list a
    film, empty where `films` (film_id, genres split by "|") has none. See `agreement`; `baseline` is the
    agreement if the factors predicted most often over all films were predicted for each. Both are NaN for a
    film none of whose top factors is a label.
    """
    predicted = counts.pivot(index="film_id", columns="factor", values="count")
    listed = counts[["film_id", "title", "reviews"]].drop_duplicates("film_id", ignore_index=True)
    predicted = predicted.loc[listed.film_id]
    actual = pd.crosstab(tops.film_id, tops.factor).reindex(
        predicted.index, columns=predicted.columns, fill_value=0
    )
    everywhere = np.tile(predicted.sum().to_numpy(), (len(predicted), 1))
    listed["agreement"] = agreement(predicted.to_numpy(), actual.to_numpy() > 0)
    listed["baseline"] = agreement(everywhere, actual.to_numpy() > 0)
    genres_of = {} if films is None else dict(zip(films.film_id, films.genres.fillna(""), strict=True))
    listed["genres"] = [
        [genre for genre in genres_of.get(film, "").split("|") if genre] for film in listed.film_id
    ]
    return listed


def agreement(predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return the share of each film's top factors that are among as many of its most predicted factors.

    Both arguments are films x factors: the number of reviews in which a factor is predicted, and whether it
    is one of the film's top factors. Factors that are predicted equally often share the remaining places; a
    factor that is never predicted takes none.

    >>> agreement(np.array([[9, 5, 5, 0], [0, 0, 0, 1]]), np.array([[1, 1, 0, 0], [1, 1, 0, 0]], dtype=bool))
    array([0.75, 0.  ])
    """
    wanted = actual.sum(axis=1)
    ordered = -np.sort(-predicted, axis=1)
    last = np.take_along_axis(ordered, np.maximum(wanted - 1, 0)[:, None], axis=1)
    above, level = predicted > last, (predicted == last) & (predicted > 0)
    share = (wanted - above.sum(axis=1)) / np.maximum(level.sum(axis=1), 1)
    agreed = (actual & above).sum(axis=1) + share * (actual & level).sum(axis=1)
    result: np.ndarray = np.where(wanted > 0, agreed / np.maximum(wanted, 1), np.nan)
    return result


def wanted_films(
    listed: pd.DataFrame,
    title: str = "",
    genre: str = "",
    order: str = "ranking",
    least_reviews: int = 0,
    least_agreement: float = 0.0,
) -> pd.DataFrame:
    """Return the films that pass every filter, in one of ORDERS.

    Titles are matched as substrings, ignoring case. Ties keep the order of the ranking. Films without an
    agreement come last, or are left out where a least agreement is given. Each parameter is an independent
    filter whose default keeps all films, so they are not grouped.
    """
    wanted = listed[listed.title.str.contains(title.strip(), case=False, regex=False)]
    if genre:
        wanted = wanted[[genre in genres for genres in wanted.genres]]
    wanted = wanted[wanted.reviews >= least_reviews]
    if least_agreement > 0:
        wanted = wanted[wanted.agreement >= least_agreement]
    if order in _COLUMNS:
        column, ascending = _COLUMNS[order]
        wanted = wanted.sort_values(column, ascending=ascending, kind="stable")
    return wanted.reset_index(drop=True)


def genres_of(listed: pd.DataFrame) -> list[str]:
    """Return all genres of the films, sorted."""
    return sorted({genre for genres in listed.genres for genre in genres})


def counts_of(counts: pd.DataFrame, films: pd.DataFrame, tops: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of these films (film_id, maybe agreement), in their order, with `share` and `own`.

    `share` is in % of the film's reviews, `own` says whether the factor is one of its top factors.
    """
    shown = films[[name for name in ("film_id", "agreement") if name in films]].merge(counts, on="film_id")
    shown["share"] = 100 * shown["count"] / shown.reviews
    actual = set(zip(tops.film_id, tops.factor, strict=True))
    shown["own"] = [pair in actual for pair in zip(shown.film_id, shown.factor, strict=True)]
    return shown


def telling_reviews(predictions: pd.DataFrame, labelled: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Return the reviews of the highest probability, one a film, MANY_REVIEWS at most.

    Columns: film_id, title, review_id, probability, own, review. `predictions` are those of the factor alone;
    `own` says whether it is among the film's top factors.

    >>> predictions = pd.DataFrame({"film_id": [1, 1, 2], "title": ["A", "A", "B"], "review_id": ["a", "b", "c"],
    ...     "probability": [0.9, 0.8, 0.7]})
    >>> labelled = pd.DataFrame({"review_id": ["a", "b", "c"], "factors": ["3;4", "3;4", "30"], "review": "..."})
    >>> telling_reviews(predictions, labelled, 3)[["review_id", "own"]].values.tolist()
    [['a', True], ['c', False]]
    """
    highest = predictions.sort_values("probability", ascending=False, kind="stable")
    best = highest.drop_duplicates("film_id").head(MANY_REVIEWS)
    texts = labelled[["review_id", "factors", "review"]].drop_duplicates("review_id")
    shown = best.merge(texts, on="review_id", how="left")
    shown["own"] = [str(factor) in factors.split(";") for factors in shown.factors]
    return shown[["film_id", "title", "review_id", "probability", "own", "review"]]


def named_tops(tops: pd.DataFrame, names: Mapping[int, str]) -> pd.Series:
    """Return the top factors of each film, the highest first, as one text: numbers and their names' high ends.

    >>> tops = pd.DataFrame({"film_id": [7, 7], "rank": [2, 1], "factor": [3, 0]})
    >>> named_tops(tops, {3: "≈ war, army ↔ music"}).to_dict()
    {7: '0; 3 ≈ war, army'}
    """
    ordered = tops.sort_values(["film_id", "rank"]).groupby("film_id").factor
    return ordered.agg(lambda factors: "; ".join(numbered(k, names.get(k, "")) for k in factors))
