"""The page Train, and what it shows: settings and their meanings, curves, runs side by side, a run as a zip."""

import io
import json
import math
import shutil
import zipfile
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from core import figures, jobs
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.errors import BadInput, BadSettings, StorageError
from core.jobs.export import zipped
from core.jobs.recorder import MOST_POINTS, Recorder, with_point
from core.progress import against, named, part
from core.results.comparison import caveats, result_line, result_of, side_by_side, usual_seconds
from core.results.curves import BASELINES, axes_of, recorded, steps_of
from core.settings import (
    PRESETS,
    ClassifierSettings,
    FactorModelSettings,
    LanguageModelSettings,
    Phase,
    RunSettings,
    SelectionSettings,
    StabilitySettings,
    meanings,
    preset,
    settings_from_dict,
    with_changes,
)
from core.settings.changes import changes, differences
from core.settings.presets import UNFREEZING
from core.store import Store
from core.training.device import KEY

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO = "20261124-120000-aaa1", "20261124-120000-aaa2"
STAGES = {
    "factor_model": FactorModelSettings,
    "stability": StabilitySettings,
    "selection": SelectionSettings,
    "language_model": LanguageModelSettings,
    "classifier": ClassifierSettings,
}
BITES = "<b>Bold</b> *run* [x](http://x) " + "long " * 2000
pytestmark = [
    # Said inside Streamlit and its server, about their own code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def record(settings: RunSettings, **changed: Any) -> dict[str, Any]:
    """What `run.json` would hold of a small run."""
    grade = {"lrap": 0.5, "lrap_baseline": 0.4, "lrap_interval": [0.45, 0.55]}
    grade |= {"lrap_gain": 0.1, "lrap_gain_interval": [0.05, 0.15], "per_label": []}
    found = {
        "ratings": {"name": "planted", "users": 400, "films": 120, "ratings": 20_000, "licence": "free"},
        "reviews": {"source": "planted", "title": "Planted", "reviews": 960, "films_with_reviews": 120},
        "factor_model": {
            "factors": 2,
            "method": "dot-bias",
            "rmse_valid": 0.5,
            "rmse_means": 0.6,
            "seconds": 1.0,
            "losses": [{"epoch": 1, "train": 0.4, "valid": 0.3}, {"epoch": 2, "train": 0.2, "valid": 0.25}],
        },
        "stability": {"factors": [{"factor": 0, "verdict": "stable"}, {"factor": 1, "verdict": "noise"}]},
        "readability": {"per_label": [{"factor": 0, "readable": True}]},
        "classifier": grade
        | {"labels": [0, 1], "films_held_out": 120, "reviews_held_out": 960, "split": "films", "losses": []},
        "dominating_factor": 0,
        "predictions": {"predicted": 100, "of_dominating": 60, "share": 0.6},
        "settings": asdict(settings),
        "seed": settings.seed,
        "seconds": 10.0,
    }
    return found | changed


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty cache folder of the pages, in which nothing is ever started."""
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: "")
    return Store(tmp_path / "cache")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSettings]:
    """The settings of the runs that the page asks for."""
    asked: list[RunSettings] = []

    def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
        asked.append(settings)
        return ONE

    monkeypatch.setattr(jobs, "start", start)
    return asked


def add_run(
    store: Store, run_id: str, settings: RunSettings, state: str = "done", name: str = "a run", **changed: Any
) -> None:
    """Lay down a run that has ended, with its record where it is done."""
    folder = store.root / "runs" / run_id
    (folder / "out").mkdir(parents=True)
    job = {"name": name, "created": 1.7e9, "attempt": 1, "settings": asdict(settings)}
    (folder / "job.json").write_text(json.dumps(job))
    progress = {"attempt": 1, "state": state, "worker": 1, "starts": 1, "current": None, "error": None}
    (folder / "progress.json").write_text(
        json.dumps(progress | {"stages": [], "started": 1.7e9, "finished": 1.7e9})
    )
    if state == "done":
        (folder / "out" / "run.json").write_text(json.dumps(record(settings, **changed)))


SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


@pytest.fixture
def two_runs(store: Store) -> Store:
    add_run(store, ONE, SETTINGS, name="one")
    other = replace(SETTINGS, seed=7)
    add_run(store, TWO, other, name="two", ratings=record(other)["ratings"] | {"name": "mine"})
    return store


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page("pages/1_Train.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    """Return all that the page says outside its tables and charts, without the escapes."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "text", "toast")
    return "\n".join(str(e.value) for kind in kinds for e in getattr(app, kind)).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


# Points of curves.


def test_a_point_goes_through_parts_with_its_baselines_and_stops_where_another_piece_speaks() -> None:
    heard: list[Any] = []

    def report(stage: str, done: float, message: str, values: Any = None) -> None:
        heard.append((stage, done, values))

    inner = against(part(report, 0.5, 1.0), {"means": 0.9})
    inner("factor model", 0.5, "", {"step": 1, "trained on": 0.7})
    inner("factor model", 1.0, "")
    named(inner, "stability")("factor model", 0.5, "", {"step": 1})
    assert heard == [
        ("factor model", 0.75, {"step": 1, "trained on": 0.7, "means": 0.9}),
        ("factor model", 1.0, None),
        ("stability", 0.75, None),
    ]


def test_a_long_curve_is_thinned_and_leaves_no_gap_and_each_kind_of_point() -> None:
    points: list[dict[str, float]] = []
    for step in range(1, 3001):
        points = with_point(points, {"step": step / 100, "trained on": 1.0})
        if step % 1000 == 0:
            points = with_point(points, {"step": step / 100, "kept out": 1.0})
    within = [point["step"] for point in points if "trained on" in point]
    gaps = [after - before for before, after in zip(within, within[1:], strict=False)]
    assert len(within) <= MOST_POINTS and within[0] == 0.01
    assert max(gaps) < 0.01 * within[-1]
    assert [point["step"] for point in points if "kept out" in point] == [10, 20, 30]


def test_a_recorder_keeps_the_curves_of_each_stage(store: Store) -> None:
    add_run(store, ONE, SETTINGS, state="cancelled")
    folder = store.root / "runs" / ONE
    recorder = Recorder(folder, 2, ("first", "second"))
    recorder("first", 0.5, "at work", {"step": 1, "trained on": 0.5})
    recorder("first", 1, "is built", {"step": 2, "trained on": 0.4})
    recorder("second", 1, "nothing to draw")
    recorder.finish("done")
    (folder / "job.json").write_text(
        json.dumps(json.loads((folder / "job.json").read_text()) | {"attempt": 2})
    )
    first, second = jobs.status(ONE, store).stages
    assert first.curve == ({"step": 1, "trained on": 0.5}, {"step": 2, "trained on": 0.4})
    assert second.curve == ()
    # An attempt that finds the stage in the cache draws nothing, and what was drawn stays.
    again = Recorder(folder, 3, ("first", "second"))
    again("first", 1, "is built")
    again.finish("done")
    assert len(jobs.record.curves_of(folder)["first"]) == 2


def test_the_time_left_of_a_stage_goes_by_its_pace() -> None:
    stage = jobs.StageStatus("first", 0.25, "", None, began=100.0)
    assert stage.seconds_left(110.0) == pytest.approx(30.0)
    assert stage.seconds_left(101.0) is None
    assert replace(stage, began=None).seconds_left(110.0) is None


def test_curves_of_a_record_stand_beside_the_baseline() -> None:
    found = recorded(record(SETTINGS))
    assert found == {
        "factor model": (
            {"step": 1, "trained on": 0.4, "kept out": 0.3, "means of films and users": pytest.approx(0.36)},
            {"step": 2, "trained on": 0.2, "kept out": 0.25, "means of films and users": pytest.approx(0.36)},
        )
    }
    assert axes_of("factor model", "gibbs").step == "sweep"
    assert [steps_of("factor model", preset(name)) for name in PRESETS] == [6, 5, 6, 220, 200]
    assert [steps_of("classifier", preset("quick", unfreeze=on)) for on in (False, True)] == [5, 9]
    figure: go.Figure = figures.curves(found["factor model"], BASELINES, "epoch", "error")
    assert [(line.name, line.line.dash) for line in figure.data] == [
        ("trained on", "solid"),
        ("kept out", "dot"),
        ("means of films and users", "dash"),
    ]


# Settings.


def test_every_setting_has_its_meaning() -> None:
    for kind in (*STAGES.values(), RunSettings, Phase):
        known = meanings().get(kind.__name__, {})
        own = {field.name for field in fields(kind)} - {"preset", *STAGES}
        assert own <= set(known) and all(known[name].endswith(".") for name in own)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("factor_model.batch_size", 0),
        ("factor_model.learning_rate", -0.1),
        ("factor_model.valid_share", 1.0),
        ("stability.stable_from", math.nan),
        ("language_model.rate", math.inf),
        ("language_model.drop_mult", 9.0),
        ("classifier.head_epochs", 0),
        ("classifier.folds", 1),
        ("classifier.phases", [{"unfrozen": 0, "epochs": 0, "rate": 0.1}]),
        ("selection.films", 1),
        ("language_model.start", "nothing"),
        ("no.setting", 1),
        ("selection.no", 1),
    ],
)
def test_nonsense_is_refused_before_any_work(name: str, value: Any) -> None:
    with pytest.raises(BadSettings):
        with_changes(preset("quick"), {name: value})


