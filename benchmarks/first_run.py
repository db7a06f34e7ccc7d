"""The first run: seconds from opening the page on an empty cache until each kind of result is there.

    python benchmarks/first_run.py [--runs N] [--json]

Prints a Markdown table, or one JSON document. Needs Chromium at /usr/bin/chromium, Playwright
(requirements-test.txt), and MovieLens 100K at hand (in the folder that FACTORSCOPE_DATA names), else the run falls
back to made-up ratings, which the table says. Takes a minute a run; nothing else may run meanwhile.

The server is started before the clock. Each run has an empty cache and a browser without a cache. In the order of
the JSON document, medians over the runs, and the largest for the memory:

    first_picture_s  from the request for the page until the first histogram is drawn
    words_s          until the words of reviews are there
    grid_s           until the grid of histograms is drawn
    whole_s          until everything is: grades, stability, verdicts
    peak_gb          peak memory of the worker
    stages           seconds of each stage of the run, as its progress tells them
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
from parts.machine import machine
from parts.server import served
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from core import jobs  # noqa: E402
from core.jobs import lock  # noqa: E402
from core.results.run_record import read_record  # noqa: E402
from core.store import Store  # noqa: E402

THERE = {
    "first_picture_s": ".small-histogram",
    "words_s": "text=Bold words",
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
        status = Path(f"/proc/{lock.holder(cache)}/status").read_text()
        measured["peak_gb"] = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e9
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


def markdown(result: dict[str, Any]) -> str:
    """Return the table."""
    rows = [f"| {meant} | {result[name]:.1f} |" for name, meant in MEANT.items()]
    stages = [f"| stage “{name}” | {seconds:.1f} |" for name, seconds in result["stages"].items()]
    return "\n".join(
        [
            f"First run on {result['ratings']}, medians of {result['runs']}; {result['machine']}, {result['date']}. "
            f"The worker needs {result['peak_gb']:.2f} GB at most.",
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
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    runs = []
    for _ in range(args.runs):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            runs.append(asyncio.run(first_run(Path(folder) / "cache")))
    result = {"machine": machine("torch", "streamlit"), "date": date.today().isoformat(), **summary(runs)}
    print(json.dumps(result) if args.json else markdown(result))


if __name__ == "__main__":
    main()
