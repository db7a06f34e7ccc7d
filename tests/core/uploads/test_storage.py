"""Tables of any kind in pieces, and uploads kept under our own column names, listed and removed."""

import io
import itertools
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data.layouts.needed import refuse_missing_columns
from core.data.layouts.roles import guess_roles
from core.data.ratings.read import read_ratings
from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.registry import ids_of
from core.data.reviews.sources.combined import CombinedSource
from core.data.reviews.sources.imdb import FILE, STAGE
from core.data.reviews.sources.user_file.rows import rows_of
from core.data.reviews.sources.user_file.sampling import sample
from core.data.reviews.sources.user_file.source import UserFile
from core.data.tables import UserTable, first_rows, open_table
from core.errors import BadInput
from core.pipeline.reviews import text_folder
from core.pipeline.stage import Stage
from core.progress import silent
from core.settings import RunSettings
from core.store import Store, shared_store, write_json
from core.store.object_store import ObjectStore
from core.store.store_errors import Away
from core.uploads import storage as uploads
from tests.support.flushes import noted_flushes, outlives_a_power_loss

PLAIN = "title,review\nEmma (1996),Très bien\n"


def table(content: bytes, name: str = "mine.csv") -> UserTable:
    return open_table(name, lambda: io.BytesIO(content))


