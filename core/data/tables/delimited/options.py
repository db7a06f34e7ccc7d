"""How Arrow is to read a delimited text."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.csv

from core.data.tables.bounds import ROW_BYTES
from core.data.tables.delimited.text import TextFile, first_record


def csv_options(
    file: TextFile, columns: list[str], schema: Mapping[str, pa.DataType]
) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    """Return Arrow's options for this file and the wanted columns."""
    header_lines = file.preamble if file.columns else first_record(file)[0]
    return (
        pa.csv.ReadOptions(
            column_names=columns,
            skip_rows=header_lines,
            encoding="utf-8" if file.rewritten else file.encoding,
            # A record must fit into it.
            block_size=ROW_BYTES,
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
