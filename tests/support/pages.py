"""Opening, reading and using the pages without a browser."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "app.py",
    "pages/1_Train.py",
    "pages/2_Factors.py",
    "pages/3_Reviews.py",
    "pages/4_Predictions.py",
    "pages/5_Try_a_review.py",
)

VIEWS: list[tuple[str, dict[str, str]]] = [
    ("app.py", {}),
    *(("app.py", {"guide": str(step)}) for step in range(1, 7)),
    ("pages/1_Train.py", {}),
    ("pages/1_Train.py", {"part": "Runs"}),
    *(
        ("pages/2_Factors.py", {"view": view})
        for view in ("Factor", "All factors", "Film", "Map", "Model", "Names and downloads")
    ),
    *(("pages/3_Reviews.py", {"show": show}) for show in ("Coverage", "Read and search", "New run", "Files")),
    ("pages/4_Predictions.py", {}),
    ("pages/5_Try_a_review.py", {}),
]
"""Pages with their tabs and the steps of the guide, each as a page and a query."""


def open_page(page: str = "app.py", /, **query: str) -> AppTest:
    """Return a page as opened by a link with this query."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if page != "app.py":
        app.switch_page(page)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, [(each.message, each.stack_trace[-6:]) for each in app.exception]
    return app


def shown_text(app: AppTest) -> str:
    """Return all text of the page outside its tables and charts, without HTML and escapes of Markdown."""
    kinds = "title subheader markdown caption info success warning error text toast".split()
    texts = [str(e.value) for kind in kinds for e in getattr(app, kind)]
    return "\n".join([*texts, *(text_of(e.proto.body) for e in app.get("html"))]).replace("\\", "")


def text_of(html: str) -> str:
    """Return the text of HTML, a line an element, without scripts, styles and signs of the icon font."""
    html = re.sub(r'<(style|script)>.*?</\1>|<span class="sign"[^>]*>\w+</span>', "", html, flags=re.DOTALL)
    lines = (" ".join(unescape(part).split()) for part in re.split(r"<[^>]*>", html))
    return "\n".join(line for line in lines if line)


def in_order(block: Block) -> Iterator[Block | Element]:
    """Yield all blocks and elements of a block as they stand on the page, a block before what is in it."""
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from in_order(child)


def drawn(block: Block) -> Iterator[str]:
    """Yield the labels of buttons and the texts of a block, from top to bottom."""
    for part in in_order(block):
        if part.type in ("button", "markdown"):
            yield str(getattr(part, "label", "") or getattr(part, "value", ""))


def reason_beside(app: AppTest, label: str) -> str:
    """Return the reason that stands right after a button, which cannot be pressed."""
    assert next(button for button in app.button if button.label == label).disabled
    texts = list(drawn(app.main))
    return texts[texts.index(label) + 1].replace("\\", "")


def legend(app: AppTest) -> list[str]:
    """Return the entries of the page's first legend of factors, without markup."""
    drawn = next(str(e.proto.body) for e in app.get("html") if "factor-legend" in str(e.proto.body))
    entries = drawn.split("<span ")[1:]
    return [unescape(re.sub("<[^>]*>", "", f"<span {entry}")) for entry in entries]


def charts(app: AppTest) -> list[dict[str, Any]]:
    """Return the specifications of the page's charts."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def query_value(app: AppTest, name: str) -> str:
    """Return a value of the address, which a page writes as a list."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def press(app: AppTest, label: str) -> AppTest:
    """Press the button with this label, and return the page."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app