def columns_of(found: UserTable) -> dict[str, str]:
    """Return the recognised columns of a table of reviews, which must have what is needed."""
    roles = guess_roles(found, "reviews")
    refuse_missing_columns(found, roles.columns, "reviews", False)
    return dict(roles.columns)


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def damaged(how: int) -> bytes:
    """A zip whose one table is packed so, with bytes in its middle changed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        archive.writestr("a.csv", "title,review\n" + "".join(f"Emma,{n * 7919}\n" for n in range(9000)))
    content = bytearray(packed.getvalue())
    middle = len(content) // 3
    content[middle : middle + 64] = bytes(64)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLAIN.encode(), "UTF-8, separated by commas"),
        (PLAIN.encode("utf-8-sig"), "UTF-8 with a mark, separated by commas"),
        (PLAIN.encode("utf-16"), "UTF-16, separated by commas"),
        (PLAIN.encode("utf-16-be"), "UTF-16, separated by commas"),
        (PLAIN.encode("cp1252"), "Windows-1252 (guessed), separated by commas"),
        (PLAIN.replace(",", ";").encode(), "UTF-8, separated by semicolons"),
        (PLAIN.replace(",", "\t").encode("utf-16"), "UTF-16, separated by tabs"),
    ],
)
def test_encoding_and_separator_are_detected(content: bytes, said: str) -> None:
    found = table(content)
    assert found.format == said
    assert first_rows(found, 5).values.tolist() == [["Emma (1996)", "Très bien"]]


@pytest.mark.parametrize(
    ("encoding", "title", "review"),
    [
        ("cp1252", "Amélie", "Un film très drôle, où l’héroïne rêve d’être aimée."),
        ("cp1250", "Dekalog", "Świetny film, który każdy powinien obejrzeć, choć jest trudny."),
        ("cp1251", "Солярис", "Очень медленный и красивый фильм о памяти и любви."),
        ("koi8_r", "Солярис", "Очень медленный и красивый фильм о памяти и любви."),
        ("cp1253", "Ζορμπάς", "Μια πολύ όμορφη ταινία για τη ζωή και τον έρωτα."),
        ("cp932", "七人の侍", "とても長いが素晴らしい映画です。最後の戦いは忘れられない。"),
        ("gb18030", "霸王别姬", "这是一部非常感人的电影，演员的表演非常出色。"),
        ("cp949", "올드보이", "정말 강렬하고 잊을 수 없는 영화였다. 연기가 훌륭하다."),
    ],
)
@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl"])
def test_the_letters_of_other_scripts_are_read(name: str, encoding: str, title: str, review: str) -> None:
    # Longer than what the encoding is told from.
    rows = [(f"{title} {number}", f'"Hm", {review}') for number in range(1000)]
    if name == "mine.csv":
        text = "title,review\n" + "".join(
            f'{one},"{two.replace(chr(34), chr(34) * 2)}"\n' for one, two in rows
        )
    else:
        text = "".join(json.dumps({"title": a, "review": b}, ensure_ascii=False) + "\n" for a, b in rows)
    found = table(text.encode(encoding), name)
    assert "(guessed)" in found.format
    read = pa.concat_tables(found.batches({"title": "title", "review": "review"})).to_pylist()
    assert [(row["title"], row["review"]) for row in read] == rows


def test_bytes_that_are_in_no_encoding_are_read_all_the_same() -> None:
    assert first_rows(table(b"title,review\nEmma (1996),\x81\x8d\xff fine\n"), 5).shape == (1, 2)


def test_kinds_agree(tmp_path: Path) -> None:
    frame = pd.DataFrame({"film_id": [2, 3], "review": ["a", None]})
    frame.to_parquet(tmp_path / "mine.parquet")
    lines = b'{"film_id": 2, "review": "a"}\n\n{"film_id": 3, "review": null}\n'
    for content, name in (
        ((tmp_path / "mine.parquet").read_bytes(), "mine.parquet"),
        (lines, "mine.jsonl"),
        (b"film_id,review\n2,a\n3,\n", "mine.csv"),
        (lines.decode().encode("utf-16"), "mine.jsonl"),
        (zipped({"a.csv": b"film_id,review\n2,a\n", "b.tsv": b"review\tfilm_id\n\t3\n"}), "mine.zip"),
        (zipped({"a.jsonl": lines, "readme": b"x", "__MACOSX/a.csv": b"x"}), "mine.zip"),
    ):
        found = table(content, name)
        rows = pa.concat_tables(found.batches({"film_id": "film_id", "review": "review"})).to_pandas()
        assert found.columns == ("film_id", "review")
        assert rows.film_id.tolist() == ["2", "3"] and rows.review.fillna("-").tolist() == ["a", "-"]


def test_columns_of_one_name_are_told_apart_and_not_guessed_at() -> None:
    found = table(b"title,review,review,\nEmma,x,y,z\n")
    assert found.columns == ("title", "review", "review (2)", "column 4")
    with pytest.raises(BadInput, match="several columns called 'review'; rename all but one"):
        columns_of(found)
    rows = rows_of(found, {"title": "title", "review": "review (2)"})
    assert (rows.names.values.tolist(), rows.blank.tolist()) == ([["Emma"]], [False])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mine.csv", b"", "mine.csv is empty; give a table with a header line and rows"),
        ("mine.csv", b"\n \n", "mine.csv is empty"),
        ("mine.csv", bytes(range(256)) * 9, "binary data"),
        ("mine.xlsx", b"PK\x03\x04", "not a whole zip archive; pack it again"),
        ("mine.csv", b"," * 2000 + b"\nx\n", "2,001 columns; give a table with at most 1,000"),
        ("mine.jsonl", b"[" * 100_000 + b"\n", "line 1 is nested too deeply|line 1 is not JSON"),
        ("mine.jsonl", b'{"review": "' + b"x" * (1 << 22), "line 1 has more than 4,194,304 characters"),
        ("mine.zip", b"PK\x03\x04 and no more", "not a whole zip archive; pack it again"),
        (
            "mine.zip",
            zipped({"a.csv": b"x", "b.csv": b"y"}),
            r"b.csv has other columns \(y\) than mine.zip: a.csv",
        ),
        ("mine.zip", zipped({"README.md": b"x"}), "holds no table; pack one"),
        ("mine.zip", damaged(zipfile.ZIP_BZIP2), "a.csv is damaged"),
        ("mine.zip", damaged(zipfile.ZIP_LZMA), "a.csv is damaged"),
        ("mine.zip", damaged(zipfile.ZIP_DEFLATED), "a.csv is damaged"),
        ("mine.parquet", b"PAR1 and no more", "not a whole Parquet file"),
    ],
)
def test_what_is_no_table(name: str, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        first_rows(table(content, name), 5)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"title,review\n", "has a header line but no rows|has no reviews"),
        (b'title,review\nEmma,x\nEmma,"never\nEmma,y\n', "line 3 has a quotation mark that is never closed"),
        (
            b'title,review\nEmma,"never\n' + b"Emma, more\n" * 20_000,
            "line 2 has a quotation mark that is never closed",
        ),
        (
            b'title,review,notes\nEmma,x,"never\nEmma,y,\nEmma,z,\n',
            "line 2 has a quotation mark that is never",
        ),
        (b'title,review\n"Emma,x\nEmma,y\n",z\n', "line 2: title runs over the end of the line"),
        (b"title,review\nEmma,x\nEmma,x,y\n", "line 3 has 3 columns where 2 are due"),
        (PLAIN.encode() * 3 + b"Emma,\xe9\n", "line 7 is not in UTF-8"),
        (PLAIN.encode("utf-16")[:-1], "line 2 is not in UTF-16"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        rows_of(table(content), {"title": "title", "review": "review"})


def test_a_zip_bomb_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.tables.bounds.FREE_BYTES", 1000)
    monkeypatch.setattr("core.data.tables.bounds.RATIO", 1)
    with pytest.raises(BadInput, match="unpacks to more than"):
        table(zipped({"a.csv": b"title,review\n" + b"x" * 1000}), "mine.zip")
    # One that lies about its size ends at the size that it states.
    packed = bytearray(zipped({"a.csv": b"title,review\n" + b"x,y\n" * 1000}))
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = (40).to_bytes(4, "little")
    with pytest.raises(BadInput, match="is damaged"):
        first_rows(table(bytes(packed), "mine.zip"), 5)


def test_a_name_leads_nowhere(tmp_path: Path) -> None:
    path = uploads.keep_file("../../evil.csv", io.BytesIO(PLAIN.encode()), tmp_path / "uploads")
    assert path.parent.parent == tmp_path / "uploads" and path.name == "evil.csv"


def test_a_file_is_kept_once_as_it_was_given_with_its_columns(store: Store) -> None:
    folder = store.root / "uploads"
    content = "Film;Opinion;Sterne\nEmma (1996);Lovely;9\nNobody (1900);;3\n".encode("utf-16")
    chosen = uploads.Chosen({"review": "Opinion", "title": "Film", "stars": "Sterne"})
    path = uploads.keep_file("mine.csv", io.BytesIO(content), folder, chosen)
    assert uploads.keep_file("mine.csv", io.BytesIO(content), folder, chosen) == path
    assert uploads.keep_file("mine.csv", io.BytesIO(content), folder) != path
    assert path.read_bytes() == content
    films = pd.DataFrame(
        {
            "film_id": [2],
            "title": ["Emma (1996)"],
            "year": pd.array([1996], "Int16"),
            "imdb_id": "",
            "other_ids": [()],
        }
    )
    check = UserFile(path, store).check(films, silent)
    assert (check.rows, check.reviews, check.films, check.blank, check.unknown) == (2, 1, (2,), 1, 0)
    other = uploads.keep_file("mine.csv", io.BytesIO(content), folder, uploads.Chosen({"review": "Opinion"}))
    uploads.remove(other, store.root)
    uploads.remove(uploads.keep_file("mine.csv", io.BytesIO(content), folder), store.root)
    (file,) = uploads.stored_files(store.root)
    assert (file.name, file.path) == ("mine.csv", path)
    assert uploads.uses(file, {"reviews": str(path)}) and not uploads.uses(file, {"reviews": "sample"})
    assert uploads.removed_uploads({"reviews": str(path), "ratings": "planted"}, store.root) == []
    uploads.remove(path, store.root)
    # Another tab removed it first.
    uploads.remove(path, store.root)
    assert uploads.stored_files(store.root) == []
    assert uploads.removed_uploads({"reviews": str(path), "ratings": "planted"}, store.root) == ["reviews"]


def test_a_kept_file_outlives_a_power_loss(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    events = noted_flushes(monkeypatch)
    kept = uploads.keep_file("mine.csv", io.BytesIO(b"title,review\nA,good\n"), store.root / "uploads")
    assert outlives_a_power_loss(kept.parent, events)


def test_other_columns_are_other_reviews(store: Store) -> None:
    content = b"title,review,second\nEmma (1996),Fine,Dull\n"
    digests = set()
    for review in ("review", "second"):
        chosen = uploads.Chosen({"title": "title", "review": review})
        path = uploads.keep_file("mine.csv", io.BytesIO(content), store.root / "uploads", chosen)
        digests.add(UserFile(path, store).digest(None))
    assert len(digests) == 2


def test_uploads_of_earlier_versions_are_read(store: Store) -> None:
    # They were Parquet, with our names of columns, all of them text.
    home = store.root / "uploads" / "abc"
    home.mkdir(parents=True)
    (home / uploads.ABOUT).write_text('{"name": "mine.csv", "time": 1.0}')
    names = ["film_id", "imdb_id", "title", "year", "review", "stars"]
    pd.DataFrame([["2", "tt1", "Emma", "1996", "Fine.", "9"]], columns=names).to_parquet(home / "r.parquet")
    assert set(UserFile.open(home / "r.parquet", store).columns) == set(names)
    rated = pd.DataFrame({"user": ["1", "2"], "film": ["5", "6"], "rating": ["4", "3"]})
    rated.assign(title=["A", "B"], time="7").to_parquet(home / "mine.parquet")
    ratings = read_ratings(str(home / "mine.parquet"), store, silent)
    assert (len(ratings.user_ids), ratings.films.title.tolist()) == (2, ["A", "B"])


def test_nothing_else_is_removed(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path / "mine.csv", store.root / "runs" / "x", store.root / "uploads", store.root):
        with pytest.raises(BadInput, match="is not in the cache"):
            uploads.remove(path, store.root)


def test_ratings_are_kept_with_their_columns(store: Store) -> None:
    chosen = uploads.Chosen({"user": "wer", "film": "was", "rating": "wie"})
    content = io.BytesIO(b"wer;was;wie\n1;10;4\n2;10;3\n1;20;5\n")
    path = uploads.keep_file("mine.csv", content, store.root / "uploads", chosen)
    ratings = read_ratings(str(path), store, silent)
    assert (len(ratings.user_ids), len(ratings.films), ratings.table.rating.tolist()) == (2, 2, [4, 3, 5])


def test_a_damaged_note_of_a_name_does_no_harm(store: Store) -> None:
    path = uploads.keep_file("a b.csv", io.BytesIO(b"x"), store.root / "uploads")
    path.with_name(uploads.ABOUT).write_text(json.dumps([1]))
    assert uploads.given_name(path) == "a_b.csv"


def test_a_row_of_a_zip_is_named_by_its_own_file(store: Store) -> None:
    long = b"x" * 1001
    packed = zipped({"a.csv": b"title,review\nEmma,x\n", "b.csv": b"title,review\n" + long + b",x\n"})
    found = table(packed, "mine.zip")
    assert found.format == "2 tables, UTF-8, separated by commas"
    with pytest.raises(BadInput, match="mine.zip: b.csv, line 2: title has more than 1,000 letters"):
        rows_of(found, {name: name for name in found.columns})


def test_a_review_that_swallowed_rows_is_doubted(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"Emma,{n}\n" for n in range(300))
    (tmp_path / "mine.csv").write_text(f'title,review\nEmma,"open\n{rows}Emma,closed"\nEmma,x\n')
    said: list[str] = []
    films = pd.DataFrame({"film_id": [1], "title": ["Emma"], "year": pd.array([1996], "Int16")})
    source = UserFile(tmp_path / "mine.csv", store)
    check = source.check(films, silent)
    assert check.rows == 2
    (doubt,) = check.notes.warnings
    assert doubt == "the review at mine.csv, line 2 runs over 302 lines; is a quotation mark left open there?"
    source.reviews(films, lambda stage, done, message, values=None: said.append(message))
    assert said[-1].endswith(doubt)


@pytest.mark.parametrize("content", [b'"the\ntitle",review\nEmma,x\n', b"\n\ntitle;review\nEmma;x\n"])
def test_a_header_may_have_a_line_break_or_blank_lines_before_it(content: bytes) -> None:
    assert first_rows(table(content), 5).values.tolist() == [["Emma", "x"]]


def test_half_a_letter_is_no_quotation_mark() -> None:
    content = 'title,review\nEmma,\u2022 x\nEmma,"two\nlines"\n'.encode("utf-16")
    assert first_rows(table(content), 5).review.tolist() == ["\u2022 x", "two\nlines"]


def test_a_zip_of_several_encodings_says_each_and_a_note_in_it_is_left() -> None:
    members = {"a.csv": PLAIN.encode(), "b.csv": PLAIN.encode("cp1252"), "readme.txt": b"hi"}
    assert table(zipped(members), "mine.zip").format == (
        "2 tables, UTF-8, separated by commas and Windows-1252 (guessed), separated by commas"
    )


def test_no_stars_may_be_told_in_several_ways() -> None:
    content = b"title,review,stars\nEmma,x,nan\nEmma,y,\nEmma,z,None\nEmma,w,7\n"
    found = table(content)
    assert rows_of(found, columns_of(found)).stars.tolist()[3] == 7
    assert np.isnan(rows_of(found, columns_of(found)).stars[:3]).all()


def test_texts_in_the_column_of_films_are_refused() -> None:
    found = table(b"title,review\nEmma,x\n" + b"y" * 1001 + b",Emma\n")
    with pytest.raises(BadInput, match="line 3: title has more than 1,000 letters; take another column"):
        rows_of(found, columns_of(found))


def test_of_too_many_reviews_as_many_are_drawn_of_every_film(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.reviews.sources.user_file.joining.MOST_READ", 7)
    titles = ["A"] * 20 + ["B"] * 5 + ["C", "D"]
    rows = [f"{title},{title} number {number},5" for number, title in enumerate(titles)]
    (tmp_path / "mine.csv").write_text("\n".join(["title,review,stars", *rows, "A,,1", "Nobody,x,1"]))
    films = pd.DataFrame(
        {
            "film_id": [5, 3, 8, 9],
            "title": ["B", "A", "C", "E"],
            "year": pd.array([pd.NA] * 4, "Int16"),
            "imdb_id": pd.array([pd.NA] * 4, "str"),
            "other_ids": [()] * 4,
        }
    )
    source = UserFile(tmp_path / "mine.csv", store)
    reviews = source.reviews(films, silent)
    assert reviews.film_id.tolist() == [5, 5, 5, 3, 3, 3, 8]
    # Each review is with its own film, in the order of the file, and the same are drawn again.
    assert [text.split()[0] for text in reviews.review] == list("BBBAAAC")
    places = reviews.review_id.str.rpartition("-")[2].astype(int)
    assert all(mine.is_monotonic_increasing for _, mine in places.groupby(reviews.film_id))
    assert UserFile(tmp_path / "mine.csv", store).reviews(films, silent).equals(reviews)
    assert source.matches(films, silent).how.tolist() == [
        "title; 3 of its 5 reviews, drawn",
        "title; 3 of its 20 reviews, drawn",
        "title",
        "",
    ]
    check = source.check(films, silent)
    assert (check.rows, check.reviews, check.read, check.blank, check.unknown) == (29, 26, 7, 1, 2)
    assert sum(map(len, source.texts(silent))) == 28
    # Those not drawn are of rated films as well, and no text for a language model that is to know none of these.
    assert len(ids_of(CombinedSource([source]), films, silent)) == 26
    unrated = text_folder(
        Stage(RunSettings(), store, silent), source, replace(synthetic_world().ratings, films=films)
    )
    assert len(pd.read_parquet(unrated / "reviews.parquet")) == 2


def test_drawing_favours_no_place_in_the_file() -> None:
    film = np.repeat([0, 1], 5_000)
    read = sample(film, np.ones(10_000, dtype=bool), 1_000)
    assert (np.bincount(film[read]) == 500).all()
    # Of each tenth of a film's rows some fifty are read; 5 standard deviations are 32.
    tenths = np.add.reduceat(read[:5_000].astype(int), np.arange(0, 5_000, 500))
    assert (abs(tenths - 50) < 32).all()


def test_an_upload_that_was_removed_is_missed_among_several(tmp_path: Path) -> None:
    gone = tmp_path / "uploads" / "x" / "mine.parquet"
    assert uploads.removed_uploads({"reviews": f"lmrd+{gone}"}, tmp_path) == ["reviews"]
    assert uploads.removed_uploads({"reviews": "lmrd+critics", "ratings": "ml-100k"}, tmp_path) == []


@pytest.mark.parametrize(
    "name", ["sources", "sources/other", "artifacts", "artifacts/reviews-1", "runs", "uploads/../typo"]
)
def test_no_folder_of_the_cache_itself_is_removed(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(BadInput, match="so it is not removed"):
        uploads.remove(tmp_path / name, tmp_path)
    assert (tmp_path / name).is_dir()


def be_silent_once(shared: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a store not answer the first time that something is deleted; a wait for it takes no time."""
    remove = shared.remove

    def silent(name: str) -> None:
        monkeypatch.setattr(shared, "remove", remove)
        raise Away("it does not answer")

    monkeypatch.setattr(shared, "remove", silent)
    monkeypatch.setattr("core.store.object_store.time.sleep", lambda _: None)
    monkeypatch.setattr("core.store.object_store.time.monotonic", itertools.count().__next__)