def test_all_presets_are_in_range_and_changes_name_what_differs() -> None:
    for name in PRESETS:
        assert changes(preset(name, ratings="planted")) == {}
    settings = with_changes(preset("stable"), {"factor_model.factors": 4, "seed": 7})
    assert settings.form == "principal"
    assert changes(settings) == {
        "factor_model.factors": (4, None),
        "seed": (7, 42),
        "form": ("principal", None),
    }


# Comparing and exporting.


def test_runs_are_compared_with_baselines_intervals_and_caveats() -> None:
    one = result_of(record(SETTINGS))
    assert (one.stable, one.readable, one.labels, one.cached) == (1, 1, 2, False)
    assert "RMSE 0.500 stars (means of films and users 0.600)" in result_line(one)
    assert caveats(one, one) == []
    other = replace(one, ratings=one.ratings | {"ratings": 5}, labels=3)
    assert ["RMSE" in caveats(one, other)[0], "LRAP" in caveats(one, other)[1]] == [True, True]
    assert "may be chance" in caveats(one, replace(one, kept_out=(0.2, 7)))[0]
    cells = side_by_side(one, other).set_index("measure")["first"]
    assert cells.filter(like="LRAP;").item().startswith("0.500 (95 % interval 0.450 to 0.550); baseline")
    assert cells["Dominating factor"] == "factor 0: 60% of 100 predictions"
    table = differences(asdict(SETTINGS), asdict(replace(SETTINGS, seed=7)))
    assert table.to_dict("records") == [{"setting": "seed", "first": "42", "second": "7"}]


