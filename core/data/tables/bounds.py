"""What may come out of a user's file: the bounds of all formats, and their errors.

A file of some kB can hold gigabytes, so most bounds grow with the size of the file. What is published is far within
them: a zip of MovieLens 25M unpacks to five times its size, tables in Parquet to ten times, Excel to twelve.
"""

from core.errors import BadInput

FREE_BYTES = 64 * 1024**2
"""So much may come out of any file, however small."""
RATIO = 100
"""Bytes that may come out of each byte of a larger file."""
MOST_BYTES = 2 * 1024**3
"""No more comes out of any file that is not itself larger."""
XML_SHARE = 4
"""Excel's XML, of which one byte can take 20 in memory, may be so many times smaller."""
FEWEST_BYTES = 8
"""Bytes of a row of a Parquet file, which can hold equal rows in none."""
CELL_BYTES = 1 << 20
"""Bytes of a value, which is a text of two novels."""
NAME_LETTERS = 1000
"""Letters of an id or a title."""
ROW_BYTES = 1 << 22
"""Bytes of a row, which is a line of a text or an object of JSON."""
BATCH_BYTES = 1 << 24
"""Bytes of the rows that are made of a file at once, where they are long."""
DOCUMENT_LETTERS = 1 << 25
"""Letters of a file that is one JSON object as a whole."""
MAX_COLUMNS = 1000
DEPTH = 8
"""Levels of nesting of a record that get columns of their own; what is deeper is left out."""
EXCEL_ROWS = 1 << 20
"""Rows of a sheet, as Excel has them."""


def most_bytes(size: int) -> int:
    """Return how many bytes may come out of a file of so many bytes.

    >>> most_bytes(1000) == FREE_BYTES, most_bytes(1_000_000), most_bytes(250_000_000) == MOST_BYTES
    (True, 100000000, True)
    """
    return max(FREE_BYTES, min(RATIO * size, MOST_BYTES), size)


def too_large(name: str, most: int) -> BadInput:
    """Return the error for a file that unpacks to more than `most` bytes."""
    return BadInput(
        f"{name} unpacks to more than {most / 1024**2:,.0f} MB, too much for its size; give smaller tables"
    )
