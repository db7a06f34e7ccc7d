"""The page Train: presets, the form of all settings, the runs, and their comparison."""

import json
import shutil
import zipfile
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support import pages
from support.language import long_sentences
from support.pages import charts, press, query_value, shown_text
from support.run_folders import LONG_NAME, add_recorded_run, add_run, change_record

from core import jobs
from core.jobs import lock
from core.jobs.time_left import TimeLeft
from core.settings import (
    ClassifierSettings,
    FactorModelSettings,
    LanguageModelSettings,
    RunSettings,
    SelectionSettings,
    StabilitySettings,
    preset,
    settings_from_dict,
    with_changes,
)
from core.settings.presets import UNFREEZING
from core.store import Store
from core.training.device import KEY
from pages.components.shared.presets import CARDS

open_page = partial(pages.open_page, "pages/1_Train.py")
ONE, TWO, THREE = (f"20261124-120000-aaa{number}" for number in (1, 2, 3))
STAGES = {
    "factor_model": FactorModelSettings,
    "stability": StabilitySettings,
    "selection": SelectionSettings,
    "language_model": LanguageModelSettings,
    "classifier": ClassifierSettings,
}


SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


@pytest.fixture
def two_runs(store: Store) -> Store:
    add_recorded_run(store, ONE, SETTINGS, name="one")
    other = SETTINGS.replace(seed=7)
    add_recorded_run(store, TWO, other, name="two", ratings={"name": "mine"})
    return store


def test_the_preset_is_picked_at_the_top_and_its_card_is_marked(two_runs: Store) -> None:
    app = open_page()
    preset = app.segmented_control(key="preset picker")
    assert preset.options == ["Starter", "Quick", "Accurate", "Stable", "Article", "GPU"]
    assert preset.value == "starter" and "**Starter** :blue-badge[:material/check: chosen]" in shown_text(app)
    assert "8 s with other data (median of 2 runs)" in shown_text(app)
    preset.set_value("stable").run()
    assert "**Stable** :blue-badge[:material/check: chosen]" in shown_text(app)
    assert app.query_params["preset"] in ("stable", ["stable"])
    assert app.number_input(key="factors of stable").value is None
    app.selectbox(key="Ratings source").select("planted")
    app.multiselect(key="Reviews sources").set_value(["planted"]).run()
    assert "8 s with these data (median of 2 runs)" in shown_text(app)


def test_the_chosen_card_says_that_a_setting_was_changed_until_it_is_back(two_runs: Store) -> None:
    app = open_page(preset="quick")
    chosen, changed = (
        f"**Quick** :blue-badge[:material/check: {state}]" for state in ("chosen", "chosen, changed")
    )
    before = app.number_input(key="factors of quick").value
    for factors, card in ((before + 1, changed), (before, chosen)):
        app.number_input(key="factors of quick").set_value(factors).run()
        assert card in shown_text(app)
    app.number_input(key="seed").set_value(7).run()
    assert changed in shown_text(app)
    # Another preset has changes of its own.
    app.segmented_control(key="preset picker").set_value("stable").run()
    assert "**Stable** :blue-badge[:material/check: chosen]" in shown_text(app)


def test_both_numbers_have_their_sentence_above_the_presets(two_runs: Store) -> None:
    app = open_page()
    labels = [field.label for field in app.number_input]
    assert labels[:3] == ["Number of factors", "Top factors per film (FACTORS)", "Films"]
    said = shown_text(app)
    assert "How many tastes the model learns from the ratings." in said
    assert "Each film is labelled with this many of its strongest factors." in said
    every = [type(element).__name__ + str(getattr(element, "label", "")) for element in app.main]
    first_card = next(
        i for i, element in enumerate(app.main) if "chosen]" in str(getattr(element, "value", ""))
    )
    assert every.index("NumberInputTop factors per film (FACTORS)") < first_card


