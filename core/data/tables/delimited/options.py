"""How Arrow is to read a delimited text."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.csv

from core.data.tables.delimited.text import MAX_LINE_CHARACTERS, TextFile, first_record

BATCH_BYTES = MAX_LINE_CHARACTERS
"""Bytes of text in a batch; a record must fit into them."""


def csv_options(
    file: TextFile, columns: list[str], schema: Mapping[str, pa.DataType], block_bytes: int | None = None
) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    """Return Arrow's options for this file and the wanted columns.

    `block_bytes` are read together; a record must fit into them.
    """
    header_lines = file.preamble if file.columns else first_record(file)[0]
    return (
        pa.csv.ReadOptions(
            column_names=columns,
            skip_rows=header_lines,
            encoding="utf-8" if file.rewritten else file.encoding,
            block_size=block_bytes,
        ),
        pa.csv.ParseOptions(
            delimiter=file.mark,
            quote_char='"' if file.quoted else False,
            newlines_in_values=file.multiline,
            invalid_row_handler=(lambda row: "skip") if file.leaves_out else None,
        ),
        pa.csv.ConvertOptions(
            include_columns=list(schema), column_types=schema, null_values=[""], strings_can_be_null=True
        ),
    )
