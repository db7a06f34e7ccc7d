"""A run's record -> the tables of its scores: readability and stability of the factors."""

from collections.abc import Sequence

import pandas as pd

from core.results.run_record import (
    ChoiceOfFactors,
    Interval,
    LabelGrade,
    Readability,
    Reliability,
    Stability,
    Subspace,
)

READERS = {
    "frequencies": "label frequencies",
    "tfidf": "TF-IDF, logistic regression",
    "shuffled": "shuffled labels",
}
"""The classifier's baselines, in the order in which they are shown."""
LABEL_COLUMNS = {
    "factor": "factor",
    "average_precision": "average precision",
    "low": "95% from",
    "high": "to",
    "chance": "chance",
    "tfidf_average_precision": "TF-IDF",
    "shuffled_average_precision": "shuffled labels",
    "auc": "AUC",
    "support": "reviews with it",
    "films": "films with it",
    "base_rate": "base rate",
    "threshold": "threshold",
}
"""Columns of a table of labels -> their titles; columns that an older run lacks are left out."""


def readers(readability: Readability) -> pd.DataFrame:
    """Return a row a reader, the classifier first, as text with 95% intervals.

    Columns: reader, and by review and by film its LRAP and the classifier's gain over it.
    """
    names = [name for name in READERS if name in readability.baselines]
    table = {"reader": ["the classifier", *(READERS[name] for name in names)]}
    for unit, scores in (("review", readability), ("film", readability.by_film)):
        baselines = [scores.baselines[name] for name in names]
        classifier = _with_interval(scores.lrap, scores.lrap_interval, ".3f")
        gains = [_with_interval(each.lrap_gain, each.lrap_gain_interval, "+z.3f") for each in baselines]
        table[f"LRAP by {unit}"] = [classifier, *(f"{each.lrap:.3f}" for each in baselines)]
        table[f"gain by {unit}"] = ["", *gains]
    return pd.DataFrame(table)


def labels(per_label: Sequence[LabelGrade]) -> pd.DataFrame:
    """Return a row a label with LABEL_COLUMNS as columns."""
    rows = []
    for label in per_label:
        low, high = label.average_precision_interval or (None, None)
        rows.append(label.plain() | {"low": low, "high": high})
    table = pd.DataFrame(rows)
    return table[[name for name in LABEL_COLUMNS if name in table and table[name].notna().any()]]


def reliability_table(reliability: Reliability) -> pd.DataFrame:
    """Return a row a group of probabilities, before and after calibration.

    Columns: calibration, then in % the mean predicted probability, the share that is true and its 95%
    interval, then the number of pairs of review and factor.
    """
    columns = {
        "predicted": "predicted (%)",
        "observed": "true (%)",
        "observed_low": "95% from",
        "observed_high": "to",
    }
    parts = [
        pd.DataFrame(rows).assign(calibration=calibration)
        for calibration, rows in reliability.plain().items()
    ]
    table = pd.concat(parts, ignore_index=True)
    shares = (100 * table[list(columns)]).round(1).rename(columns=columns)
    return pd.concat([table.calibration, shares, table.pairs], axis=1)


def repeats(stability: Stability, factor: int) -> pd.DataFrame:
    """Return one factor's correlations over repeats: between, correlation, low (NaN for chance), high."""
    row = stability.factors[factor]
    rows = [
        ("halves of the users", row.stability, *row.interval),
        ("seeds", row.seeds, *row.seeds_interval),
        ("halves, tastes shuffled", stability.null.mean, float("nan"), stability.null.high),
    ]
    return pd.DataFrame(rows, columns=["between", "correlation", "low", "high"])


def directions(choice: ChoiceOfFactors) -> pd.DataFrame:
    """Return the repeatability of each direction tried: direction, correlation, shared, kept."""
    count = len(choice.correlations)
    return pd.DataFrame(
        {
            "direction": range(1, count + 1),
            "correlation": choice.correlations,
            "shared": choice.shared,
            "kept": [k < choice.factors for k in range(count)],
        }
    )


def angles(subspace: Subspace) -> pd.DataFrame:
    """Return the cosines of the principal angles: dimension, halves, null.

    >>> angles(Subspace(halves=[0.9, 0.5], null=[0.2, 0.1])).values.tolist()
    [[1.0, 0.9, 0.2], [2.0, 0.5, 0.1]]
    """
    dimensions = range(1, len(subspace.halves) + 1)
    return pd.DataFrame({"dimension": dimensions, "halves": subspace.halves, "null": subspace.null})


def _with_interval(value: float, ends: Interval | None, form: str) -> str:
    return f"{value:{form}}" + (f" ({ends[0]:{form}} to {ends[1]:{form}})" if ends else "")
