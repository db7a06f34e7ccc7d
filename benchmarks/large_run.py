"""The whole chain on data of the size of MovieLens 25M: seconds, processor seconds and peak memory of each stage.

    python benchmarks/large_run.py FOLDER [--ratings-size N …] [--reviews N …] [--preset NAME …] [--films N]
                                   [--only data|runs|growth|pages] [--json]

Prints Markdown tables, or one JSON document. FOLDER gets the planted data, made once (0.3 GB for 25 million ratings),
and the runs with a cache each, which a second call makes anew. With 25 million ratings a run takes half an hour and
some 10 GB; nothing else may run meanwhile. Linux alone.

The data are planted ratings in the published layout of MovieLens 25M, in a zip, and reviews of up to 10,000 films
as a Parquet file that joins them by IMDb id; `parts/large_world.py` says how they are made. A run is `python -m core
run` in a process of its own, from an empty cache. Its stages are those that it reports.

    runs      a table for each size and preset (25 million ratings and 100,000 reviews, if nothing else is asked for)
    growth    for several --ratings-size or --reviews, seconds of the processor by stage at each, and the exponent
              between neighbours: 1 is linear; stages below a second say nothing
    pages     for each size and preset, whose run FOLDER has, processor seconds of opening each view of the pages for
              the first and the third time, and the kilobytes of its messages to the browser
    data      makes the data, and runs nothing
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from parts.large_world import COUNTS, make_ratings, make_reviews
from parts.machine import machine
from parts.watched import watch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

LEAST_SECONDS = 1.0
"""Of the smaller of two runs, from which on an exponent says something."""


def places(
    folder: Path, ratings: int, reviews: int, preset: str, films: int | None
) -> tuple[str, Path, Path]:
    """Return the name of a run, the folder of its files, and its cache."""
    name = f"{preset}-{ratings}-{reviews}" + (f"-{films}" if films else "")
    return name, folder / "runs" / name, folder / "caches" / name


def measured(folder: Path, ratings: int, reviews: int, preset: str, films: int | None) -> dict[str, Any]:
    """Run the chain on data of these sizes from an empty cache, and return what it took and whether it is graded."""
    name, out, cache = places(folder, ratings, reviews, preset, films)
    for old in (out, cache):
        shutil.rmtree(old, ignore_errors=True)
    command = [sys.executable, "-W", "ignore", "-m", "core", "run", "--json", "--preset", preset]
    command += ["--ratings", str(make_ratings(folder, ratings)), "--out", str(out)]
    command += ["--reviews", str(make_reviews(folder, reviews, COUNTS[ratings][1]))]
    command += ["--films", str(films)] if films else []
    watched = watch(
        command, {"FACTORSCOPE_CACHE": str(cache)}, ROOT, lambda line: print(line, file=sys.stderr)
    )
    if watched.code:
        sys.exit(f"{name} ended with {watched.code}: {watched.last}")
    result = {
        "ratings": ratings,
        "reviews": reviews,
        "preset": preset,
        "films": films,
        "stages": {stage: asdict(took) for stage, took in watched.stages.items()},
        "results": _results(json.loads(watched.output)),
    }
    # Runs take long, so what one took is not lost where a later one ends early.
    out.with_suffix(".json").write_text(json.dumps(result))
    print(f"\n{table(result)}\n", file=sys.stderr)
    return result


def _results(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a run says of its data, and why what was not measured was not."""
    parts = ("stability", "readability", "placing", "words")
    return {
        "rmse": record["factor_model"]["rmse_valid"],
        "rmse_means": record["factor_model"]["rmse_means"],
        "reviews_read": sum(record["reviews"]["by_source"].values()),
        "labelled": record["reviews"]["reviews"],
        "lrap": record["classifier"]["lrap"],
        "lrap_baseline": record["classifier"]["lrap_baseline"],
        "unmeasured": {part: record[part]["unmeasured"] for part in parts if "unmeasured" in record[part]},
    }


def total(run: dict[str, Any]) -> dict[str, float]:
    """Return the sums of the seconds, and the largest memory."""
    stages = run["stages"].values()
    sums = {what: sum(stage[what] for stage in stages) for what in ("seconds", "processor_seconds")}
    return sums | {"peak_gb": max(stage["peak_gb"] for stage in stages)}


def title(run: dict[str, Any]) -> str:
    """Return what was run."""
    films = f", {run['films']:,} films" if run["films"] else ""
    return f"`{run['preset']}`, {run['ratings']:,} ratings, {run['reviews']:,} reviews{films}"


