"""JSON of any common shape -> a UserTable: an object a line, an array of objects, or an object around one."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from core.data.tables.bounds import DOCUMENT_LETTERS, ROW_BYTES
from core.data.tables.delimited.text import TextFile, bounded_lines, undecodable
from core.data.tables.encodings import encoding_title
from core.data.tables.packing import opened
from core.data.tables.records.loose import loose_record
from core.data.tables.records.nesting import flat
from core.data.tables.records.table import Form, table_of
from core.data.tables.user_table import UserTable
from core.errors import BadInput

Objects = Iterator[tuple[int, Mapping[str, Any]]]
BLOCK_CHARACTERS = 1 << 20
LINES, LITERALS = "a JSON object a line", "a Python literal a line"
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
"""Keeps numbers as they are written."""
_BLANK = re.compile(r"[\s\ufeff]*")
_BETWEEN = re.compile(r"[\s,]*")
_PLAIN = r'(?:"(?:[^"\\]|\\.)*"|[-\w.+]+)'
_AROUND = re.compile(rf'\{{\s*(?:"[^"\\]*"\s*:\s*{_PLAIN}\s*,\s*)*"(?P<key>[^"\\]*)"\s*:\s*\[(?=\s*\{{)')
"""An object whose first value that is not plain is an array of objects."""


def open_json(file: TextFile) -> UserTable:
    """Return the table in a JSON file. Raises BadInput where it is empty or one of its first objects is faulty."""
    text = _start(file, ROW_BYTES)
    at = _end(_BLANK, text, 0)
    notes: tuple[str, ...] = ()
    objects: Callable[[], Objects]
    if text[at : at + 1] == "[":
        title, objects = "a JSON array", partial(_array, file, at + 1)
    else:
        title, objects, notes = _of_object(file, text, at)
    encoding = encoding_title(file.encoding)

    def records() -> Iterator[tuple[int, Mapping[str, str | None]]]:
        for line, record in objects():
            yield line, flat(record)

    return table_of(file.name, Form(f"{encoding}, {title}", encoding, notes=notes), records)


def _of_object(file: TextFile, text: str, at: int) -> tuple[str, Callable[[], Objects], tuple[str, ...]]:
    """Return the shape of a file that begins with an object, what gives its objects, and notes on it."""
    line = text[at:].partition("\n")[0]
    try:
        record, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        if _is_loose(line):
            return LITERALS, partial(_lines, file, loose_record), ()
        if len(text) < ROW_BYTES:
            return LINES, partial(_lines, file, _json_record), ()
        record, end = None, len(text)
    if end < len(text) and text[end:].strip():
        within_line = end <= at + len(line)
        return (
            (LINES, partial(_lines, file, _json_record), ())
            if within_line
            else ("JSON objects", partial(_array, file, at, closed=False), ())
        )
    if (around := _AROUND.match(text, at)) and (record is None or _holds_one_list(record)):
        note = f"{file.name}: only the list {around['key']!r} is read."
        notes = () if record is not None and len(record) == 1 else (note,)
        return "an array in a JSON object", partial(_array, file, around.end(), more=True), notes
    if record is None:
        text = _start(file, DOCUMENT_LETTERS)
        try:
            record, _ = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return LINES, partial(_lines, file, _json_record), ()
    return "a JSON object", lambda: enumerate(_rows_of(record), 1), ()


def _holds_one_list(record: Mapping[str, Any]) -> bool:
    return sum(isinstance(value, list | dict) for value in record.values()) == 1


def _rows_of(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the rows of an object that holds columns, as pandas writes it; of any other object, itself as one row.

    >>> [*_rows_of({"user": {"0": "1", "1": "2"}, "stars": {"0": "4", "1": "5"}})]
    [{'user': '1', 'stars': '4'}, {'user': '2', 'stars': '5'}]
    """
    columns, values = list(record), list(record.values())
    data = record.get("data")
    if "columns" in record and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return (dict(zip(map(str, record["columns"]), row, strict=False)) for row in data)
    if (
        values
        and all(isinstance(value, dict) and value for value in values)
        and all([*value] == [*values[0]] for value in values)
        and not any(isinstance(inner, dict | list) for value in values for inner in value.values())
    ):
        return ({column: record[column][key] for column in columns} for key in values[0])
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len({*map(len, values)}) == 1:
        return (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))
    return iter([dict(record)])


def _lines(file: TextFile, read: Callable[[str], Any]) -> Objects:
    """Return each line's number and object; blank lines are skipped."""
    name, number = file.name, 0
    with opened(name, file.open) as stream, io.TextIOWrapper(stream, file.encoding, newline="\n") as text:
        try:
            for number, line in enumerate(bounded_lines(file, text), 1):
                if line.strip("\ufeff \t\r\n"):
                    record = read(line.removeprefix("\ufeff"))
                    if not isinstance(record, dict):
                        raise BadInput(f"{name}, line {number} is not a JSON object; mend or delete it")
                    yield number, record
        except UnicodeDecodeError as error:
            raise undecodable(file) from error
        except (ValueError, RecursionError) as error:
            raise _unreadable(name, number, error) from error


def _array(file: TextFile, start: int, closed: bool = True, more: bool = False) -> Objects:
    """Return the objects of an array whose first one comes after `start` characters, with their first lines.

    An array that is not `closed` ends with the file; `more` may follow one that is.
    """
    name, line = file.name, 1
    with opened(name, file.open) as stream, io.TextIOWrapper(stream, file.encoding, newline="\n") as text:
        try:
            buffer, at = text.read(start + BLOCK_CHARACTERS), start
            line += buffer.count("\n", 0, at)
            ended = False
            while True:
                begin = _end(_BETWEEN, buffer, at)
                line += buffer.count("\n", at, begin)
                at = begin
                if at < len(buffer) and not (closed and buffer[at] == "]"):
                    try:
                        record, end = _DECODER.raw_decode(buffer, at)
                    except (ValueError, RecursionError) as error:
                        if ended or len(buffer) - at > ROW_BYTES or isinstance(error, RecursionError):
                            raise _unreadable(name, line, error) from error
                    else:
                        if not isinstance(record, dict):
                            raise BadInput(f"{name}, line {line} is not a JSON object; mend or delete it")
                        yield line, record
                        line += buffer.count("\n", at, end)
                        at = end
                        continue
                elif at < len(buffer):
                    if not more and (buffer[at + 1 :] + text.read(BLOCK_CHARACTERS)).strip():
                        raise BadInput(f"{name}, line {line}: something follows the array; delete it")
                    return
                elif ended:
                    if closed:
                        raise BadInput(f"{name} ends before its array is closed; fetch the file again")
                    return
                piece = text.read(BLOCK_CHARACTERS)
                ended, buffer, at = not piece, buffer[at:] + piece, 0
        except UnicodeDecodeError as error:
            raise undecodable(file) from error


def _unreadable(name: str, line: int, error: Exception) -> BadInput:
    if isinstance(error, RecursionError):
        return BadInput(f"{name}, line {line} is nested too deeply; mend or delete it")
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return BadInput(f"{name}, line {line} is not JSON ({reason}); mend or delete it")


def _json_record(line: str) -> Any:
    return _DECODER.decode(line)


def _is_loose(line: str) -> bool:
    try:
        return bool(loose_record(line))
    except ValueError:
        return False


def _start(file: TextFile, characters: int) -> str:
    with (
        opened(file.name, file.open) as stream,
        io.TextIOWrapper(stream, file.encoding, "replace", newline="\n") as text,
    ):
        return text.read(characters)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
