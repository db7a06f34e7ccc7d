"""The pages: without a run, with a finished one, with a run that is not there, and with text that bites."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import jobs
from core.errors import BadInput
from core.pipeline import chain as pipeline
from core.results import report
from core.results.factor_names import read_names, write_names
from core.results.sentences import READABILITY, VERDICTS
from core.settings import RunSettings, preset
from core.store import Store
from pages.components.data.own_file import MOST_BYTES, Source
from pages.components.shared.marked import marked
from pages.components.shared.runs import FIRST_RUN
from pages.components.shared.text import plain

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "app.py",
    "pages/1_Train.py",
    "pages/2_Factors.py",
    "pages/3_Reviews.py",
    "pages/4_Predictions.py",
    "pages/5_Try_a_review.py",
]
VIEWS = ["Factor", "Film", "Map", "Model", "Names and downloads"]
NEED_A_RUN = [page for page in PAGES if "Train" not in page]
RUN = "20261124-120000-abcd"
BITES = "<b>Bold</b> *Film* <img src=x onerror=alert(1)> (1999)"
pytestmark = [
    # Said inside Streamlit and its server, about their own code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def finished(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a small run leaves in its folder; one of its films has a title that bites."""
    out = Path(shutil.copytree(small_run, tmp_path_factory.mktemp("pages") / "out"))
    first = pd.read_parquet(out / "chosen_films.parquet").film_id.iloc[0]
    for path in out.glob("*.parquet"):
        table = pd.read_parquet(path)
        if "title" not in table:
            continue
        table.loc[table.film_id == first, "title"] = BITES
        if "review" in table:
            table.loc[table.film_id == first, "review"] = f"A review of {BITES}"
        table.to_parquet(path)
    return out


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty cache folder of the pages, in which nothing is ever started."""
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: "")
    return Store(tmp_path / "cache")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSettings]:
    """The settings of the runs that pages ask for; the run that stands for each is the finished one."""
    asked: list[RunSettings] = []

    def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
        asked.append(settings)
        return RUN

    monkeypatch.setattr(jobs, "start", start)
    return asked


@pytest.fixture
def with_run(store: Store, finished: Path) -> Store:
    add_run(store, RUN, "done")
    shutil.copytree(finished, store.root / "runs" / RUN / "out")
    return store


def add_run(store: Store, run_id: str, state: str, error: str | None = None, name: str = "a run") -> None:
    """Lay down what the jobs would have written of a run in this state."""
    folder = store.root / "runs" / run_id
    folder.mkdir(parents=True)
    job = {"name": name, "created": 1.7e9, "attempt": 1, "settings": {}}
    (folder / "job.json").write_text(json.dumps(job))
    stages = [
        {"name": stage, "done": 1.0, "message": f"{stage} *done*", "seconds": 0.5}
        for stage in pipeline.STAGES
    ]
    progress = {
        "attempt": 1,
        "state": state,
        "worker": 1,
        "starts": 1,
        "stages": stages,
        "current": "report",
        "error": error,
        "started": 1.7e9,
        "finished": 1.7e9,
    }
    (folder / "progress.json").write_text(json.dumps(progress))


def open_page(page: str, **query: str) -> AppTest:
    """Open a page as a link does."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if page != "app.py":
        app.switch_page(page)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    """Return all that the page says outside its tables and charts."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "text")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def charts(app: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


@pytest.mark.parametrize("page", NEED_A_RUN)
def test_without_a_run_a_page_says_what_is_missing_and_what_to_do(page: str, store: Store) -> None:
    app = open_page(page)
    assert not app.exception
    assert "There is no run yet" in words(app)
    assert "Start the quick run" in [button.label for button in app.button]


def test_the_first_start_begins_the_quick_run_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: begun.append(settings))
    open_page("pages/2_Factors.py")
    open_page("app.py")
    assert begun == [FIRST_RUN]


def test_the_quick_run_can_be_started_from_an_empty_page(store: Store, started: list[RunSettings]) -> None:
    app = open_page("app.py")
    next(button for button in app.button if button.label == "Start the quick run").click().run()
    assert started == [FIRST_RUN]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_finished_run(page: str, with_run: Store) -> None:
    app = open_page(page)
    assert not app.exception and not app.error
    assert app.query_params["run"] == [RUN] or app.query_params["run"] == RUN
    main = {
        "app.py": lambda: "LRAP" in words(app) and len(charts(app)) == 1,
        "pages/1_Train.py": lambda: "Start the run" in [button.label for button in app.button],
        "pages/2_Factors.py": lambda: len(charts(app)) >= 3 and "Most similar factors" in words(app),
        "pages/3_Reviews.py": lambda: len(charts(app)) == 2 and "generated" in words(app),
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
    assert ("The disk is full" in words(app)) == (state == "failed")
    next(button for button in app.button if button.label == "Resume this run").click().run()
    assert resumed == [RUN]


def test_a_run_that_waits_shows_its_progress(store: Store) -> None:
    add_run(store, RUN, "running")
    app = open_page("app.py")
    assert not app.exception
    assert "under way" in words(app)


def test_a_damaged_run_gives_one_sentence(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "run.json").write_text("{")
    app = open_page("pages/4_Predictions.py")
    assert not app.exception
    assert len(app.error) == 1 and "run the chain again" in app.error[0].value


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
    write_names(out, dict.fromkeys(range(4), BITES))
    first = str(pd.read_parquet(out / "chosen_films.parquet").film_id.iloc[0])
    app = open_page(page, film=first, **{"view": view} if view else {})
    assert not any(element.allow_html for element in app.markdown)
    kinds = ("markdown", "caption", "warning", "info", "subheader")
    drawn = [element.value for kind in kinds for element in getattr(app, kind)]
    drawn += [element.label for kind in ("button", "toggle") for element in getattr(app, kind)]
    assert not any("<img" in text and "\\<img" not in text for text in drawn)
    assert "<img" not in json.dumps(charts(app))


def test_a_factor_and_a_film_open_by_link(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = open_page("pages/2_Factors.py", factor="2", film=str(film.film_id))
    assert not app.exception and "in the link" not in words(app)
    assert any(heading.value == "Factor 2" for heading in app.subheader)
    assert app.selectbox(key="film picker").value == film.film_id
    assert any(film.title in json.dumps(chart) for chart in charts(app))


@pytest.mark.parametrize(
    ("name", "value"), [("factor", "4"), ("factor", "-1"), ("factor", "<b>"), ("film", "no")]
)
def test_a_link_to_a_factor_or_film_that_is_not_here_says_so(name: str, value: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", **{name: value})
    assert not app.exception
    assert f"is not a {name} of this run" in app.warning[0].value
    assert charts(app)


def test_what_was_picked_stays_in_the_address(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py")
    app.selectbox(key="factor picker").select(3).run()
    assert app.query_params["factor"] in ("3", ["3"])
    assert any(heading.value == "Factor 3" for heading in app.subheader)


def test_a_similar_factor_opens_by_its_button(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", factor="1")
    similar = next(button for button in app.button if button.key and button.key.startswith("alike"))
    similar.click().run()
    assert any(heading.value == f"Factor {similar.key.split()[1]}" for heading in app.subheader)


def test_films_of_few_ratings_are_left_out_until_asked_for(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", least="1000000")
    assert not app.exception
    assert "Fewer than two films have 1,000,000 ratings" in words(app)
    app.number_input(key="least").set_value(0).run()
    assert charts(app)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_factors_shows_its_main_thing(view: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    main = {
        "Factor": lambda: "Most similar factors" in words(app),
        "Film": lambda: len(charts(app)) == 1 and "weights rest on" in words(app),
        "Map": lambda: len(charts(app)) == 1 and "lasso" in words(app),
        "Model": lambda: "RMSE" in str(app.metric) and "principal angles" in words(app),
        "Names and downloads": lambda: "No other run has named factors" in words(app),
    }
    assert main[view]()


def test_a_factor_is_picked_by_number_name_and_stability(with_run: Store) -> None:
    write_names(with_run.root / "runs" / RUN / "out", {1: "dark thrillers"})
    app = open_page("pages/2_Factors.py", view="Map")
    for name in ("factor", "across", "up"):
        named = app.selectbox(key=f"{name} picker").options[1]
        assert named.startswith("factor 1 · dark thrillers (")
        assert named.endswith(("readable from reviews)", "readability not measured)"))
        assert named.rpartition("(")[2].split(",")[0] in VERDICTS.values()


@pytest.mark.parametrize("readable", [True, False, None])
def test_wherever_a_factor_is_called_stable_it_is_said_whether_reviews_tell_it(
    readable: bool | None, with_run: Store
) -> None:
    out = with_run.root / "runs" / RUN / "out"
    record = json.loads((out / "run.json").read_text())
    for row in record["readability"]["per_label"]:
        row["readable"] = readable
    (out / "run.json").write_text(json.dumps(record))
    said = READABILITY[readable]
    for page in ("app.py", "pages/2_Factors.py", "pages/4_Predictions.py"):
        app = open_page(page)
        assert not app.exception
        assert f" {said}" in words(app) + str([toggle.label for toggle in app.toggle])
    app = open_page("pages/4_Predictions.py")
    assert ("No factor of this run can be read" in words(app)) == (readable is False)
    app.toggle(key="readability as table").set_value(True).run()
    assert {word for (word,) in app.dataframe[-1].value.readability} == {said}
    assert said.capitalize() in words(open_page("pages/2_Factors.py", view="Film"))


def test_weights_have_intervals_only_where_the_model_has_a_posterior(with_run: Store) -> None:
    path = with_run.root / "runs" / RUN / "out" / "factors.parquet"
    films = pd.read_parquet(path)
    assert not {"low_0", "high_0"} & set(films)
    assert not {"low", "high"} & set(coverage())
    for view in VIEWS:
        assert "95 % interval" not in everything(view)
    for k in range(4):
        films[f"low_{k}"], films[f"high_{k}"] = films[f"weight_{k}"] - 1, films[f"weight_{k}"] + 1
    films.to_parquet(path)
    assert {"low", "high"} <= set(coverage())
    for view in ("Factor", "Film", "Map"):
        assert "95 % interval" in everything(view)
    assert {"low", "high"} <= set(open_page("pages/2_Factors.py", view="Film").dataframe[1].value)
    assert "Faint" in words(open_page("pages/2_Factors.py", view="Map"))


def coverage() -> list[str]:
    return list(open_page("pages/3_Reviews.py").dataframe[-1].value)


def everything(view: str) -> str:
    """Return the charts and words of a view of the factors, without how far they repeat and are read."""
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    said = [
        line for line in words(app).splitlines() if "over random halvings" not in line and "eadab" not in line
    ]
    return "\n".join(said) + json.dumps(charts(app), ensure_ascii=False)


def test_a_name_is_shown_on_every_page(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", factor="1")
    app.text_input[-1].set_value("dark thrillers")
    next(button for button in app.button if button.label == "Save the name").click().run()
    assert not app.exception
    assert any("dark thrillers" in heading.value for heading in app.subheader)
    out = with_run.root / "runs" / RUN / "out"
    assert read_names(out) == {1: "dark thrillers"}
    write_names(out, dict.fromkeys(range(4), "dark thrillers"))
    for page in ("app.py", "pages/4_Predictions.py"):
        assert "dark thrillers" in words(open_page(page))


def test_names_stand_in_the_report_before_its_charts(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    head = report.with_names(page, {1: "dark & sad"}).partition("<h2>")[0]
    assert head.endswith("</p>") and "<li>factor 1: dark &amp; sad</li>" in head
    assert page.count(report.NAMES) == 1


def test_the_report_says_what_the_reviews_tell(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    for said in ("What the reviews tell", "TF-IDF, logistic regression", "Whether the probabilities hold"):
        assert said in page
    assert page.count("<td>readable from reviews</td>") + page.count("<td>not readable from reviews</td>") > 0


def test_names_are_taken_over_from_a_run_with_the_same_factors(with_run: Store) -> None:
    other = "20261124-130000-abcd"
    add_run(with_run, other, "done", name="named before")
    shutil.copytree(with_run.root / "runs" / RUN / "out", with_run.root / "runs" / other / "out")
    write_names(with_run.root / "runs" / other / "out", {2: "dark thrillers"})
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    next(button for button in app.button if button.label == "Take over 1 name").click().run()
    assert not app.exception
    assert read_names(with_run.root / "runs" / RUN / "out") == {2: "dark thrillers"}


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
    app = open_page(page)
    assert not app.exception and not app.error
    if "Factors" in page:
        assert "older than the comparison with genres" in words(app)
        assert "nothing in common that can be shown" in words(app)
        assert "Not measured" in words(app)
        assert "Readability not measured: this run is older" in words(app).replace("\\", "")
    if "Predictions" in page:
        assert "not measured: this run is older" in words(app)
        assert "not calibrated" in words(app) and len(charts(app)) == 1


def test_train_says_what_is_wrong_with_the_settings(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("pages/1_Train.py")
    app.number_input(key="factors of quick").set_value(3)
    start = next(button for button in app.button if button.label == "Start the run")
    start.click().run()
    assert not app.exception and not started
    assert "Top is 5; choose a whole number from 1 to 3" in app.error[0].value.replace("\\", "")


def test_train_starts_what_was_picked(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("pages/1_Train.py")
    app.selectbox(key="Ratings source").select("planted")
    app.multiselect(key="Reviews sources").set_value(["planted"])
    app.number_input(key="factors of quick").set_value(8)
    app.number_input(key="top of quick").set_value(2)
    next(button for button in app.button if button.label == "Start the run").click().run()
    assert not app.exception
    assert started == [preset("quick", ratings="planted", reviews="planted", factors=8, top=2)]


def test_train_offers_to_train_the_encoder_too(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("pages/1_Train.py")
    app.toggle(key="unfreeze").set_value(True).run()
    next(button for button in app.button if button.label == "Start the run").click().run()
    assert [settings.classifier for settings in started] == [preset("quick", unfreeze=True).classifier]
    assert started[0].classifier.phases


def test_train_warns_of_what_the_article_costs(with_run: Store) -> None:
    app = open_page("pages/1_Train.py")
    app.button(key="choose article").click().run()
    assert "WikiText-103" in app.warning[0].value


def test_predictions_turn_pages_filter_and_leave_out_the_dominating_factor(with_run: Store) -> None:
    app = open_page("pages/4_Predictions.py")
    assert len(panels(app)) == 24
    app.text_input(key="title").set_value("FILM 01").run()
    assert 0 < len(panels(app)) < 24 and all("film 01" in title for title in panels(app))
    app.text_input(key="title").set_value("no such film").run()
    # What the reviews tell, and whether the probabilities hold, stay.
    assert len(charts(app)) == 2 and "No film of this run" in words(app)
    record = json.loads((with_run.root / "runs" / RUN / "out" / "run.json").read_text())
    app.text_input(key="title").set_value("").run()
    app.toggle(key="without").set_value(True).run()
    assert not app.exception
    (bars,) = (trace for trace in charts(app)[0]["data"] if trace["type"] == "bar")
    assert record["dominating_factor"] not in {row[1] for row in bars["customdata"]}


def panels(app: AppTest) -> list[str]:
    return [note["text"] for note in charts(app)[0]["layout"]["annotations"]]


def test_long_passages_without_a_mark_are_shown_by_their_ends() -> None:
    page = marked("a" * 900 + "word", [{"start": 900, "end": 904, "effect": 1.0}], [])
    assert f"</p>{'a' * 200} […] {'a' * 200}<mark" in page


def test_marks_tell_for_from_against_without_colour_and_stronger_from_weaker() -> None:
    moved = [
        {"start": 7, "end": 12, "effect": -0.5},
        {"start": 0, "end": 4, "effect": 1.0},
    ]
    page = marked("Good & <bad> film", moved, {"film"}).partition("</p>")[2]
    assert page == (
        '<mark class="for" style="--much: 1.00" title="+1.000">Good<sup>+</sup></mark> &amp; '
        '<mark class="against" style="--much: 0.57" title="-0.500">&lt;bad&gt;<sup>−</sup></mark> <i>film</i></div>'
    )


class Upload:
    """What the uploader of Streamlit gives."""

    def __init__(self, name: str, content: bytes, size: int | None = None) -> None:
        self.name, self.content, self.size = name, content, len(content) if size is None else size

    def getvalue(self) -> bytes:
        return self.content


def test_an_upload_is_kept_inside_its_folder(store: Store) -> None:
    saved = Path(Source("x", "", Upload("../../.etc/pass wd<b>.csv", b"user,film"), store).saved())
    assert saved.parents[1] == store.root / "uploads"
    assert saved.read_bytes() == b"user,film"
    assert saved.name.endswith("pass_wd_b_.csv")


def test_an_upload_that_is_too_large_and_a_missing_one_are_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="more than 200 MB"):
        Source("x", "", Upload("a.csv", b"", MOST_BYTES + 1), store).saved()
    with pytest.raises(BadInput, match="no file was given"):
        Source("x", "", None, store).saved()


def test_plain_text_has_no_markdown_left() -> None:
    assert plain("[a](http://b) `c`\n# d") == r"\[a\]\(http\://b\) \`c\` \# d"
