"""The first run: seconds from opening the page on an empty cache until each kind of result is there.

    python benchmarks/first_run.py [--runs N] [--only times|candidates] [--json]

Prints a Markdown table, or one JSON document. Needs Chromium at /usr/bin/chromium, Playwright
(requirements-test.txt), and MovieLens 100K at hand (in the folder that FACTORSCOPE_DATA names), else the run falls
back to made-up ratings, which the table says. Takes a minute a run, and as long for each candidate;
nothing else may run meanwhile.

The server is started before the clock. Each run has an empty cache and a browser without a cache. In the order of
the JSON document, medians over the runs, and the largest for the memory:

    first_picture_s  from the request for the page until the first histogram is drawn
    words_s          until the words of reviews are there
    grid_s           until the grid of histograms is drawn
    whole_s          until everything is: grades, stability, verdicts
    peak_gb          peak memory of the worker
    stages           seconds of each stage of the run, as its progress tells them
    candidates       what the first run's settings and others say of the same data: error beside that of the means,
                     verdicts, factors with words, the classifier's gain over label frequencies with its interval,
                     and seconds of the chain from an empty cache
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from parts.browser import CHROMIUM, PATIENCE, fresh
from parts.machine import machine, peak_gb
from parts.server import served
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from core import jobs  # noqa: E402
from core.formatting import counted  # noqa: E402
from core.jobs import lock  # noqa: E402
from core.progress import silent  # noqa: E402
from core.results.run_record import Unmeasured, read_record  # noqa: E402
from core.results.verdict import CLASSES, verdicts  # noqa: E402
from core.settings import DEFAULT_DATA, preset  # noqa: E402
from core.store import Store  # noqa: E402

THERE = {
    "first_picture_s": ".small-histogram",
    "words_s": '.sign:text-is("chat")',
    "grid_s": ".js-plotly-plot .bars path",
    "whole_s": "text=How sure is all this?",
}
"""What is on the page, by the time that it takes."""
MEANT = {
    "first_picture_s": "first picture: histograms, films and genres of the factors",
    "words_s": "words of reviews",
    "grid_s": "grid of histograms",
    "whole_s": "everything, graded",
}


CANDIDATES: dict[str, tuple[str, dict[str, Any]]] = {
    "starter: 6 Bayesian factors": ("starter", {}),
    "4 Bayesian factors": ("starter", {"factors": 4}),
    "8 Bayesian factors": ("starter", {"factors": 8}),
    "10 Bayesian factors": ("starter", {"factors": 10}),
    "6 factors by fastai": ("quick", {"factors": 6, "films": 100, "top": 2}),
    "8 factors by fastai": ("quick", {"factors": 8, "films": 100, "top": 2}),
    "quick: 50 factors by fastai, 20 films": ("quick", {}),
}
"""Preset and changes of its settings, by their name in the table."""


async def first_run(cache: Path) -> dict[str, Any]:
    """Return the times of one run, the peak memory of its worker, its stages and its ratings."""
    async with served(cache) as (_, address), async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        async with fresh(browser) as page:
            began = time.monotonic()
            await page.goto(address, wait_until="commit")
            measured: dict[str, Any] = {}
            for name, content in THERE.items():
                await page.locator(content).first.wait_for(timeout=5 * PATIENCE)
                measured[name] = time.monotonic() - began
        await browser.close()
        store = Store(cache)
        measured["peak_gb"] = peak_gb(lock.holder(cache))
        (job,) = jobs.runs(store)
        measured["stages"] = {stage.name: stage.seconds for stage in job.stages}
        measured["ratings"] = read_record(jobs.run_folder(job.run_id, store)).ratings.name
        end_worker(cache)
    return measured


def end_worker(cache: Path) -> None:
    """End the worker of a cache, which would wait for work for minutes."""
    if worker := lock.holder(cache):
        os.kill(worker, signal.SIGTERM)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of the times, the largest peak, and the median of each stage."""
    result: dict[str, Any] = {name: statistics.median(run[name] for run in runs) for name in THERE}
    result["peak_gb"] = max(run["peak_gb"] for run in runs)
    result["stages"] = {
        name: statistics.median(run["stages"][name] or 0.0 for run in runs) for name in runs[0]["stages"]
    }
    return result | {"ratings": runs[0]["ratings"], "runs": len(runs)}


def candidate(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Run the chain by these settings from an empty cache, and return what it says."""
    # Imported here, since it takes seconds, and the times need none of it.
    from core.pipeline.chain import run

    settings = preset(name, ratings=DEFAULT_DATA, reviews=DEFAULT_DATA, **changes)
    with tempfile.TemporaryDirectory() as folder:
        record = run(settings, Store(Path(folder) / "cache"), silent, Path(folder) / "out")
    model, words, classifier = record.factor_model, record.words, record.classifier
    found = [verdict.word for verdict in verdicts(record)]
    return {
        "rmse": model.rmse_valid,
        "rmse_means": model.rmse_means,
        "verdicts": {word: found.count(word) for word in CLASSES},
        "with_words": 0 if isinstance(words, Unmeasured) else sum(row.has_words for row in words.factors),
        "gain": classifier.lrap_gain,
        "gain_interval": classifier.lrap_gain_interval,
        "seconds": record.seconds,
    }


def table_of_candidates(result: dict[str, Any]) -> str:
    """Return the table of the candidates."""
    rows = [
        "| settings | RMSE | means alone | solid | shaky | chance | with words | gain (95% interval) | s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for name, said in result["candidates"].items():
        low, high = said["gain_interval"] or (float("nan"),) * 2
        counts = " | ".join(str(said["verdicts"][word]) for word in CLASSES)
        rows.append(
            f"| {name} | {said['rmse']:.3f} | {said['rmse_means']:.3f} | {counts} | {said['with_words']} | "
            f"{said['gain']:+.3f} ({low:+.3f} to {high:+.3f}) | {said['seconds']:.0f} |"
        )
    return "\n".join(rows)


def markdown(result: dict[str, Any]) -> str:
    """Return the table of the times."""
    rows = [f"| {meant} | {result[name]:.1f} |" for name, meant in MEANT.items()]
    stages = [f"| stage “{name}” | {seconds:.1f} |" for name, seconds in result["stages"].items()]
    return "\n".join(
        [
            f"First run on {result['ratings']}, median of {counted(result['runs'], 'run')}; {result['machine']}, "
            f"{result['date']}. The worker needs {result['peak_gb']:.2f} GB at most.",
            "",
            "| there after opening the page | s |",
            "| --- | ---: |",
            *rows,
            *stages,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("times", "candidates"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("torch", "streamlit"), "date": date.today().isoformat()}
    tables = []
    if args.only in (None, "times"):
        runs = []
        for _ in range(args.runs):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                runs.append(asyncio.run(first_run(Path(folder) / "cache")))
        result |= summary(runs)
        tables.append(markdown(result))
    if args.only in (None, "candidates"):
        result["candidates"] = {label: candidate(*settings) for label, settings in CANDIDATES.items()}
        tables.append(table_of_candidates(result))
    print(json.dumps(result) if args.json else "\n\n".join(tables))


if __name__ == "__main__":
    main()