@pytest.mark.parametrize("silent_once", [False, True])
def test_answers_that_a_user_removes_are_removed_where_caches_share_theirs(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent_once: bool
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    shared = shared_store()
    assert shared is not None
    for film in ("tt1", "tt2"):
        store.artifact(STAGE, "1", {"imdb_id": film}, lambda to: write_json(to / FILE, []))
    other = store.artifact("tokens", "1", {}, lambda to: write_json(to / FILE, []))
    if silent_once:
        be_silent_once(shared, monkeypatch)
    uploads.remove(store.root / "artifacts" / STAGE, store.root)
    assert shared.names() == [other.name]
    assert [path.name for path in other.parent.iterdir()] == [other.name]


def test_answers_of_tmdb_are_removed_though_the_shared_store_is_silent_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    shared = shared_store()
    assert shared is not None
    (store.root / "sources" / "tmdb").mkdir(parents=True)
    reviews = pd.DataFrame({"review_id": ["tmdb-a"], "fetched": ["2020-01-01T00:00:00+00:00"]})
    store.artifact("reviews", "1", {}, lambda to: reviews.to_parquet(to / "reviews.parquet"))
    be_silent_once(shared, monkeypatch)
    uploads.remove(store.root / "sources" / "tmdb", store.root)
    assert shared.names() == []
