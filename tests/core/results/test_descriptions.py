"""Factors are described from a record and tables in memory as they are from a folder."""

import json
from pathlib import Path

import pandas as pd
import pytest
from support.run_records import BEFORE, words_record, words_table

from core.results.describe import describe, descriptions, lines
from core.results.run_record import read_record

WORDS = words_record([True, False, True, True])
NAMES = ["gore ↔ novel", "no clear meaning", "war ↔ music", "old ↔ new"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a small run with words; somebody named factor 2."""
    record = read_record(BEFORE).model_copy(update={"words": WORDS, "suggested_names": NAMES})
    (tmp_path / "run.json").write_text(json.dumps(record.plain()))
    (tmp_path / "names.json").write_text('{"2": "battles"}')
    words_table(WORDS).to_parquet(tmp_path / "words.parquet")
    for name in ("factors", "associations"):
        (tmp_path / f"{name}.parquet").write_bytes((BEFORE / f"{name}.parquet").read_bytes())
    return tmp_path


def test_a_folder_is_described_as_its_record_and_tables_are(run: Path) -> None:
    tables = {path.stem: pd.read_parquet(path) for path in run.glob("*.parquet")}
    rows = descriptions(read_record(run), tables, {2: "battles"}, range(4))
    assert describe(run) == {"factors": rows} and describe(run, 2) == {"factors": [rows[2]]}
    assert [row["has_words"] for row in rows] == [True, False, True, True]
    assert [row["name"] for row in rows] == [None, None, "battles", None]
    assert [word["word"] for word in rows[0]["high"]["words"]] == ["gore", "gore too", "Bond"]
    assert len(rows[0]["low"]["films"]) == 5


def test_a_factor_takes_five_lines(run: Path) -> None:
    text = lines(describe(run, 0)).splitlines()
    assert len(text) == 5 and text[0].startswith("Factor 0 · ≈ gore ↔ novel — ")
    assert text[3].endswith("gore, (gore too); names: Bond")
