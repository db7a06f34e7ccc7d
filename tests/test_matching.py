"""Which film is which: normalised names, years, and one IMDb title for one film."""

from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadInput
from core.progress import silent
from core.ratings import read_ratings
from core.reviews.film_ids import imdb_ids, read_title_basics
from core.reviews.matching import match_films, names, normalise
from core.store import Store


def films(*rows: tuple[int, str, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["film_id", "title", "year"]).astype({"year": "Int16"})


def titles(*rows: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["imdb_id", "title", "year"])
    return frame.assign(kind="movie", original=frame["title"])


def pairs(left: pd.DataFrame, right: pd.DataFrame) -> list[tuple[int, str, str]]:
    return list(match_films(left, right).itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Usual Suspects, The", "The Usual Suspects"),
        ("Cérémonie, La", "La ceremonie"),
        ("Avventura, L'", "L’Avventura"),
        ("Schindler's List", "Schindlers list"),
        ("Blood & Wine", "Blood and Wine"),
        ("E.T. - The Extra-Terrestrial", "E T the extra terrestrial"),
        ("Bridge on the River Kwai, The", "Bridge on the River Kwai"),
        ("Smørgåsbord", "Smorgasbord"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Hard", "Die Hard"), ("Alien", "Aliens"), ("M", "N"), ("七人の侍", "羅生門")]
)
def test_names_that_differ(one: str, other: str) -> None:
    assert normalise(one) != normalise(other) != ""


def test_all_names_of_a_title() -> None:
    assert names("Double vie de Véronique, La (Double Life of Veronique, The) (1991)")[:2] == [
        "la double vie de veronique",
        "double life of veronique",
    ]
    assert names("Seven (a.k.a. Se7en) (1995)")[:2] == ["seven", "se7en"]
    assert names("Land Before Time III (1995) (V)") == ["land before time iii"]
    assert names("Emma (1996) [id 838]") == ["emma"]
    assert names("(500) Days of Summer (2009)")[:1] == ["days of summer"]
    assert "500 days of summer" in names("(500) Days of Summer (2009)")


def test_the_exact_year_comes_before_its_neighbours() -> None:
    assert pairs(
        films((1, "Emma (1996)", 1996)),
        titles(("tt1", "Emma", 1995), ("tt2", "Emma", 1996), ("tt3", "Emma", 1999)),
    ) == [(1, "tt2", "exact year")]
    assert pairs(films((1, "Emma (1996)", 1996)), titles(("tt1", "Emma", 1997))) == [
        (1, "tt1", "within one year")
    ]
    assert pairs(films((1, "Emma (1996)", 1996)), titles(("tt1", "Emma", 1998))) == []
    assert pairs(films((1, "Emma", None)), titles(("tt1", "Emma", 1998))) == []


def test_one_imdb_title_for_one_film_the_better_match_wins() -> None:
    left = films((1, "Emma (1995)", 1995), (2, "Emma (1996)", 1996))
    assert pairs(left, titles(("tt1", "Emma", 1996))) == [(2, "tt1", "exact year")]
    # The loser takes the next best that is free.
    assert pairs(left, titles(("tt1", "Emma", 1996), ("tt2", "Emma", 1994))) == [
        (1, "tt2", "within one year"),
        (2, "tt1", "exact year"),
    ]


def test_likelier_kinds_and_original_titles() -> None:
    both = titles(("tt1", "Killer", 1989), ("tt2", "Killer", 1989)).assign(kind=["tvSeries", "movie"])
    assert pairs(films((1, "Killer, The (1989)", 1989)), both) == [(1, "tt2", "exact year")]
    foreign = titles(("tt1", "My Life in Pink", 1997)).assign(original="Ma vie en rose")
    assert pairs(films((1, "Ma vie en rose (1997)", 1997)), foreign) == [(1, "tt1", "exact year")]


def test_the_western_does_not_take_seven_samurai() -> None:
    left = films((510, "Magnificent Seven, The (1954)", 1954))
    right = titles(("tt0047478", "Seven Samurai", 1954), ("tt0054047", "The Magnificent Seven", 1960))
    assert pairs(left, right) == []


def test_ids_that_the_ratings_bring_need_no_titles(store: Store) -> None:
    known = films((1, "Emma (1996)", 1996)).assign(imdb_id="tt0116191")
    assert imdb_ids(known, store, silent).to_dict() == {1: "tt0116191"}


def test_not_title_basics(tmp_path: Path) -> None:
    (tmp_path / "title.basics.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(
        BadInput, match=r"title.basics.tsv is not a whole title.basics file .*; fetch it again"
    ):
        read_title_basics(tmp_path / "title.basics.tsv", pd.Series([1990]), silent)


def test_movielens_100k(store: Store, datasets_dir: Path) -> None:
    ratings = read_ratings("ml-100k", store, silent)
    basics = read_title_basics(datasets_dir / "title.basics.tsv.gz", ratings.films["year"], silent)
    matched = match_films(ratings.films, basics).set_index("film_id")
    # A plain dictionary finds 1,533 in the exact year and 51 beside it, of 1,681 with doubles.
    assert matched["how"].value_counts().to_dict() == {"exact year": 1531, "within one year": 51}
    assert matched["imdb_id"].is_unique
    usual = ratings.films.set_index("title").loc["Usual Suspects, The (1995)", "film_id"]
    assert matched.loc[usual, "imdb_id"] == "tt0114814"
    assert 510 not in matched.index  # "Magnificent Seven, The (1954)"
