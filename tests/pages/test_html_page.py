"""The HTML page that Streamlit serves gets our title, icon, look and scripts, and nothing else is changed."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from streamlit import file_util

from pages.components.shared.browser.html_page import LOOK, OURS, SCRIPTS, HtmlPage

INDEX = Path(file_util.get_static_dir()) / "index.html"
REPORT = "<title>Streamlit</title><p>a report</p></body>"


def report(request: Request) -> HTMLResponse:
    """Return a report as Streamlit sends it to be saved."""
    return HTMLResponse(REPORT, headers={"Content-Disposition": "attachment; filename=report.html"})


def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """Return the answer to a browser that opens a page."""
    app = Starlette(
        routes=[
            Route("/media/report.html", report),
            Mount("/", StaticFiles(directory=INDEX.parent, html=True)),
        ],
        middleware=[Middleware(HtmlPage), Middleware(GZipMiddleware)],
    )

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            return await client.request(method, path, headers={"Accept": "text/html,*/*"} | headers)

    return asyncio.run(sent())


def test_the_page_has_all_that_is_ours() -> None:
    page = ask("/")
    theirs = INDEX.read_bytes()
    # Each mark of Streamlit's page is there once, or ours would be missing, or there twice.
    assert [theirs.count(mark) for mark in OURS] == [1] * len(OURS)
    assert LOOK in page.content and SCRIPTS in page.content
    assert b"<title>Factorscope</title>" in page.content
    assert len(page.content) == int(page.headers["content-length"]) > len(theirs)
    # Ours ends the page, so that it counts more than what Streamlit writes into the head.
    assert page.content.rstrip().endswith(b"</script></body>\n</html>")


def test_a_script_or_style_cannot_end_early() -> None:
    assert b"</script" not in SCRIPTS and b"</style" not in LOOK


@pytest.mark.parametrize(
    ("header", "value"), [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")]
)
def test_a_browser_that_has_streamlits_page_gets_ours(header: str, value: str) -> None:
    known = {header: ask("/", Accept="*/*").headers[value]}
    assert ask("/", Accept="*/*", **known).status_code == 304
    page = ask("/", **known)
    assert page.status_code == 200 and LOOK in page.content
    assert "etag" not in page.headers and "last-modified" not in page.headers


def test_an_answer_of_headers_alone_stays_without_a_body() -> None:
    page = ask("/", "HEAD")
    assert page.content == b"" and int(page.headers["content-length"]) == len(INDEX.read_bytes())


def test_a_report_and_a_picture_pass_as_they_are() -> None:
    assert ask("/media/report.html").text == REPORT
    assert ask("/favicon.png").content == INDEX.with_name("favicon.png").read_bytes()


def test_only_a_browser_that_opens_a_page_gets_ours() -> None:
    assert ask("/", Accept="*/*").content == INDEX.read_bytes()
