"""A page of the dashboard in a real browser: opening it, acting on it, and measuring the time.

Used by benchmarks/dashboard.py. Times are measured inside the page, so that they include the browser's
rendering and exclude Playwright.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page

PATIENCE = 60_000
"""Time limit of an answer in milliseconds."""
CHROMIUM: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
"""Arguments of Playwright's `launch`, here and in the browser tests."""
HEAR = """
window.heard = 0;
window.WebSocket = class extends WebSocket {
  constructor(...how) {
    super(...how);
    this.addEventListener("message", () => { window.heard = performance.now(); window.changed?.(); });
  }
};
"""
"""Script that runs before the app, records the time of the server's last message, and tells `WATCH` of each."""
WATCH = """
wanted => {
  const charts = () => [...document.querySelectorAll(".js-plotly-plot")]
    .map(chart => [chart.querySelectorAll(".bars path").length, chart.textContent]).join();
  const before = "redrawn" in wanted && charts();
  // A chart that is replaced stays, hidden, until the app is idle.
  const outlines = () => [...document.querySelectorAll("[data-stale=false] .js-plotly-plot .bars path")]
    .map(bar => parseFloat(bar.style.strokeWidth));
  const tests = {
    title: () => document.querySelector("h1")?.textContent === wanted.title,
    panels: () => document.querySelectorAll(".js-plotly-plot .annotation").length >= wanted.panels,
    redrawn: () => charts() !== before,
    text: () => document.querySelector("[data-testid=stMain]").textContent.includes(wanted.text),
    outlined: () => outlines().some(width => width > 0),
    read: () => outlines().length && !outlines().some(width => width > 0),
  };
  const idle = () => {
    const app = document.querySelector("[data-testid=stApp]")?.dataset;
    return app?.testScriptState === "notRunning" && app.testConnectionState === "CONNECTED"
      && document.querySelector("h1") && !document.querySelector("[data-stale=true]");
  };
  const watched = window.watched = { began: wanted.began ?? performance.now(), held: null, ended: null };
  const begin = () => { [watched.began, watched.held] = [performance.now(), null]; };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, begin, true);
  watched.done = new Promise(done => {
    let frame = null, timer = null;
    // A look in the frame after a change, and none while nothing changes: each look asks the browser for a frame.
    window.changed = () => { frame ??= requestAnimationFrame(look); };
    const observer = new MutationObserver(changed);
    const look = () => {
      // A look by the timer may end the watch while a frame is awaited.
      if (watched.ended !== null) return;
      clearTimeout(timer);
      frame = null;
      const now = performance.now();
      const there = heard > watched.began && (wanted.busy || idle())
        && Object.keys(tests).every(name => !(name in wanted) || tests[name]());
      if (!there) watched.held = null;
      else if (watched.held === null || heard > watched.held) watched.held = now;
      if (!there) return;
      // A page that is fast is idle between two answers too, so it has to last.
      const left = wanted.busy ? 0 : watched.held + 250 - now;
      if (left > 0) {
        timer = setTimeout(look, left);
        return;
      }
      watched.ended = watched.held;
      observer.disconnect();
      window.changed = null;
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, begin, true);
      done();
    };
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: [
      "data-test-script-state", "data-test-connection-state", "data-stale", "style",
    ] });
    changed();
  });
}
"""
"""Script that starts to watch for the wanted content: a title, a number of panels, changed charts, a text, bars that
are outlines (labels whose reviews are not read yet) or none. With `busy` the app may go on working."""
Act = Callable[[Page], Awaitable[None]]


async def watched(page: Page, act: Act | None = None, **wanted: Any) -> float:
    """Act on a page; return the seconds until the wanted content is there and the app is idle."""
    await page.evaluate(WATCH, wanted)
    if act:
        await act(page)
    taken = page.evaluate("watched.done.then(() => (watched.ended - watched.began) / 1000)")
    return float(await asyncio.wait_for(taken, PATIENCE / 1000))


async def opened(page: Page, address: str, **wanted: Any) -> float:
    """Open an address; return the seconds until the wanted content is there and the app is idle."""
    await page.goto(address, wait_until="commit")
    return await watched(page, began=0, **wanted)


def follow(name: str) -> Act:
    """Return the act of clicking on a page's link in the sidebar."""
    return lambda page: page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()


def click(text: str) -> Act:
    """Return the act of clicking on a text of the page."""
    return lambda page: page.get_by_test_id("stMain").get_by_text(text).first.click()


def select(label: str, *options: str) -> Act:
    """Return the act of picking, by typing, the first option that is not picked yet."""

    async def act(page: Page) -> None:
        box = page.get_by_test_id("stMain").get_by_role("combobox", name=label).first
        held = await box.evaluate("e => e.closest('[data-testid=stSelectbox]').innerText + e.value")
        await box.click()
        await page.keyboard.type(next(option for option in options if option not in held))
        await page.wait_for_timeout(300)
        await page.keyboard.press("Enter")

    return act


def write(label: str, *texts: str) -> Act:
    """Return the act of typing the first text that is not in the field yet, and pressing Enter."""

    async def act(page: Page) -> None:
        field = page.get_by_test_id("stMain").get_by_role("textbox", name=label).first
        held = await field.input_value()
        await field.fill(next(text for text in texts if text != held))
        await field.press("Enter")

    return act


def tab(*names: str) -> Act:
    """Return the act of opening the first tab that is not open yet."""

    async def act(page: Page) -> None:
        held = await page.get_by_role("tab", selected=True).first.inner_text()
        await page.get_by_role("tab", name=next(name for name in names if name != held), exact=True).click()

    return act


def step(label: str) -> Act:
    """Return the act of raising a number by one."""
    field = f"[data-testid=stNumberInput]:has-text('{label}')"
    return lambda page: page.locator(field).get_by_test_id("stNumberInputStepUp").click()


def flip() -> Act:
    """Return the act of going to the next page of the grid."""
    return lambda page: page.get_by_test_id("stPagination").get_by_label("Next").first.click()


@asynccontextmanager
async def fresh(browser: Browser) -> AsyncIterator[Page]:
    """Yield a page of a browser context without cookies or cache."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = await context.new_page()
        await page.add_init_script(HEAR)
        yield page
    finally:
        await context.close()
