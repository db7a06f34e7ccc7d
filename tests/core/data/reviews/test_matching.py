"""Which film is which: normalised names, years, and one IMDb title for one film."""

from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.data.ratings.dataset import Ratings
from core.data.reviews.matching import corrections
from core.data.reviews.matching.imdb_ids import (
    CORRECTED,
    GIVEN,
    MATCH_METHODS,
    NO_TITLE,
    NOT_IN_IMDB,
    candidates,
    film_ids,
    matches_by_id,
    titles_digest,
)
from core.data.reviews.matching.imdb_titles import film_titles, titles_of
from core.data.reviews.matching.title_matching import match_films, names, normalise
from core.errors import BadInput
from core.progress import silent
from core.store import Store

HEADER = "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres".split()


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
        ("Kabadayı", "KABADAYI"),
        ("Romeo + Juliet", "Romeo and Juliet"),
        ("Alien³", "Alien3"),
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


def test_one_of_several_of_a_name_is_said_to_be_a_guess() -> None:
    two = titles(("tt1", "Anna", 1996), ("tt2", "Anna", 1996), ("tt3", "Anna", 1997))
    assert pairs(films((1, "Anna (1996)", 1996)), two) == [(1, "tt1", "one of several")]
    # Neither a short of the same name nor one with another article is a rival of a film.
    quests = titles(("tt1", "Quest", 1996), ("tt2", "The Quest", 1996))
    assert pairs(films((1, "Quest, The (1996)", 1996)), quests) == [(1, "tt2", "exact year")]
    assert pairs(films((1, "Anna (1996)", 1996)), two.assign(kind=["movie", "short", "movie"])) == [
        (1, "tt1", "exact year")
    ]


def test_what_is_left_for_the_second_film_of_a_name_and_a_short_beside_a_film_are_guesses() -> None:
    emmas = films((1, "Emma (1996) [id 1]", 1996), (2, "Emma (1996) [id 2]", 1996))
    assert pairs(emmas, titles(("tt1", "Emma", 1996), ("tt2", "Emma", 1996))) == [
        (1, "tt1", "one of several"),
        (2, "tt2", "one of several"),
    ]
    near = titles(("tt1", "Emma", 1996), ("tt2", "Emma", 1995)).assign(kind=["short", "movie"])
    assert pairs(films((1, "Emma (1996)", 1996)), near) == [(1, "tt1", "one of several")]
    assert pairs(films((1, "Emma (1996)", 1996)), near[:1]) == [(1, "tt1", "exact year")]


def test_a_name_that_begins_like_an_alias_is_whole() -> None:
    assert names("Red Beard (Akahige) (1965)")[:2] == ["red beard", "akahige"]
    assert names("Leon (a.k.a. The Professional) (1994)")[:2] == ["leon", "professional"]
    assert names("Leon (aka Professional, The) (1994)")[:2] == ["leon", "professional"]


def test_spaces_do_not_count_and_names_in_imdbs_brackets_do() -> None:
    assert pairs(films((1, "Rocket Man (1997)", 1997)), titles(("tt1", "RocketMan", 1997))) == [
        (1, "tt1", "exact year")
    ]
    leon = titles(("tt2", "Léon (a.k.a. The Professional)", 1994))
    assert pairs(films((1, "Professional, The (1994)", 1994)), leon) == [(1, "tt2", "exact year")]
    nested = titles(("tt3", "To Have, or Not (En avoir (ou pas))", 1995))
    assert pairs(films((1, "To Have, or Not (1995)", 1995)), nested) == [(1, "tt3", "exact year")]


