"""Blocks of "key: value" lines, as SNAP's reviews have them -> a UserTable."""

import io
import re
from collections.abc import Iterator
from functools import partial

from core.data.tables.delimited.text import TextFile, bounded_lines, undecodable
from core.data.tables.encodings import encoding_title
from core.data.tables.packing import opened
from core.data.tables.records.table import Form, table_of
from core.data.tables.user_table import UserTable

_KEY = r"[A-Za-z][\w./-]{0,60}"
_LINE = re.compile(rf"({_KEY}): ?(.*)")
_BLOCK = re.compile(rf"(?:{_KEY}:(?: [^\r\n]*)?(?:\r\n|\r|\n))+")
FEWEST_KEYS = 2


def holds_key_values(text: str) -> bool:
    """Return whether the beginning of a text is such a block, followed by another one or by nothing.

    >>> holds_key_values("a/id: 1\\na/text: Good.\\n\\na/id: 2\\n"), holds_key_values("Note: a film.\\nBad\\n")
    (True, False)
    """
    text = text.lstrip()
    block = _BLOCK.match(text if text.endswith("\n") else f"{text}\n")
    if block is None or len(block[0].splitlines()) < FEWEST_KEYS:
        return False
    rest = text[block.end() :]
    first = block[0].partition(":")[0]
    keys = [line.partition(":")[0] for line in block[0].splitlines()]
    return not rest.strip() or rest.lstrip().startswith(f"{first}:") or len(set(keys)) < len(keys)


def open_key_values(file: TextFile) -> UserTable:
    """Return the table of such blocks. Raises BadInput where a line cannot be decoded or is too long."""
    encoding = encoding_title(file.encoding)
    return table_of(file.name, Form(f"{encoding}, a line a value", encoding), partial(_records, file))


def _records(file: TextFile) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Return each block; a blank line before a key ends it, or a key that it has already.

    A line without one of the keys of the first block belongs to the value before it.
    """
    record: dict[str, str | None] = {}
    known: set[str] = set()
    last, start, blank, is_first = "", 1, 0, True
    with (
        opened(file.name, file.open) as stream,
        io.TextIOWrapper(stream, file.encoding, newline="") as text,
    ):
        try:
            for number, line in enumerate(bounded_lines(file, text), 1):
                line = line.rstrip("\r\n").removeprefix("\ufeff")
                if not line:
                    blank += 1
                    continue
                found = _LINE.match(line)
                key = found[1] if found else ""
                if found and (is_first or key in known or "/" in key):
                    if record and (blank or key in record):
                        yield start, record
                        record = {}
                        is_first = False
                    start = start if record else number
                    known.add(key)
                    record[key], last = found[2], key
                elif record:
                    record[last] = f"{record[last]}{chr(10) * (blank + 1)}{line}"
                blank = 0
        except UnicodeDecodeError as error:
            raise undecodable(file) from error
    if record:
        yield start, record
