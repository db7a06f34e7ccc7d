"""The measurements of `dashboard.py` on the grid of histograms, on its pickers, and on pasted reviews."""

import shutil
from pathlib import Path

from playwright.async_api import Browser

from parts.browser import click, flip, fresh, opened, step, watched
from parts.dashboard_run import FLIPS, OPENINGS, PANELS, PICKS


async def grid(browser: Browser, address: str) -> dict[str, list[float]]:
    """Return the seconds to draw the first page of the grid, a later page, and one with a factor hidden."""
    first, flips, toggles = [], [], []
    for _ in range(OPENINGS + 1):
        async with fresh(browser) as page:
            first.append(await opened(page, address.replace("?", "Predictions?"), panels=PANELS))
    async with fresh(browser) as page:
        await opened(page, address.replace("?", "Predictions?"), panels=PANELS)
        for _ in range(FLIPS + 1):
            flips.append(await watched(page, flip(), panels=PANELS, redrawn=True))
        for _ in range(FLIPS + 1):
            act = click("Hide the most predicted factor")
            toggles.append(await watched(page, act, panels=PANELS, redrawn=True))
    return {"first": first[1:], "flip": flips[1:], "toggle": toggles[1:]}


async def picks(browser: Browser, address: str, cache: Path) -> dict[str, list[float]]:
    """Return the seconds until other labels are drawn, and until their predictions are."""
    # What an earlier measurement read is not read again.
    for kept in cache.glob("artifacts/other-*"):
        shutil.rmtree(kept)
    labels, heads = [], []
    async with fresh(browser) as page:
        await opened(page, address.replace("?", "Predictions?"), panels=PANELS)
        for _ in range(PICKS + 1):
            # Both from the same click.
            labels.append(await watched(page, step("Top factors per film"), outlined=True, busy=True))
            began = await page.evaluate("watched.began")
            heads.append(await watched(page, began=began, read=True, panels=PANELS, busy=True))
            await watched(page, began=began, text="label frequencies 0.", busy=True)
    # During the first the reader was starting.
    return {"labels": labels[1:], "head": heads[1:]}


async def readings(browser: Browser, address: str, texts: list[str]) -> list[float]:
    """Return the seconds until the answer for each text is drawn."""
    taken = []
    async with fresh(browser) as page:
        await opened(page, address.replace("?", "Try_a_review?"))
        for text in texts:
            await page.get_by_test_id("stMain").get_by_role("textbox").first.fill(text)
            act = click("Read this review")
            taken.append(await watched(page, act, text="What moved it", redrawn=True))
            await page.wait_for_timeout(300)
    # During the first two the reader was starting.
    return taken[2:]
