"""The HTML page that Streamlit draws the app in, with our title, icon, look and scripts.

Streamlit clears all that one page of the app drew before it draws the next one. What the HTML page holds stays, and
is there before anything is drawn.
"""

from base64 import b64encode
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = Path(__file__).parent
ICON = b64encode((HERE / "icon.svg").read_bytes())
LOOK = (HERE / "look.css").read_bytes()
SCRIPTS = b"".join((HERE / f"{name}.js").read_bytes() for name in ("history", "touch", "saved_picture"))
OURS = {
    b"<title>Streamlit</title>": b"<title>Factorscope</title>",
    b'href="./favicon.png"': b'href="data:image/svg+xml;base64,' + ICON + b'"',
    # At the end, since of two styles for the same thing the later one counts.
    b"</body>": b"<style>" + LOOK + b"</style><script>" + SCRIPTS + b"</script></body>",
}
"""What stands in Streamlit's page, and what replaces it."""


UNWANTED = ("accept-encoding", "if-none-match", "if-modified-since")
"""What a browser must not ask for: a packed page, or whether the one it has is still Streamlit's."""


class HtmlPage:
    """Puts OURS into each HTML page that a browser asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        asked = MutableHeaders(raw=list(scope["headers"]))
        for name in UNWANTED:
            del asked[name]
        held: list[Message] = []

        async def send_with_ours(message: Message) -> None:
            if not held and not _is_page(message):
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for part in _with_ours(held):
                    await send(part)
                held.clear()

        await self._app({**scope, "headers": asked.raw}, receive, send_with_ours)


def _is_page(message: Message) -> bool:
    """Return whether a message begins an HTML page to be shown, not one to be saved, as a report is."""
    if message["type"] != "http.response.start":
        return False
    headers = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers


def _with_ours(messages: list[Message]) -> list[Message]:
    """Return the messages of a page as those of the page with OURS."""
    page = b"".join(message.get("body", b"") for message in messages)
    for theirs, ours in OURS.items():
        page = page.replace(theirs, ours)
    headers = MutableHeaders(raw=list(messages[0]["headers"]))
    # An answer that has headers alone keeps the length of Streamlit's page.
    if page:
        headers["content-length"] = str(len(page))
    # By these a browser would keep a page when ours has changed and Streamlit's has not.
    del headers["etag"], headers["last-modified"]
    return [{**messages[0], "headers": headers.raw}, {"type": "http.response.body", "body": page}]
