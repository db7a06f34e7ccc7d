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
NAMES += (
    "labels of first second by compare reviews_page across up bars step factors word_names factors_read "
    "factors_placed genre page-of-runs guide_film guide_factors film_of_2002 seed name"
).split()
VIEWS: list[tuple[str, dict[str, str]]] = [
    ("app.py", {}),
    *(("pages/1_Train.py", {"part": part}) for part in ("New run", "Runs", "Compare")),
    *(("pages/2_Factors.py", {"view": view}) for view in ("Factor", "All factors", "Film", "Map", "Model")),
    *(("pages/3_Reviews.py", {"show": show}) for show in ("Read and search", "Coverage", "New run", "Files")),
    ("pages/4_Predictions.py", {}),
    ("pages/5_Try_a_review.py", {}),
]
"""Each part of a page, which is drawn only where its link opens it."""
ODD = ("1" + "0" * 30, "9" * 5000, "-1", "\u0663", "1.5", "4-50000-0", "[1, 2]", "x" * 100_000)
"""Values that are no choice of any field."""
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


@pytest.mark.parametrize("number", range(len(VIEWS)))
def test_odd_values_of_a_link_are_no_exception(number: int, with_run: Store) -> None:
    page, part = VIEWS[number]
    # With films and factors of the run, and then without, since some parts are drawn for one that is picked.
    for value in ("", ODD[number % len(ODD)]):
        for names in (NAMES, [name for name in NAMES if name not in ("film", "factor", "films", "guide")]):
            open_page(page, **dict.fromkeys(names, value) | {"run": RUN} | part)
