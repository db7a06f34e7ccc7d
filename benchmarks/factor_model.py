"""Accuracy and speed of the factor models, compared with the article's code and other libraries.

    python benchmarks/factor_model.py [--json] [--only accuracy|speedup|scale|small] [--others PYTHON]
        [--before CHECKOUT] [FILE…]

Prints Markdown tables, or one JSON document. Needs the folds u1 to u5 of ml-100k.zip (in the folder that
FACTORSCOPE_DATA names, in the cache, or downloaded), and for the other libraries a separate environment
(benchmarks/requirements.txt). Nothing else may run meanwhile, but for `small`, which counts the processor's time. It
measures the ratings in the FILEs too. With the folder of an earlier commit, `scale` measures its code beside ours.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from parts.machine import machine, peak_gb
from parts.other_libraries import SEED, timed

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.article_code import Cost, Fold, article_code, read_folds  # noqa: E402
from parts.factor_model_table import markdown  # noqa: E402
from parts.small_data import small  # noqa: E402

from core.data.ratings.dataset import Ratings  # noqa: E402
from core.data.ratings.synthetic import synthetic_ratings  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.factors.models.factor_model import hold_out, train  # noqa: E402
from core.factors.stability.measure import choose  # noqa: E402
from core.factors.stability.resample import Plan, resample  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import FACTOR_MODELS, FactorModelSettings, StabilitySettings  # noqa: E402
from core.shards.shard_store import ShardStore  # noqa: E402
from core.store import Store  # noqa: E402

PARTS = ("accuracy", "speedup", "scale", "small")
RUNS = 3
"""Runs whose median gives the speedup."""
SCALE = (
    (943, 1_664, 100_000),
    (6_000, 3_700, 1_000_000),
    (70_000, 10_700, 1_000_000),
    (70_000, 10_700, 10_000_000),
    (162_000, 59_000, 25_000_000),
)
"""Users, films and ratings of editions of MovieLens, and of many users who rate little."""
ONE_PASS = {
    "fast, one epoch": FACTOR_MODELS["fast"].replace(epochs=1),
    "accurate, one sweep": FACTOR_MODELS["accurate"].replace(burn_in=0, samples=1),
}


def ours(settings: FactorModelSettings) -> Callable[[Fold, int], Cost]:
    """Return a function that trains our model; all of `train` is timed, with its error and tables."""

    def fit(fold: Fold, seed: int) -> Cost:
        made = []
        cost = timed(lambda: made.append(train(fold.ratings, settings, seed, silent, fold.held_out)))
        return made[0].rmse_valid, *cost

    return fit


def stable(fold: Fold, seed: int) -> Cost:
    made: list[float] = []
    cost = timed(lambda: made.append(_stable(fold.ratings, fold.held_out, seed)))
    return made[0], *cost


def _stable(ratings: Ratings, held_out: np.ndarray, seed: int) -> float:
    """Choose the number of factors and train a model with it; return the RMSE on the held-out ratings."""
    settings, stability = FACTOR_MODELS["stable"], StabilitySettings()
    plan = Plan(settings, stability, seed, seeds=0)
    with tempfile.TemporaryDirectory() as folder:
        shard_store = ShardStore(Store(Path(folder)), "resamples", "", {})
        choice = choose(resample(ratings, held_out, plan, silent, shard_store), stability)
    return train(ratings, settings.replace(factors=choice["factors"]), seed, silent, held_out).rmse_valid


def accuracy(python: Path) -> list[dict[str, Any]]:
    """Return, by model, mean RMSE over the folds, RMSE of u1, mean seconds of the fit and mean cores."""
    folds = read_folds()
    _warm_up()
    accurate = FACTOR_MODELS["accurate"]
    plain = accurate.replace(implicit=0)
    small = plain.replace(factors=10, samples=200)
    models: dict[str, Callable[[Fold, int], Cost]] = {
        "article code": article_code,
        **{name: ours(FACTOR_MODELS[name]) for name in ("article", "fast", "accurate")},
        "stable": stable,
        "accurate, without implicit feedback": ours(plain),
    }
    if small != plain:
        models["accurate, rank 10, without implicit feedback, 200 samples"] = ours(small)
    costs = {
        model: [_announced(model, fold, fit(fold, SEED)) for fold in folds] for model, fit in models.items()
    }
    costs |= other_libraries(folds, python)
    return [
        {
            "model": model,
            "rmse": mean(cost[0] for cost in rows),
            "rmse_u1": rows[0][0],
            "fit_seconds": mean(cost[1] for cost in rows),
            "cores": mean(cost[2] for cost in rows),
        }
        for model, rows in costs.items()
    ]


def _announced(model: str, fold: Fold, cost: Cost) -> Cost:
    print(f"{model}, {fold.name}: RMSE {cost[0]:.4f}, {cost[1]:.1f} s", file=sys.stderr, flush=True)
    return cost


def other_libraries(folds: list[Fold], python: Path) -> dict[str, list[Cost]]:
    """Return the costs of the other libraries on the same folds; none if their environment is missing."""
    if not python.exists():
        remedy = "python3 -m venv .venv-benchmarks && .venv-benchmarks/bin/pip install -r benchmarks/requirements.txt"
        print(f"Other libraries are left out; to have them: {remedy}", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for fold in folds:
            np.save(f"{folder}/{fold.name}.base.npy", fold.base)
            np.save(f"{folder}/{fold.name}.test.npy", fold.test)
        script = Path(__file__).with_name("parts") / "other_libraries.py"
        done = subprocess.run([python, script, folder], capture_output=True, text=True)
    if done.returncode:
        print(f"Another library failed: {done.stderr[-500:]}", file=sys.stderr)
    costs: dict[str, list[Cost]] = {}
    for row in map(json.loads, done.stdout.splitlines()):
        costs.setdefault(row["model"], []).append((row["rmse"], row["seconds"], row["cores"]))
    return {model: rows for model, rows in costs.items() if len(rows) == len(folds)}


def speedup() -> dict[str, float]:
    """Return seconds and RMSE on u1, of the article's code and our preset `article`: medians of runs in turns."""
    fold, ways = read_folds()[0], (article_code, ours(FACTOR_MODELS["article"]))
    _warm_up()
    runs = [[way(fold, SEED + run) for way in ways] for run in range(RUNS)]
    (theirs_rmse, theirs_seconds), (ours_rmse, ours_seconds) = (
        (median(run[way][0] for run in runs), median(run[way][1] for run in runs)) for way in (0, 1)
    )
    return {
        "article_code_s": theirs_seconds,
        "ours_s": ours_seconds,
        "speedup": theirs_seconds / ours_seconds,
        "rmse_article_code": theirs_rmse,
        "rmse_ours": ours_rmse,
    }


