"""Stability of each preset's factors: between halves of the users, between seeds, and on shuffled ratings.

    python benchmarks/stability.py [--json] [--only agreement|speed] [--before CHECKOUT]

Prints Markdown tables, or one JSON document. Reads MovieLens 100K (from the folder that FACTORSCOPE_DATA
names, the cache, or downloaded); takes some minutes on two cores. Speed is measured in turns, beside models
trained one by one or beside the code in the folder of an earlier commit.
"""

import argparse
import json
import sys
import tempfile
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.machine import machine  # noqa: E402
from parts.resampling import speed, table  # noqa: E402

from core.data.ratings.dataset import Ratings  # noqa: E402
from core.data.ratings.read import read_ratings  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.pipeline.factors import factor_folder, settle_factors, stability_folder  # noqa: E402
from core.pipeline.stage import Stage  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import RunSettings, preset  # noqa: E402
from core.store import Store, read_json  # noqa: E402


def cases() -> dict[str, RunSettings]:
    article = preset("article", ratings="ml-100k")
    return {
        "article, 50 raw factors, batches of 64": article.replace(
            factor_model=article.factor_model.replace(batch_size=64)
        ),
        "article, 50 raw factors": article,
        "article, 50 principal factors": article.replace(form="principal"),
        "fast, 50 principal factors": preset("fast", ratings="ml-100k"),
        "accurate, 10 principal factors": preset("accurate", ratings="ml-100k"),
        "stable": preset("stable", ratings="ml-100k"),
    }


def measure(ratings: Ratings, settings: RunSettings, store: Store) -> dict[str, Any]:
    """Train repeatedly; return the agreement of the factors, in order, and the RMSE."""
    stage, _ = settle_factors(Stage(settings, store, silent), ratings)
    factors = factor_folder(stage, ratings)
    measured = read_json(stability_folder(stage, ratings, factors) / "stability.json")
    rows = measured["factors"]
    return {
        "factors": len(rows),
        "form": stage.settings.form,
        "rmse": read_json(factors / "info.json")["rmse_valid"],
        "halves": [row["stability"] for row in rows],
        "seeds": [row["seeds"] for row in rows],
        "null_high": measured["null"]["high"],
        **{name: sum(row["verdict"] == name for row in rows) for name in ("stable", "weak", "noise")},
    }


def line(name: str, row: dict[str, Any]) -> str:
    strongest = " ".join(f"{value:.2f}" for value in row["halves"][:4])
    return (
        f"| {name} | {row['rmse']:.3f} | {strongest} | {np.mean(row['halves']):.2f} | {row['null_high']:.2f} | "
        f"{np.mean(row['seeds']):.2f} ({max(row['seeds']):.2f}) | {row['stable']} | {row['weak']} | "
        f"{row['noise']} |"
    )


def agreement() -> dict[str, Any]:
    """Return what `measure` finds of each case."""
    rows = {}
    ratings = read_ratings("ml-100k", Store(cache_dir()), silent)
    # An empty cache, so that everything is trained.
    with tempfile.TemporaryDirectory() as scratch:
        for name, settings in cases().items():
            rows[name] = measure(ratings, settings, Store(Path(scratch)))
            print(line(name, rows[name]), file=sys.stderr, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=("agreement", "speed"))
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    result: dict[str, Any] = {}
    try:
        if args.only in (None, "agreement"):
            result["agreement"] = agreement()
        if args.only in (None, "speed"):
            result["speed"] = speed(args.before)
    except FactorscopeError as error:
        sys.exit(str(error))
    if args.json:
        print(json.dumps(result))
        return
    if rows := result.get("agreement"):
        print("MovieLens 100K: |correlation| of the films' weights, factors matched one to one\n")
        print(
            "| model | RMSE | halves, first four | halves, mean | 95% without taste | seeds, mean (highest) | "
            "stable | weak | noise |\n|---|---|---|---|---|---|---|---|---|"
        )
        for name, row in rows.items():
            print(line(name, row))
    if "speed" in result:
        print("\nMovieLens 100K: all models that say what repeats, medians of two rounds in turns\n")
        print(table(result["speed"]))
    print(f"\nMeasured on {date.today().isoformat()}: {machine('torch', 'fastai')}.")


if __name__ == "__main__":
    main()
