"""A finished run -> the artifacts behind it, where the cache has them, and the films and labels of another choice.

No model is used: labels follow from the run's table of factors alone. Reading these labels in the reviews is left to
`core.inference.labels`.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from core.classification.labels import label_names, label_reviews
from core.factors.top_factors import choose_films, top_factors
from core.results.tables.saved import read_table
from core.settings import SelectionSettings
from core.store import Store, read_json

FILE = "artifacts.json"
"""File in a run's folder with the names of its artifacts."""


@dataclass(frozen=True)
class Artifacts:
    """Folders with a row for each review of a rated film, in the same order."""

    reviews: Path
    tokens: Path
    features: Path
    """What the run's encoder made of them."""

    @property
    def names(self) -> dict[str, str]:
        """What FILE holds: the name of each folder, by which `artifacts_of` finds it again."""
        return {field.name: getattr(self, field.name).name for field in fields(self)}


@dataclass(frozen=True)
class Labelling:
    """Films, and the labels of their reviews."""

    tops: pd.DataFrame
    """Top factors of all films; see `top_factors`."""
    reviews: pd.DataFrame
    """film_id, title, factors, review_id: a row a labelled review, films in the order of their ranking."""
    labels: list[int]
    """The factors that occur as labels, ascending."""


def artifacts_of(run: Path, store: Store) -> Artifacts | None:
    """Return the artifacts of the run in a folder; None where the run predates the list, or the cache was pruned."""
    try:
        names = read_json(run / FILE)
        folders = [store.existing(names[field.name]) for field in fields(Artifacts)]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    present = [folder for folder in folders if folder is not None]
    return Artifacts(*present) if len(present) == len(folders) else None


def distinct_reviews(reviews_at: Path) -> pd.DataFrame:
    """Return film_id and review_id of the reviews of rated films, without duplicates and without texts."""
    columns = ["film_id", "review_id", "duplicate_of"]
    reviews = read_table(reviews_at / "reviews.parquet", columns)
    return reviews[reviews.duplicate_of.isna()].drop(columns="duplicate_of")


def labelling_of(films: pd.DataFrame, reviews: pd.DataFrame, selection: SelectionSettings) -> Labelling:
    """Return the films and labels that a selection leads to.

    `films` is a run's table of factors, `reviews` are those of `distinct_reviews`. Raises BadSettings where no film
    is left, DegenerateResult where nothing could be learnt from the labels.
    """
    tops = top_factors(films, selection.top)
    labelled = label_reviews(choose_films(films, tops, reviews, selection), tops, reviews)
    return Labelling(tops, labelled, label_names(labelled))


def rows_of(tokens_at: Path, reviews: pd.DataFrame) -> np.ndarray:
    """Return the row of each review among the tokens of a folder, by `review_id`."""
    ids = pd.Index(pd.read_parquet(tokens_at / "reviews.parquet").review_id)
    return np.asarray(ids.get_indexer(reviews.review_id))
