"""The HTML page that Streamlit draws the app in, with our title, icon, look and scripts.

Streamlit clears all that one page of the app drew before it draws the next one. What the HTML page holds stays, and
is there before anything is drawn.
"""

from functools import reduce
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from streamlit.file_util import get_static_dir

HERE, THEIRS = Path(__file__).parent, Path(get_static_dir())
ICON, LOOK = HERE / "icon.svg", (HERE / "look.css").read_text("utf-8")
SCRIPTS = "".join((HERE / f"{name}.js").read_text("utf-8") for name in ("history", "touch", "saved_picture"))
OURS = {
    "<title>Streamlit</title>": "<title>Factorscope</title>",
    # At the end, since of two styles for the same thing the later one counts.
    "</body>": f"<style>{LOOK}</style><script>{SCRIPTS}</script></body>",
}
"""What stands in Streamlit's page -> what replaces it."""
INDEX = THEIRS / "index.html"
PAGE = reduce(lambda page, mark: page.replace(mark, OURS[mark]), OURS, INDEX.read_text("utf-8"))
BESIDE = {file.name: file for file in THEIRS.iterdir() if file.is_file() and file != INDEX} | {
    "favicon.png": ICON
}
"""The files beside the page, by name: Streamlit's, and our icon at the place of its own."""


def html_page(request: Request) -> Response:
    """Return the HTML page, whichever page of the app it will show, or a file beside it."""
    name = request.path_params.get("name")
    return FileResponse(BESIDE[name]) if name in BESIDE else HTMLResponse(PAGE)


ROUTES = [Route("/", html_page), Route("/{name}", html_page)]