@pytest.mark.parametrize(
    ("part", "preset"),
    [("New run", name) for name in CARDS] + [("Runs", "quick"), ("Compare", "quick")],
)
def test_sentences_are_short(part: str, preset: str, two_runs: Store) -> None:
    app = open_page(part=part, preset=preset)
    assert long_sentences(app) == []
    if part == "New run":
        app.session_state["all settings"] = True
        for stage in ("Factor model", "Stability", "Films", "Language model", "Classifier"):
            app.session_state["stage of the settings"] = stage
            app.run()
            assert long_sentences(app) == []


def test_the_device_is_told_once_a_worker_found_it_out(two_runs: Store) -> None:
    assert "found out when the first run starts" in shown_text(open_page())
    two_runs.put(KEY, {"kind": "cuda", "name": "NVIDIA A100", "cores": 8})
    assert "CUDA, NVIDIA A100; 8 processor cores" in shown_text(open_page())


def test_a_gpu_that_is_not_here_is_no_choice(two_runs: Store) -> None:
    two_runs.put(KEY, {"kind": "cpu", "name": None, "cores": 2})
    app = open_page()
    assert app.radio(key="device").value == "auto"
    app.radio(key="device").set_value("cuda").run()
    assert "This machine has no GPU that torch can use." in shown_text(app)
    assert next(button for button in app.button if button.label == "Start the run").disabled
    two_runs.put(KEY, {"kind": "cuda", "name": "NVIDIA A100", "cores": 8})
    assert "no GPU that torch can use" not in shown_text(app.run())


def test_a_run_says_where_its_models_trained_and_why(two_runs: Store) -> None:
    reason = "a GPU gains only from about 500,000 ratings, and here are 80,000"
    change_record(two_runs, ONE, devices=[{"work": "factor model", "device": "cpu", "reason": reason}])
    app = open_page(part="Runs")
    app.session_state[f"details of {ONE}"] = True
    assert f"Factor model on the processor: {reason}." in shown_text(app.run())
    assert long_sentences(app) == []


def test_the_time_left_is_told_from_earlier_runs_and_rises_only_with_its_reason(
    two_runs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "holder", lambda root: 1)
    other = SETTINGS.replace(seed=3)
    folder = add_run(
        two_runs, THREE, "running", settings=other.model_dump(), current="ratings", finished=None
    )
    path = folder / "progress.json"
    progress = json.loads(path.read_text())
    waiting = {"done": 0.0, "seconds": None, "message": ""}
    progress["stages"] = [stage | waiting for stage in progress["stages"]]
    path.write_text(json.dumps(progress))
    app = open_page()
    lines = [bar.text for bar in app.get("progress")]
    # Each stage took half a second in earlier runs; those of another seed's are not in the cache.
    assert len(lines) == 2 and all(line.replace("\\", "").endswith("about 10 s left") for line in lines)
    monkeypatch.setattr(
        "pages.components.shared.run_notes.progress.left", lambda *given: TimeLeft(505.0, "", "ratings")
    )
    app.run()
    raised = "about 9 min left: the stage “ratings” takes longer than in earlier runs"
    assert all(bar.text.replace("\\", "").endswith(raised) for bar in app.get("progress"))


@pytest.mark.parametrize("stage", STAGES)
def test_every_setting_of_every_stage_can_be_reached(stage: str, two_runs: Store) -> None:
    app = open_page()
    titles = ["Factor model", "Stability", "Films", "Language model", "Classifier"]
    app.session_state["all settings"] = True
    app.session_state["stage of the settings"] = titles[list(STAGES).index(stage)]
    app.run()
    assert not app.exception
    kinds = ("number_input", "selectbox", "toggle", "multiselect")
    keys = {str(widget.key) for kind in kinds for widget in getattr(app, kind)}
    drawn = {key.removeprefix(f"all {stage}.") for key in keys if key.startswith(f"all {stage}.")}
    said = shown_text(app)
    if "Phases, one per row" in said:
        drawn.add("phases")
    assert drawn == set(STAGES[stage].model_fields)
    assert all(STAGES[stage].meaning(name).replace("`", "") in said for name in STAGES[stage].model_fields)


