"""The start page and the guided example: what a run says, which factor serves as an example, and every step."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.small_run import FEW_FITS, TINY

from core import figures, jobs
from core.data.ratings.synthetic import synthetic_world
from core.pipeline import chain as pipeline
from core.progress import silent
from core.results import ground_truth as truth
from core.results.sentences import READABILITY, VERDICTS
from core.results.summary import example_factor, goes_with, story
from core.settings import RunSettings, preset
from core.store import Store
from pages.components.start.guide import RUN, RUN_NAME
from pages.components.start.lesson import STEPS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE, LOOKED_AT = "20261124-110000-abcd", "20261124-120000-abcd"
BITES = "<b>Bold</b> *Film* <img src=x onerror=alert(1)>"
pytestmark = [
    # Said inside Streamlit and its server, about their own code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

RECORD: dict[str, Any] = {
    "ratings": {"users": 10, "films": 7, "ratings": 1000},
    "reviews": {"reviews": 40, "films_with_reviews": 5, "films_without": 1},
    "factor_model": {"factors": 2, "rmse_valid": 0.5, "rmse_means": 0.75},
    "settings": {"factor_model": {"valid_share": 0.2}},
    "stability": {"factors": [{"verdict": "stable"}, {"verdict": "noise"}], "users": 10, "repeats": 5},
    "readability": {"per_label": [{"factor": 0, "readable": True}, {"factor": 1, "readable": None}]},
    "classifier": {
        "labels": [0, 1],
        "split": "films",
        "folds": 5,
        "films_held_out": 30,
        "reviews_held_out": 240,
        "lrap": 0.9,
        "lrap_baseline": 0.7,
        "lrap_gain": 0.2,
        "lrap_gain_interval": [0.1, 0.3],
        "thresholds": [0.5, 0.5],
    },
    "dominating_factor": 0,
    "predictions": {"predicted": 50, "of_dominating": 30, "share": 0.6},
}
TRUTH = pd.DataFrame(
    {
        "film_id": [1, 2, 3, 4],
        "title": ["A", "B", "C", "D"],
        "war": [True, False, True, False],
        "music": [False, True, True, False],
    }
)
FILMS = pd.DataFrame(
    {
        "film_id": [1, 2, 3, 4],
        "title": ["A", "B", "C", "D"],
        "weight_0": [0.3, -0.2, 0.1, 0.0],
        "weight_1": [-1.0, 1.0, 1.0, -1.0],
        "weight_2": [2.0, 0.1, 1.9, 0.0],
    }
)


def test_five_sentences_are_made_from_the_numbers() -> None:
    said = story(RECORD, lambda factor: f"factor {factor} · war")
    assert list(said) == [
        "Data",
        "Ratings kept out",
        "Factors that repeat",
        "What reviews tell",
        "The dominating factor",
    ]
    assert (
        said["Data"] == "1,000 ratings by 10 users of 7 films, and 40 reviews of 5 of the 6 films looked at."
    )
    assert "(20% of all) with an error (RMSE) of 0.500 stars" in said["Ratings kept out"]
    assert "reach 0.750" in said["Ratings kept out"]
    assert "1 factor stable, 0 weak, 1 not distinguishable from noise" in said["Factors that repeat"]
    assert "+0.200 (95 % interval +0.100 to +0.300)" in said["What reviews tell"]
    assert "1 factor readable from reviews, 0 not, 1 not measured" in said["What reviews tell"]
    assert "30 of 50 predictions (60%) are of factor 0 · war; " in said["The dominating factor"]
    assert all(sentence.endswith(".") for sentence in said.values())


def test_what_was_not_measured_is_called_that() -> None:
    older = {"unmeasured": "this run is older"}
    record = RECORD | {
        "stability": older,
        "readability": older | {"per_label": []},
        "dominating_factor": None,
    }
    said = story(record, str)
    assert said["Factors that repeat"].endswith("was not measured: this run is older.")
    assert "not measured: this run is older" in said["What reviews tell"]
    assert said["The dominating factor"].startswith("No factor is predicted in any review.")


def test_the_example_is_the_factor_with_the_best_evidence() -> None:
    stable, weak, noise = VERDICTS.values()
    told, untold = READABILITY[True], READABILITY[False]
    assert example_factor([noise, weak, stable], [told, told, untold], [0.9, 0.8, 0.1]) == 2
    assert example_factor([stable, stable], [told, told], [0.1, 0.2]) == 1
    assert example_factor([noise, weak], [told, untold], [0.9, 0.8]) is None
    assert example_factor(["not measured"], [told], None) is None


def test_only_a_clear_genre_is_named() -> None:
    rows = [
        {
            "factor": 0,
            "kind": "genre",
            "name": "War",
            "effect": 0.5,
            "low": -0.1,
            "high": 1.1,
            "clear": False,
        },
        {
            "factor": 0,
            "kind": "genre",
            "name": "Drama",
            "effect": -0.9,
            "low": -1.2,
            "high": -0.6,
            "clear": True,
        },
        {
            "factor": 0,
            "kind": "year",
            "name": "a decade later",
            "effect": 3,
            "low": 2,
            "high": 4,
            "clear": True,
        },
    ]
    found = pd.DataFrame(rows).assign(films=9)
    assert goes_with(found, 0, "weight").startswith(
        "Its low end goes with Drama: the mean weight of these films"
    )
    assert goes_with(found, 1, "weight") == goes_with(found.head(1), 0, "weight") == ""


def test_each_theme_is_matched_to_the_factor_that_follows_it() -> None:
    found = truth.match(FILMS, TRUTH)
    assert found.theme_of == {1: "music", 2: "war"}
    assert found.correlation.shape == (3, 2)
    assert found.correlation.at[1, "music"] == pytest.approx(1)
    assert found.correlation.at[1, "war"] == pytest.approx(0)


def test_reviews_are_graded_against_what_was_planted() -> None:
    found = truth.match(FILMS, TRUTH)
    predictions = pd.DataFrame(
        [
            (film, f"r{film}", factor, p)
            for factor, ps in ((1, (1, 9, 8, 2)), (2, (9, 1, 1, 9)))
            for film, p in zip((1, 2, 3, 4), ps, strict=True)
        ],
        columns=["film_id", "review_id", "factor", "probability"],
    )
    labelled = pd.DataFrame({"review_id": ["r1", "r2", "r3", "r4"], "held_out": True})
    read = truth.readings(predictions, labelled, TRUTH, found).set_index("theme")
    assert read.auc.to_dict() == {"music": 1.0, "war": 0.5}
    assert read.films.tolist() == [2, 2] and read.reviews.tolist() == [4, 4]
    # What was trained on is not graded.
    assert truth.readings(predictions, labelled.assign(held_out=False), TRUTH, found).empty


def test_a_film_is_set_beside_its_truth_and_the_worst_comes_first() -> None:
    found = truth.match(FILMS, TRUTH)
    counts = pd.DataFrame(
        [(1, "A", 1, 4), (1, "A", 2, 0), (3, "C", 1, 4), (3, "C", 2, 2)],
        columns=["film_id", "title", "factor", "count"],
    ).assign(reviews=4)
    film = truth.film_reading(counts, 1, TRUTH, found)
    assert film[["theme", "count", "planted"]].values.tolist() == [["music", 4, False], ["war", 0, True]]
    wrong = truth.disagreements(counts, TRUTH, found)
    assert wrong[["title", "planted", "read", "off"]].values.tolist() == [
        ["A", "war", "music", 1.0],
        ["C", "war, music", "war, music", 0.25],
    ]
    assert truth.example_film(counts, TRUTH, "war") == 3 and truth.example_film(counts, TRUTH, None) == 1
    tops = pd.DataFrame({"film_id": [1, 1, 3], "factor": [2, 0, 1]})
    assert truth.labels_planted(tops, TRUTH, found) == (3, 2)


def test_a_world_is_told_from_another() -> None:
    world = synthetic_world()
    films = world.ratings.films.assign(ratings=world.ratings.table.groupby("film").size().to_numpy())
    assert truth.is_of(films, world) and truth.is_of(films.head(20), world)
    assert not truth.is_of(films, synthetic_world(seed=1)) and not truth.is_of(films.assign(ratings=1), world)
    assert truth.themes(world).films.sum() == world.labels.sum()


def test_one_who_knows_all_errs_by_noise_and_rounding() -> None:
    sizes = {"films": 400, "users": 2000, "reviews_per_film": 0}
    world, exact = synthetic_world(**sizes), synthetic_world(**sizes, noise=0.0)
    off = world.ratings.table.rating - exact.ratings.table.rating
    # Both are rounded, so their difference holds the rounding twice.
    assert off.pow(2).mean() == pytest.approx(truth.noise_floor() ** 2 + 0.5**2 / 12, rel=0.03)


def test_a_match_is_called_that_and_a_theme_cannot_act() -> None:
    correlation = pd.DataFrame([[0.9, -0.2]], columns=[BITES, "war"])
    chart = figures.agreement(correlation, {0: BITES}, {0: BITES}).to_json()
    assert "match" in chart and "<img" not in chart and "<b>Bold" not in chart


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a small run on the planted world leaves in its folder; its language model is worth nothing."""
    base = tmp_path_factory.mktemp("guide")
    settings = preset(
        "quick", ratings="planted", reviews="planted", films=40, factors=4, top=2, form="varimax"
    )
    small = replace(settings, stability=FEW_FITS, language_model=TINY)
    pipeline.run(small, Store(base / "cache"), silent, base / "out")
    return base / "out"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty cache folder of the pages, in which nothing is ever started."""
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: "")
    return Store(tmp_path / "cache")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RunSettings, str | None]]:
    """The settings and names of the runs that the page asks for."""
    asked: list[tuple[RunSettings, str | None]] = []

    def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
        asked.append((settings, name))
        return LOOKED_AT

    monkeypatch.setattr(jobs, "start", start)
    return asked


@pytest.fixture
def with_run(store: Store, example: Path) -> Store:
    add_run(store, EXAMPLE, "done", example)
    return store


def add_run(store: Store, run_id: str, state: str, out: Path | None = None, name: str = "a run") -> None:
    """Lay down what the jobs would have written of a run in this state."""
    folder = store.root / "runs" / run_id
    folder.mkdir(parents=True)
    # The later the id, the newer the run.
    job = {"name": name, "created": float(run_id[9:15]), "attempt": 1, "settings": {}}
    (folder / "job.json").write_text(json.dumps(job))
    progress = {
        "attempt": 1,
        "state": state,
        "worker": 1,
        "starts": 1,
        "stages": [],
        "current": None,
        "error": "the disk is full" if state == "failed" else None,
        "started": 1.7e9,
        "finished": 1.7e9,
    }
    (folder / "progress.json").write_text(json.dumps(progress))
    if out is not None:
        shutil.copytree(out, folder / "out")


def change(store: Store, run_id: str, **parts: Any) -> None:
    """Change parts of a run's record; a part that is None is left out."""
    path = store.root / "runs" / run_id / "out" / "run.json"
    record = json.loads(path.read_text()) | parts
    path.write_text(json.dumps({key: value for key, value in record.items() if value is not None}))


