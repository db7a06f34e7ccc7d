"""The page Factors opened, and words for its run."""

from streamlit.testing.v1 import AppTest
from support.pages import open_page
from support.run_folders import HOSTILE

from core.store import Store

WORDS = [
    (0, "high", "zebra", False, 0.5, True),
    (0, "high", "bold", True, 0.6, True),
    (0, "low", "unheard of", False, -0.2, False),
    (1, "low", HOSTILE, False, -0.4, True),
]

SUGGESTED = ["zebras ↔ <b>older</b> films", "no clear meaning", "war ↔ love", "a ↔ b"]


def factor_page(factor: int = 0, **query: str) -> AppTest:
    app = open_page("pages/2_Factors.py", factor=str(factor), **query)
    assert not app.error
    return app


def has_heading(app: AppTest, factor: int) -> bool:
    return any(heading.value.split(" · ")[0] == f"Factor {factor}" for heading in app.subheader)


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def click(app: AppTest, key: str) -> AppTest:
    """Press the button with this key, and return the page."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


def download_labels(store: Store) -> list[str]:
    app = open_page("pages/2_Factors.py", view="Names and downloads")
    return [button.proto.label for button in app.get("download_button")]
