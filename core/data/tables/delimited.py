"""Delimited text -> the wanted columns, of the wanted kinds."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.csv

from core.data.tables.faults import line_of, raise_first_fault, refuse_open_quotes
from core.data.tables.rows import Rows
from core.data.tables.text import SAVE_AS, TextFile, first_record, header, opened
from core.errors import BadInput


def read_text(file: TextFile, *kinds: Mapping[str, pa.DataType]) -> Rows:
    """Return the columns named by `kinds`, by the first of the kinds that all values fit.

    Raises BadInput with the first line that does not fit the last of them.
    """
    columns = header(file)
    for name in kinds[0]:
        if columns.count(name) > 1:
            raise BadInput(f"{file.name} has several columns called {name!r}; rename all but one")
    for kind in kinds:
        try:
            with opened(file) as stream:
                table = pa.csv.read_csv(stream, *options(file, columns, kind))
            frame = table.to_pandas(split_blocks=True, self_destruct=True)
            rows = Rows(file.name, frame, lambda row: f"{file.name}, line {line_of(file, row)}")
            if not file.multiline:
                refuse_open_quotes(rows)
            return rows
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            reason = error
    raise_first_fault(file, columns, kinds[-1])
    raise BadInput(f"{file.name} cannot be read as a table ({reason}); {SAVE_AS}") from reason


def options(
    file: TextFile, columns: list[str], kind: Mapping[str, pa.DataType], block: int | None = None
) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    """Say to Arrow how the file is written, and which columns of which kinds are wanted.

    `block` is how many bytes are read together; a record must fit into them.
    """
    first_line = 0 if file.columns else first_record(file)[0]
    return (
        pa.csv.ReadOptions(
            column_names=columns, skip_rows=first_line, encoding=file.encoding, block_size=block
        ),
        pa.csv.ParseOptions(
            delimiter=file.delimiter,
            quote_char='"' if file.quoted else False,
            newlines_in_values=file.multiline,
        ),
        pa.csv.ConvertOptions(
            include_columns=list(kind), column_types=kind, null_values=[""], strings_can_be_null=True
        ),
    )
