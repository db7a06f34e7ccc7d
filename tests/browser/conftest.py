"""A dashboard on an empty cache, its first run, and a real browser; all tests of the folder share them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from support.ports import free_port

from benchmarks.parts.browser import CHROMIUM
from browser.driving import PATIENCE, ROOT, main_part, settle

Visitor = Callable[..., Page]
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="package")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "cache"


@contextlib.contextmanager
def dashboard(cache: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the address of a dashboard as `make run` starts it; its server and worker end with the block."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**environment, "FACTORSCOPE_CACHE": str(cache)},
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
        process.terminate()
        process.wait(20)
        pid = (cache / "worker.lock").read_text().strip() if (cache / "worker.lock").exists() else ""
        if pid.isdigit():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


@pytest.fixture(scope="package")
def server(cache: Path) -> Iterator[str]:
    """Yield the address of a dashboard."""
    with dashboard(cache, os.environ) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Yield a browser, closed before other tests begin, since it keeps an event loop running in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


FIRST_SCREEN = {
    "picture": ".small-histogram",
    "grid": ".js-plotly-plot .bars path",
    "whole": "text=How sure is all this?",
}
"""What appears on the page while the first run goes on."""


@pytest.fixture(scope="package")
def first_screen(server: str, browser: Browser) -> dict[str, str]:
    """Return the page's text as it was when each part of FIRST_SCREEN appeared, while the first run went on.

    The run starts by itself as the page is opened on an empty cache, and is done afterwards.
    """
    page = browser.new_page()
    page.goto(server)
    settle(page, "A recommender learns")
    shown = {}
    for name, content in FIRST_SCREEN.items():
        expect(page.locator(content).first).to_be_visible(timeout=PATIENCE)
        shown[name] = main_part(page).inner_text()
    page.close()
    return shown


@pytest.fixture(scope="package")
def address(server: str, first_screen: dict[str, str]) -> str:
    """Return the address, where the first run is done."""
    return server


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Yield a function that returns pages, each with an empty browser context; console errors fail the test.

    On a page that is opened by link, Streamlit's client first requests the health check below the page's
    path, before the root, and the browser logs the 404, which is ignored.
    """
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        probed = "/_stcore/" in message.location["url"] and "404" in message.text
        if message.type == "error" and not probed:
            errors.append(f"{message.text} {message.location['url']}")

    with contextlib.ExitStack() as opened:

        def visit(**device: Any) -> Page:
            context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light"} | device)
            opened.callback(context.close)
            page = context.new_page()
            page.on("console", hear)
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield visit
    assert errors == []


@pytest.fixture
def page(visitor: Visitor) -> Page:
    return visitor()


@pytest.fixture
def phone(visitor: Visitor) -> Page:
    """Return a page on a phone, which is touched."""
    return visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