def table(run: dict[str, Any]) -> str:
    """Return the table of the stages of a run."""
    rows = [f"| {title(run)} | s | processor s | peak, GB |", "| --- | ---: | ---: | ---: |"]
    for stage, took in {"**all**": total(run), **run["stages"]}.items():
        rows.append(
            f"| {stage} | {took['seconds']:.1f} | {took['processor_seconds']:.1f} | {took['peak_gb']:.2f} |"
        )
    results = run["results"]
    sentence = (
        f"RMSE {results['rmse']:.3f} (means alone {results['rmse_means']:.3f}); {results['reviews_read']:,} reviews "
        f"read, {results['labelled']:,} labelled; LRAP {results['lrap']:.3f} (label frequencies alone "
        f"{results['lrap_baseline']:.3f})"
    )
    unmeasured = "".join(f"; {part} not measured: {why}" for part, why in results["unmeasured"].items())
    return "\n".join([*rows, "", f"{sentence}{unmeasured}."])


def growth(runs: list[dict[str, Any]], along: str) -> str:
    """Return the processor seconds of each stage by size, and the exponents between neighbours."""
    runs = sorted(runs, key=lambda run: run[along])
    fixed = "reviews" if along == "ratings" else "ratings"
    head = " | | ".join(f"{run[along]:,} {along}" for run in runs)
    rows = [f"| `{runs[0]['preset']}`, {runs[0][fixed]:,} {fixed} | {head} |"]
    rows.append("| --- | ---: |" + " ---: | ---: |" * (len(runs) - 1))
    stages = dict.fromkeys(stage for run in runs for stage in run["stages"])
    for stage in stages:
        seconds = [run["stages"].get(stage, {"processor_seconds": 0.0})["processor_seconds"] for run in runs]
        if max(seconds) < LEAST_SECONDS:
            continue
        cells = [f"{seconds[0]:.1f}"]
        for (one, other), (less, more) in zip(
            zip(runs, runs[1:], strict=False), zip(seconds, seconds[1:], strict=False), strict=True
        ):
            exponent = (
                f"{math.log(more / less) / math.log(other[along] / one[along]):.2f}"
                if less >= LEAST_SECONDS and more > 0
                else ""
            )
            cells += [exponent, f"{more:.1f}"]
        rows.append(f"| {stage} | " + " | ".join(cells) + " |")
    peaks = ", ".join(f"{total(run)['peak_gb']:.2f}" for run in runs)
    return "\n".join([*rows, "", f"Peak memory, GB: {peaks}."])


def opened(folder: Path, ratings: int, reviews: int, preset: str, films: int | None) -> dict[str, Any]:
    """Open each view of the pages on a run that the folder has, and return what each took."""
    name, out, cache = places(folder, ratings, reviews, preset, films)
    script = [sys.executable, "-W", "ignore", str(ROOT / "benchmarks" / "parts" / "large_pages.py")]
    output = subprocess.check_output([*script, str(cache), str(out)], cwd=ROOT)
    return {"run": name, "views": json.loads(output)}


def pages_table(run: dict[str, Any]) -> str:
    """Return the table of what the views of a run took."""
    rows = [
        f"| `{run['run']}` | first, processor s | third | KB to the browser |",
        "| --- | ---: | ---: | ---: |",
    ]
    for view in run["views"]:
        query = ", ".join(view["query"].values())
        rows.append(
            f"| {view['page'].removeprefix('pages/')} {query} | {view['first_s']:.2f} | {view['again_s']:.2f} | "
            f"{view['kb']:,.0f} |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratings-size", type=int, nargs="+", choices=tuple(COUNTS), default=[25_000_000])
    parser.add_argument("--reviews", type=int, nargs="+", default=[100_000])
    parser.add_argument("--preset", nargs="+", default=["fast", "accurate"])
    parser.add_argument("--films", type=int, help="films whose reviews are read (the preset's own number)")
    parser.add_argument("--only", choices=("data", "runs", "growth", "pages"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [(ratings, reviews) for ratings in args.ratings_size for reviews in args.reviews]
    for ratings, reviews in sizes:
        make_ratings(folder, ratings)
        make_reviews(folder, reviews, COUNTS[ratings][1])
    if args.only == "data":
        return
    measure, what = (opened, "pages") if args.only == "pages" else (measured, "runs")
    rows = [measure(folder, *size, preset, args.films) for preset in args.preset for size in sizes]
    result = {"machine": machine("torch"), "date": date.today().isoformat(), what: rows}
    if args.json:
        print(json.dumps(result))
        return
    tables = [f"{result['machine']}, {result['date']}"]
    if args.only == "pages":
        tables += map(pages_table, rows)
    elif args.only != "growth":
        tables += map(table, rows)
    if args.only in ("growth", None):
        tables += [growth(group, along) for group, along in _groups(rows)]
    print("\n\n".join(tables))


def _groups(runs: list[dict[str, Any]]) -> list[tuple[list[dict[str, Any]], str]]:
    """Return the runs that differ in one size alone, and in which."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for along, fixed in (("ratings", "reviews"), ("reviews", "ratings")):
        for run in runs:
            groups.setdefault((along, run["preset"], run[fixed]), []).append(run)
    return [(group, key[0]) for key, group in groups.items() if len(group) > 1]


if __name__ == "__main__":
    main()
