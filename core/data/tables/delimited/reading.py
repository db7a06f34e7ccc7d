"""Delimited text -> a UserTable."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.csv

from core.data.reading_notes import LeftOut
from core.data.tables.delimited.detection import SEPARATORS, Detected, detect
from core.data.tables.delimited.dialect import Dialect
from core.data.tables.delimited.faults import faulty_rows, line_of, raise_first_fault
from core.data.tables.delimited.options import csv_options
from core.data.tables.delimited.quoting import with_quoting
from core.data.tables.delimited.text import SAVE_AS, TextFile, first_record, header, plain_stream, records
from core.data.tables.encodings import encoding_title
from core.data.tables.packing import opened
from core.data.tables.user_table import DICTIONARY, UserTable, unique_columns
from core.errors import BadInput

FEWEST_FAULTY = 1000
"""Rows among which one with another number of fields is left out, and said: published tables have such lines, as
Book-Crossing's, where a separator stands in a title. More of them are a fault of the file or of how it is read."""


def open_delimited(text: TextFile, dialect: Dialect) -> UserTable:
    """Return the table in a text of known encoding; what the dialect does not tell is detected.

    Raises BadInput where it is empty, not text, or a quotation mark is at a wrong place.
    """
    name = text.name
    detected = detect(text, dialect)
    file, notes = _with_names(with_quoting(detected), detected)
    columns = unique_columns(name, header(file))
    rows, faulty, blank = faulty_rows(file, columns)
    if (faulty or blank) and faulty <= rows // FEWEST_FAULTY:
        file = replace(file, leaves_out=True)
    why = LeftOut(f"{name} has {len(columns)} columns, and the line has more or fewer", faulty)
    form, separator = "one column", ""
    if len(columns) > 1:
        form = f"separated by {SEPARATORS.get(file.delimiter, repr(file.delimiter))}"
        separator = file.delimiter if file.delimiter.strip(" ") else " "
    encoding = encoding_title(file.encoding, known=bool(dialect.encoding))
    return UserTable(
        name,
        tuple(columns),
        f"{encoding}, {form}",
        partial(_batches, file, columns),
        lambda row: f"{name}, line {line_of(file, row)}",
        quoted=file.quoted,
        encoding=encoding,
        separator=separator,
        header=detected.header,
        notes=notes,
        left_out=(why,) if faulty and file.leaves_out else (),
        whole=partial(_whole, file, columns),
    )


def _with_names(file: TextFile, detected: Detected) -> tuple[TextFile, tuple[str, ...]]:
    """Return the text, and notes on it, with names also for columns that its header leaves out.

    R leaves out the name of the first column, which numbers the rows; a separator at the end of each row makes one
    more empty column.
    """
    notes = detected.notes
    if file.columns:
        return file, notes
    lines, names = first_record(file)
    below = [record for _, (_, record) in zip(range(100), records(file), strict=False)][1:]
    if not below or any(len(record) != len(names) + 1 for record in below):
        return file, notes
    last = all(not record[-1] for record in below)
    counts = [*map(str, range(1, len(below) + 1))]
    if not last and (len(below) < 2 or [record[0] for record in below] != counts):
        return file, notes
    columns = (*names, "") if last else ("", *names)
    place = "last" if last else "first"
    note = f"The header of {file.name} has no name for the {place} column."
    return replace(file, columns=columns, preamble=lines), (*notes, note)


def _batches(file: TextFile, columns: list[str], wanted: Mapping[str, str]) -> Iterator[pa.Table]:
    types = dict.fromkeys(wanted.values(), pa.string())
    try:
        with (
            opened(file.name, file.open) as stream,
            pa.csv.open_csv(plain_stream(file, stream), *csv_options(file, columns, types)) as reader,
        ):
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield pa.table({new: table[old] for new, old in wanted.items()})
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _fault(file, columns, error) from error


def _whole(file: TextFile, columns: list[str], wanted: Mapping[str, str], ids: Collection[str]) -> pa.Table:
    types = dict.fromkeys(wanted.values(), pa.string())
    types |= {old: DICTIONARY for new, old in wanted.items() if new in ids}
    try:
        with opened(file.name, file.open) as stream:
            table = pa.csv.read_csv(plain_stream(file, stream), *csv_options(file, columns, types))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _fault(file, columns, error) from error
    return pa.table({new: table[old] for new, old in wanted.items()})


def _fault(file: TextFile, columns: list[str], error: Exception) -> BadInput:
    """Return the error that names the first faulty line, as far as it can be found."""
    raise_first_fault(file, columns)
    return BadInput(
        f"{file.name} cannot be read as a table ({' '.join(str(error).split())[:100]}); {SAVE_AS}"
    )
