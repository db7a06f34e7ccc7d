"""Delimited texts of any separator, preamble and quoting."""

import io
from pathlib import Path

import pytest
from support.layouts import delimited

from core.data.reading_notes import LeftOut
from core.data.tables import Dialect, UserTable, open_table
from core.errors import BadInput

HEADER = ("userId", "movieId", "rating", "title")
ROWS = [
    ("1", "10", "4.0", "Good, the Bad and the Ugly, The (1966)"),
    ("01", "20", "3.5", "Heat (1995)"),
    ("2", "10", "5.0", "Good, the Bad and the Ugly, The (1966)"),
    ("2", "30", "0.5", "Face/Off (1997)"),
]


def table(content: str | bytes, name: str = "mine.csv", dialect: Dialect | None = None) -> UserTable:
    content = content.encode() if isinstance(content, str) else content
    return open_table(name, lambda: io.BytesIO(content), dialect or Dialect())


def rows(found: UserTable) -> list[tuple[str | None, ...]]:
    whole = found.columns_as({column: column for column in found.columns}, found.columns[:1]).to_pylist()
    batches = found.batches({column: column for column in found.columns})
    assert whole == [row for batch in batches for row in batch.to_pylist()]
    return [tuple(row.values()) for row in whole]


def refusal(content: str | bytes) -> str:
    with pytest.raises(BadInput) as caught:
        rows(table(content))
    return str(caught.value)


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "::", "^"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["mine.csv", "ratings.dat", "u.data", "x.inter", "noending"])
def test_the_separator_that_parts_all_lines_is_taken(separator: str, end: str, name: str) -> None:
    found = table(delimited([HEADER, *ROWS], separator, end), name)
    assert (found.separator, found.header, found.columns) == (separator, True, HEADER)
    assert rows(found) == ROWS


def test_a_separator_in_most_titles_does_not_win() -> None:
    found = table("user;film;title\n1;10;Good, Bad, Ugly\n2;20;Lion King, The, again\n")
    assert found.columns == ("user", "film", "title")
    assert rows(found)[1] == ("2", "20", "Lion King, The, again")


def test_decimal_commas_do_not_win() -> None:
    assert rows(table("1;10;3,5\n1;20;4,5\n2;10;2,5\n")) == [
        ("1", "10", "3,5"),
        ("1", "20", "4,5"),
        ("2", "10", "2,5"),
    ]


@pytest.mark.parametrize("lines", ["1 10 4\n2 20 5\n3 10 3\n", "  1   10  4\n 20   20  5\n  3   10  3 \n"])
def test_runs_of_spaces_part_fields_where_nothing_else_does(lines: str) -> None:
    found = table(lines, "u.data")
    assert (found.separator, found.header) == (" ", False)
    assert [row[1:] for row in rows(found)] == [("10", "4"), ("20", "5"), ("10", "3")]


def test_spaces_after_commas_are_no_part_of_fields() -> None:
    assert rows(table("user, item, rating\n1, 10, 4\n2, 20, 5\n")) == [("1", "10", "4"), ("2", "20", "5")]


def test_lines_of_words_are_one_column() -> None:
    found = table("review\nGreat, long film\nBad film; truly bad\nGood\n")
    assert rows(found) == [("Great, long film",), ("Bad film; truly bad",), ("Good",)]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("1,10,4.0,964982703\n2,10,3.0,964982704\n", False),
        ("A2EFCYXHNK06IS,B00005JLXH,5.0,978480000\nA1X,B01,4.0,978480001\n", False),
        ("tt01,Heat (1995),Great film.\ntt01,Heat (1995),Bad film.\n", False),
        ("1::Toy Story (1995)::Drama\n2::Heat (1995)::Crime\n", False),
        ("1,2004-05-06,4\n2,2004-05-07,5\n", False),
        ("user,item,rating\nA,B,4\n", True),
        ("title,review\nHeat,Good\nHeat,Bad\n", True),
        (",0,1\n0,7,8\n1,7,9\n", True),
        ("user_id:token\titem_id:token\n1\t2\n3\t4\n", True),
        ("1,10,4\n", False),
        ("user,film\n", True),
    ],
)
def test_a_header_is_told_from_data_by_content(text: str, header: bool) -> None:
    found = table(text)
    assert found.header is header
    if not header:
        assert found.columns == tuple(f"column {n}" for n in range(1, len(found.columns) + 1))
        assert len(rows(found)) == text.count("\n")


