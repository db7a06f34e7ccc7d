"""Table files as users have them -> data frames; what is not a table is refused, with file and line.

What the columns mean is left to the callers. In reading order:

    rows        the wanted columns of a file, and which of its columns have which meaning
    text        a delimited text: its delimiter, its header, and its records one by one
    encodings   the encoding of a text
    delimited   delimited text -> the wanted columns, typed
    faults      the first faulty line of a table that cannot be read
    user_table  a user's table in any format, read in batches of text
    dialect     what may be known of a delimited text beforehand
    formats     a file of any known format -> such a table; delimited text among them
    jsonl       a JSON object a line
    parquet     Parquet
    members     the files of a folder or an archive, by their names
    zipped      the tables in a zip archive
"""

from core.data.tables.delimited import read_text
from core.data.tables.dialect import Dialect
from core.data.tables.encodings import GUESSED
from core.data.tables.formats import ENDINGS, open_table
from core.data.tables.parquet import is_parquet, parquet_header, read_parquet
from core.data.tables.rows import Rows, match_columns
from core.data.tables.text import Opener, TextFile, header, text_file, whole_text
from core.data.tables.user_table import UserTable, first_rows

__all__ = [
    "Dialect",
    "ENDINGS",
    "GUESSED",
    "Opener",
    "Rows",
    "TextFile",
    "UserTable",
    "first_rows",
    "header",
    "is_parquet",
    "match_columns",
    "open_table",
    "parquet_header",
    "read_parquet",
    "read_text",
    "text_file",
    "whole_text",
]
