"""A user's file -> a UserTable: delimited text and JSONL in any known encoding, Parquet, or a zip of these.

Nothing is unpacked to disk, and no more than a batch is in memory at once.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.csv

from core.data.tables.delimited import csv_options
from core.data.tables.dialect import UNKNOWN, Dialect
from core.data.tables.encodings import encoding_of, encoding_title
from core.data.tables.faults import line_of, raise_first_fault
from core.data.tables.jsonl import open_jsonl
from core.data.tables.parquet import open_parquet
from core.data.tables.text import (
    MAX_LINE_CHARACTERS,
    SAVE_AS,
    Opener,
    TextFile,
    header,
    open_stream,
    with_delimiter,
)
from core.data.tables.user_table import UserTable, concatenate, unique_columns
from core.data.tables.zipped import table_members
from core.errors import BadInput

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")
"""Endings of the files that can be read, alone or in a zip."""
BATCH_BYTES = MAX_LINE_CHARACTERS
"""Bytes of text in a batch; a record must fit into them."""
SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


def open_table(name: str, opener: Opener, dialect: Dialect = UNKNOWN) -> UserTable:
    """Return the table in a file of this name. Raises BadInput where it is empty, damaged or of no known format.

    `dialect` is what is known of a delimited text beforehand.
    """
    if name.lower().endswith(".zip"):
        return concatenate(
            name, [open_table(*member, dialect) for member in table_members(name, opener, ENDINGS)]
        )
    ending = PurePosixPath(name.lower()).suffix
    with open_stream(TextFile(name, opener)) as stream:
        start = stream.read(4)
    if start == b"PAR1" or ending == ".parquet":
        return open_parquet(name, opener)
    if ending not in ENDINGS:
        raise BadInput(f"{name} is of no known kind; give a file that ends in {', '.join(ENDINGS)} or .zip")
    if not start:
        what = "a JSON object a line" if "json" in ending else "a table with a header line and rows"
        raise BadInput(f"{name} is empty; give {what}")
    if ending in (".jsonl", ".ndjson"):
        return open_jsonl(name, opener)
    return open_delimited(name, opener, dialect)


def open_delimited(name: str, opener: Opener, dialect: Dialect) -> UserTable:
    """Return the table in a delimited text, its encoding and delimiter detected."""
    with open_stream(TextFile(name, opener)) as stream:
        encoding = encoding_of(stream)
    with open_stream(TextFile(name, opener)) as stream:
        # Decoded, since half of a UTF-16 letter may look like a quotation mark.
        text = codecs.getreader(encoding)(stream, "replace")
        quotes = sum(block.count('"') for block in iter(lambda: text.read(BATCH_BYTES), ""))
    file = with_delimiter(TextFile(name, opener, encoding=encoding, multiline=True))
    columns = unique_columns(name, header(file))
    return UserTable(
        name,
        tuple(columns),
        f"{encoding_title(encoding)}, separated by {SEPARATORS[file.delimiter]}",
        partial(_batches, file, columns, quotes % 2 == 1),
        lambda row: f"{name}, line {line_of(file, row)}",
        quoted=True,
        encoding=encoding_title(encoding),
        separator=file.delimiter,
    )


def _batches(
    file: TextFile, columns: list[str], odd_quotes: bool, wanted: Mapping[str, str]
) -> Iterator[pa.Table]:
    """Return all rows; with an odd number of quotation marks, the unclosed one may be in an unwanted column."""
    types = dict.fromkeys(columns if odd_quotes else wanted.values(), pa.string())
    try:
        with (
            open_stream(file) as stream,
            pa.csv.open_csv(stream, *csv_options(file, columns, types, BATCH_BYTES)) as reader,
        ):
            rows, table = 0, pa.table({})
            for batch in reader:
                table = pa.Table.from_batches([batch])
                rows += len(table)
                yield pa.table({new: table[old] for new, old in wanted.items()})
        last = table.slice(max(0, len(table) - 1)).to_pylist()
        if odd_quotes and any("\n" in (value or "") for row in last for value in row.values()):
            raise BadInput(
                f"{file.name}, line {line_of(file, rows - 1)} has a quotation mark that is never closed; close it"
            )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise_first_fault(replace(file, columns=()), columns, types)
        raise BadInput(f"{file.name} cannot be read as a table ({str(error)[:100]}); {SAVE_AS}") from error
