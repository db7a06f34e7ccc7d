"""A run's grades -> the small tables that a screen and the report show: who reads how well, factor by factor."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

READERS = {
    "frequencies": "label frequencies",
    "tfidf": "TF-IDF, logistic regression",
    "shuffled": "shuffled labels",
}
"""Whom the classifier is set beside (`rivals` of a run's readability), in the order in which they are shown."""
LABEL_COLUMNS = {
    "factor": "factor",
    "average_precision": "average precision",
    "low": "95 % from",
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
"""Columns of a table of labels; those of which a run, being older, knows nothing are left out."""


def readers(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row a reader, the classifier first: reader, and by review and by film its LRAP and the classifier's
    gain over it, with 95 % intervals, as text; `found` is `readability` of `run.json`.

    >>> rival = {"lrap": 0.7, "lrap_gain": 0.1, "lrap_gain_interval": [0.05, 0.15]}
    >>> part = {"lrap": 0.8, "lrap_interval": [0.75, 0.85], "rivals": {"frequencies": rival}}
    >>> readers(part | {"by_film": part})["gain by review"].tolist()
    ['', '+0.100 (+0.050 to +0.150)']
    """
    names = [name for name in READERS if name in found["rivals"]]
    table = {"reader": ["the classifier", *(READERS[name] for name in names)]}
    for unit, part in (("review", found), ("film", found["by_film"])):
        rivals = [part["rivals"][name] for name in names]
        own = _with_interval(part["lrap"], part["lrap_interval"], ".3f")
        gains = [_with_interval(rival["lrap_gain"], rival["lrap_gain_interval"], "+z.3f") for rival in rivals]
        table[f"LRAP by {unit}"] = [own, *(f"{rival['lrap']:.3f}" for rival in rivals)]
        table[f"gain by {unit}"] = ["", *gains]
    return pd.DataFrame(table)


def labels(per_label: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row a label with LABEL_COLUMNS as columns; `per_label` of a run's readability or classifier.

    >>> row = {"factor": 3, "average_precision": 0.4, "average_precision_interval": [0.3, 0.5], "support": 7}
    >>> labels([row]).to_dict("list")
    {'factor': [3], 'average_precision': [0.4], 'low': [0.3], 'high': [0.5], 'support': [7]}
    """
    rows = []
    for row in per_label:
        low, high = row.get("average_precision_interval") or (None, None)
        rows.append({**row, "low": low, "high": high})
    table = pd.DataFrame(rows)
    return table[[name for name in LABEL_COLUMNS if name in table and table[name].notna().any()]]


def _with_interval(value: float, ends: Sequence[float] | None, form: str) -> str:
    return f"{value:{form}}" + (f" ({ends[0]:{form}} to {ends[1]:{form}})" if ends else "")


def reliability_table(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """Return `reliability` of a run's classifier as one table: calibration, then in % the mean predicted probability,
    the share that is true and its 95 % interval, and how many pairs of review and factor.

    >>> row = {"predicted": 0.3, "observed": 0.25, "observed_low": 0.2, "observed_high": 0.3, "pairs": 9}
    >>> reliability_table({"before": [row]}).to_dict("list")["true (%)"]
    [25.0]
    """
    columns = {
        "predicted": "predicted (%)",
        "observed": "true (%)",
        "observed_low": "95 % from",
        "observed_high": "to",
    }
    parts = [pd.DataFrame(list(part)).assign(calibration=when) for when, part in rows.items()]
    table = pd.concat(parts, ignore_index=True)
    shares = (100 * table[list(columns)]).round(1).rename(columns=columns)
    return pd.concat([table.calibration, shares, table.pairs], axis=1)
