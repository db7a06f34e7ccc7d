"""The mark of a cache folder that several machines share, and its id, by which a database knows it.

A machine on which the shared folder is not mounted has another folder there, without the id, and is refused.
"""

import contextlib
import secrets
from pathlib import Path

from core.errors import QueueError
from core.locks import exclusive
from core.paths import database_address
from core.store import disk_errors, read_json, write_json

FILE = "cluster.json"


def cluster_id(root: Path) -> str | None:
    """Return the id of a cache folder that several machines share; None for any other."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = read_json(root / FILE).get("id")
        return found if isinstance(found, str) else None
    return None


def marked(root: Path) -> str:
    """Return the id of a cache folder that several machines share from now on. Raises StorageError."""
    with disk_errors(root), exclusive(root / f"{FILE}.lock"):
        found = cluster_id(root)
        if found is None:
            found = secrets.token_hex(8)
            write_json(root / FILE, {"id": found})
    return found


def refuse_without_database(root: Path) -> None:
    """Raise QueueError where several machines share a folder, and this process does not know their database."""
    if cluster_id(root) is not None and database_address() is None:
        raise QueueError(
            f"workers of a database serve {root}; set FACTORSCOPE_DATABASE, or end them and delete {FILE} there"
        )
