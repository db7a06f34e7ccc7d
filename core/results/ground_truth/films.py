"""Film by film: predictions from its reviews beside the ground truth."""

from collections.abc import Sequence

import pandas as pd

from core.results.ground_truth.match import Match

OFTEN = 0.5
"""Least share of a film's reviews in which a theme is predicted, for it to count as read in the film."""


def film_reading(
    counts: pd.DataFrame, film_id: str, ground_truth: pd.DataFrame, matching: Match
) -> pd.DataFrame:
    """Return a film's frequencies: factor, theme ("" for none), count, reviews, planted (ground truth)."""
    film_counts = counts[counts.film_id == film_id].sort_values("factor")
    carried = ground_truth[ground_truth.film_id == film_id].iloc[0]
    themes = [matching.theme_of.get(factor, "") for factor in film_counts.factor]
    return pd.DataFrame(
        {
            "factor": film_counts.factor.to_numpy(),
            "theme": themes,
            "count": film_counts["count"].to_numpy(),
            "reviews": film_counts.reviews.to_numpy(),
            "planted": [bool(theme) and bool(carried[theme]) for theme in themes],
        }
    )


def example_film(counts: pd.DataFrame, ground_truth: pd.DataFrame, theme: str | None) -> str:
    """Return the first film that carries this theme and another one, else the first film."""
    reviewed = counts.film_id.drop_duplicates()
    carried = ground_truth.set_index("film_id").drop(columns="title").loc[reviewed]
    both = carried[carried[theme] & (carried.sum(axis=1) > 1)] if theme else carried.iloc[:0]
    return str(both.index[0] if len(both) else reviewed.iloc[0])


def disagreements(counts: pd.DataFrame, ground_truth: pd.DataFrame, matching: Match) -> pd.DataFrame:
    """Return the films by descending disagreement between predictions and ground truth.

    Columns: film_id, title, planted (themes), read (themes predicted in at least OFTEN of the reviews),
    reviews, off (mean over the themes of |share of the reviews in which it is predicted - 1 or 0|).

    >>> counts = pd.DataFrame({"film_id": 7, "title": "A", "factor": [0, 1], "count": [3, 1], "reviews": 4})
    >>> ground_truth = pd.DataFrame({"film_id": [7], "title": ["A"], "war": [True], "music": [True]})
    >>> disagreements(counts, ground_truth, Match(pd.DataFrame(), {0: "war", 1: "music"})).values.tolist()
    [[7, 'A', 'war, music', 'war', 4, 0.5]]
    """
    matched = counts[counts.factor.isin(list(matching.theme_of))]
    matched = matched.assign(
        theme=matched.factor.map(matching.theme_of), share=matched["count"] / matched.reviews
    )
    share = matched.pivot(index="film_id", columns="theme", values="share")
    names = [name for name in ground_truth if name in share]
    share = share.loc[counts.film_id.drop_duplicates(), names]
    carried = ground_truth.set_index("film_id").loc[share.index, names].astype(bool)
    films = counts.drop_duplicates("film_id").set_index("film_id").loc[share.index]
    table = pd.DataFrame(
        {
            "film_id": share.index,
            "title": films.title.to_numpy(),
            "planted": _listed(carried),
            "read": _listed(share >= OFTEN),
            "reviews": films.reviews.to_numpy(),
            "off": (share - carried).abs().mean(axis=1).to_numpy(),
        }
    )
    return table.sort_values("off", ascending=False, kind="stable", ignore_index=True)


def labels_planted(tops: pd.DataFrame, ground_truth: pd.DataFrame, matching: Match) -> tuple[int, int]:
    """Return the number of labels of films (`tops`: film_id, factor), and of those that are true."""
    carried = ground_truth.set_index("film_id")
    labels = [(film, matching.theme_of.get(k)) for film, k in zip(tops.film_id, tops.factor, strict=True)]
    return len(labels), sum(bool(carried.at[film, theme]) for film, theme in labels if theme)


def equal_share(labels: Sequence[int]) -> float:
    """Return the share of all predictions that each label would have if all were predicted equally often.

    >>> equal_share([0, 1, 2, 3])
    0.25
    """
    return 1 / len(labels)


def _listed(themes: pd.DataFrame) -> list[str]:
    """Return, for each row, the names of the columns that are true."""
    return [", ".join(themes.columns[row]) for row in themes.to_numpy(dtype=bool)]
