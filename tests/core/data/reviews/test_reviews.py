"""Sources of reviews: the sample, LMRD and the user's own file."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli.check import columns_in
from core.data.ratings.read import read_ratings
from core.data.reviews.registry import open_source
from core.data.reviews.sources.user_file.films import BY_ID_ALONE, imdb_ids_in
from core.data.reviews.sources.user_file.numbering import evidence_of_ids
from core.data.reviews.sources.user_file.source import UserFile
from core.data.reviews.sources.user_file.stars import read_stars
from core.errors import BadInput
from core.progress import silent
from core.store import Store
from core.uploads.storage import Chosen, keep_file

FILMS = pd.DataFrame(
    {
        "film_id": ["1", "2", "3"],
        "title": ["Usual Suspects, The (1995)", "Emma (1996)", "Casper (1995)"],
        "year": pd.array([1995, 1996, 1995], dtype="Int16"),
        "imdb_id": ["tt0114814", "tt0116191", "tt0112642"],
        "genres": "",
        "other_ids": [(), ("17", "18"), ()],
    }
)
COLUMNS = ["film_id", "review_id", "review", "stars", "source"]


def own(store: Store, tmp_path: Path, content: str | bytes, name: str = "mine.csv") -> pd.DataFrame:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_source(str(tmp_path / name), store, silent).reviews(FILMS, silent)


def by_film(reviews: pd.DataFrame) -> list[tuple[str, str]]:
    assert reviews.columns.tolist() == COLUMNS
    assert reviews["review_id"].is_unique
    assert str(reviews["stars"].dtype) == "Float32"
    return list(zip(reviews["film_id"].tolist(), reviews["review"].tolist(), strict=True))


# --- the sample ---


def test_sample_by_exact_title(store: Store) -> None:
    films = FILMS.assign(title=["Magnificent Seven, The (1954)", "Seven Samurai (1954)", "Star Wars (1977)"])
    source = open_source("sample", store, silent)
    reviews = source.reviews(films, silent)
    assert reviews["film_id"].tolist() == ["1"] * 8 + ["3"] * 8
    assert "written for this project" in source.licence
    assert len(source.digest(None)) == 64


# --- the user's own file ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "title,review\nEmma (1996),Lovely\nNobody (1900),x\n"),
        ("b.tsv", "Film\tText\nemma (1996)\tLovely\n"),
        ("o.csv", "film_id;review_text\ntt0116191;Lovely\n"),
        ("d.csv", "imdbId,review\n0116191,Lovely\n"),
        ("e.csv", "imdb_id,review\ntt0116191,Lovely\n"),
        ("f.jsonl", '{"title": "Emma", "review": "Lovely"}\n\n{"title": "Emma (1990)", "review": "other"}\n'),
        ("m.csv", "title,year,review\nEmma,1996,Lovely\nEmma,1990,other\n"),
        ("n.csv", "title,review\nEmma (1995),Lovely\n"),
        ("g.csv", "film_id,title,review\n,Emma (1996),Lovely\n"),
        ("h.csv", "title;review\nEmma (1996);Lovely\nNobody;é\n".encode("cp1252")),
        ("i.csv", "title\treview\nEmma (1996)\tLovely\n".encode("utf-16")),
        ("j.csv", "title,review\nEmma (1996),Lovely\n".encode("utf-16-le")),
        ("k.csv", "title,review\nEmma (1996),Lovely\n".encode("utf-8-sig")),
        ("l.csv", "title,review,title\nEmma (1996),Lovely,\n".replace(",title\n", ",\n")),
    ],
)
def test_own_file_finds_the_film(store: Store, tmp_path: Path, name: str, content: str | bytes) -> None:
    assert by_film(own(store, tmp_path, content, name)) == [("2", "Lovely")]


def by_ids(store: Store, path: Path) -> pd.DataFrame:
    """Return the reviews of a file whose user says that its film ids are those of the ratings."""
    return UserFile(path, store, ids_of_ratings=True).reviews(FILMS, silent)


def test_own_file_may_name_a_film_by_an_id_of_its_other_listing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("film_id,review\n18,Lovely\n19,Unknown\n")
    assert by_film(by_ids(store, tmp_path / "mine.csv")) == [(FILMS.film_id[1], "Lovely")]


def test_own_parquet(store: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame({"film_id": [3, None, 1], "review": ["c", "lost", "a"], "stars": [7, 1, None]})
    frame.to_parquet(tmp_path / "mine.parquet")
    reviews = by_ids(store, tmp_path / "mine.parquet")
    assert by_film(reviews) == [("1", "a"), ("3", "c")]
    assert reviews["stars"].tolist() == [pd.NA, 7]


def test_plain_numbers_alone_are_not_read_until_the_user_says_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("film_id,review\n1,a\n2,b\n3,c\n")
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    check = source.check(FILMS, silent)
    assert (check.reviews, check.ids_unproven, len(check.notes.warnings)) == (0, True, 1)
    with pytest.raises(BadInput, match="nothing shows that its film ids, which are plain numbers") as raised:
        source.reviews(FILMS, silent)
    # The remedy, as the message writes it.
    columns = str(raised.value).partition("--columns ")[2]
    chosen = Chosen(columns_in(columns), "film_id" in columns_in(columns))
    with (tmp_path / "mine.csv").open("rb") as file:
        kept = keep_file("mine.csv", file, store.root / "uploads", chosen)
    assert by_film(open_source(str(kept), store, silent).reviews(FILMS, silent)) == [
        ("1", "a"),
        ("2", "b"),
        ("3", "c"),
    ]


def test_ids_are_compared_to_the_letter(store: Store, tmp_path: Path) -> None:
    films = FILMS.assign(film_id=["01", "1e2", "123456789012345678901"], other_ids=[()] * 3)
    content = 'film_id,review\n1,x\n01,a\n100,x\n1e2,b\n1.0,x\n123456789012345678901,c\n" 01",x\n'
    (tmp_path / "mine.csv").write_text(content)
    reviews = open_source(str(tmp_path / "mine.csv"), store, silent).reviews(films, silent)
    assert by_film(reviews) == [
        ("01", "a"),
        ("1e2", "b"),
        ("123456789012345678901", "c"),
    ]


def test_ids_that_became_decimals_are_named(store: Store, tmp_path: Path) -> None:
    films = FILMS.assign(film_id=["5", "79", "116"], other_ids=[()] * 3)
    (tmp_path / "mine.csv").write_text("film_id,review\n5.0,x\n79.0,y\n")
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    assert "write them as whole numbers" in source.check(films, silent).notes.warnings[0]
    (tmp_path / "mine.csv").write_text("film_id,review\n5,x\n79,y\n116,z\n")
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    check = source.check(films, silent)
    assert (check.reviews, check.notes.warnings) == (3, (BY_ID_ALONE,))


@pytest.mark.parametrize("films", [11, 12, 20, 21, 40, 100, 1682])
def test_numbers_without_gaps_show_nothing(films: int) -> None:
    numbered = pd.Series(range(1, films + 1)).astype("str")
    some = numbered.sample(max(1, films // 2), random_state=1)
    beyond = pd.Series(["1", "2", "3", "500000", "600000"])
    for ids in (numbered, some, beyond, (some.astype(int) + films // 4).astype("str")):
        assert evidence_of_ids(ids, numbered) == ""


def test_the_strongest_id_wins_and_articles_do_not_matter(store: Store, tmp_path: Path) -> None:
    content = "film_id,title,review\n3,Emma (1996),by id\n"
    content += ',The Usual Suspects,"by\nname"\n,"Usual Suspects, The",again\n'
    assert by_film(own(store, tmp_path, content)) == [("1", "by\nname"), ("1", "again"), ("3", "by id")]


def test_film_ids_of_other_ratings_are_left_aside(store: Store, tmp_path: Path) -> None:
    films = FILMS.title.tolist()
    mine = pd.DataFrame({"movie_id": [2, 3, 1], "title": films, "review": "r"})
    mine.to_csv(tmp_path / "mine.csv", index=False)
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    assert source.reviews(FILMS, silent)["film_id"].tolist() == ["1", "2", "3"]
    assert source.matches(FILMS, silent)["how"].tolist() == ["title"] * 3


@pytest.mark.parametrize(("ids", "by"), [([2, 1], "title"), ([1, 3], "film id of the file")])
def test_two_ids_that_are_both_wrong_are_no_slip(
    store: Store, tmp_path: Path, ids: list[int], by: str
) -> None:
    mine = pd.DataFrame({"film_id": ids, "title": FILMS.title[:2], "review": "r"})
    mine.to_csv(tmp_path / "mine.csv", index=False)
    found = open_source(str(tmp_path / "mine.csv"), store, silent).matches(FILMS, silent)
    assert set(found["how"]) == {by, ""}


def test_a_film_that_a_guess_has_a_part_in_is_a_guess(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("title,review\nEmma (1996),a\nEmma,b\n")
    found = open_source(str(tmp_path / "mine.csv"), store, silent).matches(FILMS, silent)
    assert found["how"].tolist() == ["", "title without a year: a guess", ""]


def test_a_line_break_in_a_title_is_no_fault_where_nothing_is_quoted(store: Store, tmp_path: Path) -> None:
    long = "\\n".join(["so"] * 200)
    content = f'{{"title": "\\n Emma (1996)\\n", "review": "{long}"}}\n'
    (tmp_path / "mine.jsonl").write_text(content)
    source = open_source(str(tmp_path / "mine.jsonl"), store, silent)
    check = source.check(FILMS, silent)
    assert (check.films, check.notes.warnings) == (("2",), ())


def test_a_title_says_how_well_it_tells_the_film(store: Store, tmp_path: Path) -> None:
    called = ["Emma (1996)", "The Usual  Suspects", "Brave heart (1994)"]
    films = FILMS.assign(title=["Usual Suspects, The (1995)", "Emma (1996)", "Braveheart (1995)"])
    pd.DataFrame({"title": called, "review": "r"}).to_csv(tmp_path / "mine.csv", index=False)
    found = open_source(str(tmp_path / "mine.csv"), store, silent).matches(films, silent)
    assert found["how"].tolist() == [
        "title without a year: a guess",
        "title",
        "title, year off by one: a guess",
    ]


def test_a_name_of_several_films_finds_none(store: Store, tmp_path: Path) -> None:
    films = FILMS.assign(title=["Heat (1986)", "Emma (1996)", "Heat (1995)"])
    (tmp_path / "mine.csv").write_text("title,year,review\nHeat,,a\nHeat,1995,b\nHeat,1987,c\n")
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    assert by_film(source.reviews(films.assign(year=[1986, 1996, 1995]), silent)) == [("1", "c"), ("3", "b")]


def test_an_equal_title_of_another_year_is_another_film(store: Store, tmp_path: Path) -> None:
    films = FILMS.assign(
        title=["Titanic", "Emma (1996)", "Alien"], year=pd.array([1997, 1996, 1979], "Int16")
    )
    path = tmp_path / "mine.csv"
    path.write_text("title,year,review\nTitanic,1953,a\nEmma (1996),1996,b\nAlien,1980,c\nTitanic,0,d\n")
    source = open_source(str(path), store, silent)
    assert source.matches(films, silent)["how"].tolist() == [
        "title",
        "title",
        "title, year off by one: a guess",
    ]
    check = source.check(films, silent)
    assert (check.reviews, check.unknown, check.examples) == (3, 1, ("Titanic (1953)",))


@pytest.mark.parametrize("ids", [("300", "21", "5"), ("1", "2", "3")])
def test_numbers_that_are_titles_of_the_ratings_are_titles(
    store: Store, tmp_path: Path, ids: tuple[str, ...]
) -> None:
    films = FILMS.assign(film_id=ids, title=["1917", "300", "M"], other_ids=[()] * 3)
    (tmp_path / "mine.csv").write_text("film,review\n1917,a\n300,b\nM,c\n21,d\n99,e\n")
    found = open_source(str(tmp_path / "mine.csv"), store, silent).matches(films, silent)
    assert found["how"].tolist() == ["title"] * 3


def test_a_number_longer_than_an_imdb_id_is_none() -> None:
    given = pd.Series(["tt0116191", "116191", "www.imdb.com/title/tt0116191/", "tt011619199999"], dtype="str")
    assert imdb_ids_in(pd.DataFrame({"imdb_id": given})).fillna("").tolist() == ["00116191"] * 3 + [""]


def test_blank_and_unknown_are_counted(store: Store, tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "mine.csv").write_text(
        "title,review,stars\nEmma (1996),Lovely,9\nEmma (1996),  ,1\nNobody,x,2\n"
    )
    source = open_source(str(tmp_path / "mine.csv"), store, silent)
    reviews = source.reviews(FILMS, lambda stage, done, message, values=None: said.append(message))
    assert by_film(reviews) == [("2", "Lovely")]
    assert reviews["stars"].tolist() == [9]
    assert said[-1] == "1 reviews; left out: 1 blank, 1 of other films"
    assert source.licence == "Your own file mine.csv; check its terms yourself."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.csv", "", "bad.csv is empty"),
        ("bad.jsonl", "", "bad.jsonl is empty; give a table"),
        ("bad.csv", "title,review\n", "bad.csv has no reviews; add some"),
        (
            "bad.csv",
            "title,thoughts\nEmma,x\n",
            r"no column for the review \(it has title, thoughts\); name one 'review'",
        ),
        ("bad.csv", "what,review\nEmma,x\n", "no column for the film .*; name one title, film_id or imdb_id"),
        (
            "bad.csv",
            "title,review\nEmma,Misérable é à ü\nEmma,".encode() + b"\xe9\n",
            "bad.csv, line 3 is not in UTF-8; save it in UTF-8",
        ),
        (
            "bad.jsonl",
            '{"title": "Misérable é à ü"}\n'.encode() + b'{"title": "\xe9"}\n',
            "bad.jsonl, line 2 is not in UTF-8; save it in UTF-8",
        ),
        ("bad.jsonl", "{}\nnothing\n", "bad.jsonl, line 2 is not JSON .*; mend or delete it"),
        ("bad.jsonl", "[1]\n", "bad.jsonl, line 1 is not a JSON object; mend or delete it"),
        ("bad.csv", bytes(range(256)) * 9, "bad.csv is not a text in UTF-8 but binary data"),
        (
            "bad.csv",
            "title,review\nNobody,x\n",
            "no review is of a film of the ratings .*. Write films",
        ),
        ("bad.csv", "title,review\nEmma,\n", "every review is blank; fill them in"),
        (
            "bad.csv",
            "title,review\nEmma,x,y\n",
            "bad.csv, line 2 has 3 columns where 2 are due; mend the line",
        ),
    ],
)
def test_bad_own_files(store: Store, tmp_path: Path, name: str, content: str | bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        own(store, tmp_path, content, name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "stars", "scale", "said"),
    [
        (["0.5", "3", "5"], [1, 6, 10], (0.5, 5), "out of 5, and read as out of 10"),
        (["0", "3", "10"], [0, 3, 10], (0, 10), ""),
        (["0", "3", "5"], [None, 6, 10], (3, 5), "1 review with 0 stars of 5, which counts as none"),
        (["20", "55", "100"], [2, 5.5, 10], (20, 100), "out of 100, and read as out of 10"),
        (["4/5", "8 / 10", "3 out of 5 stars", "★★½"], [8, 8, 6, 5], (2.5, 8), ""),
        (["9,5", "2", "N/A", "", "nan"], [9.5, 2, None, None, None], (2, 9.5), ""),
        (["9"] * 19 + ["99"], [9] * 19 + [None], (9, 9), "1 review is read without its stars"),
        (["good", "bad", "7"], [None] * 3, None, "the column of stars is left out: 'good' is no number"),
        (["True", "False"], [None] * 2, None, "left out: 'True'"),
        (["0", "1"], [None] * 2, None, "left out: '0'"),
        (["-1", "1"], [None] * 2, None, "left out: '-1'"),
    ],
)
def test_stars_never_block_a_file(
    texts: list[str], stars: list[float | None], scale: tuple[float, float] | None, said: str
) -> None:
    read = read_stars(pd.Series(texts, dtype="str"))
    found = [None if np.isnan(value) else round(float(value), 4) for value in read.values]
    assert (found, read.scale) == (stars, scale)
    assert said in "; ".join(read.notes.warnings) if said else read.notes.warnings == ()


def test_no_such_source(store: Store) -> None:
    with pytest.raises(
        BadInput, match="no reviews at 'nowhere'; give a file that exists or one of sample, lmrd"
    ):
        open_source("nowhere", store, silent)


# --- LMRD ---

TINY = {
    "aclImdb/test/urls_neg.txt": "http://www.imdb.com/title/tt0112642/usercomments\n",
    "aclImdb/test/neg/0_2.txt": "No ghost.",
    "aclImdb/train/pos/0_9.txt": "Who is Keyser?<br /><br />Great.",
    "aclImdb/train/pos/1_10.txt": "Clueless it is not.",
    "aclImdb/train/unsup/0_0.txt": "Of another film.",
    "aclImdb/train/urls_pos.txt": "http://www.imdb.com/title/tt0114814/usercomments\n"
    "http://www.imdb.com/title/tt0116191/usercomments\n",
    "aclImdb/train/urls_unsup.txt": "http://www.imdb.com/title/tt9999999/usercomments\n",
}
EXPECTED = [
    ("1", "lmrd-train-pos-0", "Who is Keyser?\nGreat.", 9.0),
    ("2", "lmrd-train-pos-1", "Clueless it is not.", 10.0),
    ("3", "lmrd-test-neg-0", "No ghost.", 2.0),
]


def tarball(tmp_path: Path, files: dict[str, str]) -> Path:
    path = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_lmrd_archive_and_folder_agree(store: Store, tmp_path: Path) -> None:
    for name, text in TINY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for path in (tarball(tmp_path, TINY), tmp_path / "aclImdb"):
        source = open_source(str(path), store, silent)
        reviews = source.reviews(FILMS, silent)
        assert reviews.columns.tolist() == [*COLUMNS, "address"]
        assert (
            list(reviews.drop(columns=["source", "address"]).itertuples(index=False, name=None)) == EXPECTED
        )
        assert set(reviews["source"]) == {"lmrd"}
        assert len(source.digest(None)) == 64


def test_lmrd_is_read_once(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_source(str(tarball(tmp_path, TINY)), store, silent)
    source.reviews(FILMS, silent)
    monkeypatch.setattr("core.data.reviews.sources.lmrd.archive.Archive._build", None)
    assert len(source.reviews(FILMS, silent)) == 3
    assert len(source.reviews(FILMS[:1], silent)) == 1


def test_lmrd_without_lists(store: Store, tmp_path: Path) -> None:
    path = tarball(tmp_path, {name: text for name, text in TINY.items() if "urls" not in name})
    with pytest.raises(
        BadInput, match="aclImdb_v1.tar.gz lacks the lists of addresses .* cannot be joined to films"
    ):
        open_source(str(path), store, silent).reviews(FILMS, silent)


@pytest.mark.parametrize(
    ("name", "most"), [("aclImdb/train/pos/1_10.txt", 1), ("aclImdb/train/urls_pos.txt", 16)]
)
def test_lmrd_with_an_endless_file(store: Store, tmp_path: Path, name: str, most: int) -> None:
    path = tarball(tmp_path, TINY | {name: TINY[name] + " " * most * 1024**2})
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(TINY[name] + " " * most * 1024**2)
    for whole in (path, tmp_path / "aclImdb"):
        with pytest.raises(
            BadInput, match=f": {Path(name).name} has more than {most} MB of text; leave it out"
        ):
            open_source(str(whole), store, silent).reviews(FILMS, silent)


def test_lmrd_takes_no_more_memory_than_it_may(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more_than_is_left(text: str) -> str:
        raise MemoryError

    monkeypatch.setattr("core.data.reviews.sources.lmrd.archive.with_line_breaks", more_than_is_left)
    with pytest.raises(BadInput, match="aclImdb_v1.tar.gz takes too much memory for its size"):
        open_source(str(tarball(tmp_path, TINY)), store, silent).reviews(FILMS, silent)


@pytest.mark.parametrize("cut", [20, 100])
def test_lmrd_truncated(store: Store, tmp_path: Path, cut: int) -> None:
    path = tarball(tmp_path, TINY)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(BadInput, match="aclImdb_v1.tar.gz is not a whole tar.gz archive .*; fetch it again"):
        open_source(str(path), store, silent).reviews(FILMS, silent)
    assert list((store.root / "artifacts").iterdir()) == []


# --- the real thing ---


@pytest.mark.slow
def test_lmrd_with_movielens_100k(lmrd_cache: Store) -> None:
    ratings = read_ratings("ml-100k", lmrd_cache, silent)
    reviews = open_source("lmrd", lmrd_cache, silent).reviews(ratings.films, silent)
    assert (reviews["film_id"].nunique(), len(reviews)) == (364, 4360)
    assert reviews["review_id"].is_unique
    assert reviews["film_id"].astype(int).is_monotonic_increasing
    assert reviews["review"].str.len().min() > 0
    assert not reviews["review"].str.contains("<br", regex=False).any()
    assert reviews.groupby("film_id").size().max() <= 30


def test_sample_with_movielens_100k(store: Store, datasets_dir: Path) -> None:
    ratings = read_ratings("ml-100k", store, silent)
    reviews = open_source("sample", store, silent).reviews(ratings.films, silent)
    assert (reviews["film_id"].nunique(), len(reviews)) == (100, 800)
    assert (reviews["film_id"] == "510").sum() == 8  # "Magnificent Seven, The (1954)"


def test_one_file_of_ratings_and_reviews_joins_by_its_ids(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("user,film_id,rating,review\na,1,3,Fine.\nb,2,4,Long.\n")
    assert open_source(str(path), store, silent).check(FILMS, silent).reviews == 0
    assert open_source(str(path), store, silent, f"{tmp_path}/./mine.csv").check(FILMS, silent).reviews == 2
