"""The page Start and the guided example: the summary of a run, the example factor, and all steps."""

import json
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support import run_folders
from support.pages import charts, open_page, press, shown_text
from support.run_folders import RUN as CHOSEN
from support.run_folders import add_run, change_record, set_words

from core import jobs
from core.results.factor_names import write_names
from core.results.verdict import VERDICTS
from core.store import Store
from pages.components.start.guide import RUN, RUN_NAME
from pages.components.start.lesson import STEPS

EXAMPLE = "20261124-110000-abcd"


@pytest.fixture
def with_run(store: Store, small_run: Path) -> Store:
    add_run(store, EXAMPLE, out=small_run)
    return store


def step_of(app: AppTest) -> str:
    (bar,) = (element for element in app.get("progress"))
    return str(bar.proto.text)


set_verdicts = partial(run_folders.set_verdicts, run=EXAMPLE)


def test_the_start_page_shows_the_best_factors_before_what_the_run_says(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    app = open_page()
    assert not app.exception and not app.error
    shown = shown_text(app)
    for heading in (
        "Data",
        "Ratings kept out",
        "Factors that repeat",
        "What reviews tell",
        "The dominating factor",
    ):
        assert f"**{heading}.**" in shown
    headings = [heading.value for heading in app.subheader]
    assert headings.index("What its factors mean") < headings.index("What this run says")
    assert shown.count("High end") == shown.count("Low end") == 4
    assert "4 of 4 factors, the solid ones first" in shown
    # One of the four is no label of the run, so reviews were not read for it.
    assert [badge.split()[-1].rstrip("]") for badge in badges(app)] == ["solid"] * 3 + ["shaky"]
    assert [f"factor {k}" in link for k, link in enumerate(sorted(links(app)))] == [True] * 4


def test_a_card_has_the_shown_name_films_and_words_of_both_ends(with_run: Store, small_run: Path) -> None:
    set_verdicts(with_run, "weak", True)
    rows = [
        (0, "high", "gore", False, 0.5, True),
        (0, "high", "<b>scary</b>", False, 0.2, False),
        (0, "high", "Bond", True, 0.6, True),
        (0, "low", "*novel*", False, -0.4, True),
    ]
    set_words(
        with_run, rows, ["gore ↔ <i>novel</i>", "no clear meaning", "war ↔ music", "x ↔ y"], run=EXAMPLE
    )
    write_names(with_run.root / "runs" / EXAMPLE / "out", {2: "battles"})
    app = open_page()
    shown = shown_text(app)
    for name in ("≈ gore ↔ <i>novel</i>", "Factor 1 · :gray[no clear meaning]", "battles", "≈ x ↔ y"):
        assert f"**{name}**" in shown
    assert "**gore**, :gray[<b>scary</b>]" in shown and "***novel***" in shown and "Bond" not in shown
    films = pd.read_parquet(small_run / "factors.parquet")
    rated = films[films.ratings >= 20]
    for title in (rated.title[rated.weight_0.idxmax()], rated.title[rated.weight_0.idxmin()]):
        assert title in shown
    assert any("\\<b\\>scary" in str(element.value) for element in app.markdown)


def test_shaky_factors_without_words_of_their_own_get_no_card(with_run: Store) -> None:
    set_verdicts(with_run, "weak", False)
    set_words(with_run, [], ["no clear meaning"] * 4, has_words=False, run=EXAMPLE)
    app = open_page()
    assert not app.exception and "High end" not in shown_text(app)
    assert "None of the 4 factors holds up" in shown_text(app)
    assert "4 are shaky, and without words of their own in the reviews" in shown_text(app)


def test_where_no_factor_holds_up_the_page_says_why(with_run: Store) -> None:
    set_verdicts(with_run, "noise", True)
    app = open_page()
    assert not app.exception
    assert "4 are chance: other people's ratings lead to other factors" in shown_text(app)
    assert "preset “stable”" in shown_text(app) and "High end" not in shown_text(app)


def test_factors_as_the_fit_left_them_get_no_card(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    change_record(with_run, EXAMPLE, factor_model=record["factor_model"] | {"form": "raw"})
    assert "as the fit left them" in shown_text(open_page()) and "High end" not in shown_text(open_page())


def test_an_older_run_is_said_to_be_older_than_words(with_run: Store) -> None:
    set_verdicts(with_run, "weak", True)
    (with_run.root / "runs" / EXAMPLE / "out" / "words.parquet").unlink()
    change_record(with_run, EXAMPLE, words=None, suggested_names=None)
    assert "this run did not look for words: this run is older" in shown_text(open_page())


def badges(app: AppTest) -> list[str]:
    """Return the verdicts on the cards."""
    return [
        str(e.value) for e in app.markdown if "-badge[" in str(e.value) and "dominating" not in str(e.value)
    ]


def links(app: AppTest) -> list[str]:
    """Return the labels of the links to a factor."""
    labels = [str(link.proto.label) for link in app.get("page_link")]
    return [label for label in labels if label.startswith("All about")]


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_every_step_of_the_guide_opens_by_link(step: int, with_run: Store) -> None:
    app = open_page(guide=str(step))
    assert not app.exception and not app.error and not app.warning
    assert step_of(app) == f"Step {step} of {len(STEPS)}"
    assert any(heading.value == STEPS[step - 1][0] for heading in app.subheader)
    assert "**To the class.**" in shown_text(app) and len(app.expander) == 1
    assert len(app.get("plotly_chart")) + len(app.dataframe) >= 1
    assert next(button for button in app.button if button.label == "Back").disabled == (step == 1)


def test_the_guide_is_gone_through_and_left(with_run: Store, small_run: Path) -> None:
    add_run(with_run, CHOSEN, out=small_run)
    app = open_page(run=CHOSEN)
    press(app, "Guided example: a made-up world whose truth is known")
    assert step_of(app) == "Step 1 of 6"
    press(app, "Next")
    press(app, "Next")
    press(app, "Back")
    assert step_of(app) == "Step 2 of 6" and app.query_params["guide"] in ("2", ["2"])
    press(app, "Leave the guide")
    assert "guide" not in app.query_params and app.session_state["chosen run"] == CHOSEN
    assert any(heading.value == "What this run says" for heading in app.subheader)


def test_the_guide_names_factors_as_all_pages_do(with_run: Store) -> None:
    out = with_run.root / "runs" / EXAMPLE / "out"
    write_names(out, {factor: f"given {factor} ↔ low" for factor in range(4)})
    for step, name in ((2, "given 0"), (3, "given 0 ("), (5, "given 0")):
        assert name in json.dumps(charts(open_page(guide=str(step))))
    (table,) = open_page(guide="4").dataframe
    assert table.value["name"].tolist() == [f"given {factor} ↔ low" for factor in table.value.factor]
    assert set(table.value.verdict.str[0]) <= set(VERDICTS)


@pytest.mark.parametrize("step", ["99", "0", "abc", "<b>"])
def test_a_step_that_is_not_there_opens_the_first_and_says_so(step: str, with_run: Store) -> None:
    app = open_page(guide=step)
    assert not app.exception
    assert "is not a step of the guided example" in app.warning[0].value
    assert step_of(app) == "Step 1 of 6"


def test_a_film_and_the_dominating_factor_left_out_open_by_link(with_run: Store) -> None:
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    film = pd.read_parquet(with_run.root / "runs" / EXAMPLE / "out" / "frequencies.parquet").iloc[-1]
    app = open_page(guide="5", guide_film=str(film.film_id), guide_factors="others")
    assert not app.exception and not app.warning
    assert f"{film.title} was planted with" in shown_text(app)
    app.toggle(key="film beside truth as table").set_value(True).run()
    assert record["dominating_factor"] not in app.dataframe[0].value.factor.tolist()
    assert "is not a film of the guided example" in open_page(guide="5", guide_film="x").warning[0].value


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_a_run_that_is_older_than_some_measurements_serves_too(step: int, with_run: Store) -> None:
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    known = {
        key: record["classifier"][key]
        for key in record["classifier"]
        if key not in ("rivals", "lrap_interval")
    }
    change_record(with_run, EXAMPLE, stability=None, readability=None, classifier=known)
    app = open_page(guide=str(step))
    assert not app.exception and not app.error
    assert step_of(app) == f"Step {step} of 6"


def test_without_a_run_of_its_own_the_guide_starts_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(
        jobs, "start", lambda settings, store, name: started.append((settings, name)) or CHOSEN
    )
    app = open_page(guide="3")
    assert not app.exception and "takes about a minute" in shown_text(app)
    press(app, "Start the example's run")
    assert started == [(RUN, RUN_NAME)]
    assert RUN.preset == "stable" and RUN.selection.films == 120


@pytest.mark.parametrize(
    ("state", "said", "button"),
    [
        ("waiting", "is under way", None),
        ("failed", "The disk is full", "Resume the example's run"),
        ("cancelled", "was cancelled", "Resume the example's run"),
        ("done", "of another made-up world", "Start the example's run"),
    ],
)
def test_the_guide_says_where_its_own_run_stands(
    state: str, said: str, button: str | None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(jobs, "resume", lambda run_id, store: asked.append(run_id))
    monkeypatch.setattr(jobs, "start", lambda settings, store, name: asked.append(name))
    error = "the disk is full" if state == "failed" else None
    add_run(store, EXAMPLE, state, name=RUN_NAME, error=error)
    app = open_page(guide="2")
    assert not app.exception and said in shown_text(app)
    assert "Leave the guide" in [button.label for button in app.button]
    assert [b.label for b in app.button if b.label.endswith("example's run")] == ([button] if button else [])
    if button:
        press(app, button)
        assert asked == [RUN_NAME if state == "done" else EXAMPLE]


def test_a_run_of_another_world_or_of_many_factors_is_no_example(with_run: Store) -> None:
    films = with_run.root / "runs" / EXAMPLE / "out" / "factors.parquet"
    pd.read_parquet(films).assign(ratings=1).to_parquet(films)
    change_record(with_run, EXAMPLE, seconds=1.0)
    app = open_page(guide="1")
    assert not app.exception and "Start the example's run" in [button.label for button in app.button]
