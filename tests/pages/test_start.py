"""The page Start and the guided example: the summary of a run, the example factor, and all steps."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element
from support import run_folders
from support.pages import charts, open_page, press, shown_text, text_of
from support.run_folders import RUN as CHOSEN
from support.run_folders import add_run, change_record, set_words

from core import jobs
from core.jobs import lock
from core.results.factor_names import write_names
from core.results.run_record import Unmeasured, read_record
from core.results.sentences import readability_summary
from core.results.verdict import VERDICTS
from core.settings import RunSettings
from core.store import Store, write_json
from pages.components.shared.runs import GUIDE_RUN
from pages.components.start.guide import RUN
from pages.components.start.lesson import STEPS

EXAMPLE = "20261124-110000-abcd"


@pytest.fixture
def with_run(store: Store, small_run: Path) -> Store:
    add_run(store, EXAMPLE, out=small_run)
    return store


def test_the_guides_run_is_shown_only_where_it_is_asked_for(store: Store, small_run: Path) -> None:
    add_run(store, EXAMPLE, out=small_run)
    add_run(store, CHOSEN, out=small_run, name=GUIDE_RUN)
    assert open_page().session_state["chosen run"] == EXAMPLE
    assert open_page(run=CHOSEN).session_state["chosen run"] == CHOSEN


def step_of(app: AppTest) -> str:
    (bar,) = (element for element in app.get("progress"))
    return str(bar.proto.text)


set_verdicts = partial(run_folders.set_verdicts, run=EXAMPLE)


def test_what_was_left_out_of_the_ratings_is_said_on_start_and_factors(with_run: Store) -> None:
    (film, *_) = pd.read_parquet(with_run.root / "runs" / EXAMPLE / "out" / "films.parquet").itertuples()
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    assert "How the ratings were read" not in shown_text(open_page())
    notes = {
        "merged": [{"kept": film.film_id, "others": ["007", "0 7"], "why": "listed twice"}],
        "left_out": [{"why": "no *user*", "rows": 3}],
        "warnings": ["A <b>bold</b> one."],
    }
    change_record(with_run, EXAMPLE, ratings=record["ratings"] | notes)
    for page, query in (("app.py", {}), ("pages/2_Factors.py", {"view": "Film"})):
        app = open_page(page, **query)
        assert not app.exception
        text = shown_text(app)
        assert "How the ratings were read: 3 rows left out, 2 film ids merged with another, 1 remark" in text
        assert "3 rows left out: no *user*" in text and "A <b>bold</b> one." in text
        (merged,) = (table.value for table in app.dataframe if "other ids" in table.value)
        assert merged.values.tolist() == [[film.title, film.film_id, "007, 0 7", "listed twice"]]


@pytest.mark.parametrize("before", ["waiting", "running"])
def test_why_no_worker_starts_is_said(before: str, store: Store) -> None:
    folder = add_run(store, EXAMPLE, before)
    if before == "waiting":
        (folder / "progress.json").unlink()
    failed = {"failed": 2, "at": time.time(), "reason": "No module named torch", "ready": 0}
    write_json(store.root / "worker-starts.json", failed)
    assert (
        "the worker ended at its start, 2 times (No module named torch)"
        in jobs.status(EXAMPLE, store).message
    )
    (bar,) = open_page().main.get("progress")
    shown = str(bar.proto.text).replace("\\", "")
    assert shown.startswith(
        "The worker ended at its start, 2 times (No module named torch); it starts again in "
    )


def test_headline_and_cards_come_before_the_numbers(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    app = open_page()
    assert not app.exception and not app.error
    shown = shown_text(app)
    headings = [heading.value for heading in app.subheader]
    # One of the four is no label of the run, so reviews were not read for it.
    assert headings[0].startswith("This recommender learned 4 tastes. 3 hold up, 1 more in part")
    assert headings[1] == "What the reviews speak of, film by film"
    numbers = next(box for box in app.expander if box.label == "How sure is all this?")
    behind = "\n".join(str(element.value) for element in numbers.markdown)
    for heading in (
        "Data",
        "Ratings kept out",
        "Factors that repeat",
        "What reviews reveal",
        "The dominating factor",
    ):
        assert f"**{heading}.**" in behind
    assert shown.count("High end") == shown.count("Low end") == 4
    assert badges(app) == ["solid"] * 3 + ["shaky"]
    assert [f"factor {k}" in link for k, link in enumerate(sorted(links(app)))] == [True] * 4


@pytest.mark.parametrize("state", ["a few users", "a part of them", "under way"])
def test_at_most_forty_words_stand_before_the_first_picture(
    state: str, with_run: Store, small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    run = EXAMPLE
    if state == "under way":
        run = under_way(with_run, small_run, 3)
    else:
        set_verdicts(with_run, "stable", True)
    if state == "a part of them":
        record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
        change_record(with_run, EXAMPLE, stability=record["stability"] | {"users": 40, "of_users": 90})
    words = []
    for element in shown_at_once(open_page(run=run).main):
        value = element.proto.text if element.type == "progress" else element.value
        text, picture, _ = str(value).partition('<img class="small-histogram"')
        if element.type == "html":
            text = text_of(text)
        # Without the signs of Markdown and of names.
        text = re.sub(r":[\w-]+\[:material/\w+:|[*↔≈·]", "", text)
        words += text.split()
        if picture:
            break
    else:
        pytest.fail("there is no picture")
    assert 10 < len(words) <= 40, " ".join(words)


def test_each_card_has_its_evidence_one_click_away(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    told = [
        "\n".join(str(element.value) for element in popover.markdown)
        for popover in open_page().get("popover")
        if popover.proto.popover.label == "How sure?"
    ]
    assert len(told) == 4
    for evidence in told:
        assert "correlate between halves" in evidence and "shuffled away" in evidence


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
    lines = shown.splitlines()
    assert {"≈ gore ↔ <i>novel</i>", "no clear meaning", "battles", "≈ x ↔ y"} <= set(lines)
    drawn = "".join(element.proto.body for element in app.get("html"))
    assert '<strong class="quiet">no clear meaning</strong>' in drawn
    assert '<strong>gore</strong>, <span class="quiet">&lt;b&gt;scary&lt;/b&gt;</span>' in drawn
    assert "<strong>*novel*</strong>" in drawn and "Bond" not in shown
    films = pd.read_parquet(small_run / "factors.parquet")
    rated = films[films.ratings >= 20]
    for title in (rated.title[rated.weight_0.idxmax()], rated.title[rated.weight_0.idxmin()]):
        assert title in shown
    assert "Reviews show no words beyond luck." not in shown
    set_words(with_run, rows, ["a ↔ b"] * 4, has_words=False, run=EXAMPLE)
    assert shown_text(open_page()).count("Reviews show no words beyond luck.") == 4


def test_factors_of_chance_are_folded_away(with_run: Store) -> None:
    set_verdicts(with_run, "weak", True)
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    record["stability"]["factors"][2]["verdict"] = "noise"
    change_record(with_run, EXAMPLE, stability=record["stability"])
    app = open_page()
    assert shown_text(app).count("High end") == 3
    folded = next(box for box in app.expander if "is chance" in box.label)
    assert " ↔ " in text_of(folded.get("html")[0].proto.body)


def test_where_no_factor_holds_up_the_page_says_why_and_offers_what_does_better(
    with_run: Store, started: list[RunSettings]
) -> None:
    set_verdicts(with_run, "noise", True)
    app = open_page()
    assert not app.exception and "High end" not in shown_text(app)
    assert "none of them holds up" in shown_text(app) and "too few: other people's" in shown_text(app)
    assert "bold ones" not in shown_text(app) and "A histogram counts" not in shown_text(app)
    (more,) = [link.proto for link in app.get("page_link") if link.proto.label == "Train on more ratings"]
    assert more.page == "Train" and "ratings=ml-100k" in more.query_string
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    bad = record["factor_model"] | {
        "rmse_valid": 1.03,
        "rmse_means": 0.81,
        "rmse_gain_interval": [-0.3, -0.1],
    }
    change_record(with_run, EXAMPLE, factor_model=bad)
    app = open_page()
    first = next(element.value for element in app.subheader)
    assert first == "This recommender predicts ratings no better than plain means."
    assert "errs by 1.030 stars" in shown_text(app) and "High end" not in shown_text(app)
    assert not any("chance" in box.label for box in app.expander)
    press(app, "Run the preset Accurate on the same data")
    (settings,) = started
    assert (settings.preset, settings.ratings) == ("accurate", "planted")
    # No more factors than the run had, which fitted the data.
    assert settings.factor_model.factors == record["factor_model"]["factors"] == 4
    change_record(with_run, EXAMPLE, factor_model=bad | {"method": "gibbs"})
    assert "These ratings contain too little to learn from" in shown_text(open_page())


def test_factors_as_the_fit_left_them_get_no_card(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    change_record(with_run, EXAMPLE, factor_model=record["factor_model"] | {"form": "raw"})
    assert "in raw form" in shown_text(open_page()) and "High end" not in shown_text(open_page())


def test_an_older_run_is_said_to_be_older_than_words(with_run: Store) -> None:
    set_verdicts(with_run, "weak", True)
    (with_run.root / "runs" / EXAMPLE / "out" / "words.parquet").unlink()
    change_record(with_run, EXAMPLE, words=None, suggested_names=None)
    shown = shown_text(open_page())
    assert "4 hold up in part." in shown and "this run is older" in shown


def test_what_the_sample_cannot_show_is_said_beside_the_button_for_real_reviews(
    with_run: Store, started: list[RunSettings]
) -> None:
    fetch, use = "Fetch 50,000 real reviews (84 MB)", "Use 50,000 real reviews"
    assert "The sample has only" not in shown_text(open_page())
    record = json.loads((with_run.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    reviews = record["reviews"] | {"source": "sample", "reviews": 240, "films_with_reviews": 80}
    change_record(with_run, EXAMPLE, reviews=reviews)
    app = open_page()
    assert "The sample has only 3 made-up texts a film. Real reviews may show more." in shown_text(app)
    assert use not in [button.label for button in app.button]
    press(app, fetch)
    archive = with_run.root / "datasets" / "aclImdb_v1.tar.gz"
    archive.parent.mkdir(exist_ok=True)
    archive.touch()
    app = open_page()
    assert fetch not in [button.label for button in app.button]
    press(app, use)
    assert [settings.reviews for settings in started] == ["lmrd", "lmrd"]
    own = record["settings"]
    assert started[0].selection.model_dump(mode="json") == own["selection"]


def under_way(store: Store, results: Path, found: int) -> str:
    """Write a run that is under way and has found the first `found` kinds of results; return its id."""
    folder = add_run(store, CHOSEN, state="running")
    out = folder / "out"
    out.mkdir()
    record = json.loads((results / "run.json").read_text())
    kept = ["ratings", "factor_model", "suggested_names", "settings"]
    tables = ["factors", "films", "associations"]
    if found > 1:
        kept += ["reviews", "words"]
        tables += ["words", "top_factors", "chosen_films"]
    if found > 2:
        kept += ["dominating_factor", "predictions"]
        tables += ["labelled_reviews", "predictions", "frequencies"]
    if found > 3:
        kept += ["readability"]
    (out / "so_far.json").write_text(json.dumps({name: record[name] for name in kept}))
    for name in tables:
        shutil.copy(results / f"{name}.parquet", out)
    return CHOSEN


def test_results_appear_as_they_are_made(store: Store, small_run: Path) -> None:
    readability = read_record(small_run).readability
    assert not isinstance(readability, Unmeasured)
    graded = readability_summary(readability)
    for found in (1, 2, 3, 4):
        run = under_way(store, small_run, found)
        app = open_page(run=run)
        assert not app.exception and not app.error
        shown = shown_text(app)
        assert "4 tastes. The run has yet to check them." in shown
        assert shown.count("High end") == 4 and shown.count("not checked yet") == 4 and not badges(app)[4:]
        assert ("Its words follow" in shown) == (found == 1)
        assert ("Histograms of the films follow" in shown) == (found < 3) and len(charts(app)) == (found >= 3)
        assert ("Not graded yet" in shown) == (found == 3)
        assert (graded in shown) == (found == 4)
        # No worker is there in this test.
        assert str(app.get("progress")[0].proto.text).startswith("The worker ended in mid")
        shutil.rmtree(store.root / "runs" / run)


def test_the_reviews_behind_a_bar_are_shown_while_the_run_goes_on(store: Store, small_run: Path) -> None:
    run = under_way(store, small_run, 3)
    app = open_page(run=run)
    (chart,) = app.get("plotly_chart")
    assert chart.proto.selection_mode
    (drawn,) = (trace for trace in charts(app)[0]["data"] if trace["type"] == "bar")
    film, factor, *_ = drawn["customdata"][0]
    app = open_page(run=run, film=film, factor=str(factor))
    assert not app.error and not app.warning
    counts = pd.read_parquet(small_run / "frequencies.parquet")
    bar = counts[(counts.film_id.astype(str) == film) & (counts.factor == factor)].iloc[0]
    shown = shown_text(app)
    assert f"Predicted in **{bar['count']} of {bar.reviews}** reviews" in shown
    assert "Only a finished run marks the phrases that moved the factor." in shown
    assert "Marking the words" not in shown
    texts = pd.read_parquet(small_run / "labelled_reviews.parquet")
    assert any(review in shown for review in texts.review[texts.film_id.astype(str) == film])
    assert "This run has no such film" in shown_text(open_page(run=run, film="none", factor="1"))


def test_the_first_grid_has_the_first_films_with_reviews(store: Store, small_run: Path) -> None:
    run = under_way(store, small_run, 3)
    out = store.root / "runs" / run / "out"
    ranked = pd.read_parquet(out / "chosen_films.parquet")
    unread = pd.concat([ranked.head(1)] * 30).assign(film_id=[f"unread {number}" for number in range(30)])
    pd.concat([unread, ranked]).to_parquet(out / "chosen_films.parquet")
    assert pd.read_parquet(out / "frequencies.parquet").film_id.nunique() > 24
    app = open_page(run=run)
    (grid,) = charts(app)
    assert len(grid["layout"]["annotations"]) == 24 and "These are the first 24 films" in shown_text(app)
    found = json.loads((out / "so_far.json").read_text())
    found["reviews"]["films_with_reviews"] = 24
    (out / "so_far.json").write_text(json.dumps(found))
    assert "These are the first" not in shown_text(open_page(run=run))


def test_before_the_first_results_the_page_says_what_goes_on(store: Store) -> None:
    add_run(store, CHOSEN, state="running")
    app = open_page(run=CHOSEN)
    assert "A recommender learns tastes from ratings." in shown_text(app)
    assert len(app.get("progress")) >= 1 and not charts(app)


def test_a_run_that_ended_early_shows_what_it_found_and_why_it_ended(store: Store, small_run: Path) -> None:
    run = under_way(store, small_run, 2)
    progress = store.root / "runs" / run / "progress.json"
    ended = json.loads(progress.read_text()) | {"state": "failed", "error": "the disk is full"}
    progress.write_text(json.dumps(ended))
    app = open_page(run=run)
    assert "The disk is full." in [
        plain_error.value.replace("\\", "").split("”. ")[-1] for plain_error in app.error
    ]
    shown = shown_text(app)
    assert (
        shown.count("High end") == 4
        and "This run did not test if they hold up: the run ended before." in shown
    )
    assert "has yet to check" not in shown and "follow" not in shown
    assert "Resume this run" in [button.label for button in app.button]
    (store.root / "runs" / run / "out" / "so_far.json").write_text("{")
    assert not open_page(run=run).exception


def shown_at_once(block: Block) -> Iterator[Element]:
    """Yield the elements of a block in their order, without those behind a click."""
    for child in block.children.values():
        if isinstance(child, Block):
            if child.type not in ("popover", "expander"):
                yield from shown_at_once(child)
        else:
            yield child


def badges(app: AppTest) -> list[str]:
    """Return the verdicts on the cards."""
    drawn = "".join(element.proto.body for element in app.get("html"))
    return [text_of(badge) for badge in re.findall(r'<span class="verdict .*', drawn)]


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
    assert "**To the class.**" in shown_text(app) and [e.label for e in app.expander].count("The answer") == 1
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
    assert any("This recommender learned" in heading.value for heading in app.subheader)


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
    assert not app.exception and "The guide needs such a run." in shown_text(app)
    press(app, "Start the example's run")
    assert started == [(RUN, GUIDE_RUN)]
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
    add_run(store, EXAMPLE, state, name=GUIDE_RUN, error=error)
    app = open_page(guide="2")
    assert not app.exception and said in shown_text(app)
    assert "Leave the guide" in [button.label for button in app.button]
    assert [b.label for b in app.button if b.label.endswith("example's run")] == ([button] if button else [])
    if button:
        press(app, button)
        assert asked == [GUIDE_RUN if state == "done" else EXAMPLE]


def test_a_run_of_another_world_or_of_many_factors_is_no_example(with_run: Store) -> None:
    films = with_run.root / "runs" / EXAMPLE / "out" / "factors.parquet"
    pd.read_parquet(films).assign(ratings=1).to_parquet(films)
    change_record(with_run, EXAMPLE, seconds=1.0)
    app = open_page(guide="1")
    assert not app.exception and "Start the example's run" in [button.label for button in app.button]
