"""Every refusal names a remedy, and the remedy works: it is applied here, and the file is read."""

import ast
import bz2
import gzip
import io
import re
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from support.language import MOST_WORDS, split, words

from core.cli.app import main
from core.data.layouts.aliases import Holds
from core.data.ratings.read import read_ratings
from core.errors import BadInput
from core.inference.texts import reviews_in
from core.progress import silent
from core.store import Store
from core.uploads.check import Contents, check_ratings, check_reviews
from core.uploads.inspection import inspect_here
from core.uploads.storage import Chosen

ROOT = Path(__file__).parents[3]
CHECKED = (
    "core/data/tables",
    "core/data/ratings",
    "core/data/layouts",
    "core/data/reviews/sources/user_file",
)
"""Folders whose refusals are collected."""
Files = dict[str, bytes]


def csv(rows: int = 40, **columns: object) -> str:
    """Return a table of ratings by four users, with further columns, or others in place of the usual ones."""
    usual = {
        "user": [number % 4 for number in range(rows)],
        "film": [number // 4 for number in range(rows)],
        "rating": [1 + (number * 7) % 5 for number in range(rows)],
    }
    return pd.DataFrame(usual | columns).to_csv(index=False)


GOOD = csv()
REVIEWS = "title,review\nEmma (1996),A fine film.\nHeat (1995),A long film.\n"
RATED = "user,film,rating,title,imdb_id\n" + "".join(
    f"{user},{film},{1 + (user + film) % 5},{title}\n"
    for user in range(4)
    for film, title in ((1, "Emma (1996),tt0116191"), (2, "Heat (1995),tt0113277"))
)
FILMS = pd.DataFrame(
    {
        "film_id": ["1", "2"],
        "title": ["Emma (1996)", "Heat (1995)"],
        "year": pd.array([1996, 1995], "Int16"),
        "imdb_id": ["tt0116191", "tt0113277"],
        "other_ids": [(), ()],
    }
)


def parquet(content: str) -> bytes:
    """Return a table as Parquet."""
    buffer = io.BytesIO()
    pd.read_csv(io.StringIO(content)).to_parquet(buffer)
    return buffer.getvalue()


def arrow(columns: dict[str, list[object]]) -> bytes:
    """Return columns as Parquet."""
    buffer = io.BytesIO()
    pa.parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def zipped(members: dict[str, str | bytes]) -> bytes:
    """Return a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(name: str, content: str) -> bytes:
    """Return a compressed tar archive."""
    packed, entry = io.BytesIO(), tarfile.TarInfo(name)
    entry.size = len(content.encode())
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(entry, io.BytesIO(content.encode()))
    return packed.getvalue()


def locked(content: bytes) -> bytes:
    """Return a zip whose one entry says that it needs a password."""
    changed = bytearray(content)
    changed[6] |= 1
    changed[changed.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def workbook(content: str, cut: int = 0, number: type = int) -> bytes:
    """Return a table as an Excel file, so many bytes cut from its sheet, its numbers of this type."""
    openpyxl = pytest.importorskip("openpyxl")
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for line in content.splitlines():
        book.active.append([number(value) if value.isdecimal() else value for value in line.split(",")])
    book.save(buffer)
    if not cut:
        return buffer.getvalue()
    with zipfile.ZipFile(buffer) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    return zipped(members | {"xl/worksheets/sheet1.xml": sheet[:-cut]})


def unknown_method() -> bytes:
    """Return a zip whose one entry is packed by a method that nobody knows."""
    changed = bytearray(zipped({"a.csv": GOOD}))
    at = changed.rindex(b"PK\x01\x02")
    changed[8:10] = changed[at + 10 : at + 12] = (77).to_bytes(2, "little")
    return bytes(changed)


@dataclass(frozen=True)
class Case:
    """A file that is refused, and what its user does about it."""

    name: str
    content: bytes | str | dict[str, bytes | str]
    """Of a folder, its files."""
    refusal: str
    """Part of the message, as a pattern."""
    mended: bytes | str | dict[str, bytes | str] | None = None
    """The content after the remedy; None where it is the same."""
    holds: Holds = "ratings"
    renamed: str = ""
    """The name after the remedy."""
    chosen: Chosen | None = None
    """The columns that the remedy names."""
    first: Chosen | None = None
    """The columns that were named at first."""


def written(folder: Path, case: Case, remedied: bool) -> Path:
    """Return the path of the file of a case, before or after the remedy."""
    content = case.mended if remedied and case.mended is not None else case.content
    path = folder / (case.renamed if remedied and case.renamed else case.name)
    if isinstance(content, dict):
        path.mkdir(parents=True)
        for name, inner in content.items():
            (path / name).write_bytes(inner if isinstance(inner, bytes) else inner.encode())
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, case: Case, remedied: bool, store: Store) -> Contents:
    """Return what would be read of the file of a case, before or after the remedy."""
    path = written(folder, case, remedied)
    chosen = case.chosen if remedied else case.first
    if case.holds == "ratings":
        return check_ratings(str(path), store, silent, chosen.columns if chosen else None)
    return check_reviews(str(path), store, silent, FILMS, chosen or Chosen())


LINE = GOOD.splitlines()[5]
DOUBLE = "".join(line.replace(",", "::") + "::978300760\n" for line in GOOD.splitlines()[1:])
DEEP = "[" * 100_000 + "]" * 100_000
CASES = [
    # --- packed files ---
    Case(
        "mine.csv",
        b"7z\xbc\xaf\x27\x1c" + b"x" * 90,
        "packed as 7z.*pack it as .zip or .gz",
        gzip.compress(GOOD.encode()),
    ),
    Case("mine.tar.gz", tarred("a.csv", GOOD), "tar archive.*pack it as .zip", zipped({"a.csv": GOOD})),
    Case(
        "mine.csv.gz",
        gzip.compress(GOOD.encode())[:-40],
        "is damaged .*; fetch it again",
        gzip.compress(GOOD.encode()),
    ),
    Case("mine.csv.bz2", b"BZh9" + b"\0" * 90, "is damaged .*; fetch it again", bz2.compress(GOOD.encode())),
    Case(
        "mine.zip",
        zipped({"a.csv": GOOD})[:-60],
        "not a whole zip archive; pack it again",
        zipped({"a.csv": GOOD}),
    ),
    Case(
        "mine.zip",
        locked(zipped({"a.csv": GOOD})),
        "locked by a password; pack it again without one",
        zipped({"a.csv": GOOD}),
    ),
    Case("mine.zip", zipped({}), "holds no table; ", zipped({"a.csv": GOOD})),
    Case(
        "mine.zip",
        zipped({"a.csv": "one,two\n1,2\n", "b.csv": "three,four\n1,2\n"}),
        "has no table with columns for user, film and rating .*; give one that has",
        zipped({"a.csv": GOOD, "b.csv": "three,four\n1,2\n"}),
    ),
    Case("mine", {}, "holds no table; give a folder or an archive with one", {"a.csv": GOOD}),
    # --- formats ---
    Case("mine.csv", "", "is empty; give a table with a header line and rows", GOOD),
    Case("mine.csv", "\n \n", "is empty; give a table with a header line and rows", GOOD),
    Case("mine.csv", bytes(range(256)) * 9, "binary data; save it as CSV in UTF-8", GOOD),
    Case(
        "mine.pdf",
        b"%PDF-1.7 " + b"x" * 90,
        "not a table; give a file such as .csv",
        GOOD,
        renamed="mine.csv",
    ),
    Case("mine.parquet", b"PAR1 and no more", "not a whole Parquet file; write it again", parquet(GOOD)),
    Case("mine.parquet", b"nothing at all", "not a whole Parquet", parquet(GOOD)),
    Case(
        "mine.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 90,
        "save it as .xlsx or CSV",
        GOOD,
        renamed="mine.csv",
    ),
    # --- JSON ---
    Case(
        "mine.jsonl",
        "[]",
        "is empty; give a file with a record",
        '[{"user": 1, "film": 2, "rating": 3}, {"user": 2, "film": 3, "rating": 4}]',
    ),
    Case(
        "mine.jsonl",
        '{"user": 1, "film": 2, "rating": 3}\n[1]\n',
        "line 2 is not a JSON object; mend or delete it",
        '{"user": 1, "film": 2, "rating": 3}\n{"user": 2, "film": 3, "rating": 4}\n',
    ),
    Case(
        "mine.jsonl",
        '{"user": 1, "film": 2, "rating": 3}\n{"user": \n',
        "line 2 is not JSON .*; mend or delete it",
        '{"user": 1, "film": 2, "rating": 3}\n{"user": 2, "film": 3, "rating": 4}\n',
    ),
    Case(
        "mine.json",
        '[{"user": 1, "film": 2, "rating": 3}, 5]',
        "is not a JSON object; mend or delete it",
        '[{"user": 1, "film": 2, "rating": 3}, {"user": 2, "film": 3, "rating": 4}]',
    ),
    Case(
        "mine.json",
        '[{"user": 1, "film": 2, "rating": 3}] and',
        "something follows the array; delete it",
        '[{"user": 1, "film": 2, "rating": 3}, {"user": 2, "film": 3, "rating": 4}]',
    ),
    Case(
        "mine.json",
        '[{"user": 1, "film": 2, "rating": 3}',
        "ends before its array is closed; fetch the file again",
        '[{"user": 1, "film": 2, "rating": 3}, {"user": 2, "film": 3, "rating": 4}]',
    ),
    Case(
        "mine.json",
        DEEP,
        "nested too deeply; mend or delete it",
        '[{"user": 1, "film": 2, "rating": 3}, {"user": 2, "film": 3, "rating": 4}]',
    ),
    # --- delimited texts ---
    Case("mine.csv", "user,film,rating\n", "no rows; add the rows|has no ratings; add some", GOOD),
    Case(
        "mine.csv", GOOD + "1,2\n", "line 42 has 2 columns where 3 are due; mend the line", GOOD + "9,2,3\n"
    ),
    Case(
        "mine.csv",
        GOOD + "1,2,3,4\n",
        "line 42 has 4 columns where 3 are due; mend the line",
        GOOD + "9,2,3\n",
    ),
    Case(
        "mine.csv",
        GOOD + f"{'x' * 1100},1,1\n",
        "line 42: the id of the user has more than 1,000 letters. Choose another column for the user, or shorten it",
        GOOD,
    ),
    Case(
        "mine.csv",
        GOOD + f"{'x' * (1 << 20)}x,1,1\n",
        "line 42: user has more than 1 MB of text; shorten it",
        GOOD,
    ),
    Case(
        "mine.parquet",
        arrow({"user": ["1", "2" * (1 << 22) + "2"], "film": ["1", "1"], "rating": [1, 2]}),
        "row 2 has more than 4 MB of text; shorten it",
        parquet(GOOD),
    ),
    Case("mine.csv", "," * 2000 + "\nx\n", "2,001 columns; give a table with at most 1,000", GOOD),
    Case(
        "mine.csv",
        GOOD.replace("rating", "rating,rating").replace("\n", ",1\n").replace("rating,1", "rating"),
        "several columns called 'rating'; rename all but one",
        GOOD,
    ),
    Case(
        "mine.csv",
        csv(title="Amélie").encode() + b"9,2,3,Am\xe9lie\n",
        "line 42 is not in UTF-8; save it in UTF-8",
        csv(title="Amélie") + "9,2,3,Amélie\n",
    ),
    Case(
        "mine.csv",
        csv(title="x" * (1 << 22), rows=2),
        "more than 4,194,304 characters; give a table with one row per line|cannot be read as a table .*; save",
        GOOD,
    ),
    Case(
        "mine.dat",
        DOUBLE + "x" * (1 << 23),
        "has a line of more than .* characters; give a table with one row per line",
        DOUBLE,
    ),
    Case("mine.dat", DOUBLE + "9::\x1f::3::1\n", r"control character U\+001F; delete it", DOUBLE),
    # --- Excel and Parquet ---
    Case(
        "mine.xlsx",
        workbook(csv(user=[10**20 + number % 4 for number in range(40)]), number=float),
        "row 2 holds a number too long for Excel.*. Make its column text, and enter it again",
        workbook(csv(user=[f"{10**20 + number % 4}" for number in range(40)]), number=str),
    ),
    Case("mine.xlsx", workbook(GOOD)[:-300], "not a whole .*; ", workbook(GOOD)),
    Case("mine.xlsx", workbook(GOOD, cut=30), "not a whole Excel file; save it again", workbook(GOOD)),
    Case(
        "mine.zip",
        unknown_method(),
        "packed in a way that cannot be read; pack it again",
        zipped({"a.csv": GOOD}),
    ),
    Case("mine.parquet", arrow({}), "has no columns; write a table with some", parquet(GOOD)),
    Case(
        "mine.parquet",
        arrow({"user": [b"\xff\xfe", b"\xfd"], "film": [1, 2], "rating": [1, 2]}),
        "column 'user' holds what is no text in UTF-8; write it as text",
        arrow({"user": ["a", "b"], "film": [1, 2], "rating": [1, 2]}),
    ),
    # --- roles of columns ---
    Case(
        "mine.csv",
        "x1,x2\n1,2\n3,4\n",
        "has no column for the .*; name one '",
        GOOD,
    ),
    Case(
        "mine.csv",
        "userId"
        + "".join(f",{film}" for film in range(100, 112))
        + "\n1"
        + ",3,4" * 6
        + "\n2"
        + ",5,1" * 6
        + "\n",
        "has 13 columns, but none for the .*; give one row per rating, with columns user, film and rating",
        "user,film,rating\n"
        + "".join(f"{user},{film},{1 + (user + film) % 5}\n" for user in (1, 2) for film in (100, 101)),
    ),
    # --- values of ratings ---
    Case("mine.csv", csv(rating="good"), "no ratings|not a number", GOOD),
    Case(
        "mine.csv",
        GOOD.replace(LINE, LINE[:-1] + "ten"),
        "not a readable number; correct or delete the line",
        GOOD.replace(LINE + "\n", ""),
    ),
    Case(
        "mine.csv",
        GOOD.replace(LINE, LINE[:-1] + "5000"),
        "correct or delete the line",
        GOOD.replace(LINE + "\n", ""),
    ),
    Case(
        "mine.csv",
        csv(400) + "9,2,5000\n",
        "rating is 5000, outside of 0 to 10, .*; correct or delete the line",
        csv(400),
    ),
    Case("mine.csv", csv(user=1, film=list(range(40))), "ratings of one user alone; .* add more", GOOD),
    Case("mine.csv", csv(user=list(range(40)), film=1), "ratings of one film alone; .* add more", GOOD),
    Case("mine.csv", csv(rating=3), "the same rating, 3, everywhere; .* add others", GOOD),
    Case(
        "mine.csv",
        csv(user=[1] * 19 + [None] * 21),
        "user is missing, and in most other lines too. .* or fill it in",
        GOOD,
    ),
    Case(
        "mine.csv",
        csv(user=[1] * 20 + [None] * 20, film=[None] * 20 + [1] * 20),
        "no line with user, film and rating; fill them in",
        GOOD,
    ),
    # --- reviews ---
    Case(
        "mine.csv",
        'title,review\n"Emma (1996),x\nEmma (1996),y\n",z\n',
        "runs over the end of the line; close the quotation mark",
        REVIEWS,
        "reviews",
    ),
    Case("mine.csv", "title,review\n", "no rows; add|no reviews; add some", REVIEWS, "reviews"),
    Case(
        "mine.csv",
        REVIEWS.replace("review", "x1"),
        "no column for the review .*; name one 'review'",
        REVIEWS,
        "reviews",
    ),
    Case(
        "mine.csv",
        REVIEWS.replace("review", "x1"),
        "no column for the review",
        None,
        "reviews",
        chosen=Chosen({"title": "title", "review": "x1"}),
    ),
    Case(
        "mine.csv",
        REVIEWS.replace("title", "x1"),
        "no column for the film .*; name one title",
        REVIEWS,
        "reviews",
    ),
    Case(
        "mine.csv",
        REVIEWS,
        "has no column 'x' .*; choose one of these",
        None,
        "reviews",
        first=Chosen({"title": "title", "review": "x"}),
        chosen=Chosen({"title": "title", "review": "review"}),
    ),
    Case(
        "mine.csv",
        GOOD,
        "has no column 'x' .*; choose one of these",
        None,
        first=Chosen({"user": "user", "film": "film", "rating": "x"}),
        chosen=Chosen({"user": "user", "film": "film", "rating": "rating"}),
    ),
    Case(
        "mine.csv",
        REVIEWS.replace("title,review", "title,review,review").replace(".\n", ".,\n"),
        "several columns called 'review'; rename all but one",
        None,
        "reviews",
        chosen=Chosen({"title": "title", "review": "review"}),
    ),
    Case(
        "mine.csv",
        f"title,name,review\n{'x' * 1001},Emma (1996),Fine.\n",
        "take another column for the film",
        None,
        "reviews",
        first=Chosen({"title": "title", "review": "review"}),
        chosen=Chosen({"title": "name", "review": "review"}),
    ),
    Case(
        "mine.csv",
        "title,review\nNobody (1900),Fine.\n",
        "no review is of a film of the ratings .*. Write films as the ratings do",
        REVIEWS,
        "reviews",
    ),
    Case(
        "mine.csv", "title,review\nEmma (1996),\n", "every review is blank; fill them in", REVIEWS, "reviews"
    ),
]


def number_of(case: Case) -> str:
    return re.sub(r"\W+", "-", case.refusal)[:40]


@pytest.mark.parametrize("case", CASES, ids=number_of)
def test_the_remedy_works(case: Case, store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=case.refusal) as raised:
        read(tmp_path / "before", case, False, store)
    message = str(raised.value)
    assert message.startswith(case.name) or case.name in message
    # The remedy follows behind a semicolon or in a sentence of its own.
    assert re.search(r"; |\. [A-Z]", message) and "\n" not in message and len(message) < 320
    assert [sentence for sentence in split(message) if len(words(sentence)) > MOST_WORDS] == []
    contents = read(tmp_path / "after", case, True, store)
    assert contents.used and contents.films


@pytest.mark.parametrize("case", CASES, ids=number_of)
def test_the_page_refuses_what_the_command_line_refuses(
    case: Case,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(store.root))
    path, chosen = written(tmp_path / "mine", case, False), case.first or Chosen()
    words, films = ["check", f"--{case.holds}", str(path)], None
    if case.holds == "reviews":
        rated = tmp_path / "rated.csv"
        rated.write_text(RATED)
        words += ["--ratings-for", str(rated)]
        films = read_ratings(str(rated), store, silent).films
    if chosen.columns:
        words += ["--columns", ",".join(f"{ours}={theirs}" for ours, theirs in chosen.columns.items())]
    assert main(words) == 2
    said = capsys.readouterr().err.splitlines()[-1].removeprefix("factorscope: ")
    # What the page asks its child process.
    question = {"aspect": "contents", "path": str(path), "holds": case.holds, **chosen.plain()}
    with pytest.raises(BadInput) as raised:
        inspect_here(question, films, store)
    assert " ".join(str(raised.value).split()) == said


def sites() -> dict[str, re.Pattern[str]]:
    """Return the place in the code of each refusal, with the pattern of its message."""
    found = {}
    for folder in CHECKED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadInput" and node.args:
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    found[place] = re.compile(pattern_of(node.args[0]), re.DOTALL)
    return found


def pattern_of(text: ast.expr) -> str:
    """Return the pattern of a message: what is filled in may be anything."""
    if isinstance(text, ast.Constant):
        return re.escape(str(text.value))
    if isinstance(text, ast.JoinedStr):
        return "".join(pattern_of(part) for part in text.values)
    return ".*"


def test_smaller_files_are_within_the_limits(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = gzip.compress(csv(8).encode()), gzip.compress(csv(40_000).encode())
    monkeypatch.setattr("core.data.tables.bounds.FREE_BYTES", 200_000)
    monkeypatch.setattr("core.data.tables.bounds.RATIO", 1)
    monkeypatch.setattr("core.data.tables.excel.EXCEL_ROWS", 100)
    monkeypatch.setattr("core.data.tables.members.MAX_FILES", 2)
    for case in (
        Case(
            "mine.csv.gz",
            large,
            "unpacks to more than .* MB, too much for its size; give smaller tables",
            small,
        ),
        Case(
            "mine",
            {"a.csv": GOOD, "b.csv": GOOD, "c.csv": GOOD},
            "holds more than 2 files; give the folder of one data set",
            {"a.csv": GOOD},
        ),
        Case("mine.xlsx", workbook(csv(200)), "more than 100 rows; give a table of fewer", workbook(csv(40))),
    ):
        with pytest.raises(BadInput, match=case.refusal):
            read(tmp_path / "before", case, False, store)
        assert read(tmp_path / "after", case, True, store).used


def test_other_data_sets_are_named(store: Store, tmp_path: Path) -> None:
    export = tmp_path / "ratings.csv"
    export.write_text("Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,Emma,1996,https://boxd.it/1,4\n")
    for where, refusal in (
        ("lmrd", "holds reviews, not ratings; choose one of ml-100k, .*, planted"),
        (
            "nowhere",
            "there are no ratings at 'nowhere'; give a file that exists or one of ml-100k, .*, planted",
        ),
        (str(export), "the ratings of one person, .*. Give ratings of many people"),
    ):
        with pytest.raises(BadInput, match=refusal):
            read_ratings(where, store, silent)
    assert len(read_ratings("planted", store, silent).table)


@pytest.mark.parametrize(
    ("name", "content", "refusal", "mended"),
    [
        ("mine.zip", zipped({}), "holds no table; pack one", zipped({"a.csv": REVIEWS})),
        (
            "mine.zip",
            zipped({"a.zip": zipped({"b.csv": REVIEWS})}),
            "an archive within an archive; unpack it",
            zipped({"b.csv": REVIEWS}),
        ),
        (
            "mine.zip",
            zipped({"a.csv": REVIEWS, "b.csv": "x,y\n1,2\n"}),
            "has other columns .*; pack tables of the same columns",
            zipped({"a.csv": REVIEWS, "b.csv": REVIEWS}),
        ),
        (
            "mine.txt",
            bytes(range(256)) * 9,
            "not a text but binary data; save it as a text",
            b"A fine film.\n",
        ),
    ],
)
def test_what_is_pasted_on_a_page_has_its_remedy_too(
    name: str, content: bytes, refusal: str, mended: bytes
) -> None:
    with pytest.raises(BadInput, match=refusal):
        reviews_in(name, lambda: io.BytesIO(content))
    assert reviews_in(name, lambda: io.BytesIO(mended))


ELSEWHERE = (
    # Tested above, by other ways than a case.
    "unpacks to more than",
    "holds more than",
    " rows; give a table of fewer",
    "not ratings; choose one of",
    "there are no ratings at",
    "the ratings of one person",
    "holds no table; pack one",
    "is an archive within an archive",
    "has other columns",
    "is not a text but binary data",
    # What a machine without a package, or a file that the system does not let us read, would need.
    "needs the package openpyxl",
    "give a file that can",
    # The last word of a reader, where no line is at fault that can be named.
    "has a header line but no rows",
    "cannot be read as a table",
    "are due; mend the row",
)
"""Refusals that no case leads to."""


def test_each_refusal_has_its_remedy_tried(store: Store, tmp_path: Path) -> None:
    messages = []
    for number, case in enumerate(CASES):
        with pytest.raises(BadInput) as raised:
            read(tmp_path / str(number), case, False, store)
        messages.append(str(raised.value))
    untried = {
        place: pattern.pattern
        for place, pattern in sites().items()
        if not any(pattern.fullmatch(message) for message in messages)
    }
    assert not {
        place: text
        for place, text in untried.items()
        if not any(re.escape(part) in text for part in ELSEWHERE)
    }
