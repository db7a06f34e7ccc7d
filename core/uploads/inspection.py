"""A user's file -> its first rows, or what a run would read of it, while other users are served.

A file is inspected in a child process: this may take a while and much memory, and the parent, a server of pages, must
serve other users meanwhile.
"""

import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa

from core.child_process import FileQuestion, answer_about_file, ask_about_file
from core.data.layouts.aliases import Holds
from core.data.layouts.files import find_table
from core.data.tables import first_rows
from core.memory import size_of
from core.progress import silent
from core.store import Store, beside, disk_errors
from core.uploads.check import check_ratings, check_reviews
from core.uploads.storage import UNCHOSEN, Chosen, safe_name

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
        content = {
            "aspect": aspect,
            "path": str(path),
            "holds": holds,
            "root": str(store.root),
            **chosen.plain(),
        }
        table = b"" if films is None else _arrow_stream(films)
        question = FileQuestion("core.uploads.inspection", path.name, size_of(path), content, table)
        with disk_errors(store.root):
            return ask_about_file(question, store.root)


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


@contextlib.contextmanager
def _on_disk(file: GivenFile | Path, store: Store) -> Iterator[Path]:
    """Yield the path of a file; one in memory is written into a temporary folder."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix=beside("upload"), dir=store.root) as folder:
        path = Path(folder) / safe_name(file.name)
        with disk_errors(store.root):
            path.write_bytes(file.content)
        yield path


def _arrow_stream(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    arrow = pa.Table.from_pandas(table)
    with pa.ipc.new_stream(buffer, arrow.schema) as writer:
        writer.write_table(arrow)
    return buffer.getvalue()


def _answer(question: Mapping[str, Any], table: bytes) -> dict[str, Any]:
    films = pa.ipc.open_stream(table).read_pandas() if table else None
    return inspect_here(question, films, Store(Path(question["root"])))


if __name__ == "__main__":
    answer_about_file(_answer)
