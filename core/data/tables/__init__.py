"""Table files as users have them -> data frames; what is not a table is refused, with file and line.

What the columns mean is left to the callers. In reading order:

    bounds      what may come out of a file
    rows        the wanted columns of a file, and which of its columns have which meaning
    user_table  a user's table in any format, read in batches of text, or all at once
    packing     compressed files and archives
    members     the files of a folder or of an archive, by their names
    encodings   the encoding of a text
    formats     a file of any known format -> a user's table
    delimited/  delimited texts
    records/    JSON, and other files of records
    parquet     Parquet, in pieces of bounded size (`parquet_pieces`)
    excel       the first sheet of an Excel workbook
    cells       the values of any table, none too long
    matrix      a row a user, a column an item
"""

from core.data.tables.delimited.dialect import Dialect
from core.data.tables.delimited.text import whole_text
from core.data.tables.encodings import GUESSED
from core.data.tables.formats import ENDINGS, open_table
from core.data.tables.packing import Opener
from core.data.tables.rows import Rows
from core.data.tables.user_table import UserTable, first_rows

__all__ = [
    "Dialect",
    "ENDINGS",
    "GUESSED",
    "Opener",
    "Rows",
    "UserTable",
    "first_rows",
    "open_table",
    "whole_text",
]