@pytest.mark.parametrize(
    ("start", "notes"),
    [
        ("sep=;\n", 0),
        ('"sep=;"\r\n', 0),
        ("\ufeffsep=;\n", 0),
        ("% made by hand\n%\n", 1),
        ("# one\n# two: a; b\n", 1),
        ("\n\n", 0),
    ],
)
def test_what_comes_before_the_header_is_left_out(start: str, notes: int) -> None:
    found = table(start + delimited([HEADER, *ROWS], ";"))
    assert found.columns == HEADER and rows(found) == ROWS and len(found.notes) == notes
    line = start.count("\n") + 2
    assert found.location(0) == f"mine.csv, line {line}"


def test_a_commented_header_names_the_columns() -> None:
    found = table("# user item rating\n1 10 4\n2 20 5\n", "ratings.txt")
    assert (found.columns, found.header) == (("user", "item", "rating"), True)
    assert rows(found) == [("1", "10", "4"), ("2", "20", "5")]


def test_a_matrix_market_file_is_read_without_its_size() -> None:
    found = table("%%MatrixMarket matrix coordinate real general\n% x\n2 3 2\n1 3 4.0\n2 1 3.0\n", "r.mtx")
    assert rows(found) == [("1", "3", "4.0"), ("2", "1", "3.0")]


@pytest.mark.parametrize(
    ("text", "column", "first"),
    [
        ('"","user","item"\n"1",7,8\n"2",9,8\n', "column 1", "1"),
        ("user,item\n7,8,\n9,8,\n", "column 3", None),
    ],
)
def test_a_column_without_a_name_gets_one(text: str, column: str, first: str | None) -> None:
    found = table(text)
    assert column in found.columns
    assert rows(found)[0][found.columns.index(column)] == first


def test_the_names_of_rows_that_r_writes_are_a_column() -> None:
    found = table('"user" "item" "title"\n"1" 7 8 "The Heat"\n"2" 9 8 "It"\n')
    assert found.columns == ("column 1", "user", "item", "title") and found.notes
    assert rows(found) == [("1", "7", "8", "The Heat"), ("2", "9", "8", "It")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('u,i,t\n1,10,"a ""b"" c"\n2,20,"d\ne"\n', ['a "b" c', "d\ne"]),
        ('u,i,t\n1,10,"a \\"b\\", c"\n2,20,"C:\\\\"\n', ['a "b", c', "C:\\"]),
        ('u;i;t\n1;10;"a \\"b\\""\n2;20;"(all)\\"\n3;30;"x"\n', ['a "b"', "(all)\\", "x"]),
        ('"u";"t";"i"\n"1";"a \\"b\\"";"1"\n"2";"(all)\\";"2"\n', ['a "b"', "(all)\\"]),
        ('u\ti\tt\n1\t10\t"Hamlet" (1996)\n2\t20\tx\n', ['"Hamlet" (1996)', "x"]),
        ('u\ti\tt\n1\t10\t"Hamlet\n2\t20\tx\n', ['"Hamlet', "x"]),
        ('u,i,t\n1,10,"Hamlet" (1996)\n2,20,x\n', ['"Hamlet" (1996)', "x"]),
        ('u,i,t\n1,10,5" disc\n2,20,x\n', ['5" disc', "x"]),
    ],
)
def test_quotation_marks_are_read_as_they_were_meant(text: str, values: list[str]) -> None:
    found = table(text)
    place = found.columns.index(next(name for name in found.columns if name == "t"))
    assert [row[place] for row in rows(found)] == values


@pytest.mark.parametrize(
    ("faulty", "said", "mended"),
    [
        (
            'u,t\n1,x\n2,"never\n3,y\n',
            "line 3 has a quotation mark that is never closed",
            'u,t\n1,x\n2,"never"\n3,y\n',
        ),
        ('u,t\n1,x\n2,"never\n3,y\n', "write it twice within", 'u,t\n1,x\n2,"""never"\n3,y\n'),
        (
            'u,t\n1,"He said "no, no" twice"\n',
            "line 2 has a quotation mark within",
            'u,t\n1,"He said ""no, no"" twice"\n',
        ),
        (
            'u,i,r,t\n1,10,4,"open\n2,20,5,x\n3,10,5,"Lion"\n4,20,3,"closed\n',
            "line 2 has a quotation mark that is never closed",
            'u,i,r,t\n1,10,4,"open"\n2,20,5,x\n3,10,5,"Lion"\n4,20,3,"closed"\n',
        ),
        ("u,t\n1,x\n2,x,y\n", "line 3 has 3 columns where 2 are due; mend the line", 'u,t\n1,x\n2,"x,y"\n'),
        (
            "u,i,t\n1,2,x\n2,x\n",
            "line 3 has 2 columns where 3 are due; mend the line",
            "u,i,t\n1,2,x\n2,,x\n",
        ),
    ],
)
def test_a_faulty_line_is_named_and_the_remedy_works(faulty: str, said: str, mended: str) -> None:
    assert said in refusal(faulty)
    assert len(rows(table(mended))) >= faulty.count("\n") - 1


