"""Records of runs for tests: that of a small run, with changes."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.run_record import OLDER, RunRecord, WordsRecord

BEFORE = Path(__file__).parents[1] / "fixtures" / "run_before_typed_record"
"""Folder of a small run, written by code older than the typed record."""


def plain_record(**changes: Any) -> dict[str, Any]:
    """Return the content of the small run's `run.json`, with changes; see `changed`."""
    written = json.loads((BEFORE / "run.json").read_text(encoding="utf-8"))
    younger = {"words": OLDER.plain(), "suggested_names": [], "devices": []}
    record: dict[str, Any] = changed(younger | written, changes)
    return record


def run_record(**changes: Any) -> RunRecord:
    """Return the small run's record, with changes by key of `run.json`."""
    return RunRecord.model_validate(plain_record(**changes))


def changed(value: Any, change: Any) -> Any:
    """Return a value with a change: a dict key by key, entries of a list merged into its first entry.

    >>> changed({"a": {"b": 1, "c": 2}, "rows": [{"x": 1, "y": 2}, {"x": 3}]}, {"a": {"b": 7}, "rows": [{"y": 8}]})
    {'a': {'b': 7, 'c': 2}, 'rows': [{'x': 1, 'y': 8}]}
    """
    if isinstance(value, dict) and isinstance(change, dict) and "unmeasured" not in change:
        return value | {key: changed(value.get(key), part) for key, part in change.items()}
    if isinstance(value, list) and isinstance(change, list) and value and isinstance(value[0], dict):
        return [changed(value[0], part) for part in change]
    return change


def words_record(has_words: list[bool], high: str = "gore", low: str = "novel") -> WordsRecord:
    """Return a record of words in which each factor has a certain and an uncertain word at each end, or none."""

    def end(word: str, sign: int) -> list[dict[str, Any]]:
        row = {"low": 0.1 * sign, "high": 0.5 * sign, "films": 30}
        certain = {"word": word, "effect": 0.4 * sign, "certain": True}
        return [row | certain, row | {"word": f"{word} too", "effect": 0.2 * sign, "certain": False}]

    rows = [
        {
            "factor": factor,
            "has_words": has,
            "chance": 0.005 if has else 0.6,
            "bound": 0.27,
            "certain": 2 * has,
        }
        | {"confirmed": 0.8, "confirmed_effect": 0.2, "high": end(high, 1), "low": end(low, -1)}
        for factor, has in enumerate(has_words)
    ]
    return WordsRecord.model_validate(
        {
            "language": "en",
            "reviews": 5000,
            "other_languages": 3,
            "films": 226,
            "least_ratings": 20,
            "terms": 900,
        }
        | {"permutations": 200, "factors": rows}
    )


def words_table(words: WordsRecord) -> pd.DataFrame:
    """Return the table of the words in a record, with a name at each end, which the record leaves out."""
    name = {
        "word": "Bond",
        "effect": 0.35,
        "low": 0.1,
        "high": 0.5,
        "certain": True,
        "films": 9,
        "is_name": True,
    }
    return pd.DataFrame(
        [
            {"factor": row.factor, "end": end, "share": 0.1} | word
            for row in words.factors
            for end, shown in (("high", row.high), ("low", row.low))
            for word in [*({"is_name": False} | effect.plain() for effect in shown), name]
        ]
    )


def record_of_the_first_days() -> dict[str, Any]:
    """Return the record as in the first runs: no scores except RMSE and LRAP, one threshold, no links."""
    record = plain_record()
    for name in (
        "stability",
        "readability",
        "placing",
        "predictions",
        "device",
        "devices",
        "words",
        "suggested_names",
    ):
        del record[name]
    for name in ("method", "form", "chosen", "link", "strengths"):
        del record["factor_model"][name]
    for name in ("coverage", "by_source", "duplicates", "languages"):
        del record["reviews"][name]
    del record["ratings"]["instead_of"], record["language_model"]["trained_on"]
    grades = ("labels", "split", "lrap", "lrap_interval", "lrap_baseline", "lrap_gain", "lrap_gain_interval")
    details = ("films_held_out", "reviews_held_out", "seconds", "losses", "leak", "per_label")
    classifier = {name: record["classifier"][name] for name in (*grades, *details)}
    columns = ("factor", "support", "base_rate", "average_precision", "chance", "auc")
    rows = [{name: row[name] for name in columns} for row in classifier["per_label"]]
    return record | {"classifier": classifier | {"threshold": 0.4, "per_label": rows}}
