"""A file in memory -> its first rows, its content for the films of a run, or its path in the cache.

A long file is inspected in a child process, since this takes a while, and the parent, a server of pages, must
serve other users meanwhile. The child reads a line of JSON, the films and the file from its standard input.
"""

import hashlib
import io
import json
import signal
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa

from core.child_process import Child, answer_stream, end, write_answer
from core.data.ratings.read import read_ratings
from core.data.reviews.sources.user_file.rows import rows_of
from core.data.reviews.sources.user_file.source import UserFile
from core.data.tables import first_rows, open_table
from core.errors import CannotAnswer
from core.progress import silent
from core.store import Store, disk_errors
from core.uploads.storage import keep_table

SHORT = 4 * 1024**2
"""Bytes up to which a plain file is inspected in this process, since a child takes longer to start."""
PACKED = (b"PK", b"PAR1")
"""First bytes of compressed files, whose length does not show how much they contain."""
LONGEST_SECONDS = 600.0
"""Time limit of an inspection; a zip of half a GB takes half a minute."""
TIDYING_SECONDS = 5.0
"""Time after the limit in which the child may remove partial files."""
FIRST_ROWS = 5

Aspect = Literal["first rows", "rows", "reviews", "ratings", "keep"]


class GivenFile(NamedTuple):
    """A user's file: original name and content."""

    name: str
    content: bytes


def inspect(
    aspect: Aspect,
    file: GivenFile,
    store: Store,
    columns: Mapping[str, str] | None = None,
    films: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return one aspect of a file, with these keys:

    - "first rows": columns, said (the detected layout, for people) and rows (the first ones, as text)
    - "rows": of a file of reviews, the numbers of rows, blank ones and films, and doubt
    - "reviews": the fields of `Check`, as `UserFile.check` returns them for `films`
    - "ratings": the numbers of users, films and ratings
    - "keep": path, where the cache stores the columns

    `columns` are ours -> the file's; "first rows" does not need them. Raise BadInput, DataNotFound or
    StorageError, and CannotAnswer if the child process fails or takes too long.
    """
    question = {"what": aspect, "name": file.name, "columns": dict(columns or {})}
    if len(file.content) <= SHORT and not file.content.startswith(PACKED):
        return inspect_here(question, file.content, films, store)
    return inspect_apart(question, file.content, films, store)


def inspect_here(
    question: Mapping[str, Any], content: bytes, films: pd.DataFrame | None, store: Store
) -> dict[str, Any]:
    """Return the answer to a question about a file with this content, computed in this process."""
    aspect, name, columns = (question[part] for part in ("what", "name", "columns"))
    table = open_table(name, lambda: io.BytesIO(content))
    if aspect == "first rows":
        head = first_rows(table, FIRST_ROWS).astype(object)
        rows = head.where(head.notna(), None).to_numpy().tolist()
        return {"columns": list(table.columns), "said": table.format, "rows": rows}
    if aspect == "rows":
        reviews = rows_of(table, columns)
        blank = int(reviews.blank.sum())
        return {
            "rows": len(reviews.name),
            "blank": blank,
            "films": len(reviews.names),
            "doubt": reviews.doubt,
        }
    if aspect == "reviews":
        return asdict(UserFile(Path(name), store, table, columns).check(films, silent))
    digest = hashlib.sha256(content).hexdigest()
    if aspect == "keep":
        return {"path": str(keep_table(table, columns, digest, store.root / "uploads"))}
    with tempfile.TemporaryDirectory(dir=store.root) as folder:
        path = keep_table(table, columns, digest, Path(folder))
        ratings = read_ratings(str(path), store, silent)
    return {"users": len(ratings.user_ids), "films": len(ratings.films), "ratings": len(ratings.table)}


def inspect_apart(
    question: Mapping[str, Any], content: bytes, films: pd.DataFrame | None, store: Store
) -> dict[str, Any]:
    """Return the answer to a question about a file with this content, computed in a child process."""
    table = b"" if films is None else _arrow_stream(films)
    line = json.dumps({**question, "films": len(table), "root": str(store.root)}) + "\n"
    with disk_errors(store.root), tempfile.TemporaryFile(dir=store.root) as file:
        # In a file: a pipe would keep this process busy, and its reader could not tell a part from the whole.
        for part in (line.encode(), table, content):
            file.write(part)
        file.seek(0)
        child = Child("core.uploads.inspection", file, TIDYING_SECONDS)
    try:
        return child.answer(LONGEST_SECONDS)
    except TimeoutError as error:
        raise CannotAnswer(
            f"{question['name']} takes longer than {LONGEST_SECONDS / 60:.0f} minutes to read; give a "
            "shorter one"
        ) from error
    except EOFError as error:
        raise CannotAnswer(
            f"the process that looks at {question['name']} ended; see what the server printed, and try again"
        ) from error


def _arrow_stream(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    arrow = pa.Table.from_pandas(table)
    with pa.ipc.new_stream(buffer, arrow.schema) as writer:
        writer.write_table(arrow)
    return buffer.getvalue()


def main() -> None:
    """Answer the question on standard input."""
    answers = answer_stream()
    # The parent gave up: partial files are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    question = json.loads(sys.stdin.buffer.readline())
    table, content = sys.stdin.buffer.read(question["films"]), sys.stdin.buffer.read()
    films = pa.ipc.open_stream(table).read_pandas() if table else None
    store = Store(Path(question["root"]))
    write_answer(answers, lambda: inspect_here(question, content, films, store))


if __name__ == "__main__":
    code = 1
    try:
        main()
        code = 0
    except SystemExit:
        # On SIGTERM; partial files are removed by now.
        pass
    except Exception:  # noqa: BLE001 - the outermost boundary: the server prints it
        traceback.print_exc()
    end(code)
