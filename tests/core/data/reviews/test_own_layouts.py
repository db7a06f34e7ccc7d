"""Reviews in the layouts that people have: which column is the film, which the review, and all of them joined."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.data.reviews.registry import open_source
from core.data.reviews.sources.user_file.source import UserFile
from core.progress import silent
from core.store import Store

TITLES = [f"Film {number}, The ({1950 + number})" for number in range(12)]
FILMS = pd.DataFrame(
    {
        "film_id": [f"B{number:09d}" for number in range(12)],
        "title": TITLES,
        "year": pd.array([1950 + number for number in range(12)], "Int16"),
        "imdb_id": [f"tt01{number:05d}" for number in range(12)],
        "other_ids": [()] * 12,
    }
)
ROWS = [(number, place) for place in range(3) for number in range(12)]
"""Film and number of each review: three of each film."""


def text(number: int, place: int) -> str:
    return f"So the {place + 1}. thing to say of number {number} is that it was good, and long enough."


def headline(number: int, place: int) -> str:
    return ("Great movie", f"What a {number}", f"Not for me {place}{number}")[(number + place) % 3]


def table(**columns: Any) -> pd.DataFrame:
    """Return a table with a row a review; a column is a function of film and number."""
    return pd.DataFrame({name: [of(*row) for row in ROWS] for name, of in columns.items()})


def lines(frame: pd.DataFrame) -> str:
    return frame.to_json(orient="records", lines=True)


def nested(frame: pd.DataFrame) -> str:
    """Return records, whose names with dots are objects within objects."""
    records = []
    for row in frame.to_dict("records"):
        record: dict[str, Any] = {}
        for name, value in row.items():
            *outer, last = str(name).split(".")
            inner = record
            for part in outer:
                inner = inner.setdefault(part, {})
            inner[last] = value
        records.append(record)
    return json.dumps(records)


def key_values(frame: pd.DataFrame) -> str:
    return "\n".join(
        "".join(f"{name}: {value}\n" for name, value in row.items()) for row in frame.to_dict("records")
    )


def escaped(frame: pd.DataFrame) -> str:
    """Return a table as Spark writes it: all texts in quotation marks, those within them behind a backslash."""
    rows = [[str(value).replace('"', '\\"') for value in row] for row in frame.to_numpy()]
    return "\n".join(",".join(f'"{value}"' for value in row) for row in [list(frame), *rows]) + "\n"


def zipped(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def asin(number: int, place: int) -> str:
    return f"B{number:09d}"


def imdb(number: int, place: int) -> str:
    return f"tt01{number:05d}"


def name(number: int, place: int) -> str:
    return f"The Film {number}"


def year(number: int, place: int) -> int:
    return 1950 + number


LETTERBOXD = table(
    Date=lambda n, p: "2024-01-02",
    Name=name,
    Year=year,
    **{"Letterboxd URI": lambda n, p: f"https://boxd.it/{p}{n}"},
    Rating=lambda n, p: n % 5 + 0.5,
    Rewatch=lambda n, p: "",
    Review=text,
)
CASES: list[tuple[str, str | bytes, set[str]]] = [
    (
        "amazon2023.jsonl",
        lines(
            table(
                rating=lambda n, p: 1.0 + n % 5,
                title=headline,
                text=text,
                asin=lambda n, p: f"C{p}{n:08d}",
                parent_asin=asin,
                user_id=lambda n, p: f"AG{p}",
                timestamp=lambda n, p: 1,
            )
        ),
        {"parent_asin", "text", "rating"},
    ),
    (
        "amazon2018.json",
        lines(
            table(
                overall=lambda n, p: 1.0 + n % 5,
                reviewerID=lambda n, p: f"A{p}",
                asin=asin,
                reviewerName=lambda n, p: f"Person {p}",
                reviewText=text,
                summary=headline,
                unixReviewTime=lambda n, p: 1,
            )
        ),
        {"asin", "reviewText", "overall"},
    ),
    (
        "yelp.json",
        lines(
            table(
                review_id=lambda n, p: f"r{p}{n}",
                user_id=lambda n, p: f"u{p}",
                business_id=asin,
                stars=lambda n, p: n % 5 + 1,
                text=text,
            )
        ),
        {"business_id", "text", "stars"},
    ),
    (
        "snap.txt",
        key_values(
            table(
                **{
                    "product/productId": asin,
                    "review/userId": lambda n, p: f"A{p}",
                    "review/profileName": lambda n, p: 'X "Y"',
                    "review/score": lambda n, p: f"{n % 5 + 1}.0",
                    "review/summary": headline,
                    "review/text": text,
                }
            )
        ),
        {"product/productId", "review/text", "review/score"},
    ),
    (
        "trakt.json",
        nested(
            table(
                **{
                    "type": lambda n, p: "movie",
                    "movie.title": name,
                    "movie.year": year,
                    "movie.ids.trakt": lambda n, p: n,
                    "movie.ids.imdb": imdb,
                    "comment.id": lambda n, p: 100 * p + n,
                    "comment.comment": text,
                }
            )
        ),
        {"movie.ids.imdb", "movie.title", "movie.year", "comment.comment"},
    ),
    (
        "imdb.csv",
        table(
            tconst=imdb,
            review_title=headline,
            title=headline,
            content=text,
            rating=lambda n, p: ("10", "7", "Null")[n % 3],
        ).to_csv(index=False),
        {"tconst", "content", "rating"},
    ),
    (
        "headlines.csv",
        table(title=headline, movie=name, year=year, review=text).to_csv(index=False),
        {"movie", "year", "review"},
    ),
    ("letterboxd.zip", zipped({"reviews.csv": LETTERBOXD.to_csv(index=False), "watched.csv": "Date,Name\n"}),
     {"Name", "Year", "Review", "Rating"}),
    ("spark.csv", escaped(table(title=name, year=year, review=lambda n, p: f'A "great, long" one. {text(n, p)}')),
     {"title", "year", "review"}),
    ("utf16.tsv", table(Titel=name, Jahr=year, Rezension=text).to_csv(index=False, sep="\t").encode("utf-16"),
     {"Titel", "Jahr", "Rezension"}),
    ("records.json", json.dumps({"reviews": table(title=name, year=year, review=text).to_dict("records")}),
     {"title", "year", "review"}),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content", "columns"), CASES, ids=[case[0] for case in CASES])
def test_a_layout_is_read(
    file: str, content: str | bytes, columns: set[str], store: Store, tmp_path: Path
) -> None:
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = open_source(str(path), store, silent)
    assert isinstance(source, UserFile) and set(source.columns.values()) == columns
    reviews = source.reviews(FILMS, silent)
    assert (reviews.film_id.nunique(), len(reviews)) == (12, 36)
    assert reviews.review.str.endswith("is that it was good, and long enough.").all()
    assert reviews.stars.isna().all() or reviews.stars.dropna().between(1, 10).all()


def test_an_unpacked_export_is_read(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "letterboxd"
    folder.mkdir()
    LETTERBOXD.to_csv(folder / "reviews.csv", index=False)
    (folder / "profile.csv").write_text("Username\nx\n")
    source = open_source(str(folder), store, silent)
    assert len(source.reviews(FILMS, silent)) == 36
    before = source.digest(FILMS)
    LETTERBOXD[:-1].to_csv(folder / "reviews.csv", index=False)
    assert open_source(str(folder), store, silent).digest(FILMS) != before


@pytest.mark.parametrize("quoting", ["doubled", "escaped"])
def test_texts_come_out_to_the_letter(quoting: str, store: Store, tmp_path: Path) -> None:
    frame = table(title=name, year=year, review=lambda n, p: f'He said "{n}, {p}; ok" and left: ‘fin’ | é')
    (tmp_path / "mine.csv").write_text(escaped(frame) if quoting == "escaped" else frame.to_csv(index=False))
    reviews = open_source(str(tmp_path / "mine.csv"), store, silent).reviews(FILMS, silent)
    assert sorted(reviews.review) == sorted(frame.review)
