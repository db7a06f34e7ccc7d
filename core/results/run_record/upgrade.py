"""An older `run.json` -> the same with the keys that it lacks, set to what held for all runs of its time.

Reading upgrades a record once, so that no other code depends on the age of a run.
"""

from collections.abc import Iterable
from typing import Any

from core.results.run_record.base import Unmeasured
from core.results.run_record.grades import Baseline, LabelGrade, Scores
from core.results.run_record.texts import LanguageModelRecord

OLDER = Unmeasured(unmeasured="this run is older than the measurement; run it again")

Json = dict[str, Any]


def upgraded(data: Json) -> Json:
    """Return the data of `run.json` with all keys of a current run; existing keys stay unchanged."""
    data = _empty("stability", "readability", "placing", "words", value=OLDER.plain()) | data
    data = {"device": None, "devices": [], "versions": {}, "language_model": {}, "suggested_names": []} | data
    data = {"predictions": {"predicted": 0, "of_dominating": 0, "share": 0.0}} | data
    parts = {
        "ratings": _ratings,
        "factor_model": _factor_model,
        "reviews": _reviews,
        "language_model": _language_model,
        "classifier": _classifier,
        "readability": _readability,
        "placing": _cold_start,
    }
    return data | {name: upgrade(data[name]) for name, upgrade in parts.items() if _is_part(data.get(name))}


def _is_part(part: Any) -> bool:
    return isinstance(part, dict) and "unmeasured" not in part


def _empty(*names: str, value: Any = None) -> Json:
    return dict.fromkeys(names, value)


def _ratings(part: Json) -> Json:
    return _empty("instead_of") | part


def _factor_model(part: Json) -> Json:
    # The first runs had no forms, and no model but fastai's.
    before: Json = {"method": "dot-bias", "form": "raw", "losses": [], "films_without_weights": 0}
    return before | _empty("chosen", "link", "strengths") | part


def _reviews(part: Json) -> Json:
    return {"coverage": None, "by_source": {}, "duplicates": 0, "languages": {}} | part


def _language_model(part: Json) -> Json:
    return _empty(*_keys(LanguageModelRecord.model_fields)) | {"losses": []} | part


def _keys(fields: dict[str, Any]) -> Iterable[str]:
    """Return the file's keys of a part's fields."""
    return (field.alias or name for name, field in fields.items())


def _classifier(part: Json) -> Json:
    labels = part.get("labels", [])
    # The first runs had one threshold for all labels.
    threshold = part.get("threshold", 0.5)
    before: Json = {"folds": None, "reviews_held_out": 0, "calibration": None, "seconds": 0.0, "losses": []}
    before |= {"thresholds": [threshold] * len(labels)}
    return _graded(before | part, threshold)


def _readability(part: Json) -> Json:
    return _graded(part, 0.5)


def _graded(part: Json, threshold: float) -> Json:
    """Return the part with all keys of scores, and labels with all columns."""
    part = _scores(part)
    if isinstance(part.get("by_film"), dict):
        part["by_film"] = _scores(part["by_film"])
    label = _empty(*LabelGrade.model_fields) | {"threshold": threshold}
    if isinstance(part.get("per_label"), list):
        part["per_label"] = [label | row if isinstance(row, dict) else row for row in part["per_label"]]
    return part


def _scores(part: Json) -> Json:
    part = _empty(*_keys(Scores.model_fields)) | {"rivals": {}} | part
    baseline = _empty(*Baseline.model_fields)
    return part | {"rivals": {name: baseline | scores for name, scores in part["rivals"].items()}}


def _cold_start(part: Json) -> Json:
    return {"rmse": None, "few_reviews": [], "nearest_low": None} | part
