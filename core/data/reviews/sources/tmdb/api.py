"""TMDB's answers, asked for one at a time, politely and with patience.

Takes paths and parameters of version 3 of its API, gives what it answers as plain data. What is asked, and what of
it is kept, is left to `asking`. Documented at developer.themoviedb.org: a v3 key goes along as `api_key`, a read
token as `Authorization: Bearer`; some 40 requests a second are allowed, and 429 says when there were too many;
errors have a body with TMDB's own `status_code`.
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
"""Most requests a second: half of what is documented as the limit."""
PATIENCE = 20.0
"""Seconds that an answer may take as a whole."""
TRIES = 5
"""Times that a question is asked before the run gives up."""
FIRST_WAIT = 0.5
"""Seconds before a question is asked again; doubled each time, give or take a half."""
LONGEST_WAIT = 300.0
"""Seconds that TMDB may ask to wait; beyond, the run ends and goes on later."""
TICK = 0.2
"""Seconds between two looks whether to stop."""
KEPT = "what came is kept, and the same run goes on from there"

_V3 = re.compile(r"[0-9a-fA-F]{32}")
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")


def address() -> str:
    """Return the address that is asked: TMDB's, or in its place that of FACTORSCOPE_TMDB, as tests have it.

    Raises BadSettings where the key would travel openly.
    """
    told = os.environ.get("FACTORSCOPE_TMDB", "").rstrip("/") or ADDRESS
    try:
        url = httpx.URL(told)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme != "https" and (url.scheme, url.host) not in (("http", "127.0.0.1"), ("http", "localhost")):
        raise BadSettings(
            f"FACTORSCOPE_TMDB is {told!r}, and must be an https address, so that no one sees your key"
        )
    return told


class Tmdb:
    """A connection to TMDB. `tick` is called every TICK seconds, with what is waited for, and may raise to stop.

    Raises BadSettings where the key cannot be one, or is not accepted.
    """

    def __init__(self, key: str, tick: Callable[[str], None]) -> None:
        base = address()
        self._tick = tick
        self._next = 0.0
        # Redirects are not followed: the key would go along.
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
        """Return the answer, or None where TMDB has no such thing.

        Raises BadSettings where the key is not accepted, DataNotFound where there is no answer after TRIES.
        """
        fault = ""
        wait = 0.0
        for again in range(TRIES):
            if again:
                await self._wait(wait, f"{fault}; asking again")
            wait = FIRST_WAIT * 2**again * random.uniform(0.5, 1.5)
            try:
                answer = await self._ask(path, parameters)
            except (TimeoutError, httpx.TimeoutException):
                fault = f"no answer within {PATIENCE:.0f} s"
                continue
            except httpx.HTTPError:
                fault = "the connection failed or broke off"
                continue
            if answer.status_code in (401, 403):
                raise BadSettings(
                    f"TMDB does not accept your key ({answer.status_code}); check {KEY} {WHERE} against {KEYS_AT}"
                )
            if answer.is_redirect:
                raise DataNotFound(
                    f"{address()} leads elsewhere ({answer.status_code}), where your key is not sent"
                )
            body = _plain(answer)
            if answer.status_code == 200 and body is not None:
                return body
            # Without TMDB's own code, it is some other server that has no such page.
            if answer.status_code == 404 and body is not None and "status_code" in body:
                return None
            fault = f"it answered {answer.status_code}" if answer.is_error else "its answer is not JSON"
            if answer.is_client_error and answer.status_code != 429:
                raise DataNotFound(f"TMDB cannot be read: {fault}; {KEPT}")
            asked = _retry_after(answer)
            if asked is not None:
                wait, fault = asked, "it asks to wait"
            if wait > LONGEST_WAIT:
                raise DataNotFound(f"TMDB asks to wait {wait / 60:.0f} min; {KEPT}")
        raise DataNotFound(f"TMDB cannot be read: {fault}, {TRIES} times in a row; {KEPT}")

    async def _ask(self, path: str, parameters: dict[str, str | int]) -> httpx.Response:
        """Ask once, as soon as it is polite, and look meanwhile whether to stop."""
        await self._wait(self._next - time.monotonic(), "")
        self._next = time.monotonic() + 1 / A_SECOND
        question = asyncio.ensure_future(self._http.get(path, params=parameters))
        try:
            # The client's own time-out begins anew with each byte.
            async with asyncio.timeout(PATIENCE):
                while not question.done():
                    self._tick("")
                    await asyncio.wait({question}, timeout=TICK)
            return question.result()
        finally:
            question.cancel()

    async def _wait(self, seconds: float, why: str) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._tick(f"{why} in {left:.0f} s" if why else "")
            await asyncio.sleep(min(left, TICK))


class _WithKey(httpx.AsyncHTTPTransport):
    """Puts the key to a request below all that logs it or names it in an error."""

    def __init__(self, key: str, base: httpx.URL) -> None:
        # A client with a transport of its own looks for no proxy.
        free = urllib.request.proxy_bypass(base.host)
        super().__init__(proxy=None if free else urllib.request.getproxies().get(base.scheme))
        self._headers, self._parameters = {}, {}
        if _V3.fullmatch(key):
            self._parameters = {"api_key": key}
        elif _TOKEN.fullmatch(key):
            self._headers = {"Authorization": f"Bearer {key}"}
        else:
            raise BadSettings(
                f"{KEY} is neither a v3 key (32 digits and letters a to f) nor a read token; copy it anew from "
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


def _plain(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds to wait that the answer asks for, as a number or as a date; None where it asks for none."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        date = parsedate_to_datetime(told)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
