"""The HTML page that every page of the app is drawn in has our title, icon, look and scripts."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pages.components.shared.browser.html_page import ICON, INDEX, LOOK, OURS, ROUTES, SCRIPTS, THEIRS


def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """Return the answer of our routes, with Streamlit's files behind them."""
    app = Starlette(routes=[*ROUTES, Mount("/", StaticFiles(directory=THEIRS, html=True))])

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(sent())


@pytest.mark.parametrize(
    "path", ["/", "/Factors", "/Try_a_review?run=x", "/no_such_page", "/index.html", "/.."]
)
def test_every_page_has_all_that_is_ours(path: str) -> None:
    page = ask(path)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert LOOK in page.text and SCRIPTS in page.text and "<title>Factorscope</title>" in page.text
    # Ours ends the page, so that it counts more than what Streamlit writes into the head.
    assert page.text.rstrip().endswith("</script></body>\n</html>")


def test_each_mark_is_once_in_streamlits_page() -> None:
    assert [INDEX.read_text().count(mark) for mark in OURS] == [1] * len(OURS)


def test_a_script_or_style_cannot_end_early() -> None:
    assert "</script" not in SCRIPTS and "</style" not in LOOK


def test_a_browser_never_keeps_the_page_for_that_of_an_older_version() -> None:
    # What a browser knows of Streamlit's page stays the same when ours changes.
    known = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    page = ask("/Factors", **known)
    assert page.status_code == 200 and LOOK in page.text
    assert not {"etag", "last-modified"} & set(page.headers)


def test_files_beside_the_page_are_streamlits_but_for_the_icon() -> None:
    icon = ask("/favicon.png")
    assert icon.content == ICON.read_bytes() and icon.headers["content-type"] == "image/svg+xml"
    script = next((THEIRS / "static" / "js").glob("index.*.js"))
    assert ask(f"/static/js/{script.name}").content == script.read_bytes()


def test_an_answer_of_headers_alone_has_no_body() -> None:
    assert ask("/Factors", "HEAD").content == b""
