"""What came from TMDB -> what is older than its terms let it be kept: answers, artifacts made of their texts, runs.

Deletes answers and artifacts in a cache folder. Of runs, which are the user's, it only tells what may not be shown.
"""

import contextlib
import shutil
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from core.store import MANIFEST, UNUSED_SECONDS, disk_errors

NAME = "tmdb"
FOLDERS = f"sources/{NAME}*"
"""Folders of answers in a cache folder: TMDB's own, and of what was asked in its place."""
KEEP_SECONDS = 180 * 24 * 3600
"""Six months of thirty days."""
WITHHELD = "Not shown: TMDB's terms let nobody keep this text any longer."
"""Stands for such a text."""


def forget_old(root: Path, keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete answers of TMDB and artifacts with its texts that are older; give how many.

    An artifact used within the last hour stays until the next time, since a run may be reading it. Raises
    StorageError.
    """
    limit, deleted = time.time() - keep_seconds, 0
    for path in root.glob(f"{FOLDERS}/*.json"):
        # Another process may do the same.
        with disk_errors(root), contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                deleted += 1
    since = {}
    for table in root.glob("artifacts/[!.]*/reviews.parquet"):
        # One that cannot be read is damaged, and no run finds it.
        with contextlib.suppress(OSError, ValueError):
            if (oldest := _oldest(table)) is not None:
                since[table.parent] = oldest
    old = {folder for folder, oldest in since.items() if oldest < limit}
    if old:
        # Tokens are a text as well, and were made later than it was fetched.
        old |= {folder for folder in since if folder.name.startswith("tokens-")}
    for folder in old:
        if time.time() - folder.stat().st_mtime >= UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
            deleted += 1
    return deleted


def outdated(reviews: pd.DataFrame) -> pd.Series:
    """Mark the reviews of a run that TMDB's terms let nobody keep any longer, by `source` and `fetched`."""
    mine = reviews["source"] == NAME
    if "fetched" not in reviews or not mine.any():
        return pd.Series(False, index=reviews.index)
    fetched = pd.to_datetime(reviews["fetched"], utc=True, errors="coerce", format="ISO8601")
    return mine & (fetched < pd.Timestamp.now("UTC") - pd.Timedelta(KEEP_SECONDS, "s"))


def withheld(reviews: pd.DataFrame) -> pd.DataFrame:
    """Return a run's reviews with WITHHELD in place of each text that is `outdated`."""
    return reviews.assign(review=reviews["review"].mask(outdated(reviews), WITHHELD))


def _oldest(table: Path) -> float | None:
    """Return since when, in seconds since 1970, an artifact has a text of TMDB; None where it has none.

    Where its reviews do not say, it is when the artifact was made.
    """
    columns = [name for name in pq.read_schema(table).names if name in ("review_id", "fetched")]
    if "review_id" not in columns:
        return None
    reviews = pd.read_parquet(table, columns=columns)
    mine = reviews[reviews["review_id"].str.startswith(f"{NAME}-")]
    if mine.empty:
        return None
    if "fetched" in mine:
        return float(pd.to_datetime(mine["fetched"], utc=True, format="ISO8601").min().timestamp())
    return table.with_name(MANIFEST).stat().st_mtime
