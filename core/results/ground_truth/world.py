"""The synthetic world -> its ground truth as small tables."""

import numpy as np
import pandas as pd

from core.data.ratings.synthetic import THEMES, SyntheticWorld

SHOWN_WORDS = 4
"""Number of words shown of a theme."""


def is_of(films: pd.DataFrame, world: SyntheticWorld) -> bool:
    """Return whether a run's films have the film_id, title and number of ratings of films of the world."""
    of_world = world.ratings.films[["film_id", "title"]]
    of_world = of_world.assign(ratings=np.bincount(world.ratings.table.film, minlength=len(of_world)))
    of_run = films[["film_id", "title", "ratings"]]
    return set(of_run.itertuples(index=False, name=None)) <= set(of_world.itertuples(index=False, name=None))


def ground_truth_table(world: SyntheticWorld) -> pd.DataFrame:
    """Return a row a film: film_id, title and, for each theme, whether the film carries it."""
    carried = pd.DataFrame(world.labels, columns=_names(world))
    return pd.concat([world.ratings.films[["film_id", "title"]], carried], axis=1)


def themes(world: SyntheticWorld) -> pd.DataFrame:
    """Return a row a theme: theme, films, alone (films without another), words (some of its reviews)."""
    return pd.DataFrame(
        {
            "theme": _names(world),
            "films": world.labels.sum(0),
            "alone": world.labels[world.labels.sum(1) == 1].sum(0),
            "words": [", ".join(THEMES[name].split()[:SHOWN_WORDS]) for name in _names(world)],
        }
    )


def planted_in(ground_truth: pd.DataFrame, film_id: str) -> list[str]:
    """Return the themes that a film carries.

    >>> planted_in(pd.DataFrame({"film_id": [7], "title": ["A"], "war": [True], "music": [False]}), 7)
    ['war']
    """
    carried = ground_truth[ground_truth.film_id == film_id].drop(columns=["film_id", "title"]).iloc[0]
    return list(carried.index[carried.astype(bool)])


def carrying(ground_truth: pd.DataFrame, theme: str | None) -> int:
    """Return how many films carry a theme; 0 for None."""
    return int(ground_truth[theme].sum()) if theme else 0


def carrying_more(ground_truth: pd.DataFrame) -> int:
    """Return how many films carry more than one theme."""
    return int((ground_truth.drop(columns=["film_id", "title"]).sum(axis=1) > 1).sum())


def _names(world: SyntheticWorld) -> list[str]:
    return list(THEMES)[: world.labels.shape[1]]
