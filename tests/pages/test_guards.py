"""What every request to the server passes: our host names alone, and no frame of another site."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pages.components.shared.browser.guards import GUARDS


@pytest.fixture
def served() -> Iterator[httpx.AsyncClient]:
    """Return a client of an application with nothing but the guards."""
    app = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("ours"))], middleware=GUARDS
    )
    yield httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.mark.parametrize("path", ["/", "/Factors", "/_stcore/health", "/media/x.csv"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8501", 200),
        ("127.0.0.1", 200),
        ("rebound.example", 400),
        ("rebound.example:8501", 400),
        ("localhost.rebound.example", 400),
    ],
)
def test_only_our_own_host_names_are_answered(
    served: httpx.AsyncClient, path: str, host: str, status: int
) -> None:
    answer = asyncio.run(served.get(path, headers={"Host": host}))
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["x-frame-options"] == "DENY"


def test_the_host_names_are_those_of_the_configuration() -> None:
    assert st.get_option("server.allowedHosts") == ["localhost", "127.0.0.1"]
