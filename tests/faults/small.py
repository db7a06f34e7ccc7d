"""A run that takes seconds, in whatever way it is started; its figures; and its finished stages."""

import functools
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from support.small_run import SMALL

from core.errors import UserError
from core.store import MANIFEST, Store, read_json

SETTINGS = SMALL.replace(
    factor_model=SMALL.factor_model.replace(epochs=2, least_steps=0, batch_size=2048),
    language_model=SMALL.language_model.replace(epochs=2, max_reviews=100),
)
"""Of the run: on made-up data, with answers that are worth nothing."""
CHANGING = {"seconds", "took", "began", "device", "devices"}
"""Keys of times, and of where the run computed, which is nowhere if all comes from the cache."""


def keep_made_up_data() -> None:
    """Make the made-up data once, for all forks."""
    from core.data.ratings import read
    from core.data.reviews.sources import synthetic

    read.synthetic_world = synthetic.synthetic_world = functools.cache(read.synthetic_world)  # type: ignore
    read.synthetic_world()


def warm() -> None:
    """Do a run, so that its forks have imported all libraries and made the made-up data once."""
    from core.jobs import queue  # noqa: F401 - for the workers
    from core.pipeline import chain

    keep_made_up_data()
    with tempfile.TemporaryDirectory() as folder:
        chain.run(SETTINGS, Store(Path(folder) / "cache"), lambda *_: None, Path(folder))


def run_command(out: str) -> int:
    """Call `run --out` as users do, but for the settings of its preset."""
    from core.__main__ import main
    from core.cli import runs

    runs.preset = lambda *_, **__: SETTINGS  # type: ignore[assignment]
    return main(["run", "--out", out])


def work(cache: str) -> int:
    """Be the worker of a cache folder until nothing is left to do, as `python -m core.jobs` is."""
    from core.jobs.__main__ import load
    from core.jobs.worker import main

    try:
        main(Path(cache), load, idle_seconds=0.2)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def figures(out: Path, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return all that a run found: a digest of each of its files but those named, without the times that it took."""
    found = {}
    for path in sorted(out.rglob("*")):
        name = str(path.relative_to(out))
        # A killed process had not finished it.
        if name.startswith(".") or name in without:
            continue
        if path.suffix == ".json" and path.name not in (MANIFEST, "artifacts.json"):
            content = json.dumps(_without_times(read_json(path)), sort_keys=True).encode()
        elif path.suffix in (".parquet", ".safetensors", ".npy"):
            content = path.read_bytes()
        else:
            continue
        found[name] = hashlib.sha256(content).hexdigest()
    return found


WARM, COMMAND, WORKER = (f"{call.__module__}:{call.__name__}" for call in (warm, run_command, work))
"""As `Forks` takes them."""


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the files that two runs do not have alike."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def finished_stages(store: Store) -> dict[str, int]:
    """Return the artifacts of a cache; the number is another one where an artifact was made anew."""
    manifests = (store.root / "artifacts").glob(f"[!.]*/{MANIFEST}")
    return {path.parent.name: path.stat().st_ino for path in manifests}


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(part) for key, part in value.items() if key not in CHANGING}
    return [_without_times(part) for part in value] if isinstance(value, list) else value