def test_what_came_from_the_cache_is_no_cost() -> None:
    runs = [result_of(record(SETTINGS, seconds=seconds)) for seconds in (0.5, 10.0, 20.0, 60.0)]
    assert usual_seconds(runs) == (20.0, 3)
    assert usual_seconds(runs[:1]) is None


def test_a_zip_holds_the_whole_files_of_one_run_alone(store: Store, tmp_path: Path) -> None:
    add_run(store, ONE, SETTINGS)
    add_run(store, TWO, SETTINGS)
    out = jobs.run_folder(ONE, store)
    (out / "classifier").mkdir()
    (out / "classifier" / "vocab.json").write_text("[]")
    (out / ".writing-x").mkdir()
    (out / ".writing-x" / "half.parquet").write_text("half")
    (out / "link.json").symlink_to(tmp_path)
    (store.root / "uploads").mkdir()
    (store.root / "uploads" / "mine.csv").write_text("secret")
    with zipped(ONE, store) as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [f"{ONE}/classifier/vocab.json", f"{ONE}/run.json"]
        assert json.loads(archive.read(f"{ONE}/run.json"))["seed"] == 42
    with pytest.raises(BadInput, match="no files"):
        zipped("20261124-120000-aaa9", store)


def test_texts_that_nobody_may_keep_are_not_in_the_zip(store: Store) -> None:
    add_run(store, ONE, SETTINGS)
    old = {"review": "Nobody may keep this.", "source": "tmdb", "fetched": "2020-01-01T00:00:00+00:00"}
    reviews = pd.DataFrame([old, {**old, "review": "Mine.", "source": "mine.csv"}])
    reviews.to_parquet(jobs.run_folder(ONE, store) / "labelled_reviews.parquet")
    with zipped(ONE, store) as file, zipfile.ZipFile(file) as archive:
        content = archive.read(f"{ONE}/labelled_reviews.parquet")
    assert pd.read_parquet(io.BytesIO(content)).review.tolist() == [WITHHELD, "Mine."]


