"""Links that attackers make: whatever they say, the page opens, and nothing of it is live."""

import json

import pytest
from support.pages import PAGES, charts, open_page
from support.run_folders import HOSTILE, RUN

from core.store import Store

NAMES = (
    "run factor film films word words view changed user search title guide moved ticked behind without page kind "
    "state show part least least_agreement least_reviews how_sure factors_as_table every_label text ratings reviews "
    "preset given top order filters guesses know many map grid"
).split()
"""Of what addresses of the pages hold, and some more."""
VALUES = (
    HOSTILE,
    "javascript:alert(1)//'\"><script>alert(1)</script>",
    "[x](javascript:alert(1)) ![x](http://x/y.png) :material/home: $$x$$",
    "../../../../etc/passwd\x00",
    "-1e999",
    "[" * 20_000,
    "\u202e\u0000\uffff",
    "{}",
)


# Each value on two pages, each page with some: all pairs would take a minute.
PAIRS = [(page, value) for i, page in enumerate(PAGES) for j, value in enumerate(VALUES) if (i + j) % 3 == 0]


@pytest.mark.parametrize(("page", "value"), PAIRS, ids=lambda text: ascii(text[:20]))
def test_a_hostile_link_shows_nothing_live(page: str, value: str, with_run: Store) -> None:
    # Half of the links lead to a run that is there.
    run = {"run": RUN} if VALUES.index(value) % 2 else {}
    app = open_page(page, **dict.fromkeys(NAMES, value) | run)
    assert not app.exception
    assert not any(element.allow_html for element in app.markdown)
    kinds = ("markdown", "caption", "warning", "info", "error", "subheader", "title")
    drawn = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    drawn += [str(element.label) for kind in ("button", "toggle") for element in getattr(app, kind)]
    for live in ("<img", "<script", "](javascript", "![x"):
        assert not any(live in text and f"\\{live[0]}" not in text for text in drawn), live
    raw = " ".join(str(element.proto.body) for element in app.get("html"))
    assert "<img" not in raw and "<script>alert" not in raw
    assert "<img" not in json.dumps(charts(app))
