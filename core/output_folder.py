"""A folder that a command fills with its results: known by a mark, and changed as a whole or not at all.

New files are written beside the old ones. Once they are complete, their folder gets the name NEXT; from then on the
old ones are replaced, by this process or, after a kill, by the next one that opens the folder.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadInput
from core.locks import exclusive
from core.store import beside, disk_errors, flush, left_in, put, remove

MARK = ".factorscope"
"""File that marks a folder as ours, and is locked while a command fills it."""
NEXT = ".next"
"""Name of a folder with new files that are complete."""


@contextlib.contextmanager
def own_folder(out: Path, last: str) -> Iterator[Path]:
    """Hold a folder to fill, made if necessary; `last` is the file of ours that is written last.

    Raise BadInput if it cannot be made or written, has files in it that are not ours, or another command fills it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in out.iterdir()}
    except OSError as error:
        raise BadInput(f"{out} cannot be made a folder ({error.strerror}); give --out another") from error
    if names and not {MARK, last} & names:
        raise BadInput(f"{out} holds other things and no {last}; give --out an empty or a new folder")

    def refuse() -> None:
        raise BadInput(f"another command is writing into {out}; wait for it, or give --out another folder")

    with contextlib.ExitStack() as held:
        try:
            held.enter_context(exclusive(out / MARK, refuse))
        except OSError as error:
            raise BadInput(
                f"{out} cannot be written ({error.strerror}); give --out another folder"
            ) from error
        forget_unfinished(out)
        settle(out, last)
        try:
            yield out
        finally:
            # A command that was refused leaves nothing.
            if [path.name for path in out.iterdir()] == [MARK]:
                (out / MARK).unlink()


def forget_unfinished(out: Path) -> None:
    """Delete what a killed process had not finished."""
    for leftover in left_in(out):
        remove(leftover)


@contextlib.contextmanager
def replacing(out: Path, last: str) -> Iterator[Path]:
    """Yield an empty folder to fill; its files and folders replace those of `out` when the block ends, `last` last.

    Where the block raises, `out` stays as it is. Raise StorageError where the disk is full.
    """
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        settle(out, last)
        work = Path(tempfile.mkdtemp(prefix=beside("files"), dir=out))
        try:
            yield work
            flush(work)
            work.replace(out / NEXT)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        settle(out, last)


def settle(out: Path, last: str) -> None:
    """Replace the files of `out` by complete new ones, if there are any, as after a kill in the midst of it."""
    new = out / NEXT
    try:
        opened = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        # Another process may be replacing them now.
        fcntl.flock(opened, fcntl.LOCK_EX)
        if (new / last).exists():
            remove(out / last)
        with contextlib.suppress(FileNotFoundError):
            for path in sorted(new.iterdir(), key=lambda path: path.name == last):
                put(path, out / path.name)
            new.rmdir()
            flush(out, deep=False)
    finally:
        os.close(opened)
