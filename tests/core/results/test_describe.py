"""What a factor means, as the command line prints it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from support.run_records import BEFORE

from core.errors import BadInput
from core.meaning.suggested_names import NO_MEANING
from core.results.describe import describe, lines
from core.results.factor_names import SUGGESTED, name_factor


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
            assert [word["word"] for word in row[end]["words"]] == of_end.word.head(30).tolist()
            assert all(word["low"] < word["effect"] < word["high"] for word in row[end]["words"])
    assert json.loads(json.dumps(factors)) == factors


def test_a_factor_takes_five_lines(run: Path) -> None:
    name_factor(run, 1, "ghosts")
    blocks = lines(describe(run)).split("\n\n")
    assert [len(block.splitlines()) for block in blocks] == [5] * 4
    assert blocks[1].startswith("Factor 1 · ghosts — ")
    assert blocks[0].startswith((f"Factor 0 · {SUGGESTED}", f"Factor 0 · {NO_MEANING}"))
    assert lines(describe(run, 2)) == blocks[2]


@pytest.mark.parametrize("factor", [-1, 4])
def test_a_factor_that_is_not_there_is_refused(run: Path, factor: int) -> None:
    with pytest.raises(BadInput, match="factors of this run are 0 to 3"):
        describe(run, factor)


def test_an_older_run_is_described_without_words() -> None:
    factors = describe(BEFORE)["factors"]
    assert factors[0]["suggested"] is None and factors[0]["high"]["words"] == []
    assert "run it again to have it" in factors[0]["words"]
    assert "words" in lines(describe(BEFORE)) and "≈" not in lines(describe(BEFORE))
