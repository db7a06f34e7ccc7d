"""Retention: what came from TMDB and is older than its terms allow to keep it.

Deletes responses and artifacts with their texts in a cache folder. Runs belong to the user: there, such texts are
only withheld from display.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow.parquet as pq

from core.errors import UserError
from core.store import MANIFEST, UNUSED_SECONDS, disk_errors, shared_store

log = logging.getLogger(__name__)

NAME = "tmdb"
TABLE = "reviews.parquet"
"""What an artifact's texts, or the ids of what it has of them, lie in."""
FOLDERS = f"sources/{NAME}*"
"""Folders of responses in a cache folder: TMDB's, and those of other servers."""
KEEP_SECONDS = 180 * 24 * 3600
"""Six months of thirty days."""
WITHHELD = "Not shown: TMDB's terms let nobody keep this text any longer."
"""Replaces such a text."""


def forget_at_start(root: Path) -> None:
    """Delete in both places what is too old, as a process of work begins; warn where the shared store fails."""
    try:
        forget_everywhere(root)
    except UserError as error:
        # Each run says it, and what needs no store is done all the same.
        log.warning("%s", error)


def forget_everywhere(root: Path, keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete what is older in a cache folder and where caches share artifacts, and return the number.

    Raises StorageError, after the cache folder was done, where the shared store cannot be used.
    """
    deleted, shared = forget_old(root, keep_seconds), shared_store()
    if shared is None:
        return deleted
    fetched = {}
    for name in shared.names():
        digest = (shared.files(name) or {}).get(TABLE)
        # One that cannot be read is damaged, or gone by now.
        with contextlib.suppress(OSError, ValueError):
            if digest:
                with shared.opened(name, digest) as table:
                    fetched[name] = _oldest(table, shared.made(name))
    old = _too_old(fetched, keep_seconds)
    for name in old:
        shared.remove(name)
    return deleted + len(old)


def forget_old(root: Path, keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete older responses of TMDB and artifacts with its texts in a cache folder, and return their number.

    An artifact used within the last hour stays until the next call, since a run may be reading it.
    Raises StorageError.
    """
    limit, deleted = time.time() - keep_seconds, 0
    for path in root.glob(f"{FOLDERS}/*.json"):
        # Another process may do the same.
        with disk_errors(root), contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                deleted += 1
    fetched = {}
    for table in root.glob(f"artifacts/[!.]*/{TABLE}"):
        # One that cannot be read is damaged, and no run uses it.
        with contextlib.suppress(OSError, ValueError):
            fetched[table.parent.name] = _oldest(table, table.with_name(MANIFEST).stat().st_mtime)
    for name in _too_old(fetched, keep_seconds):
        folder = root / "artifacts" / name
        # Another process may do the same.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime >= UNUSED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
                deleted += 1
    return deleted


def _too_old(fetched: Mapping[str, float | None], keep_seconds: float) -> set[str]:
    """Return the names of the artifacts with older texts, of all that lie in one place.

    `fetched`: when the oldest text of TMDB in each was fetched, None where it has none. Where any is too old, all
    tokens of TMDB's texts are: they contain the texts as well, and were made after those were fetched.

    >>> now = time.time()
    >>> sorted(_too_old({"reviews-1": now - 9, "reviews-2": now, "tokens-3": now, "tokens-4": None}, 5))
    ['reviews-1', 'tokens-3']
    """
    times = {name: when for name, when in fetched.items() if when is not None}
    limit = time.time() - keep_seconds
    old = {name for name, when in times.items() if when < limit}
    return old | {name for name in times if old and name.startswith("tokens-")}


def outdated(reviews: pd.DataFrame) -> pd.Series:
    """Return whether TMDB's terms no longer allow to keep each review of a run, by `source` and `fetched`."""
    from_tmdb = reviews["source"] == NAME
    if "fetched" not in reviews or not from_tmdb.any():
        return pd.Series(False, index=reviews.index)
    fetched = pd.to_datetime(reviews["fetched"], utc=True, errors="coerce", format="ISO8601")
    return from_tmdb & (fetched < pd.Timestamp.now("UTC") - pd.Timedelta(KEEP_SECONDS, "s"))


def withheld(reviews: pd.DataFrame) -> pd.DataFrame:
    """Return a run's reviews with WITHHELD in place of `outdated` texts."""
    return reviews.assign(review=reviews["review"].mask(outdated(reviews), WITHHELD))


def _oldest(table: Path | BinaryIO, made: float) -> float | None:
    """Return when the oldest TMDB text of an artifact was fetched (seconds since 1970); None where it has none.

    Without a column `fetched`, it is when the artifact was made.
    """
    file = pq.ParquetFile(table)
    columns = [name for name in file.schema_arrow.names if name in ("review_id", "fetched")]
    if "review_id" not in columns:
        return None
    reviews = file.read(columns).to_pandas()
    from_tmdb = reviews[reviews["review_id"].str.startswith(f"{NAME}-")]
    if from_tmdb.empty:
        return None
    if "fetched" in from_tmdb:
        return float(pd.to_datetime(from_tmdb["fetched"], utc=True, format="ISO8601").min().timestamp())
    return made
