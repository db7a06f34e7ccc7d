"""A file in memory -> its first rows, what it has for the films of a run, and its place in the cache.

A long file is looked at in a process of its own, since that takes its time, and whoever asks, such as a server of
pages, has others to serve meanwhile. That process hears a line of JSON, the films and the file; it says a line of
JSON.
"""

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from core import errors
from core.child_process import end
from core.data.ratings.read import read_ratings
from core.data.reviews.sources.user_file.rows import rows_of
from core.data.reviews.sources.user_file.source import UserFile
from core.data.tables import first_rows, open_table
from core.errors import CannotAnswer
from core.progress import silent
from core.store import Store, disk_errors
from core.uploads.storage import keep_table

SHORT = 4 * 1024**2
"""Bytes up to which a plain file is looked at right here: a process takes longer to start."""
PACKED = (b"PK", b"PAR1")
"""How files begin whose bytes do not tell how much they hold."""
LONGEST_SECONDS = 600.0
"""A look that takes longer is given up; a zip of half a GB takes half a minute."""
ENDING_SECONDS = 5.0
"""So long it may then take to tidy up."""
FIRST_ROWS = 5

What = Literal["first rows", "rows", "reviews", "ratings", "keep"]


def look(
    what: What,
    name: str,
    content: bytes,
    store: Store,
    columns: Mapping[str, str] | None = None,
    films: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return of the file of this name and content:

    - "first rows": columns, said (what was detected, for people) and rows, the first of them as text
    - "rows": of a file of reviews, rows, blank and films (how many of each) and doubt
    - "reviews": what a file of reviews has for `films`; see `user_file.source.Check`
    - "ratings": users, films and ratings (how many)
    - "keep": path, under which the cache keeps the columns

    `columns` are ours -> the file's, which only the first rows do not need. Raises BadInput, DataNotFound and
    StorageError, and CannotAnswer where the process fails or takes too long.
    """
    question = {"what": what, "name": name, "columns": dict(columns or {})}
    if len(content) <= SHORT and not content.startswith(PACKED):
        return _looked(question, content, films, store)
    return _asked(question, content, films, store)


def _looked(
    question: Mapping[str, Any], content: bytes, films: pd.DataFrame | None, store: Store
) -> dict[str, Any]:
    what, name, columns = (question[part] for part in ("what", "name", "columns"))
    table = open_table(name, lambda: io.BytesIO(content))
    if what == "first rows":
        head = first_rows(table, FIRST_ROWS).astype(object)
        rows = head.where(head.notna(), None).to_numpy().tolist()
        return {"columns": list(table.columns), "said": table.format, "rows": rows}
    if what == "rows":
        found = rows_of(table, columns)
        blank = int(found.blank.sum())
        return {"rows": len(found.name), "blank": blank, "films": len(found.names), "doubt": found.doubt}
    if what == "reviews":
        return asdict(UserFile(Path(name), store, table, columns).check(films, silent))
    digest = hashlib.sha256(content).hexdigest()
    if what == "keep":
        return {"path": str(keep_table(table, columns, digest, store.root / "uploads"))}
    with tempfile.TemporaryDirectory(dir=store.root) as folder:
        path = keep_table(table, columns, digest, Path(folder))
        ratings = read_ratings(str(path), store, silent)
    return {"users": len(ratings.user_ids), "films": len(ratings.films), "ratings": len(ratings.table)}


def _asked(
    question: Mapping[str, Any], content: bytes, films: pd.DataFrame | None, store: Store
) -> dict[str, Any]:
    """Let a process of its own look."""
    table = b"" if films is None else _packed(films)
    line = json.dumps({**question, "films": len(table), "root": str(store.root)}) + "\n"
    with disk_errors(store.root), tempfile.TemporaryFile(dir=store.root) as given:
        # In a file, since a pipe would keep this process at work, and cannot tell a part from the whole.
        for part in (line.encode(), table, content):
            given.write(part)
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "core.uploads.inspection"],
            cwd=Path(__file__).parents[2],
            stdin=given,
            stdout=subprocess.PIPE,
        )
    with process:
        try:
            out, _ = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired as late:
            # Told to end, it takes away what it began to write.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS)
            process.kill()
            raise CannotAnswer(
                f"{question['name']} takes longer than {LONGEST_SECONDS / 60:.0f} minutes to read; give a "
                "shorter one"
            ) from late
    if process.returncode:
        raise CannotAnswer(
            f"the process that looks at {question['name']} ended; see what the server printed, and try again"
        )
    said: dict[str, Any] = json.loads(out)
    if "error" in said:
        raise getattr(errors, said["error"])(said["message"])
    return said


def _packed(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    arrow = pa.Table.from_pandas(table)
    with pa.ipc.new_stream(buffer, arrow.schema) as writer:
        writer.write_table(arrow)
    return buffer.getvalue()


def main() -> None:
    """Answer the question on standard input."""
    # What libraries print must not stand in the answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    question = json.loads(sys.stdin.buffer.readline())
    table, content = sys.stdin.buffer.read(question["films"]), sys.stdin.buffer.read()
    films = pa.ipc.open_stream(table).read_pandas() if table else None
    try:
        said = _looked(question, content, films, Store(Path(question["root"])))
    except errors.FactorscopeError as error:
        said = {"error": type(error).__name__, "message": str(error)}
    out.write(json.dumps(said))
    out.close()


if __name__ == "__main__":
    code = 1
    try:
        main()
        code = 0
    except SystemExit:
        # Told to end; what it began to write is gone by now.
        pass
    except Exception:  # noqa: BLE001 - the outermost boundary: the server prints it
        traceback.print_exc()
    end(code)
