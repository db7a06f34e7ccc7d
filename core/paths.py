"""What a person wrote as a path -> the path, if there is something."""

from pathlib import Path


def path_of(where: str) -> Path | None:
    """Give the path of a file or folder that exists, None where there is none or it cannot be one.

    >>> path_of("~nobody-of-this-name/x"), path_of("x" * 300), path_of("")
    (None, None, None)
    """
    try:
        path = Path(where).expanduser()
        return path if where and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long, of a user who is not there, or with a letter that no name can have.
        return None
