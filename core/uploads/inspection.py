"""A user's file -> its first rows, or what a run would read of it, while other users are served.

A long file is inspected in a child process, since this takes a while, and the parent, a server of pages, must
serve other users meanwhile. The child reads a line of JSON and the films from its standard input.
"""

import contextlib
import io
import json
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa

from core.child_process import Child, answer_stream, bound_memory, end, write_answer
from core.data.layouts.aliases import Holds
from core.data.layouts.files import find_table
from core.data.tables import first_rows
from core.errors import CannotAnswer
from core.progress import silent
from core.store import Store, disk_errors
from core.uploads.check import check_ratings, check_reviews
from core.uploads.storage import UNCHOSEN, Chosen, safe_name

SHORT = 4 * 1024**2
"""Bytes up to which a plain file is inspected in this process, since a child takes longer to start."""
PACKED = (b"PK", b"PAR1", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""First bytes of compressed files, whose length does not show how much they contain."""
LONGEST_SECONDS = 600.0
"""Time limit of an inspection; a zip of half a GB takes half a minute."""
TIDYING_SECONDS = 5.0
"""Time after the limit in which the child may remove partial files."""
FIRST_ROWS = 5

Aspect = Literal["first rows", "contents"]


class GivenFile(NamedTuple):
    """A user's file in memory: original name and content."""

    name: str
    content: bytes


def inspect(
    aspect: Aspect,
    file: GivenFile | Path,
    holds: Holds,
    store: Store,
    chosen: Chosen = UNCHOSEN,
    films: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return one aspect of a file, with these keys:

    - "first rows": columns, format (for people), rows (the first ones, as text), roles (ours -> the file's) and
      one_person, whether it is an export of one person's ratings, without a column for the user
    - "contents": those of `Contents`; of reviews for the `films`, if any

    Six parameters: file, what it holds and what its user said of it travel to the child together. Raise BadInput,
    DataNotFound or StorageError, and CannotAnswer if the child process fails or takes too long.
    """
    with _on_disk(file, store) as path:
        question = {"aspect": aspect, "path": str(path), "holds": holds, **chosen.plain()}
        if not _is_long(path):
            return inspect_here(question, films, store)
        return inspect_apart(question, films, store)


def inspect_here(question: Mapping[str, Any], films: pd.DataFrame | None, store: Store) -> dict[str, Any]:
    """Return the answer to a question about a file, computed in this process."""
    where, holds = question["path"], question["holds"]
    chosen = Chosen(question.get("columns"), question.get("ids_of_ratings", False))
    if question["aspect"] == "first rows":
        found = find_table(Path(where), holds)
        table, roles = found.table, found.roles
        head = first_rows(table, FIRST_ROWS).astype(object)
        return {
            "columns": list(table.columns),
            "format": table.format,
            "rows": head.where(head.notna(), None).to_numpy().tolist(),
            "roles": dict(roles.columns),
            "one_person": found.one_person,
        }
    if holds == "ratings":
        return check_ratings(where, store, silent, chosen.columns).document()
    return check_reviews(where, store, silent, films, chosen).document()


def inspect_apart(question: Mapping[str, Any], films: pd.DataFrame | None, store: Store) -> dict[str, Any]:
    """Return the answer to a question about a file, computed in a child process."""
    table = b"" if films is None else _arrow_stream(films)
    line = json.dumps({**question, "films": len(table), "root": str(store.root)}) + "\n"
    name = Path(question["path"]).name
    with disk_errors(store.root), tempfile.TemporaryFile(dir=store.root) as file:
        # In a file: a pipe would keep this process busy, and its reader could not tell a part from the whole.
        for part in (line.encode(), table):
            file.write(part)
        file.seek(0)
        child = Child("core.uploads.inspection", file, TIDYING_SECONDS)
    try:
        return child.answer(LONGEST_SECONDS)
    except TimeoutError as error:
        raise CannotAnswer(
            f"{name} takes longer than {LONGEST_SECONDS / 60:.0f} minutes to read; give a shorter one"
        ) from error
    except EOFError as error:
        raise CannotAnswer(
            f"the process that looks at {name} ended, perhaps for want of memory; give a smaller file"
        ) from error


@contextlib.contextmanager
def _on_disk(file: GivenFile | Path, store: Store) -> Iterator[Path]:
    """Yield the path of a file; one in memory is written into a temporary folder."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.TemporaryDirectory(dir=store.root) as folder:
        path = Path(folder) / safe_name(file.name)
        with disk_errors(store.root):
            path.write_bytes(file.content)
        yield path


def _is_long(path: Path) -> bool:
    """Return whether a file may take a while to read."""
    if path.is_dir() or path.stat().st_size > SHORT:
        return True
    with path.open("rb") as file:
        return file.read(6).startswith(PACKED)


def _arrow_stream(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    arrow = pa.Table.from_pandas(table)
    with pa.ipc.new_stream(buffer, arrow.schema) as writer:
        writer.write_table(arrow)
    return buffer.getvalue()


def main() -> None:
    """Answer the question on standard input."""
    bound_memory()
    answers = answer_stream()
    # The parent gave up: partial files are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    question = json.loads(sys.stdin.buffer.readline())
    table = sys.stdin.buffer.read(question["films"])
    films = pa.ipc.open_stream(table).read_pandas() if table else None
    store = Store(Path(question["root"]))
    write_answer(answers, lambda: inspect_here(question, films, store))


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