@pytest.fixture
def basics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small title.basics, as the user's own."""
    rows = [
        ("tt0000001", "movie", "Emma", "Emma", "1996"),
        ("tt0000002", "tvEpisode", "Emma", "Emma", "1996"),
        ("tt0000003", "movie", "Emma", "Emma", "\\N"),
        ("tt0000004", "movie", "The Postman", "Il postino", "1994"),
        ("tt0000005", "movie", 'A "Quoted" One', 'A "Quoted" One', "1950"),
    ]
    lines = ["\t".join((*row[:4], "0", row[4], "\\N", "90", "Drama")) for row in rows]
    path = tmp_path / "given" / "title.basics.tsv"
    path.parent.mkdir()
    path.write_text("\n".join(["\t".join(HEADER), *lines]) + "\n", encoding="utf-8")
    monkeypatch.setenv("FACTORSCOPE_DATA", str(path.parent))
    return path


def test_films_alone_are_kept_once_under_each_of_their_names(basics: Path, store: Store) -> None:
    kept = pd.read_parquet(film_titles(basics, store, silent))
    assert kept[["imdb_id", "name", "year"]].values.tolist() == [
        ["tt0000001", "emma", 1996],
        ["tt0000004", "postman", 1994],
        ["tt0000004", "ilpostino", 1994],
        ["tt0000005", "quotedone", 1950],
    ]
    parts: list[str] = []
    film_titles(basics, store, lambda *said: parts.append(said[2]))
    assert parts == []  # it is not read again

    wanted = films((1, "Postino, Il (1994)", 1994), (2, "Emma (1996)", 1998))
    (found,) = titles_of(wanted, film_titles(basics, store, silent)).values.tolist()
    assert found == ["tt0000004", "movie", "The Postman", "Il postino", 1994]
    assert candidates("Emma (1931)", store, silent)["imdb_id"].tolist() == ["tt0000001"]


def test_not_title_basics(tmp_path: Path, store: Store) -> None:
    (tmp_path / "title.basics.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(
        BadInput, match=r"title.basics.tsv is not a whole title.basics file .*; fetch it again"
    ):
        film_titles(tmp_path / "title.basics.tsv", store, silent)


def how(table: pd.DataFrame, store: Store) -> list[tuple[str | None, str, str]]:
    found = film_ids(table, store, silent).astype(object)
    return list(
        found.where(found.notna(), None)[["imdb_id", "how", "reason"]].itertuples(index=False, name=None)
    )


def test_each_film_says_how_it_was_matched(basics: Path, store: Store) -> None:
    table = films((1, "Emma (1997)", 1997), (2, "Postino, Il (1994)", 1994), (3, "Alien (1979)", 1979))
    assert how(table.assign(imdb_id=[None, None, "tt0078748"]), store) == [
        ("tt0000001", MATCH_METHODS["within one year"], ""),
        ("tt0000004", MATCH_METHODS["exact year"], ""),
        ("tt0078748", GIVEN, ""),
    ]


def test_ids_that_the_ratings_bring_need_no_titles(store: Store) -> None:
    known = films((1, "Emma (1996)", 1996)).assign(imdb_id="tt0116191")
    assert how(known, store) == [("tt0116191", "IMDb id of the ratings", "")]
    assert titles_digest(known, store) == "not needed"


def test_the_users_word_comes_first_and_is_kept(basics: Path, store: Store) -> None:
    table = films((1, "Emma (1996)", 1996), (2, "Emma (1997)", 1997)).assign(imdb_id=None)
    before = titles_digest(table, store)
    assert how(table, store)[0] == ("tt0000001", MATCH_METHODS["exact year"], "")

    corrections.correct(store, "Emma (1996)", 1996, "https://www.imdb.com/title/tt0000009/")
    assert how(table, store) == [
        ("tt0000009", CORRECTED, ""),
        ("tt0000001", MATCH_METHODS["within one year"], ""),
    ]
    assert titles_digest(table, store) != before
    store.prune(0)
    # A corrected title is no other film's; the last word on a film holds.
    corrections.correct(store, "Emma (1997)", 1997, "tt0000001")
    corrections.correct(store, "Emma (1996)", 1996, None)
    assert how(table, store) == [(None, "", NOT_IN_IMDB), ("tt0000001", CORRECTED, "")]

    corrections.forget(store, "Emma (1996)", 1996)
    assert how(table, store)[0] == (None, "", "another film claims the one IMDb title of its name and year")
    corrections.forget(store, "Emma (1997)", 1997)
    assert titles_digest(table, store) == before


