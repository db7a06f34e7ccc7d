"""A run's folder -> one zip archive to download."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

import pandas as pd

from core import jobs
from core.data.reviews.sources.tmdb.expiry import outdated, withheld
from core.errors import BadInput
from core.store import Store, disk_errors

STORED = (".parquet", ".safetensors", ".npy")
"""Files that are compressed already, or hardly compressible."""
REVIEWS = "labelled_reviews.parquet"
"""The file with the texts of reviews."""


def zipped(run_id: str, store: Store) -> IO[bytes]:
    """Return a zip archive of a run's result files: a temporary file, open at its start, deleted when closed.

    Files are copied in pieces, so memory does not grow with the run; reviews past their retention limit are
    exported without their texts. Uploads are left out. Raises BadInput where there are no results,
    StorageError where the disk is full.
    """
    folder = jobs.run_folder(run_id, store)
    files = sorted(path for path in folder.rglob("*") if _belongs(path, folder))
    if not files:
        raise BadInput(f"run {run_id} has no files to export; pick one that is done")
    with disk_errors(Path(tempfile.gettempdir())):
        # Closed by the caller.
        file = tempfile.TemporaryFile(prefix="factorscope-")  # noqa: SIM115
        try:
            with zipfile.ZipFile(file, "w") as archive:
                for path in files:
                    name = Path(run_id) / path.relative_to(folder)
                    compression = zipfile.ZIP_STORED if path.suffix in STORED else zipfile.ZIP_DEFLATED
                    if path == folder / REVIEWS and outdated(reviews := pd.read_parquet(path)).any():
                        archive.writestr(str(name), withheld(reviews).to_parquet(), compression)
                    else:
                        archive.write(path, name, compression)
        except FileNotFoundError as error:
            file.close()
            raise BadInput(f"run {run_id} was deleted meanwhile; pick another") from error
        except BaseException:
            file.close()
            raise
    file.seek(0)
    return file


def _belongs(path: Path, folder: Path) -> bool:
    """Return whether a path is a complete file of the run: neither a link nor a partly written file."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and not path.is_symlink() and not hidden
