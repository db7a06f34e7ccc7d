"""A real browser, from an empty cache to the histograms and to a pasted review, and over every page."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
ARTIFACTS = ROOT / "tests" / "artifacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 240_000
"""Milliseconds that a first run may take here; on two free cores it takes some forty seconds."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "cache"


@pytest.fixture(scope="module")
def address(cache: Path) -> Iterator[str]:
    """A dashboard on an empty cache, as `make run` starts it, and its worker, both ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"FACTORSCOPE_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        pid = (cache / "worker.lock").read_text().strip() if (cache / "worker.lock").exists() else ""
        if pid.isdigit():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test on any error in the browser's console.

    Streamlit's own client asks for its health below the path of a page that is opened by link, before it
    asks at the root, and the browser notes the 404.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        probed = "/_stcore/" in message.location["url"] and "404" in message.text
        if message.type == "error" and not probed:
            errors.append(f"{message.text} {message.location['url']}")

    page.on("console", hear)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page: the app scrolls inside itself, so the window is made as high."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    height = page.locator("[data-testid=stMainBlockContainer]").evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 40, 6000)})
    page.wait_for_timeout(1500)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


def settle(page: Page, text: str, patience: float = 30_000) -> None:
    """Wait for a text, and until the app has nothing left to do; no traceback may be on the page."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=patience)
    app = page.locator(
        '[data-testid=stApp][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    )
    expect(app).to_be_visible(timeout=patience)
    assert page.get_by_test_id("stException").count() == 0


def test_from_an_empty_cache_to_the_histograms(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_text("What this run says")).to_be_visible(timeout=PATIENCE)
    settle(page, "What the reviews speak of, film by film")
    expect(page.locator(".js-plotly-plot .bars").first).to_be_visible(timeout=30_000)
    assert page.locator(".js-plotly-plot .subplot").count() >= 10
    picture(page, "start")


def test_to_a_pasted_review(address: str, page: Page) -> None:
    page.goto(f"{address}/Try_a_review")
    settle(page, "Try a review")
    page.get_by_role("textbox").first.fill(
        "A slow and tender story about two lovers who write letters to each other during the war. "
        "I cried at the end, and so did everybody around me in the cinema."
    )
    page.get_by_role("button", name="Read this review").click()
    settle(page, "Which words moved it", PATIENCE)
    expect(page.locator(".js-plotly-plot .bars").first).to_be_visible(timeout=30_000)
    # One of each stands in the legend.
    assert page.locator(".marked-text mark").count() > 2
    picture(page, "try")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Train", "Preset"),
        ("Factors", "Most similar factors"),
        ("Factors?view=Film", "weights rest on"),
        ("Factors?view=Map", "take the lasso"),
        ("Factors?view=Model", "most common top factors"),
        ("Reviews", "films looked at"),
        ("Predictions", "Whether the probabilities hold"),
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_shows_its_main_thing(address: str, page: Page, path: str, text: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{path}")
    settle(page, text)
    picture(page, f"{path.lower().replace('?view=', '-')}-{width}")


def test_one_click_in_the_table_opens_a_factor(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?factor=0")
    settle(page, "Most similar factors")
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table is not None
    # Below the head of 36 pixels, the third row of 35, in a cell and not only in the box before it.
    page.mouse.click(table["x"] + 0.6 * table["width"], table["y"] + 36 + 2.5 * 35)
    expect(page.get_by_role("heading", name="Factor 2")).to_be_visible(timeout=30_000)
    settle(page, "Most similar factors")
    assert "factor=2" in page.url


def test_films_picked_on_the_map_go_to_the_reviews(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?view=Map")
    settle(page, "take the lasso")
    expect(page.locator(".scatterlayer .point").first).to_be_visible(timeout=30_000)
    field = page.locator(".js-plotly-plot .nsewdrag").first
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    button = page.get_by_role("button", name="Read or fetch reviews of")
    expect(button).to_be_visible(timeout=30_000)
    settle(page, "take the lasso")
    picture(page, "factors-map-picked")
    button.click()
    settle(page, "films from the map")
    picture(page, "reviews-from-map")
