"""Reviews + top factors -> labelled reviews (article, step 8), and which of them are held out (step 9).

Takes the chosen films, their top factors and reviews; returns a row a review with its film's factors. All reviews of
a film carry the same labels, which is why whole films are held out by default.
"""

import numpy as np
import pandas as pd

from core.errors import DegenerateResult

DELIMITER = ";"
FEWEST_FILMS = 2
"""Least films with reviews: with a single one all labels are the same."""
OF_A_REVIEW = (
    "review",
    "source",
    "review_id",
    "stars",
    "address",
    "licence",
    "fetched",
    "digest",
    "language",
)
"""Columns of a review; those on its origin are in `core.data.reviews.provenance`."""


def label_reviews(chosen: pd.DataFrame, tops: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Return the labelled reviews, films in the order of `chosen`.

    Columns: film_id, title, factors ("3;17;22", highest first), and those of OF_A_REVIEW that `reviews` has.
    Raises DegenerateResult where fewer than FEWEST_FILMS films have reviews, or all have the same factors, so that
    there is nothing to learn.
    """
    of_chosen = tops[tops.film_id.isin(chosen.film_id)]
    factors = of_chosen.sort_values(["film_id", "rank"]).groupby("film_id").factor
    label_text = factors.agg(lambda f: DELIMITER.join(map(str, f))).rename("factors").reset_index()
    labelled = chosen[["film_id", "title"]].merge(label_text, on="film_id").merge(reviews, on="film_id")
    films = labelled.film_id.nunique()
    if films < FEWEST_FILMS:
        raise DegenerateResult(
            f"{films} of the {len(chosen)} chosen films have reviews, and two are needed; "
            "choose more films or another source of reviews"
        )
    if labelled.factors.str.split(DELIMITER).map(frozenset).nunique() == 1:
        raise DegenerateResult(
            "all chosen films have the same top factors, so nothing distinguishes them; "
            "choose more films, or fewer top factors"
        )
    return labelled[["film_id", "title", "factors", *(name for name in OF_A_REVIEW if name in labelled)]]


def label_names(labelled: pd.DataFrame) -> list[int]:
    """Return the factors that occur as labels, ascending."""
    return sorted({int(f) for row in labelled.factors.unique() for f in row.split(DELIMITER)})


def label_matrix(labelled: pd.DataFrame, names: list[int]) -> np.ndarray:
    """Return whether a review (row) carries a label (column), as bool.

    >>> label_matrix(pd.DataFrame({"factors": ["3;1", "1"]}), [1, 3]).astype(int).tolist()
    [[1, 1], [1, 0]]
    """
    of_review = labelled.factors.map(lambda row: {int(f) for f in row.split(DELIMITER)})
    return np.array([[name in factors for name in names] for factors in of_review], dtype=bool).reshape(
        len(labelled), len(names)
    )


def hold_out(labelled: pd.DataFrame, split: str, share: float, seed: int) -> np.ndarray:
    """Return for each review whether it is held out to evaluate the classifier.

    `split` "films" holds out all reviews of a share of the films, drawn at random, so that the classifier is
    evaluated on films that it was not trained on; "random" holds out reviews at random, as the article does. At
    least one film, or review, is on either side.
    """
    rng = np.random.default_rng(seed)
    units = labelled.film_id.to_numpy() if split == "films" else np.arange(len(labelled))
    names = pd.unique(units)
    chosen = rng.permutation(len(names))[: min(max(1, round(share * len(names))), len(names) - 1)]
    return np.isin(units, names[chosen])


def film_folds(films: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return the fold of each review: all reviews of a film are in one fold, and folds have about equally many films.

    With fewer films than folds each film is a fold.
    """
    names = pd.unique(films)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = dict(zip(names[order], np.arange(len(names)) % folds, strict=True))
    return np.array([fold_of[film] for film in films])


def shuffled_labels(y_true: np.ndarray, films: np.ndarray, seed: int) -> np.ndarray:
    """Return the labels of the reviews (reviews x labels) after each film got those of another, drawn at random.

    What is learnt from these is learnt by chance: a baseline. All labels of a film move together, so they are as
    common among the films as before, and occur together as before.
    """
    _, first, film = np.unique(films, return_index=True, return_inverse=True)
    # In a random circle each film gets the labels of the one before it, so none gets its own.
    circle = np.random.default_rng(seed).permutation(len(first))
    giver = np.empty_like(circle)
    giver[circle] = np.roll(circle, 1)
    shuffled: np.ndarray = y_true[first[giver[film]]]
    return shuffled
