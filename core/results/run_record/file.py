"""A run's `run.json` -> its record."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import BadSettings, DamagedRun
from core.output_folder import settle
from core.results.run_record.record import FirstResults, RunRecord
from core.results.run_record.upgrade import upgraded
from core.store import as_written, content_of, read_json

SO_FAR = "so_far.json"
"""File of a run under way with what it has found so far."""
NEEDED = {
    "labels",
    "split",
    "lrap",
    "lrap_baseline",
    "lrap_gain",
    "lrap_gain_interval",
    "per_label",
}
"""Keys of `classifier` in every run, however old."""


def read_record(folder: Path) -> RunRecord:
    """Return the record of the run in a folder; that of an older run is upgraded.

    Raises DamagedRun where there is none, or an invalid one.
    """
    path = folder / "run.json"
    try:
        settle(folder, path.name)
        data: Any = read_json(path)
        if not as_written(path):
            raise DamagedRun(f"{path} is not as the run wrote it; make the run again", folder)
    except FileNotFoundError as error:
        raise DamagedRun(
            f"{folder} holds no finished run (no run.json); give the folder of a run", folder
        ) from error
    except (OSError, ValueError) as error:
        raise DamagedRun(f"{path} cannot be read; make the run again", folder) from error
    if not isinstance(data, dict) or not isinstance(data.get("classifier"), dict):
        raise DamagedRun(f"{path} is not the record of a run; give the folder of a run", folder)
    if missing := NEEDED - set(data["classifier"]):
        raise DamagedRun(f"{path} lacks {min(missing)} of the classifier; make the run again", folder)
    try:
        record = RunRecord.model_validate(upgraded(data))
        # Parsed now, so that invalid settings are reported here and not on a page.
        _ = record.run_settings
    except (ValidationError, BadSettings, AttributeError, TypeError, KeyError) as error:
        raise DamagedRun(f"{path} cannot be read ({_where(error)}); make the run again", folder) from error
    return record


def read_first_results(folder: Path) -> FirstResults | None:
    """Return what a run under way has found so far; None where that is nothing yet, or cannot be read."""
    try:
        return FirstResults.model_validate_json(content_of(folder / SO_FAR))
    except (OSError, ValidationError):
        return None


def _where(error: Exception) -> str:
    """Return the invalid field of a record and the error, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