def open_page(**query: str) -> AppTest:
    """Open the start page as a link does."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "text")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def step_of(app: AppTest) -> str:
    (bar,) = (element for element in app.get("progress"))
    return str(bar.proto.text)


def set_verdicts(store: Store, verdict: str, readable: bool) -> None:
    record = json.loads((store.root / "runs" / EXAMPLE / "out" / "run.json").read_text())
    for row in record["stability"]["factors"]:
        row["verdict"] = verdict
    for row in record["readability"]["per_label"]:
        row["readable"] = readable
    change(store, EXAMPLE, **{part: record[part] for part in ("stability", "readability")})


def test_the_start_page_tells_the_run_and_shows_its_best_factor(with_run: Store) -> None:
    set_verdicts(with_run, "stable", True)
    app = open_page()
    assert not app.exception and not app.error
    for heading in (
        "Data",
        "Ratings kept out",
        "Factors that repeat",
        "What reviews tell",
        "The dominating factor",
    ):
        assert f"**{heading}.**" in words(app)
    assert "chosen by a rule" in words(app) and "stable" in words(app) and READABILITY[True] in words(app)
    app.toggle(key="example as table").set_value(True).run()
    ends = next(table.value for table in app.dataframe if "end" in table.value)
    assert ends.end.tolist() == ["highest"] * 3 + ["lowest"] * 3


def test_where_no_factor_is_supported_none_is_shown(with_run: Store) -> None:
    set_verdicts(with_run, "weak", False)
    app = open_page()
    assert not app.exception
    assert "No factor of this run is supported" in words(app) and "preset “stable”" in words(app)
    assert not [toggle for toggle in app.toggle if toggle.key == "example as table"]


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_every_step_of_the_guide_opens_by_link(step: int, with_run: Store) -> None:
    app = open_page(guide=str(step))
    assert not app.exception and not app.error and not app.warning
    assert step_of(app) == f"Step {step} of {len(STEPS)}"
    assert any(heading.value == STEPS[step - 1][0] for heading in app.subheader)
    assert "**To the class.**" in words(app) and len(app.expander) == 1
    assert len(app.get("plotly_chart")) + len(app.dataframe) >= 1
    assert next(button for button in app.button if button.label == "Back").disabled == (step == 1)


def test_the_guide_is_gone_through_and_left(with_run: Store, example: Path) -> None:
    add_run(with_run, LOOKED_AT, "done", example)
    app = open_page(run=LOOKED_AT)
    click(app, "Guided example: a made-up world whose truth is known")
    assert step_of(app) == "Step 1 of 6"
    click(app, "Next")
    click(app, "Next")
    click(app, "Back")
    assert step_of(app) == "Step 2 of 6" and app.query_params["guide"] in ("2", ["2"])
    click(app, "Leave the guide")
    assert "guide" not in app.query_params and app.session_state["chosen run"] == LOOKED_AT
    assert any(heading.value == "What this run says" for heading in app.subheader)


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
    assert f"{film.title} was planted with" in words(app)
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
    change(with_run, EXAMPLE, stability=None, readability=None, classifier=known)
    app = open_page(guide=str(step))
    assert not app.exception and not app.error
    assert step_of(app) == f"Step {step} of 6"


def test_without_a_run_of_its_own_the_guide_starts_one(
    store: Store, started: list[tuple[RunSettings, str | None]]
) -> None:
    app = open_page(guide="3")
    assert not app.exception and "takes about a minute" in words(app)
    click(app, "Start the example's run")
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
    add_run(store, EXAMPLE, state, name=RUN_NAME)
    app = open_page(guide="2")
    assert not app.exception and said in words(app)
    assert "Leave the guide" in [button.label for button in app.button]
    assert [b.label for b in app.button if b.label.endswith("example's run")] == ([button] if button else [])
    if button:
        click(app, button)
        assert asked == [RUN_NAME if state == "done" else EXAMPLE]


def test_a_run_of_another_world_or_of_many_factors_is_no_example(with_run: Store) -> None:
    films = with_run.root / "runs" / EXAMPLE / "out" / "factors.parquet"
    pd.read_parquet(films).assign(ratings=1).to_parquet(films)
    change(with_run, EXAMPLE, seconds=1.0)
    app = open_page(guide="1")
    assert not app.exception and "Start the example's run" in [button.label for button in app.button]
