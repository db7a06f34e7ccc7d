"""The folders of the cache and of the user's data sets; paths that users type; names of stored files."""

import contextlib
import json
import os
from pathlib import Path

ABOUT = "upload.json"
"""File in an upload's folder with its original name."""


def cache_dir() -> Path:
    """Return the folder of all computed and fetched files (environment FACTORSCOPE_CACHE, else ./cache)."""
    return Path(os.environ.get("FACTORSCOPE_CACHE") or "cache").expanduser().resolve()


def data_dir() -> Path | None:
    """Return the user's folder of data sets (environment FACTORSCOPE_DATA), or None."""
    value = os.environ.get("FACTORSCOPE_DATA")
    return Path(value).expanduser() if value else None


def path_of(where: str) -> Path | None:
    """Return the path of an existing file or folder; None if there is none, or if no path can have this name.

    >>> path_of("~nobody-of-this-name/x"), path_of("x" * 300), path_of("")
    (None, None, None)
    """
    try:
        path = Path(where).expanduser()
        return path if where and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long, with an unknown user, or with a character that no name can have.
        return None


def given_name(path: Path) -> str:
    """Return the original name of an uploaded file, or its name on disk if that is unknown."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return str(json.loads(path.with_name(ABOUT).read_text(encoding="utf-8")).get("name", path.name))
    return path.name