def test_a_changed_setting_reaches_the_run_is_named_and_goes_back(
    two_runs: Store, started: list[RunSettings]
) -> None:
    app = open_page(preset="quick")
    app.session_state["all settings"] = True
    app.run()
    app.number_input(key="all factor_model.epochs").set_value(9).run()
    app.number_input(key="all factor_model.learning_rate").set_value(0.01).run()
    back = "epochs (factor model) 9, preset 6"
    assert back in [button.label.replace("\\", "") for button in app.button]
    next(button for button in app.button if button.label.replace("\\", "") == back).click().run()
    press(app, "Start the run")
    assert started == [with_changes(preset("quick"), {"factor_model.learning_rate": 0.01})]
    app = open_page(preset="quick", changed='{"factor_model.epochs":9,"seed":7}')
    press(app, "All back to the preset's own")
    assert "Changed from the preset" not in shown_text(app)
    press(app, "Start the run")
    assert started[-1] == preset("quick")


def start_of(app: AppTest) -> Any:
    """The button that starts the run."""
    return next(button for button in app.button if button.label == "Start the run")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ('{"selection.films":20000}', "Films is 20000; choose a whole number from 2 to 10000."),
        ('{"selection.top":60}', "Top is 60; choose a whole number from 1 to 50."),
        ('{"selection.rank_by":50}', "Rank-by is 50; choose a whole number from 0 to 49."),
        ('{"selection.exclude_factors":[70]}', "Exclude-factor is 70; choose a whole number from 0 to 49."),
        ('{"selection.top":50}', "Every film would have the same 50 top factors"),
        ('{"selection.films":300}', "You ask for 300 films, but only 120 can be used."),
        ('{"selection.least_ratings":9000}', "Only 0 films can be used, but a run needs 2."),
    ],
)
def test_a_run_that_must_fail_cannot_be_started_and_the_reason_stands_beside_the_button(
    changed: str, reason: str, store: Store
) -> None:
    app = open_page(preset="quick", ratings="planted", reviews="planted")
    app.session_state["changes of quick"] |= json.loads(changed)
    app.run()
    assert not app.exception and start_of(app).disabled and reason in shown_text(app)


def test_as_many_films_as_can_be_had_are_asked_for_by_one_click(
    store: Store, started: list[RunSettings]
) -> None:
    app = open_page(preset="quick", ratings="planted", reviews="planted", changed='{"selection.films":300}')
    assert "**120 available**: films with reviews and 20 ratings or more." in shown_text(app)
    press(app, "Ask for 120")
    assert not start_of(app).disabled
    press(app, "Start the run")
    assert started[-1].selection.films == 120


def test_a_source_without_films_of_the_ratings_is_known_before_the_run(store: Store) -> None:
    app = open_page(ratings="planted", reviews="sample")
    assert start_of(app).disabled and "no review of any film in these ratings" in shown_text(app)
    app = open_page(ratings="ml-100k", reviews="lmrd")
    assert not start_of(app).disabled and "The first run on these data will show" in shown_text(app)
    app.multiselect(key="Reviews sources").set_value([]).run()
    assert start_of(app).disabled and "No source of reviews is picked" in shown_text(app)


def test_a_link_fills_the_form_and_nonsense_in_it_is_said(
    two_runs: Store, started: list[RunSettings]
) -> None:
    app = open_page(preset="accurate", ratings="planted", reviews="planted", changed='{"seed":7}')
    press(app, "Start the run")
    assert started == [preset("accurate", ratings="planted", reviews="planted", seed=7)]
    for changed in ("nonsense", "[1]", '{"factor_model.epochs":0}', '{"no":1}'):
        app = open_page(changed=changed)
        assert not app.exception and "cannot be used" in shown_text(app)
    app = open_page(preset="no", ratings="no")
    assert "not a preset" in shown_text(app) and "not a source of ratings" in shown_text(app)


