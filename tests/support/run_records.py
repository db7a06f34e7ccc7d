"""Records of runs for tests: that of a small run, with what a test changes."""

import json
from pathlib import Path
from typing import Any

from core.results.run_record import RunRecord

BEFORE = Path(__file__).parents[1] / "fixtures" / "run_before_typed_record"
"""A small run's folder, as the code before the typed record wrote it."""


def plain_record(**changes: Any) -> dict[str, Any]:
    """Return what `run.json` of the small run holds, with changes; see `changed`."""
    record: dict[str, Any] = changed(json.loads((BEFORE / "run.json").read_text(encoding="utf-8")), changes)
    return record


def run_record(**changes: Any) -> RunRecord:
    """Return the small run's record with changes, under the names of `run.json`."""
    return RunRecord.model_validate(plain_record(**changes))


def changed(value: Any, change: Any) -> Any:
    """Return a value with a change: keys one by one, of a list of objects each beside the first that was there.

    >>> changed({"a": {"b": 1, "c": 2}, "rows": [{"x": 1, "y": 2}, {"x": 3}]}, {"a": {"b": 7}, "rows": [{"y": 8}]})
    {'a': {'b': 7, 'c': 2}, 'rows': [{'x': 1, 'y': 8}]}
    """
    if isinstance(value, dict) and isinstance(change, dict) and "unmeasured" not in change:
        return value | {key: changed(value.get(key), part) for key, part in change.items()}
    if isinstance(value, list) and isinstance(change, list) and value and isinstance(value[0], dict):
        return [changed(value[0], part) for part in change]
    return change


def record_of_the_first_days() -> dict[str, Any]:
    """The record as the first runs had it: no measurement beyond RMSE and LRAP, one threshold, no links."""
    record = plain_record()
    for name in ("stability", "readability", "placing", "predictions", "device"):
        del record[name]
    for name in ("method", "form", "chosen", "link", "strengths"):
        del record["factor_model"][name]
    for name in ("coverage", "by_source", "duplicates", "languages"):
        del record["reviews"][name]
    del record["ratings"]["instead_of"], record["language_model"]["trained_on"]
    grades = ("labels", "split", "lrap", "lrap_interval", "lrap_baseline", "lrap_gain", "lrap_gain_interval")
    known = ("films_held_out", "reviews_held_out", "seconds", "losses", "leak", "per_label")
    classifier = {name: record["classifier"][name] for name in (*grades, *known)}
    columns = ("factor", "support", "base_rate", "average_precision", "chance", "auc")
    rows = [{name: row[name] for name in columns} for row in classifier["per_label"]]
    return record | {"classifier": classifier | {"threshold": 0.4, "per_label": rows}}
