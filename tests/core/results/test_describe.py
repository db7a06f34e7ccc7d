"""What a factor means, as the command line prints it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from support.run_records import BEFORE, words_record, words_table

from core.errors import BadInput
from core.meaning.suggested_names import NO_MEANING
from core.results.describe import IN_BRACKETS, describe, descriptions, lines
from core.results.factor_names import SUGGESTED, name_factor
from core.results.run_record import read_record
from core.results.verdict import CLASSES

WORDS = words_record([True, False, True, True])
NAMES = ["gore ↔ novel", "no clear meaning", "war ↔ music", "old ↔ new"]


@pytest.fixture
def run(small_run: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small_run, tmp_path / "run")


def test_every_factor_has_name_verdict_films_and_words(run: Path) -> None:
    factors = describe(run)["factors"]
    films, words = pd.read_parquet(run / "factors.parquet"), pd.read_parquet(run / "words.parquet")
    assert [row["factor"] for row in factors] == [0, 1, 2, 3]
    for row in factors:
        assert row["verdict"] in ("solid", "shaky", "chance") and row["name"] is None and row["suggested"]
        assert row["high"]["films"][0] == films.title[films[f"weight_{row['factor']}"].idxmax()]
        assert row["low"]["films"][0] == films.title[films[f"weight_{row['factor']}"].idxmin()]
        for end in ("high", "low"):
            of_end = words[(words.factor == row["factor"]) & (words.end == end)]
            listed = [word["word"] for word in row[end]["words"] if not word["name"]]
            assert listed == of_end.word[~of_end.is_name].head(30).tolist()
            assert all(word["low"] < word["effect"] < word["high"] for word in row[end]["words"])
    assert json.loads(json.dumps(factors)) == factors


def test_a_factor_takes_five_lines(run: Path) -> None:
    name_factor(run, 1, "ghosts")
    *blocks, legend = lines(describe(run)).split("\n\n")
    assert legend.splitlines()[0] == IN_BRACKETS
    assert [len(block.splitlines()) for block in blocks] == [5] * 4
    assert blocks[1].startswith("Factor 1 · ghosts — ")
    assert blocks[0].startswith((f"Factor 0 · {SUGGESTED}", f"Factor 0 · {NO_MEANING}"))
    assert lines(describe(run, 2)) == f"{blocks[2]}\n\n{legend}"


@pytest.mark.parametrize("factor", [-1, 4])
def test_a_factor_that_is_not_there_is_refused(run: Path, factor: int) -> None:
    with pytest.raises(BadInput, match="factors of this run are 0 to 3"):
        describe(run, factor)


def test_an_older_run_is_described_without_words() -> None:
    factors = describe(BEFORE)["factors"]
    assert factors[0]["suggested"] is None and factors[0]["high"]["words"] == []
    assert "run it again" in factors[0]["words"]
    assert "words" in lines(describe(BEFORE)) and "≈" not in lines(describe(BEFORE))


@pytest.fixture
def named_run(tmp_path: Path) -> Path:
    """The folder of a small run with words; somebody named factor 2."""
    record = read_record(BEFORE).model_copy(update={"words": WORDS, "suggested_names": NAMES})
    (tmp_path / "run.json").write_text(json.dumps(record.plain()))
    (tmp_path / "names.json").write_text('{"2": "battles"}')
    words_table(WORDS).to_parquet(tmp_path / "words.parquet")
    for name in ("factors", "associations"):
        (tmp_path / f"{name}.parquet").write_bytes((BEFORE / f"{name}.parquet").read_bytes())
    return tmp_path


def test_a_folder_is_described_as_its_record_and_tables_are(named_run: Path) -> None:
    tables = {path.stem: pd.read_parquet(path) for path in named_run.glob("*.parquet")}
    rows = descriptions(read_record(named_run), tables, {2: "battles"}, range(4))
    assert describe(named_run) == {"factors": rows, "devices": []}
    assert describe(named_run, 2) == {"factors": [rows[2]], "devices": []}
    assert [row["has_words"] for row in rows] == [True, False, True, True]
    assert [row["name"] for row in rows] == [None, None, "battles", None]
    assert [word["word"] for word in rows[0]["high"]["words"]] == ["gore", "gore too", "Bond"]
    assert len(rows[0]["low"]["films"]) == 5


def test_names_stand_behind_the_words_and_suggestions_in_brackets(named_run: Path) -> None:
    text = lines(describe(named_run, 0)).splitlines()
    assert text[0].startswith("Factor 0 · ≈ gore ↔ novel — ")
    assert text[3].endswith("gore, (gore too); names: Bond")


def test_where_the_model_has_not_learnt_that_is_said_first_and_no_factor_has_a_verdict(run: Path) -> None:
    assert "not_learnt" not in describe(run)
    record = json.loads((run / "run.json").read_text())
    record["factor_model"] |= {"rmse_valid": 1.03, "rmse_means": 0.81, "rmse_gain_interval": [-0.3, -0.1]}
    (run / "run.json").write_text(json.dumps(record))
    described = describe(run)
    assert list(described) == ["not_learnt", "factors", "devices"]
    assert {row["verdict"] for row in described["factors"]} == {None}
    text = lines(described)
    assert text.startswith("This recommender predicts ratings no better than plain means.")
    assert "— no class" in text and not any(f"— {word}" in text for word in CLASSES)


def test_the_devices_and_why_they_were_taken_stand_last(run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    reasons = {"factor model": "a GPU gains nothing here", "classifier's head": "you asked for it"}
    record["devices"] = [{"work": work, "device": "cpu", "reason": why} for work, why in reasons.items()]
    (run / "run.json").write_text(json.dumps(record))
    described = describe(run)
    assert described["devices"] == record["devices"]
    assert lines(described).splitlines()[-1] == (
        "Factor model on the processor: a GPU gains nothing here. "
        "Classifier's head on the processor: you asked for it."
    )
    record["devices"] = []
    (run / "run.json").write_text(json.dumps(record))
    assert lines(describe(run)).splitlines()[-1] == IN_BRACKETS
