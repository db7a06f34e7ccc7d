"""How long it takes to train the models again that say which factors repeat: before, one by one, and together.

    python benchmarks/parts/resampling.py CODE NAME

Prints one JSON document: seconds and processor seconds of the models of a preset, trained by the code in a folder,
and what they say. Run by benchmarks/stability.py, a process for each side.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
PRESETS = ("quick", "stable")
"""The stability of the first, and the choice of the number of factors of the second."""
ROUNDS = 2


def speed(before: Path | None) -> list[dict[str, Any]]:
    """Return medians of rounds in turns, a row a preset and side; `before` is a checkout of an earlier commit."""
    cores = len(os.sched_getaffinity(0))
    sides = {
        "before": (before or ROOT, {"ONE_BY_ONE": "", "OMP_NUM_THREADS": "1"}),
        "one by one": (ROOT, {"ONE_BY_ONE": "1", "OMP_NUM_THREADS": "1"}),
        "together": (ROOT, {"ONE_BY_ONE": "", "OMP_NUM_THREADS": "1"}),
        f"together, {cores} threads": (ROOT, {"ONE_BY_ONE": "", "OMP_NUM_THREADS": str(cores)}),
    }
    # What was one by one before stands for itself where that is there.
    del sides["before" if before is None else "one by one"]
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _ in range(ROUNDS):
        for name in PRESETS:
            for side, (code, environment) in sides.items():
                command = [sys.executable, __file__, str(code), name]
                done = subprocess.run(
                    command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True
                )
                runs.setdefault((name, side), []).append(json.loads(done.stdout))
                print(f"{name}, {side}: {done.stdout.strip()}", file=sys.stderr, flush=True)
    return [
        {"preset": name, "side": side, "says": of_one[0]["says"]}
        | {key: median(run[key] for run in of_one) for key in ("seconds", "processor_seconds", "peak_gb")}
        for (name, side), of_one in runs.items()
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Return the measurements as Markdown."""
    lines = ["| preset | models | s | processor, s | peak, GB | says |", "|---|---|---|---|---|---|"]
    return "\n".join(
        lines
        + [
            f"| {r['preset']} | {r['side']} | {r['seconds']:.1f} | {r['processor_seconds']:.1f} | "
            f"{r['peak_gb']:.2f} | {r['says']} |"
            for r in rows
        ]
    )


def one(name: str) -> dict[str, Any]:
    """Train the models of a preset again by the code on the path."""
    from core.data.ratings.read import read_ratings
    from core.data.ratings.synthetic import synthetic_ratings
    from core.factors.models.factor_model import hold_out
    from core.factors.stability.measure import choose
    from core.factors.stability.resample import Plan, resample
    from core.paths import cache_dir
    from core.progress import silent
    from core.settings import StabilitySettings, preset
    from core.store import Store
    from parts.machine import peak_gb

    _load_libraries()
    if os.environ["ONE_BY_ONE"]:
        from core.factors.stability import train_again

        # RATINGS bounds a group; in earlier checkouts RATINGS_AT_ONCE did.
        train_again.RATINGS = train_again.RATINGS_AT_ONCE = 1
    settings = preset(name, ratings="ml-100k")
    ratings = read_ratings("ml-100k", Store(cache_dir()), silent)
    few = synthetic_ratings(factors=2, films=40, users=60, ratings=900, noise=0.5, seed=1)[0]
    short = settings.factor_model.replace(factors=2, epochs=1, least_steps=0, implicit=4)
    hardly = StabilitySettings(repeats=2, seeds=2, burn_in=1, samples=1)
    with tempfile.TemporaryDirectory() as folder:
        shard_stores = _shard_stores(Path(folder))
        # Once on very few ratings, so that nothing measured includes the imports.
        resample(few, hold_out(few, 0.2, 1), Plan(short, hardly, 1, 2), silent, *shard_stores)

    held_out = hold_out(ratings, settings.factor_model.valid_share, settings.seed)
    seeds = 0 if settings.factor_model.factors is None else settings.stability.seeds
    plan = Plan(settings.factor_model, settings.stability, settings.seed, seeds)
    with tempfile.TemporaryDirectory() as folder:
        shard_stores = _shard_stores(Path(folder))
        wall, processor = time.perf_counter(), time.process_time()
        resamples = resample(ratings, held_out, plan, silent, *shard_stores)
        seconds = time.perf_counter() - wall, time.process_time() - processor
    choice = choose(resamples, settings.stability)
    repeating = " ".join(f"{value:.2f}" for value in choice["correlations"][:4])
    return {
        "seconds": seconds[0],
        "processor_seconds": seconds[1],
        "peak_gb": peak_gb(),
        "says": f"{choice['factors']} factors repeat: {repeating}",
    }


def _load_libraries() -> None:
    """Load them as a run does, which spares them from being looked at for garbage; as they come in old checkouts."""
    try:
        from core.pipeline.libraries import load_libraries
    except ImportError:
        return
    load_libraries()


def _shard_stores(folder: Path) -> list[Any]:
    """Return where shards are kept; nothing for a checkout that knows none."""
    try:
        from core.shards.shard_store import ShardStore
    except ImportError:
        return []
    from core.store import Store

    return [ShardStore(Store(folder), "resamples", "", {})]


if __name__ == "__main__":
    sys.path[:0] = [sys.argv[1], str(ROOT / "benchmarks")]
    warnings.simplefilter("ignore")
    print(json.dumps(one(sys.argv[2])))
