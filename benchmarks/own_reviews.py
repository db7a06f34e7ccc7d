"""Time and memory to check and read a user's file of a million reviews.

    python benchmarks/own_reviews.py [--json] [--only files|uploads] [--rows N] [--kinds csv jsonl parquet zip]

Prints a Markdown table, or one JSON document. Reads MovieLens 100K (from the folder that FACTORSCOPE_DATA
names, the cache, or downloaded) for its films. The reviews are composed of sentences of the bundled sample,
half of them of films of MovieLens. Takes some minutes and 3 GB of disk. Each file is checked as an upload and
read as in a run, with language, digest and coverage of each review, in one process; in another, all of its
texts are read for the language model.

The second table is of uploads of about 150 MB: the slowdown of a piece of Python work in another thread while
the process checks an upload, either itself or, as on the pages, in a child process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from parts.machine import machine, peak_gb

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.synthetic_reviews import KINDS, ROWS, make  # noqa: E402

from core.data.ratings.read import read_ratings  # noqa: E402
from core.data.reviews.sources.user_file.source import UserFile  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.pipeline.reviews import review_folder, text_folder  # noqa: E402
from core.pipeline.stage import Stage  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import RunSettings  # noqa: E402
from core.store import Store  # noqa: E402
from core.uploads import inspection  # noqa: E402
from core.uploads.storage import Chosen  # noqa: E402

UPLOADED = 150_000
"""Reviews of an upload; as a zip they take half as many bytes."""
PIECE, REST = 200_000, 0.05
"""Numbers that a piece of work squares and adds, in about 10 ms, and seconds of rest until the next."""


def one(path: Path) -> dict[str, Any]:
    """Check a file, then read it; return the seconds, and this process's peak memory after each."""
    store = Store(cache_dir())
    films = read_ratings("ml-100k", store, silent)
    before = peak_gb()
    began = time.perf_counter()
    check = UserFile(path, store).check(films.films, silent)
    checked, check_gb = time.perf_counter() - began, peak_gb()
    began = time.perf_counter()
    folder = review_folder(Stage(RunSettings(), store, silent), films, UserFile(path, store))
    read, read_gb = time.perf_counter() - began, peak_gb()
    reviews = pd.read_parquet(folder / "reviews.parquet", columns=["film_id"])
    return {
        "before_gb": before,
        "check_s": checked,
        "check_gb": check_gb,
        "read_s": read,
        "read_gb": read_gb,
        "rows": check.rows,
        "reviews": check.reviews,
        "read": len(reviews),
    }


def all_texts(path: Path) -> dict[str, Any]:
    """Store all texts of a file for the language model; return the seconds and this process's peak memory."""
    store = Store(cache_dir())
    began = time.perf_counter()
    folder = text_folder(Stage(RunSettings(), store, silent), UserFile(path, store), None)
    seconds, gb = time.perf_counter() - began, peak_gb()
    return {
        "texts": pq.read_metadata(folder / "reviews.parquet").num_rows,
        "texts_s": seconds,
        "texts_gb": gb,
    }


def beside(path: Path) -> dict[str, Any]:
    """Check an upload in this process, then in a child process; return the slowdown of another thread."""
    store = Store(cache_dir())
    films = read_ratings("ml-100k", store, silent).films
    chosen = Chosen({name: name for name in ("title", "review", "stars")})
    question = {"aspect": "contents", "path": str(path), "holds": "reviews", **chosen.plain()}
    quiet = _work(lambda: time.sleep(5))[1]
    measurements: dict[str, Any] = {"mb": path.stat().st_size / 1e6}
    checks: dict[str, Callable[[], Any]] = {
        "here": lambda: inspection.inspect_here(question, films, store),
        "apart": lambda: inspection.inspect("contents", path, "reviews", store, chosen, films),
    }
    for name, check in checks.items():
        measurements[f"{name}_s"], times = _work(check)
        for statistic, percent in (("median", 50), ("p95", 95)):
            measurements[f"{name}_{statistic}"] = np.percentile(times, percent) / np.percentile(
                quiet, percent
            )
    return measurements