def test_the_encoder_trains_too_by_one_switch(two_runs: Store, started: list[RunSettings]) -> None:
    app = open_page(preset="quick")
    app.toggle(key="unfreeze").set_value(True).run()
    press(app, "Start the run")
    assert started[-1].classifier == UNFREEZING
    assert "Watch it at the top" in shown_text(app)
    app = open_page(preset="quick")
    app.toggle(key="unfreeze").set_value(True).run()
    app.toggle(key="unfreeze").set_value(False).run()
    press(app, "Start the run")
    assert started[-1] == preset("quick")


def test_a_run_is_shown_with_results_and_what_differs(two_runs: Store) -> None:
    add_recorded_run(two_runs, "20261124-120000-aaa3", SETTINGS, state="failed", name=LONG_NAME)
    app = open_page(part="Runs")
    said = shown_text(app)
    assert not app.exception
    assert "LRAP 0.500 (label frequencies 0.400), 120 films graded" in said
    assert "Preset Quick, planted and planted. Changed: number of factors 2 (preset: 50)" in said
    assert "<b>Bold</b>" in said and all("<b>" not in markdown.value for markdown in app.markdown)
    assert "Resume" in [button.label for button in app.button]


def test_a_run_is_renamed_exported_and_deleted(two_runs: Store) -> None:
    app = open_page(part="Runs")
    app.text_input(key=f"name {ONE}").set_value("another *name*")
    press_key(app, f"rename it {ONE}")
    assert "another *name*" in shown_text(app) and jobs.status(ONE, two_runs).name == "another *name*"
    press_key(app, f"zip {ONE}")
    assert not app.exception
    run_id, file = app.session_state["export"]
    assert run_id == ONE and zipfile.ZipFile(file).namelist() == [f"{ONE}/run.json"]
    press_key(app, f"delete {ONE}")
    assert [job.run_id for job in jobs.runs(two_runs)] == [TWO]
    assert not app.exception and "another" not in shown_text(app)


def press_key(app: AppTest, key: str) -> AppTest:
    return next(button for button in app.button if button.key == key).click().run()


def test_the_settings_of_a_run_fill_the_form(two_runs: Store, started: list[RunSettings]) -> None:
    app = open_page(part="Runs")
    press_key(app, f"use {TWO}")
    assert "The form holds the settings" in shown_text(app)
    press(app, "Start the run")
    assert started == [settings_from_dict(SETTINGS.replace(seed=7).model_dump())]


def test_many_runs_are_turned_page_by_page(store: Store) -> None:
    for number in range(25):
        add_recorded_run(store, f"20261124-120000-{number:04x}", SETTINGS, name=f"run {number}")
    app = open_page(part="Runs")
    assert sum(button.label == "Look at it" for button in app.button) == 10
    assert "25 runs, 10 a page" in shown_text(app)


def test_finished_runs_stand_in_one_table_each_score_beside_its_baseline(two_runs: Store) -> None:
    add_recorded_run(two_runs, THREE, SETTINGS, name=LONG_NAME)
    app = open_page(part="Compare")
    assert query_value(app, "compare") == f"{THREE}.{TWO}.{ONE}"
    table = app.dataframe[0].value
    assert table.run.str[:2].tolist() == ["A:", "B:", "C:"]
    assert table.run.iloc[2] == "C: one" and table.columns[1] == "started"
    assert table.drop(columns=["run", "started", "with_words"]).iloc[2].to_dict() == {
        "rmse": 0.5,
        "rmse_means": 0.6,
        "lrap": 0.5,
        "lrap_baseline": 0.4,
        "factors": 2,
        "solid": 1,
        "shaky": 0,
        "chance": 1,
        "verdict_users": 400,
        "films": 120,
        "reviews": 960,
        "seconds": 10.0,
        "preset": "Quick",
    }
    assert table.with_words.isna().all()
    (chart,) = charts(app)
    assert len(chart["layout"]["yaxis"]["ticktext"]) == 3 and "<b>" not in json.dumps(chart)
    said = shown_text(app)
    assert "These runs learned from different ratings." in said
    assert all("<b>" not in markdown.value for markdown in app.markdown)


