"""What a person wrote as a path -> the path, if there is something; a kept file's path -> its name for people."""

import contextlib
import json
from pathlib import Path

ABOUT = "upload.json"
"""In an upload's folder: the name under which it was given."""


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
    """Return the name under which a kept file was given; its own where that is not known."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return str(json.loads(path.with_name(ABOUT).read_text(encoding="utf-8")).get("name", path.name))
    return path.name
