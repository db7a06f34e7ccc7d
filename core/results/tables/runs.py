"""The results of any number of runs -> one table, a row a run, each score with its baseline beside it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.results.comparison import Result, caveats

COLUMNS = {
    "run": "run",
    "rmse": "error (RMSE, stars)",
    "rmse_means": "error of means",
    "lrap": "LRAP",
    "lrap_baseline": "LRAP of frequencies",
    "factors": "factors",
    "solid": "solid",
    "shaky": "shaky",
    "chance": "chance",
    "verdict_users": "users behind verdicts",
    "with_words": "with words",
    "films": "films",
    "reviews": "reviews",
    "seconds": "seconds",
    "preset": "preset",
}
"""Columns of the table -> their titles."""


def run_table(results: Mapping[str, Result]) -> pd.DataFrame:
    """Return a row a run with COLUMNS as columns; `results` has each run's label. Missing: not measured."""
    rows = [
        {
            "run": label,
            "rmse": result.rmse,
            "rmse_means": result.rmse_means,
            "lrap": result.lrap,
            "lrap_baseline": result.lrap_baseline,
            "factors": result.factors,
            **result.verdicts,
            "verdict_users": result.verdict_users,
            "with_words": result.with_words,
            "films": result.reviews.films_with_reviews,
            "reviews": result.reviews.reviews,
            "seconds": result.seconds,
            "preset": result.preset,
        }
        for label, result in results.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"verdict_users": "Int64", "with_words": "Int64"})


def lrap_table(results: Mapping[str, Result]) -> pd.DataFrame:
    """Return a row a run: run, lrap, low, high (missing with too few films) and baseline."""
    rows = [
        (label, result.lrap, *(result.lrap_interval or (None, None)), result.lrap_baseline)
        for label, result in results.items()
    ]
    table = pd.DataFrame(rows, columns=["run", "lrap", "low", "high", "baseline"])
    return table.astype(dict.fromkeys(("lrap", "low", "high", "baseline"), float))


def caveats_of_all(results: Sequence[Result]) -> list[str]:
    """Return the reasons why some of the results cannot be compared, each once."""
    pairs = (caveats(results[0], other) for other in results[1:])
    return list(dict.fromkeys(sentence for sentences in pairs for sentence in sentences))
