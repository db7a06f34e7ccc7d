"""The client of TMDB's API, version 3: one request at a time, rate-limited, with retries.

Takes paths and parameters, returns parsed JSON. Which requests are made is left to `queries`. Documented at
developer.themoviedb.org: a v3 key is sent as `api_key`, a read token as `Authorization: Bearer`; some 40 requests a
second are allowed, 429 means too many; errors have a body with TMDB's own `status_code`.
"""

import asyncio
import os
import random
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx

from core.data.reviews.sources.tmdb.key import KEY, KEYS_AT, WHERE
from core.errors import BadSettings, DataNotFound

ADDRESS = "https://api.themoviedb.org/3"
A_SECOND = 20
"""Maximum of requests a second: half of the documented limit."""
PATIENCE = 20.0
"""Seconds within which a response must be complete."""
TRIES = 5
"""Attempts at a request before the run fails."""
FIRST_WAIT = 0.5
"""Seconds before the first retry; doubled each time, with a jitter of half of it."""
LONGEST_WAIT = 300.0
"""Longest accepted Retry-After, in seconds; beyond, the run ends, and can be continued later."""
TICK = 0.2
"""Seconds between two checks for cancellation."""
KEPT = "What came is kept, and the same run goes on from there"

_V3 = re.compile(r"[0-9a-fA-F]{32}")
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")


def address() -> str:
    """Return the address of the API: TMDB's, or FACTORSCOPE_TMDB, which tests set.

    Raises BadSettings where the key would be sent unencrypted.
    """
    configured = os.environ.get("FACTORSCOPE_TMDB", "").rstrip("/") or ADDRESS
    try:
        url = httpx.URL(configured)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme != "https" and (url.scheme, url.host) not in (("http", "127.0.0.1"), ("http", "localhost")):
        raise BadSettings(
            f"FACTORSCOPE_TMDB is {configured!r}, and must be an https address, so that no one sees your key"
        )
    return configured


class TmdbClient:
    """A connection to TMDB. `tick` is called every TICK seconds with the reason for waiting, and may raise to cancel.

    Raises BadSettings where the key is malformed or not accepted.
    """

    def __init__(self, key: str, tick: Callable[[str], None]) -> None:
        base = address()
        self._tick = tick
        self._next_request = 0.0
        # Redirects are not followed: the key would be sent along.
        self._http = httpx.AsyncClient(
            base_url=base,
            transport=_WithKey(key, httpx.URL(base)),
            timeout=httpx.Timeout(PATIENCE, connect=5),
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **parameters: str | int) -> dict[str, Any] | None:
        """Return the parsed response, or None where TMDB has no such resource.

        Raises BadSettings where the key is not accepted, DataNotFound where no request of TRIES succeeds.
        """
        fault = ""
        wait = 0.0
        for attempt in range(TRIES):
            if attempt:
                await self._wait(wait, f"{fault}; asking again")
            wait = FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5)
            try:
                response = await self._request(path, parameters)
            except (TimeoutError, httpx.TimeoutException):
                fault = f"no answer within {PATIENCE:.0f} s"
                continue
            except httpx.HTTPError:
                fault = "the connection failed or broke off"
                continue
            if response.status_code in (401, 403):
                raise BadSettings(
                    f"TMDB does not accept your key ({response.status_code}). Check {KEY} {WHERE} against {KEYS_AT}"
                )
            if response.is_redirect:
                raise DataNotFound(
                    f"{address()} leads elsewhere ({response.status_code}), where your key is not sent"
                )
            body = _parsed(response)
            if response.status_code == 200 and body is not None:
                return body
            # Without TMDB's own code, it is another server's missing page.
            if response.status_code == 404 and body is not None and "status_code" in body:
                return None
            fault = f"it answered {response.status_code}" if response.is_error else "its answer is not JSON"
            if response.is_client_error and response.status_code != 429:
                raise DataNotFound(f"TMDB cannot be read: {fault}. {KEPT}")
            retry_after = _retry_after(response)
            if retry_after is not None:
                wait, fault = retry_after, "it asks to wait"
            if wait > LONGEST_WAIT:
                raise DataNotFound(f"TMDB asks to wait {wait / 60:.0f} min. {KEPT}")
        raise DataNotFound(f"TMDB cannot be read: {fault}, {TRIES} times in a row. {KEPT}")

    async def _request(self, path: str, parameters: dict[str, str | int]) -> httpx.Response:
        """Send one request within the rate limit; check for cancellation meanwhile."""
        await self._wait(self._next_request - time.monotonic(), "")
        self._next_request = time.monotonic() + 1 / A_SECOND
        request = asyncio.ensure_future(self._http.get(path, params=parameters))
        try:
            # The client's own timeout starts over with each byte.
            async with asyncio.timeout(PATIENCE):
                while not request.done():
                    self._tick("")
                    await asyncio.wait({request}, timeout=TICK)
            return request.result()
        finally:
            request.cancel()

    async def _wait(self, seconds: float, why: str) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._tick(f"{why} in {left:.0f} s" if why else "")
            await asyncio.sleep(min(left, TICK))


class _WithKey(httpx.AsyncHTTPTransport):
    """Adds the key to a request below all layers that log requests or name them in errors."""

    def __init__(self, key: str, base: httpx.URL) -> None:
        # A client with a custom transport ignores the proxy settings of the environment.
        bypass = urllib.request.proxy_bypass(base.host)
        super().__init__(proxy=None if bypass else urllib.request.getproxies().get(base.scheme))
        self._headers, self._parameters = {}, {}
        if _V3.fullmatch(key):
            self._parameters = {"api_key": key}
        elif _TOKEN.fullmatch(key):
            self._headers = {"Authorization": f"Bearer {key}"}
        else:
            raise BadSettings(
                f"{KEY} is neither a v3 key (32 digits and letters a to f) nor a read token. Copy it anew from "
                f"{KEYS_AT}"
            )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_merge_params(self._parameters),
                headers=[*request.headers.multi_items(), *self._headers.items()],
                extensions=request.extensions,
            )
        )


def _parsed(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of the header Retry-After, a number or a date; None where there is none."""
    header = response.headers.get("Retry-After", "").strip()
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
