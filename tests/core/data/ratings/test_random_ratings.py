"""Random ids and titles, in any usual format: what is written is what is read, to the letter, or it is refused."""

import json
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.layouts import delimited

from core.data.layouts.aliases import ALIASES
from core.data.layouts.files import find_table
from core.data.ratings.read import read_ratings
from core.errors import BadInput
from core.progress import silent
from core.store import Store

QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"])
IDS = st.one_of(
    st.integers(0, 10**21).map(str),
    st.integers(0, 999).map("{:07d}".format),
    st.sampled_from(
        ["01", "1", "1e2", "100", "1.0", "+1", " 1", "tt0114709", "B00005JLXH", "NaN", "None", "0x1"]
    ),
    st.text(LETTERS, min_size=1, max_size=8),
)
PAIRS = st.dictionaries(st.tuples(IDS, IDS), st.sampled_from([1, 2, 3.5, 4, 5]), min_size=4, max_size=15)


def content(pairs: dict[tuple[str, str], float], kind: str) -> bytes:
    rows = [(user, film, rating) for (user, film), rating in pairs.items()]
    columns = ["userId", "movieId", "rating"]
    if kind == "jsonl":
        return "".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows).encode()
    if kind == "json":
        return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False).encode()
    if kind == "parquet":
        return pd.DataFrame(rows, columns=columns).to_parquet(index=False)
    encoding = "utf-16" if kind == "\t" else "utf-8"
    return delimited([columns, *rows], kind).encode(encoding)


@given(pairs=PAIRS, kind=st.sampled_from([",", ";", "\t", "jsonl", "json", "parquet"]))
@QUICK
def test_ids_come_out_to_the_letter(pairs: dict[tuple[str, str], float], kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.data"
        path.write_bytes(content(pairs, kind))
        try:
            ratings = read_ratings(str(path), Store(Path(folder) / "cache"), silent)
        except BadInput as error:
            assert "\n" not in str(error)
            # One user or film alone, or one rating everywhere.
            few = (
                min(len({pair[place] for pair in pairs}) for place in (0, 1)) < 2
                or len({*pairs.values()}) < 2
            )
            assert few or "read" in str(error)
            return
    users = ratings.user_ids[ratings.table["user"]]
    films = ratings.films["film_id"].to_numpy()[ratings.table["film"]]
    assert dict(zip(zip(users, films, strict=True), ratings.table["rating"], strict=True)) == pairs


@given(titles=st.lists(st.text(LETTERS, max_size=20), min_size=3, max_size=6))
@QUICK
def test_titles_come_out_but_for_spaces_around_them(titles: list[str]) -> None:
    header = ("userId", "movieId", "rating", "title")
    rows = [
        (user, film, (user + film) % 5 + 1, title) for user in range(4) for film, title in enumerate(titles)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.csv"
        path.write_text(delimited([header, *rows]), newline="")
        films = read_ratings(str(path), Store(Path(folder) / "cache"), silent).films
    for film_id, title in zip(films["film_id"], films["title"], strict=True):
        given_title = titles[int(film_id)].strip()
        assert title.startswith((given_title, f"Film {film_id}"))


CELLS = st.one_of(
    st.integers(-1, 10).map(str),
    st.integers(0, 10**25).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.dates().map(str),
    st.text(max_size=12),
    st.sampled_from(
        ["", "nan", "True", "no", "4/5", "7/10", "★★½", "4,5", "['a'", "[{'name': 'x'}]", "tt0000001"]
    ),
)
NAMES = st.sampled_from(sorted({name for names in ALIASES["ratings"].values() for name in names}))


@given(
    header=st.lists(NAMES, min_size=1, max_size=5),
    cells=st.lists(CELLS, min_size=5, max_size=60),
    name=st.sampled_from(
        ["mine.csv", "ratings.csv", "u.data", "ratings.dat", "mine.inter", "combined_data_1.txt"]
    ),
)
@QUICK
def test_any_table_is_read_or_refused_in_one_line(header: list[str], cells: list[str], name: str) -> None:
    columns = ["user", "film", "rating", *header]
    rows = [cells[start : start + len(columns)] for start in range(0, len(cells), len(columns))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(delimited([columns, *rows], "\t"), encoding="utf-8", errors="replace", newline="")
        for read in (
            lambda: read_ratings(str(path), Store(Path(folder) / "cache"), silent),
            lambda: find_table(path, "reviews"),
        ):
            try:
                read()
            except BadInput as error:
                assert "\n" not in str(error)
