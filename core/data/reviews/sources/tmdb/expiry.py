"""Retention: what came from TMDB and is older than its terms allow to keep it.

Deletes responses and artifacts with their texts in a cache folder. Runs belong to the user: there, such texts are
only withheld from display.
"""

import contextlib
import shutil
import time
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow.parquet as pq

from core.store import MANIFEST, UNUSED_SECONDS, disk_errors, shared_store

NAME = "tmdb"
FOLDERS = f"sources/{NAME}*"
"""Folders of responses in a cache folder: TMDB's, and those of other servers."""
KEEP_SECONDS = 180 * 24 * 3600
"""Six months of thirty days."""
WITHHELD = "Not shown: TMDB's terms let nobody keep this text any longer."
"""Replaces such a text."""


def forget_old(root: Path, keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete older responses of TMDB and artifacts with its texts, and return their number.

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
    oldest_text = {}
    for table in root.glob("artifacts/[!.]*/reviews.parquet"):
        # One that cannot be read is damaged, and no run uses it.
        with contextlib.suppress(OSError, ValueError):
            made = table.with_name(MANIFEST).stat().st_mtime
            if (oldest := _oldest(table, made)) is not None:
                oldest_text[table.parent] = oldest
    old = {folder for folder, oldest in oldest_text.items() if oldest < limit}
    if old:
        # Tokens contain the text as well, and were made after it was fetched.
        old |= {folder for folder in oldest_text if folder.name.startswith("tokens-")}
    for folder in old:
        if time.time() - folder.stat().st_mtime >= UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
            deleted += 1
    return deleted


def forget_old_shared(keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete older artifacts with texts of TMDB's where caches share theirs, and return their number.

    Raises StorageError.
    """
    shared, oldest_text = shared_store(), {}
    if shared is None:
        return 0
    for name in shared.names():
        digest = (shared.files(name) or {}).get("reviews.parquet")
        # One that cannot be read is damaged, or gone by now.
        with contextlib.suppress(OSError, ValueError):
            if digest:
                with shared.opened(name, digest) as table:
                    if (oldest := _oldest(table, shared.made(name))) is not None:
                        oldest_text[name] = oldest
    old = {name for name, oldest in oldest_text.items() if oldest < time.time() - keep_seconds}
    if old:
        old |= {name for name in oldest_text if name.startswith("tokens-")}
    for name in old:
        shared.remove(name)
    return len(old)


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
