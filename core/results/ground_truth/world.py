"""The planted world -> its truth as small tables."""

from typing import Any

import numpy as np
import pandas as pd

from core.data.ratings.synthetic import THEMES, SyntheticWorld

SHOWN_WORDS = 4
"""Words of a theme that are shown."""


def is_of(films: pd.DataFrame, world: SyntheticWorld) -> bool:
    """Return whether a run's films are those of the world, with as many ratings each: film_id, title, ratings."""
    made = world.ratings.films[["film_id", "title"]]
    made = made.assign(ratings=np.bincount(world.ratings.table.film, minlength=len(made)))
    # The ids of other ratings may be text.
    described = films[["film_id", "title", "ratings"]].astype(str)
    return set(described.itertuples(index=False, name=None)) <= set(
        made.astype(str).itertuples(index=False, name=None)
    )


def ground_truth_table(world: SyntheticWorld) -> pd.DataFrame:
    """Return a row a film: film_id, title and, for each theme, whether it was planted."""
    carried = pd.DataFrame(world.labels, columns=_names(world))
    return pd.concat([world.ratings.films[["film_id", "title"]], carried], axis=1)


def themes(world: SyntheticWorld) -> pd.DataFrame:
    """Return a row a theme: theme, films, alone (films that carry no other), words (some that its reviews use)."""
    return pd.DataFrame(
        {
            "theme": _names(world),
            "films": world.labels.sum(0),
            "alone": world.labels[world.labels.sum(1) == 1].sum(0),
            "words": [", ".join(THEMES[name].split()[:SHOWN_WORDS]) for name in _names(world)],
        }
    )


def planted_in(ground_truth: pd.DataFrame, film_id: Any) -> list[str]:
    """Return the themes that were planted in a film.

    >>> planted_in(pd.DataFrame({"film_id": [7], "title": ["A"], "war": [True], "music": [False]}), 7)
    ['war']
    """
    carried = ground_truth[ground_truth.film_id == film_id].drop(columns=["film_id", "title"]).iloc[0]
    return list(carried.index[carried.astype(bool)])


def carrying(ground_truth: pd.DataFrame, theme: str | None) -> int:
    """Return how many films carry a theme; none, where it is None."""
    return int(ground_truth[theme].sum()) if theme else 0


def carrying_more(ground_truth: pd.DataFrame) -> int:
    """Return how many films carry more than one theme."""
    return int((ground_truth.drop(columns=["film_id", "title"]).sum(axis=1) > 1).sum())


def _names(world: SyntheticWorld) -> list[str]:
    return list(THEMES)[: world.labels.shape[1]]
