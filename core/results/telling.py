"""A run's predictions -> the reviews that speak most of a factor, and how well that fits what is true.

Takes tables, gives tables. No model is asked.
"""

import pandas as pd

MANY = 5
"""Reviews that are shown of a factor."""


def telling_reviews(predictions: pd.DataFrame, labelled: pd.DataFrame, factor: int) -> pd.DataFrame:
    """Return the reviews of the highest probability, one a film: film_id, title, review_id, probability, own, review.

    `predictions` are those of the factor alone; `own` says whether it is among the film's top factors.

    >>> predictions = pd.DataFrame({"film_id": [1, 1, 2], "title": ["A", "A", "B"], "review_id": ["a", "b", "c"],
    ...     "probability": [0.9, 0.8, 0.7]})
    >>> labelled = pd.DataFrame({"review_id": ["a", "b", "c"], "factors": ["3;4", "3;4", "30"], "review": "..."})
    >>> telling_reviews(predictions, labelled, 3)[["review_id", "own"]].values.tolist()
    [['a', True], ['c', False]]
    """
    highest = predictions.sort_values("probability", ascending=False, kind="stable")
    best = highest.drop_duplicates("film_id").head(MANY)
    known = labelled[["review_id", "factors", "review"]].drop_duplicates("review_id")
    told = best.merge(known, on="review_id", how="left")
    told["own"] = [str(factor) in factors.split(";") for factors in told.factors]
    return told[["film_id", "title", "review_id", "probability", "own", "review"]]