def _work(meanwhile: Callable[[], Any]) -> tuple[float, list[float]]:
    """Return the seconds of `meanwhile` in a thread, and of each piece of Python work done at that time."""
    with ThreadPoolExecutor(1) as pool:
        began, times = time.perf_counter(), []
        done = pool.submit(meanwhile)
        while not done.done():
            start = time.perf_counter()
            sum(number * number for number in range(PIECE))
            times.append(time.perf_counter() - start)
            time.sleep(REST)
        done.result()
    return time.perf_counter() - began, times


def measure(
    rows: int, kinds: list[str], store: Store, tasks: tuple[str, ...] = ("--one", "--texts")
) -> list[dict[str, Any]]:
    """Return the measurements of each kind of file, each task in its own process, on an empty cache."""
    ratings = read_ratings("ml-100k", store, silent)
    measurements = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in make(Path(folder), rows, ratings.films["title"].tolist(), kinds).items():
            env = os.environ | {"FACTORSCOPE_CACHE": f"{folder}/cache-{kind}"}
            row = {"kind": kind, "gb": path.stat().st_size / 1e9}
            for task in tasks:
                command = [sys.executable, "-W", "ignore", __file__, task, str(path)]
                done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
                row |= json.loads(done.stdout)
            measurements.append(row)
    return measurements


TASKS = {"one": one, "texts": all_texts, "beside": beside}


def markdown(result: dict[str, Any]) -> str:
    lines = [
        *(_files(result["files"]) if "files" in result else ()),
        *(_uploads(result["uploads"]) if "uploads" in result else ()),
        f"Measured on {result['date']}: {result['machine']}.",
    ]
    return "\n".join(lines)


def _uploads(rows: list[dict[str, Any]]) -> list[str]:
    return [
        "| upload | MB | checked by the server itself, s | work beside it: median | 95th percentile | "
        "by another process, s | work beside it: median | 95th percentile |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {row['kind']} | {row['mb']:.0f} | {row['here_s']:.1f} | {row['here_median']:.2f} times | "
            f"{row['here_p95']:.2f} times | {row['apart_s']:.1f} | {row['apart_median']:.2f} times | "
            f"{row['apart_p95']:.2f} times |"
            for row in rows
        ),
        "",
    ]


def _files(rows: list[dict[str, Any]]) -> list[str]:
    return [
        "| file | size, GB | rows | of rated films | check, s | peak, GB | read | read, s | peak, GB | "
        "all texts, s | peak, GB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {row['kind']} | {row['gb']:.2f} | {row['rows']:,} | {row['reviews']:,} | {row['check_s']:.1f} | "
            f"{row['check_gb']:.2f} | {row['read']:,} | {row['read_s']:.1f} | {row['read_gb']:.2f} | "
            f"{row['texts_s']:.1f} | {row['texts_gb']:.2f} |"
            for row in rows
        ),
        "",
        f"Before any file is opened the process holds {max(row['before_gb'] for row in rows):.2f} GB.",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=ROWS, help="reviews of the made-up file (1 million)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--only", choices=("files", "uploads"))
    for name in TASKS:
        parser.add_argument(f"--{name}", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    for name, task in TASKS.items():
        if path := getattr(args, name):
            print(json.dumps(task(path)))
            return
    result: dict[str, Any] = {"machine": machine("pandas", "pyarrow"), "date": date.today().isoformat()}
    store = Store(cache_dir())
    try:
        if args.only != "uploads":
            result["files"] = measure(args.rows, args.kinds, store)
        if args.only != "files":
            result["uploads"] = measure(UPLOADED, args.kinds, store, ("--beside",))
    except FactorscopeError as error:
        sys.exit(str(error))
    print(json.dumps(result) if args.json else markdown(result))


if __name__ == "__main__":
    main()
