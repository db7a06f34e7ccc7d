"""A Parquet file -> its rows in pieces of bounded size.

A value that comes again is stored once, so that a file of 1 kB can hold GB of text. Texts stay dictionary-encoded
here, and a piece has no more rows than may be written out at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from core.data.tables.bounds import BATCH_BYTES, FEWEST_BYTES, MOST_BYTES, ROW_BYTES, too_large
from core.data.tables.packing import Opener, most_of, opened
from core.errors import BadInput

BUFFER_BYTES = 1 << 20
"""Bytes that are read ahead while a file is read in batches."""
PREFIXED = {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
"""Encodings of texts, such as by what they share with the text before, which Arrow can only write out."""
PREFIXED_ROWS = 256
"""Rows that are read at once where there are such texts."""
DAMAGED = (pa.ArrowException, OSError, ValueError)
"""What Arrow raises for a damaged file, and for want of memory too."""


@dataclass(frozen=True)
class StoredRows:
    """The rows of a Parquet file, unread."""

    name: str
    opener: Opener
    schema: pa.Schema
    count: int
    """As the file says."""
    texts: tuple[str, ...]
    """Paths of what holds texts that can stay as they are stored; they may be within lists."""
    prefixed: bool
    """Whether there are texts that cannot."""
    fixed: int
    """Bytes of a row's values of fixed length."""
    most: int
    """Bytes that may come out of the file."""

    def pieces(self, rows: int, names: list[str] | None) -> Iterator[pa.Table]:
        """Return all rows of some columns, or of all, in pieces of so many rows or fewer.

        Raises BadInput where a row is too long, or all are.
        """
        at_once = min(
            rows, PREFIXED_ROWS if self.prefixed else rows, max(1, BATCH_BYTES // max(1, self.fixed))
        )
        done = total = 0
        try:
            with opened(self.name, self.opener) as stream:
                file = pa.parquet.ParquetFile(
                    pa.PythonFile(stream, "r"),
                    read_dictionary=self.texts,
                    # Page by page, even where all rows are one row group.
                    pre_buffer=False,
                    buffer_size=BUFFER_BYTES,
                )
                for table in _gathered(file.iter_batches(at_once, columns=names), rows):
                    sizes = _sizes(table)
                    total += int(sizes.sum())
                    if sizes.max(initial=0) > ROW_BYTES:
                        raise BadInput(
                            f"{self.name}, row {done + int(sizes.argmax()) + 1} has more than "
                            f"{ROW_BYTES // 1024**2} MB of text; shorten it"
                        )
                    done += len(table)
                    if self.most < MOST_BYTES and max(total, done * FEWEST_BYTES) > self.most:
                        raise too_large(self.name, self.most)
                    yield from _cut(table, sizes)
        except MemoryError:
            raise
        except DAMAGED as error:
            raise _damaged(self.name) from error


def stored_rows(name: str, opener: Opener) -> StoredRows:
    """Return the rows of a Parquet file. Raises BadInput where it is damaged, or holds too much."""
    try:
        with opened(name, opener) as stream:
            file = pa.parquet.ParquetFile(pa.PythonFile(stream, "r"))
            schema, about = file.schema_arrow, file.metadata
            columns = [file.schema.column(number) for number in range(about.num_columns)]
            unpacked = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    except MemoryError:
        raise
    except DAMAGED as error:
        raise _damaged(name) from error
    most = most_of(opener)
    fixed = sum(max(0, column.length) for column in columns if column.physical_type == "FIXED_LEN_BYTE_ARRAY")
    if max(unpacked, about.num_rows * max(fixed, FEWEST_BYTES)) > most:
        raise too_large(name, most)
    prefixed = {
        about.row_group(group).column(number).path_in_schema
        for group in range(about.num_row_groups)
        for number in range(about.num_columns)
        if PREFIXED & {*about.row_group(group).column(number).encodings}
    }
    texts = tuple(
        column.path
        for column in columns
        if column.physical_type == "BYTE_ARRAY"
        and column.logical_type.type != "DECIMAL"
        and column.path not in prefixed
    )
    return StoredRows(name, opener, schema, about.num_rows, texts, bool(prefixed), fixed, most)


def _damaged(name: str) -> BadInput:
    return BadInput(f"{name} is not a whole Parquet file; write it again")


def _gathered(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Return batches as tables of so many rows, or fewer where they are long."""
    held: list[pa.RecordBatch] = []
    count = size = 0
    for batch in batches:
        held.append(batch)
        count, size = count + len(batch), size + batch.nbytes
        if count >= rows or size > BATCH_BYTES:
            yield pa.Table.from_batches(held).combine_chunks()
            held, count, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held).combine_chunks()


def _cut(table: pa.Table, sizes: np.ndarray) -> Iterator[pa.Table]:
    """Return the rows in pieces of at most BATCH_BYTES and a row more."""
    piece = np.cumsum(sizes) // BATCH_BYTES
    starts = [0, *(np.flatnonzero(np.diff(piece)) + 1), len(table)]
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        yield table.slice(start, end - start)


def _sizes(table: pa.Table) -> np.ndarray:
    """Return the bytes of the texts in each row."""
    sizes = np.zeros(len(table), np.int64)
    for column in table.columns:
        sizes += _lengths(column.combine_chunks())
    return sizes


def _lengths(values: pa.Array) -> np.ndarray:
    """Return the bytes of the text that each value is written out as; 0 where it is no text.

    >>> _lengths(pa.array(["a", "bcd", None, "a"]).dictionary_encode()).tolist()
    [1, 3, 0, 1]
    >>> _lengths(pa.array([["a", "bcd"], None, []])).tolist()
    [6, 0, 0]
    """
    form = values.type
    if isinstance(form, pa.BaseExtensionType):
        return _lengths(values.storage)
    if pa.types.is_dictionary(form):
        lengths = np.append(_lengths(values.dictionary), 0)
        found: np.ndarray = lengths[values.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        return found
    if pa.types.is_list(form) or pa.types.is_large_list(form):
        counts = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False)
        ends = np.cumsum(counts)
        sums = np.append(0, np.cumsum(_lengths(values.flatten()) + 1))
        return np.asarray(sums[ends] - sums[ends - counts])
    if pa.types.is_string(form) or pa.types.is_binary(form) or pa.types.is_large_string(form):
        return np.asarray(pc.binary_length(values).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    return np.zeros(len(values), np.int64)
