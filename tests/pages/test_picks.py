"""The pickers of films and labels above the grid: what they draw, keep in the link, and start."""

import json
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support import pages
from support.kept_artifacts import keep_artifacts
from support.pages import charts, press, query_value, shown_text
from support.run_folders import RUN, add_run

from core.classification import frequencies as counting
from core.errors import CannotAnswer
from core.results.artifacts import artifacts_of, distinct_reviews, labelling_of
from core.results.run_record import read_record
from core.results.sentences import WHAT_LRAP_IS
from core.settings import RunSettings, SelectionSettings
from core.store import Store, write_json
from pages.components.data.can_be_had import EXCLUDE, WITHOUT_EXCLUDED
from pages.components.predictions.picks import Picks
from pages.components.shared import reader
from pages.components.shared.runs import FinishedRun

open_page = partial(pages.open_page, "pages/4_Predictions.py")
ASK = reader.ask_about_labels
GRADES = {"lrap": 0.6, "lrap_baseline": 0.5, "lrap_gain": 0.1, "lrap_gain_interval": [0.05, 0.15], "films": 9}


@pytest.fixture
def run(with_run: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of a run whose artifacts are kept; a fake reader finds the second label in each review."""
    out = with_run.root / "runs" / RUN / "out"
    keep_artifacts(with_run, out)
    monkeypatch.setattr(reader, "ask_about_labels", read)
    return out


def read(run: Any, store: Store, selection: SelectionSettings, what: str) -> Future[dict[str, Any]]:
    answer: Future[dict[str, Any]] = Future()
    if what != "labels":
        answer.set_result(GRADES)
        return answer

    def build(folder: Path) -> None:
        artifacts = artifacts_of(run.folder, store)
        assert artifacts is not None
        films = pd.read_parquet(run.folder / "factors.parquet")
        labelling = labelling_of(films, distinct_reviews(artifacts.reviews), selection)
        count = len(labelling.labels)
        probabilities = np.tile(np.arange(count) == 1, (len(labelling.reviews), 1)).astype(float)
        predictions = counting.prediction_table(
            labelling.reviews, labelling.labels, probabilities, [0.5] * count
        )
        predictions.to_parquet(folder / "predictions.parquet")
        counting.frequencies(predictions).to_parquet(folder / "frequencies.parquet")
        about = {"thresholds": [0.5] * count, "base_rates": [0.25] * count}
        write_json(folder / "labels.json", {"labels": labelling.labels} | about)

    inputs = {"selection": selection.model_dump()}
    answer.set_result({"folder": str(store.artifact("other-labels", "test", inputs, build))})
    return answer


def bars(app: AppTest) -> dict[str, Any]:
    """Return the bars of the grid."""
    (drawn,) = (trace for trace in charts(app)[0]["data"] if trace["type"] == "bar")
    return drawn


@pytest.mark.parametrize("page", ["app.py", "pages/4_Predictions.py"])
def test_pickers_with_their_sentences_and_bars_of_shares_stand_on_start_and_predictions(
    page: str, run: Path
) -> None:
    app = pages.open_page(page)
    sentences = {
        "Top factors per film (FACTORS)": "labelled with this many of its highest factors",
        "Top N films": "The grid shows this many films",
        "Factor to rank by": "highest weights on this factor come first",
        EXCLUDE: WITHOUT_EXCLUDED,
    }
    pickers = {box.label: box.help for box in (*app.number_input, *app.selectbox, *app.multiselect)}
    for label, sentence in sentences.items():
        assert sentence in pickers[label]
    assert app.segmented_control(key="bars picker").value == "shares" == query_value(app, "bars")
    assert charts(app)[0]["layout"]["yaxis"]["title"]["text"] == "% of reviews"
    pick(app, "number_input", "pick top", 2)
    films = [film for film, *_, own in bars(app)["customdata"] if own.startswith("one of")]
    assert {films.count(film) for film in films} == {2}


def pick(app: AppTest, kind: str, key: str, value: Any) -> AppTest:
    getattr(app, kind)(key=key).set_value(value).run()
    assert not app.exception
    return app


def test_other_labels_are_drawn_read_and_graded_and_stand_in_the_link(run: Path) -> None:
    app = open_page()
    own = read_record(run).run_settings.selection
    assert query_value(app, "labels") == f"{own.top}-{own.films}-{own.rank_by}"
    pick(app, "number_input", "pick top", 2)
    pick(app, "number_input", "pick films", 10)
    assert query_value(app, "labels") == f"2-10-{own.rank_by}"
    # The run's own top factors are one a film.
    weights = pd.read_parquet(run / "factors.parquet").set_index("film_id").filter(like="weight_")
    order = np.argsort(-weights.to_numpy(), axis=1)[:, :2]
    best = {str(film): set(top) for film, top in zip(weights.index, order.tolist(), strict=True)}
    rows = bars(app)["customdata"]
    assert len({film for film, *_ in rows}) == 10
    assert all((factor in best[film]) == ("one of the film's" in row[-1]) for film, factor, *row in rows)
    assert "LRAP 0.600, label frequencies 0.500" in shown_text(app) and "Not graded" not in shown_text(app)
    (graded,) = (caption for caption in app.caption if "LRAP 0" in caption.value.replace("\\", ""))
    assert graded.help == WHAT_LRAP_IS
    linked = open_page(labels=query_value(app, "labels"))
    assert bars(linked)["customdata"] == rows


def test_labels_stand_as_outlines_where_the_reviews_are_not_read(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: Future[dict[str, Any]] = Future()
    failed.set_exception(CannotAnswer("the reader ended; try again"))
    monkeypatch.setattr(reader, "ask_about_labels", lambda *_: failed)
    app = open_page(labels="2-10-0")
    assert {row[-2] for row in bars(app)["customdata"]} <= {"its 8 reviews not read yet"}
    assert "Not graded yet" in shown_text(app) and "The reader ended" in shown_text(app)
    assert not [button for button in app.button if button.label == "Read the reviews"]


class OneAtATime:
    """A process that answers questions about labels like `read`, each only when it may."""

    def __init__(self, run: FinishedRun, store: Store) -> None:
        self.run, self.store, self.may = run, store, Event()

    def ask_about_labels(
        self, run: Path, cache: Path, selection: SelectionSettings, what: str
    ) -> dict[str, Any]:
        assert self.may.wait(30)
        return read(self.run, self.store, selection, what).result()


def test_the_page_does_not_wait_and_a_dropped_question_is_asked_anew_for_another_session(
    run: Path, with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "ask_about_labels", ASK)
    st.cache_resource.clear()
    process = OneAtATime(FinishedRun(RUN, run, read_record(run)), with_run)
    monkeypatch.setattr(reader, "_process", lambda: process)
    # The reader is busy with the question of the first; the second and the third wait for the same.
    open_page(labels="1-9-0")
    second, third = open_page(labels="2-10-0"), open_page(labels="2-10-0")
    assert "Reading the reviews" in shown_text(second) and charts(second)
    # What stands below the grid is there meanwhile.
    assert any(button.label.startswith("Report") for button in second.get("download_button"))
    pick(second, "number_input", "pick films", 12)
    third.run()
    assert not third.exception and "Reading the reviews" in shown_text(third)
    process.may.set()
    deadline = time.monotonic() + 20
    for app in (second, third):
        while "label frequencies 0.500" not in shown_text(app) and time.monotonic() < deadline:
            time.sleep(0.05)
            app.run()
            assert not app.exception
        assert "label frequencies 0.500" in shown_text(app)


def test_a_question_that_was_dropped_or_ended_while_one_waits_draws_the_page_anew(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped: Future[dict[str, Any]] = Future()
    dropped.cancel()
    answers = iter([dropped])
    monkeypatch.setattr(reader, "ask_about_labels", lambda *about: next(answers, None) or read(*about))
    app = open_page(labels="2-10-0")
    assert "LRAP 0.600" in shown_text(app)


def test_what_a_preview_does_otherwise_than_the_run_is_said(run: Path) -> None:
    written = (run / "run.json").read_text()
    said = {
        '"phases": []': "This run trained its encoder too",
        '"split": "films"': "would split reviews at random",
    }
    changed = ('"phases": [{"unfrozen": 1, "epochs": 1, "rate": 0.01}]', '"split": "random"')
    app = open_page(labels="2-10-0")
    assert not any(sentence in shown_text(app) for sentence in said.values())
    for (old, sentence), new in zip(said.items(), changed, strict=True):
        assert old in written
        (run / "run.json").write_text(written.replace(old, new))
        shown = shown_text(open_page(labels="2-10-0"))
        assert [other for other in said.values() if other in shown] == [sentence]


def test_a_run_that_got_fewer_top_factors_than_asked_for_has_these_as_its_own(run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    record["settings"]["selection"]["top"] = 9
    record["settings"]["factor_model"]["factors"] = None
    (run / "run.json").write_text(json.dumps(record))
    app = open_page()
    assert app.number_input(key="pick top").value == 1 and query_value(app, "labels").startswith("1-")
    assert "in the link" not in shown_text(app)
    assert not [button for button in app.button if button.label == "Back to the run's own picks"]


def test_a_run_that_would_fail_cannot_be_kept_and_how_many_films_there_are_is_said(run: Path) -> None:
    app = open_page(labels="2-10-0")
    keep = {button.label: button for button in app.button}
    assert not keep["Keep as a run"].disabled
    for labels, reason in {
        "2-9999-0": "You ask for 9,999 films",
        "2-10-0-1.2": "the same 2 top factors",
    }.items():
        app = open_page(labels=labels)
        keep = {button.label: button for button in app.button}
        assert keep["Keep as a run"].disabled and reason in shown_text(app)


@pytest.mark.parametrize("page", ["app.py", "pages/4_Predictions.py"])
def test_the_number_of_films_that_can_be_had_stands_below_the_pickers(page: str, run: Path) -> None:
    said = "**120 available**: films with reviews and 20 ratings or more."
    shown = [caption.value for caption in pages.open_page(page).caption]
    assert shown.count(said) == 1
    app = pages.open_page(page, labels="2-10-0-1")
    assert f"**At most {said[2:]} {WITHOUT_EXCLUDED}" in shown_text(app)


def test_the_reviews_behind_a_bar_of_other_labels_are_shown(run: Path) -> None:
    film, factor, *_ = bars(open_page(labels="2-10-0"))["customdata"][0]
    app = open_page(labels="2-10-0", film=film, factor=str(factor))
    assert "threshold 50.0%" in shown_text(app) and "base rate 25.0%" in shown_text(app)
    assert any("marked-text" in str(element.proto.body) for element in app.get("html"))


@pytest.mark.parametrize(
    "text", ["x", "9-10-0", "1-10-9", "1-1-0", "1-10-0-7", "<b>-1-2", "2-10-0-1-2", "1--2-0"]
)
def test_nonsense_in_the_link_is_called_that(text: str, run: Path) -> None:
    app = open_page(labels=text)
    assert "is no choice of films and labels of this run" in shown_text(app)
    own = read_record(run).run_settings.selection
    assert query_value(app, "labels") == f"{own.top}-{own.films}-{own.rank_by}" and not app.error


def test_where_no_film_is_left_one_sentence_says_so_and_one_can_go_back(run: Path) -> None:
    app = pick(open_page(), "multiselect", "pick left out", [0, 1, 2, 3])
    assert query_value(app, "labels").endswith("-0.1.2.3")
    assert shown_text(app).count("No film is left") == 1 and not charts(app)
    press(app, "Back to the run's own picks")
    assert len(charts(app)) == 1 and "No film is left" not in shown_text(app)
    # With all four as top factors, films would not differ.
    assert app.number_input(key="pick top").max == 3
    assert "is no choice of films and labels" in shown_text(open_page(labels="4-4-0"))


def test_what_excluding_factors_does_is_said_as_on_train_once_one_is_picked(run: Path) -> None:
    app = open_page()
    assert app.multiselect(key="pick left out").label == EXCLUDE and WITHOUT_EXCLUDED not in shown_text(app)
    assert WITHOUT_EXCLUDED in shown_text(pick(app, "multiselect", "pick left out", [1]))
    train = pages.open_page("pages/1_Train.py")
    assert (train.multiselect(key="exclude").label, train.multiselect(key="exclude").help) == (
        EXCLUDE,
        WITHOUT_EXCLUDED,
    )


def test_picks_are_kept_as_a_run_of_the_same_settings(run: Path, started: list[RunSettings]) -> None:
    app = pick(open_page(), "number_input", "pick top", 2)
    pick(app, "selectbox", "pick rank", 2)
    press(app, "Keep as a run")
    (settings,) = started
    own = read_record(run).run_settings
    assert settings == own.replace(selection=own.selection.replace(top=2, rank_by=2))


def test_the_name_of_a_kept_run_says_by_which_factor_films_are_ranked() -> None:
    picks = Picks(SelectionSettings(top=1, films=9, rank_by=2), is_own=False, obstacle="")
    assert picks.name == "1 top factor, 9 films, ranked by factor 2"


def test_a_page_says_that_it_opens_a_waiting_run_when_it_is_done(with_run: Store) -> None:
    add_run(with_run, "20260101-000000-aaaa", "waiting")
    app = pages.open_page("pages/4_Predictions.py", run="20260101-000000-aaaa")
    assert "This page shows it when it is done" in shown_text(app)


def test_where_the_cache_was_pruned_only_a_run_shows_other_labels(
    with_run: Store, started: list[RunSettings]
) -> None:
    app = open_page()
    before = bars(app)
    assert "The cache no longer has this run's encoded reviews" in shown_text(app)
    pick(app, "number_input", "pick top", 2)
    assert bars(app) == before
    press(app, "Start a run with these picks")
    assert started[0].selection.top == 2


def test_films_picked_by_hand_stay(run: Path) -> None:
    record = (run / "run.json").read_text()
    ids = pd.read_parquet(run / "frequencies.parquet").film_id.astype(str).unique()[:9]
    only = ", ".join(f'"{film}"' for film in ids)
    (run / "run.json").write_text(record.replace('"only": []', f'"only": [{only}]'))
    app = open_page(labels="2-30-0")
    assert app.number_input(key="pick films").disabled and "picked the films of this run" in shown_text(app)
    assert {film for film, *_ in bars(app)["customdata"]} <= set(ids)


def test_picks_of_one_run_are_not_those_of_another(run: Path, with_run: Store) -> None:
    other = "20261124-130000-abcd"
    add_run(with_run, other, out=run)
    app = pick(open_page(run=RUN), "number_input", "pick top", 2)
    assert query_value(app, "labels").startswith("2-")
    app.selectbox(key="run picker").set_value(other).run()
    assert not app.exception and not query_value(app, "labels").startswith("2-")
    app.selectbox(key="run picker").set_value(RUN).run()
    assert query_value(app, "labels").startswith("2-")
