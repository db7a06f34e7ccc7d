"""All pages: without a run, with a finished one, with an unknown one, and with hostile text."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1.element_tree import Block
from support.pages import PAGES, charts, legend, open_page, shown_text
from support.run_folders import HOSTILE, RUN, add_run, set_verdicts

from core import jobs
from core.jobs import lock
from core.results.factor_names import read_names, write_names
from core.settings import RunSettings
from core.store import Store
from pages.components.reviews.new_run import FETCHING
from pages.components.shared.runs import FIRST_RUN

VIEWS = ["Factor", "All factors", "Film", "Map", "Model", "Names and downloads"]
NEED_A_RUN = [page for page in PAGES if "Train" not in page]
HOW_SURE = {"pages/2_Factors.py": {"know": "true"}, "pages/4_Predictions.py": {"how_sure": "true"}}
"""Links that open the statistics of a page."""


@pytest.mark.parametrize("page", NEED_A_RUN)
def test_without_a_run_a_page_says_what_is_missing_and_what_to_do(page: str, store: Store) -> None:
    app = open_page(page)
    assert not app.exception
    assert "There is no run yet" in shown_text(app)
    assert "Start the first run" in [button.label for button in app.button]


def test_the_first_start_begins_the_first_run_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: begun.append(settings))
    open_page("pages/2_Factors.py")
    open_page("app.py")
    assert begun == [FIRST_RUN]


def test_the_first_run_can_be_started_from_an_empty_page(store: Store, started: list[RunSettings]) -> None:
    app = open_page("app.py")
    next(button for button in app.button if button.label == "Start the first run").click().run()
    assert started == [FIRST_RUN]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_finished_run(page: str, with_run: Store) -> None:
    app = open_page(page, **HOW_SURE.get(page, {}))
    assert not app.exception and not app.error
    assert app.query_params["run"] == [RUN] or app.query_params["run"] == RUN
    main = {
        "app.py": lambda: "LRAP" in shown_text(app) and len(charts(app)) == 1,
        "pages/1_Train.py": lambda: "Start the run" in [button.label for button in app.button],
        "pages/2_Factors.py": lambda: len(charts(app)) >= 3 and "Similar factors" in shown_text(app),
        "pages/3_Reviews.py": lambda: (
            "Made up by Factorscope" in shown_text(app)
            and [field.label for field in app.text_input] == ["Find words"]
        ),
        "pages/4_Predictions.py": lambda: len(charts(app)) == 3 and len(app.metric) == 3,
        "pages/5_Try_a_review.py": lambda: len(app.text_area) == 1,
    }
    assert main[page]()


@pytest.mark.parametrize("page", NEED_A_RUN)
@pytest.mark.parametrize("run", ["20200101-000000-0000", "../../etc", "<b>x</b>"])
def test_a_link_to_a_run_that_is_not_here_falls_back_and_says_so(
    page: str, run: str, with_run: Store
) -> None:
    app = open_page(page, run=run)
    assert not app.exception
    assert "The run in the link is not here" in app.warning[0].value
    assert app.session_state["chosen run"] == RUN


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_run_without_results_says_why_and_can_be_resumed(
    state: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed = []
    monkeypatch.setattr(jobs, "resume", lambda run_id, store: resumed.append(run_id))
    add_run(store, RUN, state, error="the disk is full" if state == "failed" else None)
    app = open_page("pages/4_Predictions.py")
    assert not app.exception
    assert ("The disk is full" in shown_text(app)) == (state == "failed")
    next(button for button in app.button if button.label == "Resume this run").click().run()
    assert resumed == [RUN]


def test_a_run_that_waits_shows_its_progress(store: Store) -> None:
    add_run(store, RUN, "running")
    app = open_page("app.py")
    assert not app.exception
    assert "learns tastes" in shown_text(app)
    other_page = open_page("pages/2_Factors.py")
    assert "under way" in shown_text(other_page)
    # No worker is there in this test, so the run waits; each page says why in a sentence.
    for page in (app, other_page):
        assert [
            bar for bar in page.main.get("progress") if bar.proto.text.startswith("The worker ended in mid")
        ]


def test_a_run_at_work_shows_its_stage_until_it_is_being_cancelled(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    folder = add_run(store, RUN, "running")
    assert progress_texts(open_page("pages/2_Factors.py").main)[0].startswith("Under way: report")
    (folder / "cancel-1").touch()
    assert progress_texts(open_page("pages/2_Factors.py").main)[0].startswith("Is being cancelled.")


def test_runs_in_the_sidebar_say_likewise_what_they_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    add_run(store, RUN, "running")
    add_run(store, "20261124-110000-abcd", "waiting")
    said = [text.split(", ", 1)[1] for text in progress_texts(open_page("pages/2_Factors.py").sidebar)]
    assert said[0].startswith("a run · Under way: report") and said[1] == "a run · Waits for its turn."


def test_a_run_started_on_other_films_says_likewise_what_it_does(
    with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    other = "20261124-110000-abcd"
    add_run(with_run, other, "running")
    app = open_page("pages/3_Reviews.py", show="New run")
    app.session_state[FETCHING] = other
    reviews, whole = progress_texts(app.run().main)
    assert reviews == "Reviews: stage *done*" and whole.startswith("Whole run · Under way: report")


@pytest.mark.parametrize(
    ("current", "cancel", "line"),
    [
        ("report", False, "Stage "),
        ("report", True, "Is being cancelled."),
        ("", False, "Under way: starting"),
    ],
)
def test_train_says_where_a_run_is(
    current: str, cancel: bool, line: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    folder = add_run(store, RUN, "running", current=current)
    if cancel:
        (folder / "cancel-1").touch()
    (said,) = progress_texts(open_page("pages/1_Train.py", part="Runs").main)
    assert said.startswith(line)


def progress_texts(part: Block) -> list[str]:
    """Return what stands at the progress bars in a part of a page."""
    return [bar.proto.text.replace("\\", "") for bar in part.get("progress")]


def test_a_damaged_run_gives_one_sentence(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "run.json").write_text("{")
    app = open_page("pages/4_Predictions.py")
    assert not app.exception
    assert len(app.error) == 1 and "make the run again" in app.error[0].value


def test_a_missing_table_gives_one_sentence(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "frequencies.parquet").unlink()
    app = open_page("pages/4_Predictions.py")
    assert not app.exception
    assert "no table frequencies.parquet" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("page", "view"), [*((page, "") for page in PAGES), *(("pages/2_Factors.py", v) for v in VIEWS)]
)
def test_titles_names_and_texts_are_never_read_as_html_or_markdown(
    page: str, view: str, with_run: Store
) -> None:
    out = with_run.root / "runs" / RUN / "out"
    write_names(out, dict.fromkeys(range(4), HOSTILE))
    first = str(pd.read_parquet(out / "chosen_films.parquet").film_id.iloc[0])
    app = open_page(page, film=first, **{"view": view} if view else {})
    assert not any(element.allow_html for element in app.markdown)
    kinds = ("markdown", "caption", "warning", "info", "subheader")
    drawn = [element.value for kind in kinds for element in getattr(app, kind)]
    drawn += [element.label for kind in ("button", "toggle") for element in getattr(app, kind)]
    assert not any("<img" in text and "\\<img" not in text for text in drawn)
    assert "<img" not in json.dumps(charts(app))


@pytest.mark.parametrize(
    ("stability_class", "readable", "verdict"),
    [
        ("stable", True, "solid"),
        ("weak", False, "shaky"),
        ("stable", None, "shaky"),
        ("noise", True, "chance"),
    ],
)
def test_a_factor_has_one_and_the_same_verdict_on_every_page(
    stability_class: str, readable: bool | None, verdict: str, with_run: Store
) -> None:
    set_verdicts(with_run, stability_class, readable)
    record = json.loads((with_run.root / "runs" / RUN / "out" / "run.json").read_text())
    # A factor that is no label was not read for.
    labels = {row["factor"] for row in record["readability"]["per_label"]}
    unread = "chance" if stability_class == "noise" else "shaky"
    expected = [verdict if factor in labels else unread for factor in range(4)]
    app = open_page("pages/2_Factors.py", view="All factors", factors_as_table="true")
    assert app.dataframe[0].value.verdict.tolist() == [[word] for word in expected]
    options = app.selectbox(key="factor picker").options
    assert [option.rpartition("(")[2] for option in options] == [f"{word})" for word in expected]
    dominating = record["dominating_factor"]
    assert f" {expected[dominating]}]" in shown_text(open_page()).partition("dominating factor.**")[2]
    toggles = [toggle.label.replace("\\", "") for toggle in open_page("pages/4_Predictions.py").toggle]
    assert any(f", {expected[dominating]})" in label for label in toggles)
    app = open_page("pages/4_Predictions.py", how_sure="true")
    assert ("The classifier reads none of" in shown_text(app)) == (readable is False)
    app.toggle(key="readability as table").set_value(True).run()
    assert {word for (word,) in app.dataframe[-1].value.verdict} == {verdict}
    entries = legend(open_page("pages/2_Factors.py", view="Film"))
    assert [(entry.split()[0], entry.rpartition("· ")[2]) for entry in entries] == [
        (str(factor), word) for factor, word in enumerate(expected)
    ]


def test_a_name_is_shown_on_every_page(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", factor="1")
    app.text_input[-1].set_value("dark thrillers")
    next(button for button in app.button if button.label == "Save the name").click().run()
    assert not app.exception
    assert any("dark thrillers" in heading.value for heading in app.subheader)
    out = with_run.root / "runs" / RUN / "out"
    assert read_names(out) == {1: "dark thrillers"}
    write_names(out, dict.fromkeys(range(4), "dark thrillers"))
    assert "dark thrillers" in shown_text(open_page())
    for page in ("app.py", "pages/4_Predictions.py"):
        assert all(" dark thrillers · " in entry for entry in legend(open_page(page)))


@pytest.mark.parametrize("page", NEED_A_RUN)
def test_a_run_that_is_older_than_some_measurements_is_shown(page: str, with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    for name in ("films", "associations"):
        (out / f"{name}.parquet").unlink(missing_ok=True)
    record = json.loads((out / "run.json").read_text())
    del record["stability"], record["readability"]
    for name in ("strengths", "form", "method", "chosen"):
        record["factor_model"].pop(name, None)
    grade = record["classifier"]
    for name in (
        "calibration",
        "thresholds",
        "reliability",
        "calibration_error",
        "folds",
        "rivals",
        "by_film",
    ):
        grade.pop(name, None)
    grade["threshold"] = 0.5
    known = {"factor", "support", "base_rate", "chance", "average_precision", "auc"}
    grade["per_label"] = [{key: row[key] for key in known} for row in grade["per_label"]]
    (out / "run.json").write_text(json.dumps(record))
    app = open_page(page, **HOW_SURE.get(page, {}))
    assert not app.exception and not app.error
    if "Factors" in page:
        assert "did not compare factors with genres" in shown_text(app)
        assert "need not have anything in common" in shown_text(app)
        assert "Not measured" in shown_text(app)
        assert "Readability not measured: this run is older" in shown_text(app)
    if "Predictions" in page:
        assert "did not measure whether reviews reveal the factors: this run is older" in shown_text(app)
        assert "not calibrated" in shown_text(app) and len(charts(app)) == 1
