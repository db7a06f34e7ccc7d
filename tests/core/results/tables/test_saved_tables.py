"""Tables of runs, of today and of the time when ids were numbers."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.errors import DamagedRun
from core.results.tables.saved import changed_at, read_table


@pytest.fixture(params=[[1, 2, 2], ["1", "2", "2"]], ids=["numbers", "text"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    table = pd.DataFrame({"film_id": request.param, "factor": [0, 1, 2], "title": ["A", "B", "B"]})
    table.to_parquet(tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def test_ids_are_text_whatever_the_file_has(path: Path) -> None:
    table = read_table(path)
    assert table.film_id.dtype == "str" and table.film_id.tolist() == ["1", "2", "2"]
    assert read_table(path, ["title"]).columns.tolist() == ["title"]


def test_rows_are_selected_by_id_to_the_letter(path: Path) -> None:
    assert read_table(path, rows={"film_id": "2", "factor": 1}).title.tolist() == ["B"]
    assert read_table(path, rows={"film_id": "02"}).empty
    assert read_table(path, rows={"film_id": "2"}).index.tolist() == [0, 1]


def test_further_ids_of_a_film_are_tuples(tmp_path: Path) -> None:
    older, newer = (
        pd.DataFrame({"other_ids": ["17 18", ""]}),
        pd.DataFrame({"other_ids": [("17", "1 8"), ()]}),
    )
    for table, expected in ((older, [("17", "18"), ()]), (newer, [("17", "1 8"), ()])):
        table.to_parquet(tmp_path / "coverage.parquet")
        assert read_table(tmp_path / "coverage.parquet").other_ids.tolist() == expected


def test_a_table_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.parquet")


@pytest.mark.parametrize("read", [read_table, changed_at])
def test_a_table_that_is_a_link_to_itself_is_damaged(read: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / "table.parquet").symlink_to("table.parquet")
    with pytest.raises(DamagedRun):
        read(tmp_path / "table.parquet")