def test_a_full_disk_is_said_and_leaves_the_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_run(store, ONE, SETTINGS, name="before")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.record.write_json", full)
    with pytest.raises(StorageError, match="full"):
        jobs.rename(ONE, "after", store)
    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(StorageError, match="full"):
        zipped(ONE, store)
    assert jobs.status(ONE, store).name == "before"


def test_a_name_of_any_kind_is_one_short_line(store: Store) -> None:
    add_run(store, ONE, SETTINGS, name=BITES)
    assert len(jobs.status(ONE, store).name) <= 80
    jobs.rename(ONE, " my\n run ", store)
    assert jobs.status(ONE, store).name == "my run"
    jobs.rename(ONE, "  ", store)
    assert jobs.status(ONE, store).name == ONE
    with pytest.raises(BadInput):
        jobs.rename(TWO, "x", store)


# The page.


def test_presets_are_cards_and_the_chosen_one_says_so_in_words(two_runs: Store) -> None:
    app = open_page()
    labels = [button.label for button in app.button]
    assert labels[:4] == ["Quick is chosen", "Choose Accurate", "Choose Stable", "Choose Article"]
    assert "10 s with other data (median of 2 runs)" in words(app)
    press(app, "Choose Stable")
    assert "Stable is chosen" in [button.label for button in app.button]
    assert app.query_params["preset"] in ("stable", ["stable"])
    assert app.number_input(key="factors of stable").value is None
    app.selectbox(key="Ratings source").select("planted")
    app.multiselect(key="Reviews sources").set_value(["planted"]).run()
    assert "10 s with these data (median of 1 run)" in words(app)


def test_the_device_is_told_once_a_worker_found_it_out(two_runs: Store) -> None:
    assert "found out when the first run starts" in words(open_page())
    two_runs.put(KEY, {"kind": "cuda", "name": "NVIDIA A100", "cores": 8})
    assert "CUDA, NVIDIA A100; 8 processor cores" in words(open_page())


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
    said = words(app)
    if "Phases, a row each" in said:
        drawn.add("phases")
    assert drawn == {field.name for field in fields(STAGES[stage])}
    assert all(text.replace("`", "") in said for text in meanings()[STAGES[stage].__name__].values())


def test_a_changed_setting_reaches_the_run_is_named_and_goes_back(
    two_runs: Store, started: list[RunSettings]
) -> None:
    app = open_page()
    app.session_state["all settings"] = True
    app.run()
    app.number_input(key="all factor_model.epochs").set_value(9).run()
    app.number_input(key="all factor_model.learning_rate").set_value(0.01).run()
    back = "epochs (factor model) 9, preset 6"
    assert back in [button.label.replace("\\", "") for button in app.button]
    next(button for button in app.button if button.label.replace("\\", "") == back).click().run()
    press(app, "Start the run")
    assert started == [with_changes(preset("quick"), {"factor_model.learning_rate": 0.01})]
    app = open_page(changed='{"factor_model.epochs":9,"seed":7}')
    press(app, "All back to the preset's own")
    assert "Changed from the preset" not in words(app)
    press(app, "Start the run")
    assert started[-1] == preset("quick")


def test_settings_out_of_range_are_one_sentence(two_runs: Store, started: list[RunSettings]) -> None:
    app = open_page(changed='{"factor_model.epochs": 8}')
    app.number_input(key="films").set_value(20_000).run()
    press(app, "Start the run")
    assert not app.exception and not started
    assert "Films is 20000; choose a whole number from 2 to 10000" in app.error[0].value.replace("\\", "")


def test_a_link_fills_the_form_and_nonsense_in_it_is_said(
    two_runs: Store, started: list[RunSettings]
) -> None:
    app = open_page(preset="accurate", ratings="planted", reviews="planted", changed='{"seed":7}')
    press(app, "Start the run")
    assert started == [preset("accurate", ratings="planted", reviews="planted", seed=7)]
    for changed in ("nonsense", "[1]", '{"factor_model.epochs":0}', '{"no":1}'):
        app = open_page(changed=changed)
        assert not app.exception and "cannot be used" in words(app)
    app = open_page(preset="no", ratings="no")
    assert "not a preset" in words(app) and "not a source of ratings" in words(app)


