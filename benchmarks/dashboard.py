"""Response times of the dashboard in a real browser, and memory of its server, on a run of 300 films.

    python benchmarks/dashboard.py [--cache DIR] [--only NAME] [--json]

Prints a Markdown table, or one JSON document. Needs Chromium at /usr/bin/chromium and Playwright
(requirements-test.txt). The run is made first, on made-up data (300 films, 17 reviews each, 50 factors, the
quick preset; about a minute on two cores); with `--cache` it is stored there and reused. The measurements
take ten more minutes; nothing else may run meanwhile.

Times are measured inside the page, from the key press or click until the requested content is there, the app
is connected and idle, and no part of it is stale; so the browser's rendering counts. All are warm: each
action was done once before. In the order of the JSON document:

    page_change_s         from the click on a page's link in the sidebar until its title is there; over all
                          ordered pairs of pages
    interaction_s         a user's action on a page: `INTERACTIONS`
    grid_first_s          from the request for the Predictions page by a browser without a cache (so it loads the
                          app too) until 24 panels are drawn
    grid_flip_s           from the click until the next 24 panels are drawn
    grid_toggle_s         the same for hiding or showing the dominating factor
    labels_redrawn_s      from the click on one top factor more until all films have their new labels
    head_s                from that click until the predictions by a newly trained head are drawn
    paste_p95_s           from the click on "Read this review" until the answer is drawn, for reviews of 200 words
    idle_mb               memory of the server after all pages were visited and before any text was read
                          (proportional set size; Linux only)
    five_browsers_factor  medians of page changes and interactions in five browsers at once divided by those in
                          one, the larger of the two; each browser acts every 2 s, like a hurried user, and no two
                          at the same moment

All but the last two are medians, `paste_p95_s` the 95th percentile; the parts hold n, median and 90th percentile.
`processor_ms` says what a change of page and an interaction take of the processors, by kind of process, in a browser
by itself. Other work sways it less than it sways times.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from parts.browser import (
    CHROMIUM,
    Act,
    click,
    follow,
    fresh,
    opened,
    select,
    tab,
    watched,
    write,
)
from parts.processor import milliseconds_each
from parts.server import served
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.dashboard_grid import grid, picks, readings  # noqa: E402
from parts.dashboard_run import ROUNDS, made_run, memory, pasted  # noqa: E402
from parts.dashboard_table import markdown, summary  # noqa: E402

BROWSERS, PACE = 5, 2.0
"""Browsers at once, and seconds between two actions of each."""
PAGES = {
    "Start": "Factorscope",
    "Train": "Train",
    "Factors": "Factors",
    "Reviews": "Reviews",
    "Predictions": "Predictions",
    "Try a review": "Try a review",
}
"""Title of each page, by its link in the sidebar."""
INTERACTIONS: dict[str, dict[str, Act]] = {
    "Factors": {
        "pick a factor": select("Factor", "factor 5", "factor 7"),
        "open a tab": tab("Film", "Factor"),
        "open the map": tab("Map", "Factor"),
    },
    "Predictions": {
        "the dominating factor": click("Hide the most predicted factor"),
        "sort the films": select("Order by", "title", "as the run"),
        "filter the films": write("Films whose title contains", "1", ""),
    },
    "Reviews": {
        "find words": write("Find words", "the", ""),
        "open a tab": tab("Coverage", "Read and search"),
    },
    "Train": {"open a tab": tab("Runs", "New run")},
}
"""Actions on each page, by name; repeating an action undoes it."""
BEFORE = {"Predictions": click("Find and sort films")}
"""What opens the widgets of a page that are folded away."""


async def page_changes(page: Page, beat: float | None = None) -> list[float]:
    """Return the seconds of each change from one page to another, over all ordered pairs."""
    # Each pair in both directions; the first page of a pair is reached from the second page of the last pair.
    walk = [name for pair in combinations(PAGES, 2) for name in pair]
    return [
        await on_beat(beat, watched(page, follow(name), title=PAGES[name])) for name in [*walk[1:], walk[0]]
    ]


async def interactions(page: Page, rounds: int = ROUNDS, beat: float | None = None) -> dict[str, list[float]]:
    """Return the seconds of each interaction, by name, without its first, cold repetition."""
    seconds: dict[str, list[float]] = {}
    for name, acts in INTERACTIONS.items():
        await on_beat(beat, watched(page, follow(name), title=PAGES[name]))
        if name in BEFORE:
            await BEFORE[name](page)
        for action, act in acts.items():
            taken = [await on_beat(beat, watched(page, act)) for _ in range(rounds + 1)]
            seconds[f"{name}: {action}"] = taken[1:]
    return seconds


def _acts(seconds: dict[str, list[float]]) -> int:
    """Return the number of acts behind these `interactions`: with the cold ones, and opening the pages."""
    return sum(len(taken) + 1 for taken in seconds.values()) + len(INTERACTIONS)


async def on_beat(beat: float | None, action: Awaitable[float]) -> float:
    """Await an action at the next beat, which comes every PACE from `beat` on; return what the action returns."""
    if beat is not None:
        await asyncio.sleep((beat - time.monotonic()) % PACE)
    return await action


async def visitor(
    browser: Browser, address: str, everyone: asyncio.Barrier, delay: float
) -> tuple[list[float], list[float]]:
    """Return the seconds of page changes and of interactions in a browser that acts `delay` after the first."""
    async with fresh(browser) as page:
        await opened(page, address)
        await everyone.wait()
        beat = time.monotonic() + delay
        changes = await page_changes(page, beat)
        return changes, sum((await interactions(page, 1, beat)).values(), [])


async def visitors(browser: Browser, address: str, number: int) -> dict[str, list[float]]:
    """Return the seconds of page changes and of interactions in several browsers at once."""
    # Each has a time of its own within PACE, so that they do not act at the same time.
    everyone = asyncio.Barrier(number)
    seconds = await asyncio.gather(
        *(visitor(browser, address, everyone, PACE * i / number) for i in range(number)),
    )
    return {
        "page changes": sum((changes for changes, _ in seconds), []),
        "interactions": sum((acts for _, acts in seconds), []),
    }


async def measured(cache: Path, run_id: str, only: str | None) -> dict[str, Any]:
    """Return the measurements, all parts or only one, in seconds or megabytes."""
    measurements: dict[str, Any] = {}
    async with served(cache) as (server, root), async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        address = f"{root}?run={run_id}"
        async with fresh(browser) as page:
            await opened(page, address)
            # Warm up: visit all pages once.
            await page_changes(page)
            if only in (None, "memory"):
                measurements["memory"] = memory(server, cache)
            if only in (None, "page changes"):
                measurements["page changes"] = await page_changes(page)
            if only in (None, "interactions"):
                measurements["interactions"] = await interactions(page)
            if only in (None, "processor"):
                measurements["processor"] = {
                    "page change": await milliseconds_each(server, lambda: page_changes(page), len),
                    "interaction": await milliseconds_each(server, lambda: interactions(page), _acts),
                }
        if only in (None, "grid"):
            measurements["grid"] = await grid(browser, address)
        if only in (None, "picks"):
            measurements["picks"] = await picks(browser, address, cache)
        if only in (None, "browsers"):
            measurements["browsers"] = {n: await visitors(browser, address, n) for n in (1, BROWSERS)}
        if only in (None, "readings"):
            measurements["readings"] = await readings(browser, address, pasted())
        await browser.close()
    return measurements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cache", type=Path, help="a folder in which the run is kept")
    parser.add_argument(
        "--only",
        choices=(
            "memory",
            "page changes",
            "interactions",
            "grid",
            "picks",
            "processor",
            "browsers",
            "readings",
        ),
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = (args.cache or Path(folder) / "cache").resolve()
        measurements = asyncio.run(measured(cache, made_run(cache), args.only))
    result = {
        "machine": f"{os.cpu_count()} {platform.machine()} cores, Python {platform.python_version()}",
        "date": date.today().isoformat(),
        **summary(measurements),
    }
    print(json.dumps(result) if args.json else markdown(result))


if __name__ == "__main__":
    main()
