"""The terms of a run's ratings and reviews stand once on each page, at its foot, however the page ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import VIEWS, open_page, press, shown_text
from support.run_folders import RUN, add_run, change_record

from core.data.reviews.registry import NAMED
from core.errors import BadInput
from core.store import Store

RATINGS, REVIEWS = "Terms of the ratings.", "Terms of the reviews."
TRY = "pages/5_Try_a_review.py"


@pytest.fixture
def with_terms(with_run: Store, finished: Path) -> Store:
    """Return the store whose run has ratings and reviews with terms of their own."""
    record = json.loads((finished / "run.json").read_text())
    ratings, reviews = (
        record[part] | {"licence": terms} for part, terms in (("ratings", RATINGS), ("reviews", REVIEWS))
    )
    change_record(with_run, RUN, ratings=ratings, reviews=reviews)
    return with_run


def has_foot(app: AppTest, of_reviews: bool = True) -> bool:
    """Return whether a page ends with the terms, and has them nowhere else."""
    text, foot = shown_text(app), str(app.main.children[max(app.main.children)].value).replace("\\", "")
    return (
        text.count(RATINGS) == foot.count(RATINGS) == 1
        and text.count(REVIEWS) == foot.count(REVIEWS) == of_reviews
    )


@pytest.mark.parametrize(
    ("page", "query"),
    [view for view in VIEWS if "Train" not in view[0] and "guide" not in view[1]],
    ids=str,
)
def test_terms_stand_once_at_the_foot(page: str, query: dict[str, str], with_terms: Store) -> None:
    app = open_page(page, **query)
    # Those of the reviews of a new run stand at their source.
    new = query.get("show") == "New run"
    assert has_foot(app, of_reviews=not new)
    assert shown_text(app).count("Terms: ") == new


def test_each_source_that_is_picked_shows_its_terms_once(with_terms: Store) -> None:
    app = open_page("pages/3_Reviews.py", show="New run")
    app.multiselect(key="Reviews of these films sources").set_value(["lmrd", "critics"]).run()
    for name in ("lmrd", "critics"):
        assert shown_text(app).count(NAMED[name].licence) == 1
    assert shown_text(app).count("Terms: ") == 2


def test_terms_stand_at_the_foot_of_a_run_under_way(store: Store, finished: Path) -> None:
    out = add_run(store, state="running", out=finished) / "out"
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").unlink()
    record["ratings"] |= {"licence": RATINGS}
    record["reviews"] |= {"licence": REVIEWS}
    kept = ("ratings", "reviews", "factor_model", "suggested_names", "settings")
    (out / "so_far.json").write_text(json.dumps({name: record[name] for name in kept}))
    assert has_foot(open_page(run=RUN))


def test_terms_stand_where_too_few_films_are_left(with_terms: Store) -> None:
    app = open_page("pages/2_Factors.py", least="1000000")
    assert "Fewer than two films" in shown_text(app) and has_foot(app)


def test_terms_stand_where_there_is_nothing_to_read(with_terms: Store) -> None:
    app = press(open_page(TRY), "Read this review")
    assert "There is no text yet" in shown_text(app) and has_foot(app)


@pytest.mark.parametrize("is_refused", [True, False])
def test_terms_stand_where_a_text_is_not_read(
    is_refused: bool, with_terms: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: Any) -> dict[str, Any]:
        if is_refused:
            raise BadInput("there are no words in the text")
        return {"answers": [], "film": {"known": 0}}

    monkeypatch.setattr("pages.components.shared.reader.ask", ask)
    app = open_page(TRY)
    app.text_area(key="review text").set_value("qwerty").run()
    press(app, "Read this review")
    said = "There are no words in the text" if is_refused else "cannot say what the text speaks of"
    assert said in shown_text(app) and has_foot(app)