def test_names_of_runs_are_whole_and_stay_in_view_where_they_leave_room_for_a_score(two_runs: Store) -> None:
    def run_column() -> dict[str, Any]:
        return json.loads(open_page(part="Compare").dataframe[0].proto.columns)["run"]

    assert run_column()["pinned"] and "width" not in run_column()
    add_recorded_run(two_runs, THREE, SETTINGS, name=LONG_NAME)
    assert not run_column()["pinned"] and "width" not in run_column()


def test_the_runs_to_compare_are_in_the_address(two_runs: Store) -> None:
    add_recorded_run(two_runs, THREE, SETTINGS, name="three")
    app = open_page(part="Compare", compare=f"{THREE}.{ONE}")
    assert app.dataframe[0].value.run.str[:2].tolist() == ["A:", "tw", "B:"]
    app = open_page(part="Compare", compare="gone")
    assert "No run in the link is here" in shown_text(app)
    assert query_value(app, "compare") == f"{THREE}.{TWO}.{ONE}"
    app = open_page(part="Compare", compare=ONE)
    assert "Tick two runs or more" in shown_text(app)


def test_factors_are_matched_across_runs_and_lead_to_their_pages(two_runs: Store) -> None:
    add_recorded_run(two_runs, THREE, SETTINGS, name="of other films")
    rng = np.random.default_rng(0)
    titles = [f"Film {number}" for number in range(40)]
    films = pd.DataFrame({"title": titles, "ratings": 50, **dict.fromkeys(("weight_0", "weight_1"), 0.0)})
    films[["weight_0", "weight_1"]] = rng.standard_normal((40, 2))
    swapped = films.assign(weight_0=-films.weight_1, weight_1=films.weight_0)
    for run_id, table in ((ONE, films), (TWO, swapped), (THREE, films.assign(title="another"))):
        table.to_parquet(jobs.run_folder(run_id, two_runs) / "factors.parquet")
    app = open_page(part="Compare", of=ONE)
    table = app.table[0].value
    assert [column.replace("\\", "") for column in table.columns] == ["C: one", "B: two"]
    assert table.iloc[:, 1].tolist() == [
        f"+1.00 [factor 1](Factors?run={TWO}&factor=1)",
        f"-1.00 [factor 0](Factors?run={TWO}&factor=0)",
    ]
    said = shown_text(app)
    assert "the same factor model" not in said
    assert "The best pair of unrelated factors reaches 0." in said
    assert "Too few films in common, less than 20: A: of other films." in said


def test_factors_that_match_none_are_folded_away(two_runs: Store) -> None:
    # Films on the corners of a cube: its sides have nothing in common.
    first, second, third = np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, 8).repeat(10, axis=1)
    titles = {"title": [f"Film {number}" for number in range(80)], "ratings": 50}
    for run_id, weights in ((ONE, (first, second)), (TWO, (first, third))):
        films = pd.DataFrame(titles | {f"weight_{factor}": column for factor, column in enumerate(weights)})
        films.to_parquet(jobs.run_folder(run_id, two_runs) / "factors.parquet")
    app = open_page(part="Compare", of=ONE)
    matches, others = (table.value.iloc[:, 1].tolist() for table in app.table[:2])
    assert matches == [f"+1.00 [factor 0](Factors?run={TWO}&factor=0)"]
    assert others == ["+0.00 none, this may be luck"]
    assert "1 factor without a match beyond luck" in [expander.label for expander in app.expander]


def test_runs_that_share_a_factor_model_are_called_that(two_runs: Store) -> None:
    weights = np.random.default_rng(0).standard_normal((40, 2))
    titles = [f"Film {number}" for number in range(40)]
    films = pd.DataFrame(
        {"title": titles, "ratings": 50, "weight_0": weights[:, 0], "weight_1": weights[:, 1]}
    )
    for run_id in (ONE, TWO):
        films.to_parquet(jobs.run_folder(run_id, two_runs) / "factors.parquet")
    app = open_page(part="Compare", of=ONE)
    assert "the same factor model, and so the same factors: A: two" in shown_text(app).replace("\\", "")
    assert not app.table


