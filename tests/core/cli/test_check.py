"""The verb check: one JSON document or a readable text, exit 2 with one line where a run would refuse."""

import json
import shlex
import zipfile
from pathlib import Path

import pytest

from core.cli.app import main

KEYS = (
    "rows used users films reviews scale separator encoding header columns matched merged left_out warnings"
).split()
RATINGS = "user,film,rating,title\n" + "".join(
    f"{user},{film},{1 + (user + film) % 5},Film {film} ({1950 + film})\n"
    for user in range(8)
    for film in range(1, 9)
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with ratings, and a cache beside it."""
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "ratings.csv").write_text(RATINGS)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["check", *words, "--json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    assert list(document) == KEYS
    return document


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["check", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.strip().splitlines()[-1]


def test_ratings(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = checked(capsys, "--ratings", str(here / "ratings.csv"))
    assert document == document | {
        "rows": 64,
        "used": 64,
        "users": 8,
        "films": 8,
        "reviews": None,
        "scale": [1.0, 5.0],
        "separator": ",",
        "encoding": "UTF-8",
        "header": True,
        "columns": {"user": "user", "film": "film", "rating": "rating", "title": "title"},
        "matched": None,
        "merged": [],
        "left_out": [],
    }
    assert main(["check", "--ratings", str(here / "ratings.csv")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("64 rows, 64 of them used: 8 users, 8 films\nfrom 1 to 5\nUTF-8, separated by")


def test_the_columns_that_are_named_count(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = "--ratings", str(here / "ratings.csv"), "--columns"
    assert checked(capsys, *where, "user=user,film=title,rating=rating")["films"] == 8
    assert "names 'wer', which is none of" in refused(capsys, *where, "wer=user")
    assert "has no column 'x'" in refused(capsys, *where, "user=x,film=film,rating=rating")
    assert "no column for the rating" in refused(capsys, *where, "user=user,film=film")


def test_reviews_of_other_numbers_join_when_told_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "reviews.csv").write_text("movieId,review\n" + "".join(f"{n},Fine {n}.\n" for n in range(1, 7)))
    where = "--reviews", str(here / "reviews.csv"), "--ratings-for", str(here / "ratings.csv")
    document = checked(capsys, *where)
    assert (document["matched"], document["used"], document["reviews"]) == (0, 0, 6)
    assert "nothing shows that they are those of the ratings" in str(document["warnings"])
    # The way that the warning names.
    columns = str(document["warnings"]).partition("--columns ")[2].split("'")[0]
    assert checked(capsys, *where, "--columns", columns)["matched"] == 6


def test_a_source_by_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = checked(capsys, "--reviews", "planted", "--ratings-for", "planted")
    assert document["matched"] == document["films"] and document["columns"] is None
    assert checked(capsys, "--reviews", "sample")["matched"] is None


def test_what_a_run_would_refuse_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "none.csv").write_text("title,review\nNobody (1900),x\n")
    for words, said in (
        (("--ratings", str(here / "nowhere.csv")), "there are no ratings at"),
        (("--ratings", str(here / "none.csv")), "has no column for the"),
        (("--ratings", "planted", "--reviews", "sample"), "not allowed with"),
        (("--ratings", "planted", "--ratings-for", "planted"), "--ratings-for goes with --reviews"),
        ((), "one of the options --ratings --reviews is required"),
        (
            ("--reviews", str(here / "none.csv"), "--ratings-for", str(here / "ratings.csv")),
            "no review is of a film of the ratings",
        ),
    ):
        assert said in refused(capsys, *words)


def test_files_of_one_name_in_an_archive_are_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(here / "folds.zip", "w") as archive:
        for fold in range(3):
            archive.writestr(f"fold{fold}/ratings.csv", RATINGS)
    document = checked(capsys, "--ratings", str(here / "folds.zip"))
    assert document["rows"] == 64
    assert "fold0/ratings.csv, fold1/ratings.csv" in str(document["warnings"])


def test_a_layout_of_movielens_in_another_encoding(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = RATINGS.replace("user,film,rating,title", "userId,movieId,rating,timestamp").splitlines()
    text = "\n".join(line.rpartition(",")[0] + (",timestamp", ",9")[n > 0] for n, line in enumerate(lines))
    (here / "ratings.csv").write_text(text, encoding="utf-16")
    document = checked(capsys, "--ratings", str(here / "ratings.csv"))
    assert (document["rows"], document["encoding"]) == (64, "UTF-16")


def test_columns_are_of_one_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "my dir"
    folder.mkdir()
    (folder / "a.csv").write_text("film number,review\n1,Fine.\n")
    for where in (str(folder), f"{folder / 'a.csv'}+sample"):
        assert "--columns describes" in refused(
            capsys, "--reviews", where, "--columns", "film_id=film number,review=review"
        )
    assert main(["keep", str(folder), "--columns", "film_id=film number,review=review"]) == 2
    assert "is a folder, which cannot be kept; pack it as .zip" in capsys.readouterr().err


def test_commands_are_quoted_for_a_shell(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "my reviews.csv").write_text(
        "Movie ID,review\n" + "".join(f"{n},Fine {n}.\n" for n in range(1, 7))
    )
    path = str(here / "my reviews.csv")
    document = checked(capsys, "--reviews", path, "--ratings-for", str(here / "ratings.csv"))
    warnings: list[str] = document["warnings"]  # type: ignore[assignment]
    told = next(text for text in warnings if "--columns" in text).partition("--columns ")[2]
    assert shlex.split(told) == ["film_id=Movie ID,review=review"]
