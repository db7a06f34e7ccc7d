"""The folders of the cache and of the user's data sets; paths that users type; names of stored files."""

import contextlib
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

from core.errors import BadInput

ABOUT = "upload.json"
"""File in an upload's folder: its original name, and what its user said of its columns."""


def cache_dir() -> Path:
    """Return the folder of all computed and fetched files (environment FACTORSCOPE_CACHE, else ./cache)."""
    return user_path("FACTORSCOPE_CACHE", os.environ.get("FACTORSCOPE_CACHE") or "cache").resolve()


def data_dir() -> Path | None:
    """Return the user's folder of data sets (environment FACTORSCOPE_DATA), or None."""
    value = os.environ.get("FACTORSCOPE_DATA")
    return user_path("FACTORSCOPE_DATA", value) if value else None


def user_path(variable: str, value: str) -> Path:
    """Return the path in a variable of the environment. Raise BadInput where it begins with an unknown user."""
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise BadInput(
            f"{variable}={value} begins with a user who is not here; write the whole path"
        ) from error


def database_address() -> str | None:
    """Return the URL of the database by which several machines share a queue (environment FACTORSCOPE_DATABASE).

    It may hold a password, so it belongs in no message, log or file.
    """
    return os.environ.get("FACTORSCOPE_DATABASE") or None


def store_address() -> str | None:
    """Return the folder or URL where artifacts are shared (environment FACTORSCOPE_STORE), or None."""
    return os.environ.get("FACTORSCOPE_STORE") or None


def machine() -> str:
    """Return the name of this machine, as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", platform.node())[:60] or "machine"


def path_of(where: str) -> Path | None:
    """Return the path of an existing file or folder; None if there is none, or if no path can have this name.

    Raise BadInput for a pipe or a device, which could be read for ever.

    >>> path_of("~nobody-of-this-name/x"), path_of("x" * 300), path_of("")
    (None, None, None)
    """
    try:
        path = Path(where).expanduser()
        if not where or not path.exists():
            return None
        if path.is_file() or path.is_dir():
            return path
    except (OSError, RuntimeError, ValueError):
        # Too long, with an unknown user, or with a character that no name can have.
        return None
    raise BadInput(f"{where} is neither a file nor a folder; save what it gives into a file")


def are_same_file(one: str, other: str) -> bool:
    """Return whether two texts lead to the same file or folder.

    >>> are_same_file("core/../core", "core"), are_same_file("ml-100k", "ml-100k")
    (True, False)
    """
    first, second = path_of(one), path_of(other)
    return first is not None and second is not None and first.samefile(second)


def given_name(path: Path) -> str:
    """Return the original name of an uploaded file, or its name on disk if that is unknown."""
    return str(_about(path).get("name", path.name))


def chosen_columns(path: Path) -> dict[str, str] | None:
    """Return the columns of an uploaded file that its user chose, ours -> the file's; None if none were chosen."""
    columns = _about(path).get("columns")
    return {str(ours): str(theirs) for ours, theirs in columns.items()} if isinstance(columns, dict) else None


def has_ids_of_ratings(path: Path) -> bool:
    """Return whether a user said that the film ids of an uploaded file are those of the ratings."""
    return _about(path).get("ids_of_ratings") is True


def _about(path: Path) -> dict[str, Any]:
    """Return what is stored beside an uploaded file; nothing for any other file."""
    with contextlib.suppress(OSError, ValueError):
        about = json.loads(path.with_name(ABOUT).read_text(encoding="utf-8"))
        if isinstance(about, dict):
            return about
    return {}