def test_a_finished_run_of_default_data_names_what_it_read(store: Store) -> None:
    default = preset("quick", ratings="default", reviews="default")
    add_recorded_run(store, ONE, default, name="one")
    said = shown_text(open_page(part="Runs"))
    assert "Preset Quick, planted and planted." in said and "default data" not in said


def test_two_runs_stand_side_by_side_behind_a_click(two_runs: Store) -> None:
    app = open_page(part="Compare", first=ONE, second=TWO)
    assert not app.table
    app.session_state["side"] = True
    app.run()
    results, settings = (table.value for table in app.table)
    assert results.iloc[2, 1].replace("\\", "").startswith("0.500; baseline, means of films and users: 0.600")
    assert settings.iloc[0].tolist() == ["seed", "42", "7"]
    app.query_params["first"] = "gone"
    app.run()
    assert not app.exception and "not one of the ticked runs" in shown_text(app)


def test_one_run_cannot_be_compared(store: Store) -> None:
    add_recorded_run(store, ONE, SETTINGS)
    assert "needs two finished runs" in shown_text(open_page(part="Compare"))


def test_a_run_whose_record_is_damaged_is_called_that(two_runs: Store) -> None:
    (jobs.run_folder(ONE, two_runs) / "run.json").write_text("{")
    assert "results cannot be read" in shown_text(open_page(part="Runs"))
    app = open_page(part="Compare")
    assert not app.exception and "1 run cannot be read, so it is left out" in shown_text(app)


def test_a_cache_folder_that_is_emptied_while_the_app_runs_is_said(two_runs: Store) -> None:
    app = open_page(part="Runs")
    shutil.rmtree(two_runs.root)
    app.run()
    assert not app.exception and "was emptied while the app ran" in shown_text(app)
    app.run()
    assert not app.exception and "was emptied" not in shown_text(app)


def test_train_says_what_is_wrong_with_the_settings(with_run: Store) -> None:
    app = open_page(preset="quick")
    app.number_input(key="factors of quick").set_value(3).run()
    assert not app.exception and start_of(app).disabled
    assert "Top is 5; choose a whole number from 1 to 3" in shown_text(app)


def test_train_starts_what_was_picked(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page(preset="quick")
    app.selectbox(key="Ratings source").select("planted")
    app.multiselect(key="Reviews sources").set_value(["planted"])
    app.number_input(key="factors of quick").set_value(8)
    app.number_input(key="top of quick").set_value(2)
    next(button for button in app.button if button.label == "Start the run").click().run()
    assert not app.exception
    assert started == [preset("quick", ratings="planted", reviews="planted", factors=8, top=2)]


def test_stable_has_its_form_chosen_and_gets_it_back(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page(preset="stable")
    assert app.radio(key="form of stable").value == "chosen"
    app.radio(key="form of stable").set_value("varimax").run()
    press(app, "Start the run")
    app = open_page(preset="stable")
    app.radio(key="form of stable").set_value("varimax").run()
    app.radio(key="form of stable").set_value("chosen").run()
    press(app, "Start the run")
    assert [settings.form for settings in started] == ["varimax", None]
    app = open_page(preset="stable", changed='{"factor_model.factors":4}')
    assert app.radio(key="form of stable").value == "principal"
    assert len(app.radio(key="form of stable").options) == 3


def test_train_offers_to_train_the_encoder_too(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page(preset="quick")
    app.toggle(key="unfreeze").set_value(True).run()
    next(button for button in app.button if button.label == "Start the run").click().run()
    assert [settings.classifier for settings in started] == [preset("quick", unfreeze=True).classifier]
    assert started[0].classifier.phases


def test_train_warns_of_what_the_article_costs(with_run: Store) -> None:
    app = open_page(preset="article")
    assert "WikiText-103" in app.warning[0].value
