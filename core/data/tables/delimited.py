"""Delimited text -> the wanted columns, typed."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.csv

from core.data.tables.faults import line_of, raise_first_fault, refuse_open_quotes
from core.data.tables.rows import Rows
from core.data.tables.text import SAVE_AS, TextFile, first_record, header, open_stream
from core.errors import BadInput


def read_text(file: TextFile, *schemas: Mapping[str, pa.DataType]) -> Rows:
    """Return the columns of the first schema (column -> type) that all values fit; all schemas have the same columns.

    Raises BadInput with the first line that does not fit the last schema.
    """
    columns = header(file)
    for name in schemas[0]:
        if columns.count(name) > 1:
            raise BadInput(f"{file.name} has several columns called {name!r}; rename all but one")
    for schema in schemas:
        try:
            with open_stream(file) as stream:
                table = pa.csv.read_csv(stream, *csv_options(file, columns, schema))
            frame = table.to_pandas(split_blocks=True, self_destruct=True)
            rows = Rows(file.name, frame, lambda row: f"{file.name}, line {line_of(file, row)}")
            if not file.multiline:
                refuse_open_quotes(rows)
            return rows
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            reason = error
    raise_first_fault(file, columns, schemas[-1])
    raise BadInput(f"{file.name} cannot be read as a table ({reason}); {SAVE_AS}") from reason


def csv_options(
    file: TextFile, columns: list[str], schema: Mapping[str, pa.DataType], block_bytes: int | None = None
) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    """Return Arrow's options for this file and the wanted columns.

    `block_bytes` are read together; a record must fit into them.
    """
    header_lines = 0 if file.columns else first_record(file)[0]
    return (
        pa.csv.ReadOptions(
            column_names=columns, skip_rows=header_lines, encoding=file.encoding, block_size=block_bytes
        ),
        pa.csv.ParseOptions(
            delimiter=file.delimiter,
            quote_char='"' if file.quoted else False,
            newlines_in_values=file.multiline,
        ),
        pa.csv.ConvertOptions(
            include_columns=list(schema), column_types=schema, null_values=[""], strings_can_be_null=True
        ),
    )