def scale(before: Path | None) -> list[dict[str, Any]]:
    """Return seconds and memory for each model and size, each measured in its own process.

    With the folder of an earlier commit, `fast` is measured by its code too, in turns.
    """
    rows = []
    for model in ONE_PASS:
        for users, films, ratings in SCALE:
            sides = {model: Path(__file__)}
            if before is not None and model.startswith("fast"):
                sides[f"{model}, before"] = before.resolve() / "benchmarks" / "factor_model.py"
            for name, script in sides.items():
                print(f"{name}, {ratings:,} ratings", file=sys.stderr, flush=True)
                command = [sys.executable, script, "--one", model, *map(str, (users, films, ratings))]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
                # A killed process leaves no figures; the other rows remain valid.
                missing = dict.fromkeys(("seconds", "data_gb", "peak_gb"))
                measured = missing if done.returncode else json.loads(done.stdout)
                rows.append({"model": name, "ratings": ratings, "users": users, "films": films, **measured})
    return rows


def one(model: str, users: int, films: int, ratings: int) -> dict[str, float]:
    """Train one pass on synthetic ratings; return its seconds and this process's peak memory."""
    _warm_up()
    data = synthetic_ratings(factors=10, films=films, users=users, ratings=ratings, noise=0.8, seed=SEED)[0]
    held_out = hold_out(data, 0.001, SEED)
    seconds, _ = timed(lambda: train(data, ONE_PASS[model], SEED, silent, held_out))
    size = float(data.table.memory_usage(index=False).sum())
    return {"seconds": seconds, "data_gb": size / 1e9, "peak_gb": peak_gb()}


def _warm_up() -> None:
    """Train once on very few ratings, so that no measured fit includes the imports."""
    data = synthetic_ratings(factors=2, films=40, users=50, ratings=500, noise=0.5, seed=SEED)[0]
    for settings in ONE_PASS.values():
        train(data, settings.replace(factors=2, implicit=0), SEED, silent, hold_out(data, 0.1, SEED))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--others", type=Path, default=ROOT / ".venv-benchmarks" / "bin" / "python")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    # Sets the number of threads as in a run.
    import core.training.threads  # noqa: F401

    if args.one:
        model, *sizes = args.one
        print(json.dumps(one(model, *map(int, sizes))))
        return
    parts: dict[str, Callable[[], Any]] = {
        "accuracy": lambda: accuracy(args.others),
        "speedup": speedup,
        "scale": lambda: scale(args.before),
        "small": lambda: small(args.files),
    }
    try:
        measurements = {name: part() for name, part in parts.items() if args.only in (None, name)}
        if "speedup" in measurements:
            measurements |= {
                "speedup": measurements["speedup"]["speedup"],
                "speedup_runs": measurements["speedup"],
            }
    except FactorscopeError as error:
        sys.exit(str(error))
    result = {"machine": machine("torch", "fastai"), "date": date.today().isoformat(), **measurements}
    print(json.dumps(result) if args.json else markdown(result, RUNS))


if __name__ == "__main__":
    main()
