"""A run's record is read and written without a change, also that of an older run."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.run_records import BEFORE, plain_record, record_of_the_first_days, run_record

from core.data.reading_notes import Merged
from core.errors import BadInput
from core.results.run_record import (
    OLDER,
    ColdStart,
    Readability,
    RunRecord,
    Stability,
    Unmeasured,
    read_record,
)


def written(folder: Path, record: Any) -> Path:
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_a_record_is_written_as_it_was_read() -> None:
    text = (BEFORE / "run.json").read_text(encoding="utf-8")
    record = read_record(BEFORE).plain()
    younger = ("words", "suggested_names", "devices")
    assert [record.pop(name) for name in younger] == [OLDER.plain(), [], []]
    assert [record["ratings"].pop(name) for name in ("merged", "left_out", "warnings")] == [[], [], []]
    assert record["stability"].pop("of_users") is None
    assert json.dumps(record, indent=2, ensure_ascii=False) + "\n" == text


def test_what_was_not_measured_is_a_type(tmp_path: Path) -> None:
    few = {"unmeasured": "too few films"}
    record = read_record(written(tmp_path, plain_record(stability=few, readability=few, placing=few)))
    parts = record.stability, record.readability, record.cold_start
    assert all(part == Unmeasured(unmeasured="too few films") for part in parts)
    assert record.plain()["placing"] == few
    measured = read_record(BEFORE)
    assert isinstance(measured.stability, Stability) and isinstance(measured.readability, Readability)
    assert isinstance(measured.cold_start, ColdStart)


def test_what_was_merged_or_left_out_is_read_as_it_was_written(tmp_path: Path) -> None:
    notes = {
        "merged": [{"kept": "01", "others": ["1"], "why": "the same"}],
        "left_out": [{"why": "no user", "rows": 2}],
        "warnings": ["Careful."],
    }
    ratings = plain_record()["ratings"] | notes
    record = read_record(written(tmp_path, plain_record(ratings=ratings)))
    assert record.ratings.merged == (Merged("01", ("1",), "the same"),)
    assert record.plain()["ratings"] == ratings


def test_keys_that_are_not_known_are_ignored(tmp_path: Path) -> None:
    newer = plain_record(later=1, classifier={"later": [2]})
    assert read_record(written(tmp_path, newer)) == read_record(BEFORE)


def test_an_older_record_is_upgraded_once_on_reading(tmp_path: Path) -> None:
    record = read_record(written(tmp_path, record_of_the_first_days()))
    assert record.stability == record.readability == record.cold_start == OLDER
    assert record.factor_model.form == "raw" and record.factor_model.strengths is None
    assert set(record.classifier.thresholds) == {0.4} and record.classifier.calibration is None
    assert {label.threshold for label in record.classifier.per_label} == {0.4}
    assert {label.readable for label in record.classifier.per_label} == {None}
    assert record.reviews.languages == {} and record.predictions.predicted == 0
    assert RunRecord.model_validate(record.plain()) == record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("{", "cannot be read; make the run again"),
        ("[]", "is not the record of a run"),
        ('{"classifier": 7}', "is not the record of a run"),
        ('{"classifier": {}}', "lacks labels of the classifier"),
        (
            json.dumps(plain_record(classifier={"per_label": 7})),
            "classifier.per_label: Input should be a valid list",
        ),
        (json.dumps(plain_record(settings={"colour": 1})), "colour"),
    ],
)
def test_a_file_that_is_no_record_is_refused(change: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(change, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        read_record(tmp_path)
    with pytest.raises(BadInput, match="holds no finished run"):
        read_record(tmp_path / "empty")


def test_numbers_that_are_not_finite_stay_what_they_are() -> None:
    plain = run_record(seconds=float("nan")).plain()
    assert plain["seconds"] != plain["seconds"]


def test_films_read_by_fewer_reviews_stand_for_a_number_that_was_not_tried() -> None:
    tried = {"few_reviews": [{"reviews": 1}, {"reviews": 3}, {"reviews": 10}]}
    cold_start = run_record(placing=tried).cold_start
    assert isinstance(cold_start, ColdStart)
    few = [cold_start.by_at_most(reviews) for reviews in (0, 1, 5, 500)]
    assert [row and row.reviews for row in few] == [None, 1, 3, 10]
