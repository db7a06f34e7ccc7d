"""What killed processes left in a cache folder, deleted when a worker starts; artifacts are left to `Store.prune`.
In a shared store, where nobody prunes, the old shards of runs that never went on.

Nothing else is touched: the names say what is ours. What is written elsewhere, such as `run --out`, is tidied by who
writes there next.
"""

import re
from pathlib import Path

from core.jobs.job_status import RUN_ID
from core.shards.shard_store import forget_old_shards
from core.store import is_old, left_in, remove

FOLDERS = ("[!.]*", "sources/[!.]*", "runs/[!.]*", "runs/[!.]*/out")
"""Where files are written beside others, and in the cache folder itself."""
PUT_ASIDE = ("damaged-*-jobs.sqlite*", "index*-damaged-*", "datasets/*.part", "datasets/*.part.version")
"""Damaged files and interrupted downloads, which are of use for some time."""
_DELETED = re.compile(rf"\.{RUN_ID.pattern}")
"""A run that was being deleted."""


def forget_leftovers(root: Path) -> int:
    """Delete what killed processes left, and what was put aside long ago; return the number of files and folders."""
    folders = [root, *(folder for pattern in FOLDERS for folder in root.glob(pattern))]
    left = [path for folder in folders for path in left_in(folder)]
    left += [path for path in root.glob("runs/.*") if _DELETED.fullmatch(path.name)]
    left += [path for pattern in PUT_ASIDE for path in root.glob(pattern) if is_old(path)]
    for path in left:
        remove(path)
    return len(left) + forget_old_shards()