def test_of_two_films_with_one_id_the_corrected_one_has_it(store: Store) -> None:
    table = films((1, "Emma (1996)", 1996), (2, "Emma (1997)", 1997)).assign(
        imdb_id=["tt0000001", "tt0000002"]
    )
    corrections.correct(store, "Emma (1997)", 1997, "tt0000001")
    assert matches_by_id(table, store, silent)["how"].tolist() == ["", CORRECTED]


@pytest.mark.parametrize("year", [-1, 1869, 99999])
def test_a_year_that_no_film_can_be_of_is_not_kept(year: int, store: Store) -> None:
    with pytest.raises(BadInput, match="must be from 1870 to 2100"):
        corrections.correct(store, "Emma", year, None)
    assert corrections.corrections(store).empty


def test_the_users_word_comes_before_that_of_the_ratings(store: Store) -> None:
    table = films((1, "Emma (1996)", 1996)).assign(imdb_id="tt0000002")
    corrections.correct(store, "Emma (1996)", 1996, "tt0116191")
    assert how(table, store) == [("tt0116191", CORRECTED, "")]
    assert titles_digest(table, store) != "not needed"


@pytest.mark.parametrize("text", ["", "hello", "tt12", "nm0000001", "https://example.org/7654321x"])
def test_no_imdb_id(text: str, store: Store) -> None:
    with pytest.raises(BadInput, match="is no IMDb id; give one like tt0114814"):
        corrections.correct(store, "Emma (1996)", 1996, text)


@pytest.mark.parametrize(
    "content", ["{", "3", '[{"title": 1}]', '[{"title": "a", "year": 1, "imdb_id": "x"}]']
)
def test_damaged_corrections_are_named(content: str, store: Store) -> None:
    path = store.root / corrections.FILE
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(BadInput, match="cannot be read as corrections; mend it, or delete it to start again"):
        corrections.corrections(store)


def test_corrections_on_the_command_line(
    basics: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path))
    emma = ["correct", "--title", "Emma (1996)"]

    def said(*arguments: str) -> str:
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return f"{status} {out}{err}".strip()

    assert said(*emma, "--imdb", "tt0116191") == "0 Emma (1996): tt0116191"
    assert said(*emma, "--none") == "0 Emma (1996): none of IMDb"
    assert '"year": 1996' in said("correct", "--list", "--json")
    assert said(*emma, "--find").startswith("0 tt0000001  1996  movie  Emma")
    assert said(*emma, "--forget") == "0 no film is corrected"
    assert said(*emma, "--forget").startswith("2 factorscope: no correction of 'Emma (1996)' is kept")
    assert said("correct", "--none").startswith("2 factorscope: which film?")


def test_movielens_100k(store: Store, real_ratings: Ratings) -> None:
    found = film_ids(real_ratings.films, store, silent).set_index("film_id")
    # A plain dictionary finds 1,533 in the exact year and 51 beside it, of 1,681 with doubles.
    counts = found["how"].value_counts()
    methods = ("exact year", "one of several", "within one year")
    assert [counts[MATCH_METHODS[method]] for method in methods] == [1535, 3, 51]
    assert found["imdb_id"].dropna().is_unique
    usual = real_ratings.films.set_index("title").loc["Usual Suspects, The (1995)", "film_id"]
    assert found.loc[usual, "imdb_id"] == "tt0114814"
    quest = real_ratings.films.set_index("title").loc["Quest, The (1996)", "film_id"]
    assert found.loc[quest, "imdb_id"] == "tt0117420"  # and not "Quest"
    assert found.loc["510", "reason"] == NO_TITLE  # "Magnificent Seven, The (1954)"
