"""Common actions of the browser tests: wait until a page is done, pick options, save a screenshot."""

import os
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
PATIENCE = 480_000
"""Time limit of a first run in milliseconds; on two free cores it takes a tenth."""
SOON = 60_000
"""Time limit of anything else in milliseconds."""
IDLE = '[data-testid=stApp][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


def idle(page: Page, patience: float = SOON) -> None:
    """Wait until the app is idle and has no placeholders; before that, elements of the last view are still there.

    Streamlit loads the code of a kind of element, such as charts or marked texts, when it first draws one.
    """
    expect(page.locator(IDLE)).to_be_visible(timeout=patience)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=patience)


def settle(page: Page, text: str, patience: float = SOON) -> None:
    """Wait for a text, and until the app is idle; no traceback may be on the page.

    Streamlit may keep a hidden copy of a button beside the one that is seen.
    """
    expect(page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=patience)
    idle(page, patience)
    assert page.get_by_test_id("stException").count() == 0


def main_part(page: Page) -> Locator:
    """Return the page without its sidebar."""
    return page.get_by_test_id("stMain")


def under_way(page: Page) -> Locator:
    """Return the heading of Train above the runs that have not ended; a run's line may begin with the same words."""
    return main_part(page).get_by_role("heading", name="Under way", exact=True)


def follow(page: Page, name: str) -> None:
    """Click on a page's link in the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=SOON)
    idle(page)


def box_of(mark: Locator) -> FloatRect:
    """Scroll to a mark of a chart; return its place on the screen, once it stays there.

    Plotly may draw a chart again after it was shown, which replaces its marks: each look is one step.
    """
    expect(mark).to_be_visible(timeout=SOON)
    before = None
    for _ in range(SOON // 200):
        box: FloatRect = mark.evaluate(
            """e => {
                e.scrollIntoView({block: "center", behavior: "instant"});
                const {x, y, width, height} = e.getBoundingClientRect();
                return {x, y, width, height};
            }""",
            timeout=SOON,
        )
        if box == before:
            return box
        before = box
        mark.page.wait_for_timeout(200)
    raise AssertionError("the chart keeps moving")


def select(page: Page, label: str, option: str) -> None:
    """Pick an option; the list closes again where the field still moves, as in an expander that opens."""
    field = main_part(page).get_by_role("combobox", name=label).first
    wanted = page.get_by_role("option", name=option).first
    for _ in range(5):
        place = box_of(field)
        page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        try:
            wanted.click(timeout=6000)
        except TooLate:
            continue
        return
    raise AssertionError(f"the list of {label} does not open")


def until_address(page: Page, *parts: str) -> None:
    """Wait until the address has these parts and the app is idle."""
    page.wait_for_url(lambda url: all(part in url for part in parts), timeout=SOON)
    page.wait_for_timeout(300)
    idle(page)


def picture(page: Page, name: str) -> None:
    """Save a screenshot of the whole page where FACTORSCOPE_PICTURES is set: drawing all of a page takes seconds.

    The app scrolls inside itself, so the window is enlarged first.
    """
    if "FACTORSCOPE_PICTURES" not in os.environ:
        return
    size = page.viewport_size or {"width": 1280, "height": 900}
    height = page.locator("[data-testid=stMainBlockContainer]").evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(int(height) + 40, 6000)})
    page.wait_for_timeout(700)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")
    page.set_viewport_size(size)
