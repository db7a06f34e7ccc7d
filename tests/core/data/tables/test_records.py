"""JSON of any shape, Python literals and "key: value" blocks."""

import io
import json

import pandas as pd
import pytest

from core.data.tables import UserTable, open_table
from core.errors import BadInput

TRAKT = {
    "rated_at": "2014-09-01T09:10:11.000Z",
    "rating": 10,
    "movie": {"title": "TRON: Legacy", "year": 2010, "ids": {"trakt": 1, "imdb": "tt1104001"}},
    "genres": ["drama", "crime"],
    "cast": [{"name": "A"}, {"name": "B"}],
    "note": None,
    "likes": True,
    "none": [],
}
FLAT = {
    "rated_at": "2014-09-01T09:10:11.000Z",
    "rating": "10",
    "movie.title": "TRON: Legacy",
    "movie.year": "2010",
    "movie.ids.trakt": "1",
    "movie.ids.imdb": "tt1104001",
    "genres": "drama|crime",
    "cast.name": "A|B",
    "note": None,
    "likes": "true",
    "none": None,
}


def table(content: str | bytes, name: str = "mine.json") -> UserTable:
    content = content.encode() if isinstance(content, str) else content
    return open_table(name, lambda: io.BytesIO(content))


def rows(found: UserTable) -> list[dict[str, str | None]]:
    return found.columns_as({column: column for column in found.columns}, found.columns[:1]).to_pylist()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(TRAKT),
        json.dumps(TRAKT) + "\n\n" + json.dumps(TRAKT) + "\n",
        json.dumps([TRAKT, TRAKT]),
        json.dumps([TRAKT], indent=4),
        json.dumps({"items": [TRAKT, TRAKT]}),
        json.dumps({"page": 1, "all": True, "items": [TRAKT]}, indent=1),
        json.dumps(TRAKT, indent=2) + "\n" + json.dumps(TRAKT, indent=2),
        "\ufeff" + json.dumps([TRAKT]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_any_shape_of_json_gives_the_same_rows(content: str, encoding: str) -> None:
    found = table(content.encode(encoding), "ratings-movies.json")
    assert rows(found) == [FLAT] * content.count("TRON")
    assert len(found.notes) == ('"page"' in content)


def test_numbers_and_ids_are_kept_to_the_letter() -> None:
    found = table('{"a": 117364758374659283000, "b": 1e2, "c": "01", "d": 4.0, "e": 0.10, "f": NaN}\n' * 2)
    row = {"a": "117364758374659283000", "b": "1e2", "c": "01", "d": "4.0", "e": "0.10", "f": None}
    assert rows(found) == [row, row]


@pytest.mark.parametrize("orient", ["columns", "records", "split", "list"])
def test_what_pandas_writes_is_read(orient: str) -> None:
    frame = pd.DataFrame({"user": ["01", "1"], "rating": [4, 5]})
    content = json.dumps(frame.to_dict("list")) if orient == "list" else frame.to_json(orient=orient)
    assert rows(table(content)) == [{"user": "01", "rating": "4"}, {"user": "1", "rating": "5"}]


def test_python_literals_are_read_and_nothing_in_them_is_run() -> None:
    line = "{'reviewerID': 'A1', 'asin': '0005', 'helpful': [0, 0], "
    line += "'reviewText': \"It's \\\"fine\\\"\", 'overall': 5.0}\n"
    found = table(line * 2, "reviews_Movies_and_TV.json")
    assert rows(found)[0] == {
        "reviewerID": "A1",
        "asin": "0005",
        "helpful": "0|0",
        "reviewText": 'It\'s "fine"',
        "overall": "5.0",
    }
    with pytest.raises(BadInput, match="line 2 is not JSON"):
        rows(table(line + "{'a': __import__('os').getcwd()}\n"))


def test_blocks_of_keys_and_values_are_read() -> None:
    block = (
        "product/productId: B{0}\nreview/userId: A{0}\nreview/score: 3.0\nreview/text: Note: {0}, fine\n\n"
    )
    text = "".join(block.format(n) for n in range(3)).replace("1, fine", "1, fine\nmore of it\n\nand more")
    found = table(text.encode("latin-1"), "movies.txt")
    assert found.columns == ("product/productId", "review/userId", "review/score", "review/text")
    assert [row["review/text"] for row in rows(found)] == [
        "Note: 0, fine",
        "Note: 1, fine\nmore of it\n\nand more",
        "Note: 2, fine",
    ]
    assert found.location(2).startswith("movies.txt, line ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": 1}\nnothing\n', "line 2 is not JSON"),
        ('{"a": 1}\n[1]\n', "line 2 is not a JSON object; mend or delete it"),
        ('[{"a": 1}, 2]', "line 1 is not a JSON object"),
        ('[{"a": 1}, {"a": ', "line 1 is not JSON"),
        ('[{"a": 1}\n', "ends before its array is closed; fetch the file again"),
        ('[{"a": 1}] and more', "something follows the array; delete it"),
        ("[]", "is empty; give a file with a record at least"),
        ("{}", "is empty; give a file with a record at least"),
        ("[" * 100_000, "not JSON|nested too deeply"),
        ('{"a": "' + "x" * (1 << 22), "more than 4,194,304 characters"),
        (
            '[{"a": "\\ud800"}, {"b": {"c": "\xe9"}}]'.encode("latin-1") + "\u00e9\u00e9".encode() * 9,
            "is not in UTF-8",
        ),
    ],
)
def test_what_is_no_json_is_named_with_its_line(content: str | bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        rows(table(content))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_more_columns_than_can_be_read_are_left_out_and_said() -> None:
    found = table(json.dumps([{f"k{n}": n for n in range(1500)}]))
    assert len(found.columns) == 1000
    assert found.notes == ("mine.json: 500 of 1,500 columns are left out; at most 1,000 are read.",)


def test_a_long_array_is_read_in_parts() -> None:
    records = [{"id": str(n), "text": "x" * 300} for n in range(9000)]
    found = table(json.dumps(records, indent=1))
    assert [row["id"] for row in rows(found)] == [record["id"] for record in records]
    assert found.location(8999) == "mine.json, line 35998"
