"""JSONL (a JSON object a line) -> a UserTable."""

import io
import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa

from core.data.tables.encodings import encoding_of, encoding_title
from core.data.tables.text import Opener, TextFile, bounded_lines, first_undecodable_line, open_stream
from core.data.tables.user_table import BATCH_ROWS, UserTable, unique_columns
from core.errors import BadInput


def open_jsonl(name: str, opener: Opener) -> UserTable:
    """Return the table in a JSONL file; its columns are the keys of the first BATCH_ROWS objects.

    Raises BadInput where it is empty or one of these lines is not a JSON object.
    """
    with open_stream(TextFile(name, opener)) as stream:
        encoding = encoding_of(stream)
    objects = partial(_objects, TextFile(name, opener, encoding=encoding))
    keys = dict.fromkeys(key for _, row in islice(objects(), BATCH_ROWS) for key in row)
    columns = unique_columns(name, list(keys))
    if not columns:
        raise BadInput(f"{name} is empty; give a JSON object a line")

    def batches(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        remaining = objects()
        while batch := [row for _, row in islice(remaining, BATCH_ROWS)]:
            yield pa.table(
                {
                    new: pa.array([_as_text(row.get(old)) for row in batch], pa.string())
                    for new, old in wanted.items()
                }
            )

    def location(row: int) -> str:
        return f"{name}, line {next(islice(objects(), row, None))[0]}"

    title = f"{encoding_title(encoding)}, a JSON object a line"
    return UserTable(name, tuple(columns), title, batches, location, encoding=encoding_title(encoding))


def _objects(file: TextFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return each line's number and object; blank lines are skipped."""
    name = file.name
    with open_stream(file) as stream, io.TextIOWrapper(stream, file.encoding, newline="\n") as text:
        number = 0
        try:
            for number, line in enumerate(bounded_lines(file, text), 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise BadInput(f"{name}, line {number} is not a JSON object; mend or delete it")
                    yield number, row
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{name}, line {first_undecodable_line(file)} is not in {file.encoding.upper()}; save it in UTF-8"
            ) from error
        except json.JSONDecodeError as error:
            raise BadInput(f"{name}, line {number} is not JSON ({error.msg}); mend or delete it") from error
        except ValueError as error:
            # A number of more digits than Python converts.
            raise BadInput(f"{name}, line {number} cannot be read ({error}); mend or delete it") from error
        except RecursionError as error:
            raise BadInput(f"{name}, line {number} is nested too deeply; mend or delete it") from error


def _as_text(value: Any) -> str | None:
    # Lone surrogates, which JSON can escape but no encoding can hold, become question marks.
    return None if value is None else str(value).encode("utf-8", "replace").decode()