def test_rows_that_an_open_quotation_mark_swallows_are_not_lost_without_a_word() -> None:
    text = 'u,i,r,t\n1,10,4,"open\n2,20,5,x\n3,10,5,closed"\n4,20,3,y\n'
    assert "line 2 has a quotation mark that is never closed" in refusal(text)


def test_a_few_faulty_lines_of_many_are_left_out_and_counted() -> None:
    lines = [f"{n};{n % 50};4;Title" for n in range(3000)]
    lines[1500] = "1500;0;4;Title;more"
    lines[2000] = "2000;0"
    found = table("\n".join(["user;item;rating;title", *lines]))
    assert found.left_out == (LeftOut("mine.csv has 4 columns, and the line has more or fewer", 2),)
    assert len(rows(found)) == 2998 and found.location(1500) == "mine.csv, line 1503"
    lines += ["1;2"] * 10
    assert "mine.csv, line 1502 has 5 columns where 4 are due" in refusal(
        "\n".join(["user;item;rating;title", *lines])
    )


def test_what_is_known_of_a_text_is_not_guessed() -> None:
    titles = "1,2003,Dinosaur Planet\n2,2004,Isle of Man TT, 2004\n3,1997,Caf\u00e9, a, b\n".encode("latin-1")
    found = table(titles, "movie_titles.csv", Dialect(",", "latin-1", header=False, rest_in_last=3))
    assert rows(found) == [
        ("1", "2003", "Dinosaur Planet"),
        ("2", "2004", "Isle of Man TT, 2004"),
        ("3", "1997", "Caf\u00e9, a, b"),
    ]
    assert found.location(2) == "movie_titles.csv, line 3" and found.encoding == "LATIN-1"


def test_netflix_blocks_name_their_movie_on_each_row() -> None:
    found = table("1:\n7,3,2005-09-06\n8,5,2005-05-13\n12:\n7,4,2005-09-07\n", "combined_data_1.txt")
    assert found.columns == ("movie", "user", "rating", "date") and not found.header
    assert rows(found) == [
        ("1", "7", "3", "2005-09-06"),
        ("1", "8", "5", "2005-05-13"),
        ("12", "7", "4", "2005-09-07"),
    ]
    assert found.location(2) == "combined_data_1.txt, line 5"


def test_jesters_matrix_becomes_ratings() -> None:
    def row(*ratings: float) -> list[object]:
        rated = [99.0] * 100
        rated[: len(ratings)] = ratings
        return [len(ratings), *rated]

    matrix = delimited([row(-7.82, 8.79), row(4.08), row(1, 2, 3)])
    found = table(matrix, "jester-data-1.csv")
    assert found.columns == ("user", "item", "rating") and not found.header and len(found.notes) == 1
    assert rows(found) == [
        *[("1", "1", "-7.82"), ("1", "2", "8.79"), ("2", "1", "4.08")],
        *[("3", "1", "1"), ("3", "2", "2"), ("3", "3", "3")],
    ]


def test_a_long_text_is_rewritten_in_blocks(tmp_path: Path) -> None:
    # Longer than a block, so that some separator is cut by its end.
    lines = [f"{n}::{n * 7919}::{'x' * (n % 60)}" for n in range(60_000)]
    found = table("\n".join(lines), "ratings.dat")
    assert [row[:2] for row in rows(found)] == [(str(n), str(n * 7919)) for n in range(60_000)]


@pytest.mark.parametrize(("blank", "end"), [("", ""), ("   ", " "), ("", "\x1a")])
def test_blank_lines_are_no_rows(blank: str, end: str) -> None:
    found = table(f"user,item,rating\n{blank}\n1,10,4\n{blank}\n2,20,5\n{end}")
    assert rows(found) == [("1", "10", "4"), ("2", "20", "5")]
    assert found.location(1) == "mine.csv, line 5" and not found.notes
