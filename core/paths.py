"""The folders of the cache and of the user's data sets; paths as people write them; names of kept files."""

import contextlib
import json
import os
from pathlib import Path

ABOUT = "upload.json"
"""In an upload's folder: the name under which it was given."""


def cache_dir() -> Path:
    """Return the folder of all that is computed and fetched (environment FACTORSCOPE_CACHE, else ./cache)."""
    return Path(os.environ.get("FACTORSCOPE_CACHE") or "cache").expanduser().resolve()


def data_dir() -> Path | None:
    """Return the folder where the user keeps data sets (environment FACTORSCOPE_DATA), or None."""
    value = os.environ.get("FACTORSCOPE_DATA")
    return Path(value).expanduser() if value else None


def path_of(where: str) -> Path | None:
    """Return the path of a file or folder that exists, None where there is none or it cannot be one.

    >>> path_of("~nobody-of-this-name/x"), path_of("x" * 300), path_of("")
    (None, None, None)
    """
    try:
        path = Path(where).expanduser()
        return path if where and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long, of a user who is not there, or with a letter that no name can have.
        return None


def given_name(path: Path) -> str:
    """Return the name that the user gave an uploaded file; the name on disk where that is not known."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return str(json.loads(path.with_name(ABOUT).read_text(encoding="utf-8")).get("name", path.name))
    return path.name
