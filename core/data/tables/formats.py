"""A user's file -> a UserTable, by its content: text or JSON in any encoding, Parquet, Excel, packed or not.

The ending of its name does not matter. Nothing is unpacked to disk, and no more than a batch is in memory at once.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath

from core.data.tables.bounds import XML_SHARE, too_large
from core.data.tables.cells import bounded
from core.data.tables.delimited.detection import detect, sample
from core.data.tables.delimited.dialect import UNKNOWN, Dialect
from core.data.tables.delimited.movie_blocks import COLUMNS, as_rows, holds_movie_blocks
from core.data.tables.delimited.reading import open_delimited
from core.data.tables.delimited.text import TextFile, head, records
from core.data.tables.encodings import encoding_of, encoding_title
from core.data.tables.excel import OLD_MAGIC, WORKBOOK, open_excel
from core.data.tables.matrix import is_matrix, open_matrix
from core.data.tables.packing import (
    ENDINGS_OF_PACKED,
    Opener,
    first_bytes,
    is_zip,
    most_of,
    opened,
    unpacked,
    zip_members,
)
from core.data.tables.parquet import PARQUET_MAGIC, open_parquet
from core.data.tables.records.json_files import open_json
from core.data.tables.records.key_values import holds_key_values, open_key_values
from core.data.tables.user_table import UserTable, concatenate
from core.errors import BadInput

ENDINGS = (
    *(".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".item", ".user"),
    *(".json", ".jsonl", ".ndjson", ".parquet", ".xlsx"),
)
"""Usual endings of files that can be read, packed or not; others are read as well."""
NO_TABLES = ("readme", "license", "licence", "copying")
"""Beginnings of the names of files that come with tables."""
NO_TABLE = {b"%PDF": "a PDF", b"<!DOCTYPE": "a web page", b"<html": "a web page", b"<?xml": "XML"}
"""First bytes of texts that are no tables -> what they are."""
NO_TEXT = {
    ".zip": "zip archive; pack it again",
    ".parquet": "Parquet file; write it again",
    ".xlsx": "Excel file; save it again",
}
"""Endings of files that are never texts, whatever they hold -> what they should be, and the remedy."""
SAMPLE_ROWS = 50
START_BYTES = 9
TAR_BYTES = 262
"""Of a tar archive, these end with its name."""


def open_table(name: str, opener: Opener, dialect: Dialect = UNKNOWN) -> UserTable:
    """Return the table in a file of this name. Raises BadInput where it is empty, damaged or of no known format.

    `dialect` is what is known of a delimited text beforehand.
    """
    opener = unpacked(name, opener)
    start = first_bytes(name, opener, START_BYTES)
    open_content = _open_zip if is_zip(start) else partial(_open_plain, start=start)
    return bounded(open_content(name, opener, dialect=dialect))


def _open_zip(name: str, opener: Opener, dialect: Dialect) -> UserTable:
    members = zip_members(name, opener)
    is_workbook = WORKBOOK in members
    paths = list(members) if is_workbook else tables_among(members)
    if not paths:
        raise BadInput(f"{name} holds no table; pack one ({', '.join(ENDINGS)})")
    most = most_of(opener) // (XML_SHARE if is_workbook else 1)
    if sum(members[path].bytes for path in paths) > most:
        raise too_large(name, most)
    if is_workbook:
        return open_excel(name, opener)
    tables = []
    for path in paths:
        label = f"{name}: {PurePosixPath(path).name}"
        inner = unpacked(label, members[path].open)
        start = first_bytes(label, inner, START_BYTES)
        if is_zip(start) and WORKBOOK not in zip_members(label, inner):
            raise BadInput(f"{label} is an archive within an archive; unpack it, and give the file in it")
        tables.append(_open_plain(label, inner, start, dialect))
    return concatenate(name, tables)


def tables_among(paths: Iterable[str]) -> list[str]:
    """Return those files of an archive or folder that are tables, by their endings where these tell any.

    >>> tables_among(["README.txt", "a/u.data", "a/note.txt"]), tables_among(["b.txt"])
    (['a/u.data'], ['b.txt'])
    """
    paths = [path for path in paths if not PurePosixPath(path.lower()).name.startswith((".", *NO_TABLES))]
    known = [path for path in paths if _plain_name(path).endswith(ENDINGS)]
    # Beside tables of another format, a .txt file is a note.
    known = [path for path in known if not _plain_name(path).endswith(".txt")] or known
    return known or paths


def _plain_name(path: str) -> str:
    """Return a name in small letters without the ending that says how it is packed."""
    path = path.lower()
    return path.removesuffix(next((ending for ending in ENDINGS_OF_PACKED if path.endswith(ending)), ""))


def _open_plain(name: str, opener: Opener, start: bytes, dialect: Dialect) -> UserTable:
    if is_zip(start):
        return open_excel(name, opener)
    if start.startswith(PARQUET_MAGIC):
        return open_parquet(name, opener)
    for magic, what in NO_TABLE.items():
        if start.lower().startswith(magic.lower()):
            raise BadInput(f"{name} is {what}, not a table; give a file such as {', '.join(ENDINGS[:3])}")
    if first_bytes(name, opener, TAR_BYTES).endswith(b"ustar"):
        raise BadInput(f"{name} is a tar archive, which cannot be read; unpack it, or pack it as .zip")
    for ending, what in NO_TEXT.items():
        if name.lower().endswith(ending) and start:
            raise BadInput(f"{name} is not a whole {what}")
    if start.startswith(OLD_MAGIC):
        raise BadInput(f"{name} is an Excel file of the old kind (.xls); save it as .xlsx or CSV")
    if not start:
        raise BadInput(f"{name} is empty; give a table with a header line and rows")
    with opened(name, opener) as stream:
        encoding = dialect.encoding or encoding_of(stream)
    file = TextFile(name, opener, encoding=encoding)
    text = head(file)
    if text.lstrip()[0] in "[{":
        return open_json(file)
    if not dialect.separator:
        if holds_key_values(text):
            return open_key_values(file)
        if holds_movie_blocks(text):
            rows = TextFile(name, partial(as_rows, file), columns=COLUMNS)
            return open_delimited(rows, Dialect(separator=",", header=False, quoted=False))
    detected = detect(file, dialect)
    if not detected.header and is_matrix(sample(text, detected.file.delimiter, False, False)[:SAMPLE_ROWS]):
        title = encoding_title(encoding)
        return open_matrix(name, (title, title), partial(records, detected.file))
    return open_delimited(file, dialect)