def test_the_encoder_trains_too_by_one_switch(two_runs: Store, started: list[RunSettings]) -> None:
    app = open_page()
    app.toggle(key="unfreeze").set_value(True).run()
    press(app, "Start the run")
    assert started[-1].classifier == UNFREEZING
    assert "watch it at the top" in words(app)
    app = open_page()
    app.toggle(key="unfreeze").set_value(True).run()
    app.toggle(key="unfreeze").set_value(False).run()
    press(app, "Start the run")
    assert started[-1] == preset("quick")


def test_a_run_is_shown_with_results_and_what_differs(two_runs: Store) -> None:
    add_run(two_runs, "20261124-120000-aaa3", SETTINGS, state="failed", name=BITES)
    app = open_page(part="Runs")
    said = words(app)
    assert not app.exception
    assert "LRAP 0.500 (label frequencies 0.400), 120 films graded" in said
    assert "Quick on planted and planted, differs in factors (factor model) 2 (preset: 50)" in said
    assert "<b>Bold</b>" in said and all("<b>" not in markdown.value for markdown in app.markdown)
    assert "Resume" in [button.label for button in app.button]


def test_a_run_is_renamed_exported_and_deleted(two_runs: Store) -> None:
    app = open_page(part="Runs")
    app.text_input(key=f"name {ONE}").set_value("another *name*")
    press_key(app, f"rename it {ONE}")
    assert "another *name*" in words(app) and jobs.status(ONE, two_runs).name == "another *name*"
    press_key(app, f"zip {ONE}")
    assert not app.exception
    run_id, file = app.session_state["export"]
    assert run_id == ONE and zipfile.ZipFile(file).namelist() == [f"{ONE}/run.json"]
    press_key(app, f"delete {ONE}")
    assert [job.run_id for job in jobs.runs(two_runs)] == [TWO]
    assert not app.exception and "another" not in words(app)


def press_key(app: AppTest, key: str) -> AppTest:
    return next(button for button in app.button if button.key == key).click().run()


def test_the_settings_of_a_run_fill_the_form(two_runs: Store, started: list[RunSettings]) -> None:
    app = open_page(part="Runs")
    press_key(app, f"use {TWO}")
    assert "The form holds the settings" in words(app)
    press(app, "Start the run")
    assert started == [settings_from_dict(asdict(replace(SETTINGS, seed=7)))]


def test_many_runs_are_turned_page_by_page(store: Store) -> None:
    for number in range(25):
        add_run(store, f"20261124-120000-{number:04x}", SETTINGS, name=f"run {number}")
    app = open_page(part="Runs")
    assert sum(button.label == "Look at it" for button in app.button) == 10
    assert "25 runs, 10 a page" in words(app)


def test_two_runs_are_compared_by_link(two_runs: Store) -> None:
    app = open_page(part="Compare", first=ONE, second=TWO)
    assert not app.exception
    assert "different ratings" in words(app)
    results, settings = (table.value for table in app.table)
    assert results.iloc[2, 1].replace("\\", "").startswith("0.500; baseline, means of films and users: 0.600")
    assert settings.iloc[0].tolist() == ["seed", "42", "7"]
    app = open_page(part="Compare", first="gone", second=TWO)
    assert not app.exception and "not a finished run" in words(app)


def test_one_run_cannot_be_compared(store: Store) -> None:
    add_run(store, ONE, SETTINGS)
    assert "two runs have to be done" in words(open_page(part="Compare"))


def test_a_run_whose_record_is_damaged_is_called_that(two_runs: Store) -> None:
    (jobs.run_folder(ONE, two_runs) / "run.json").write_text("{")
    assert "results cannot be read" in words(open_page(part="Runs"))
    app = open_page(part="Compare", first=ONE, second=TWO)
    assert not app.exception and "cannot be read" in words(app)


def test_a_cache_folder_that_is_emptied_while_the_app_runs_is_said(two_runs: Store) -> None:
    app = open_page(part="Runs")
    shutil.rmtree(two_runs.root)
    app.run()
    assert not app.exception and "was emptied while the app ran" in words(app)
    app.run()
    assert not app.exception and "was emptied" not in words(app)
