"""Table files as the user has them -> data frames; refuses what is not a table, with file and line.

What the columns mean is left to those who call. In reading order:

    rows       the wanted columns of a file, and which column stands for which
    text       a delimited text: its header, and its records one by one
    delimited  delimited text -> the wanted columns
    faults     the first line that is at fault
    parquet    Parquet
    own        a table of any of these kinds, of JSONL, or in a zip: its first rows, and all rows in pieces
    zipped     the tables in a zip archive
    encodings  the encoding of a text
"""

from core.data.tables.delimited import read_text
from core.data.tables.encodings import GUESSED
from core.data.tables.parquet import is_parquet, parquet_header, read_parquet
from core.data.tables.rows import Rows, pick
from core.data.tables.text import Opener, TextFile, header, text_file, whole_text
from core.data.tables.user_table import ENDINGS, UserTable, first_rows, open_table

__all__ = [
    "ENDINGS",
    "GUESSED",
    "Opener",
    "UserTable",
    "Rows",
    "TextFile",
    "first_rows",
    "header",
    "is_parquet",
    "open_table",
    "parquet_header",
    "pick",
    "read_parquet",
    "read_text",
    "text_file",
    "whole_text",
]
