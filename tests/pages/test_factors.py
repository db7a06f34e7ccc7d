"""The page Factors: links, its tabs, and its files."""

import json
import re

import pandas as pd
import pytest
from support.factor_pages import SUGGESTED, click, download_labels, factor_page, has_heading
from support.pages import charts, open_page, query_value, shown_text
from support.run_folders import RUN, add_run, change_record

from core.results.factor_names import read_names, write_names
from core.results.tables import factors as profiles
from core.results.verdict import VERDICTS
from core.store import Store
from pages.components.factors.downloads import with_both_names
from pages.components.shared.factors import factors_of
from pages.components.shared.runs import open_run

VIEWS = ["Factor", "All factors", "Film", "Map", "Model", "Names and downloads"]


def test_a_factor_and_a_film_open_by_link(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = open_page("pages/2_Factors.py", factor="2", film=str(film.film_id))
    assert not app.exception and "in the link" not in shown_text(app)
    assert has_heading(app, 2)
    app = open_page("pages/2_Factors.py", film=str(film.film_id), view="Film")
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
    assert has_heading(app, 3)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_factors_shows_its_main_thing(view: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    main = {
        "Factor": lambda: "Similar factors" in shown_text(app),
        "All factors": lambda: "**High:**" in shown_text(app),
        "Film": lambda: len(charts(app)) == 1 and "weights rest on" in shown_text(app),
        "Map": lambda: len(charts(app)) == 1 and "lasso" in shown_text(app),
        "Model": lambda: "RMSE" in str(app.metric) and "a space of factors" in shown_text(app),
        "Names and downloads": lambda: "No other run has named factors" in shown_text(app),
    }
    assert main[view]()


def test_a_factor_is_picked_by_number_name_and_verdict(with_run: Store) -> None:
    write_names(with_run.root / "runs" / RUN / "out", {1: "dark thrillers"})
    app = open_page("pages/2_Factors.py", view="Map")
    for name in ("factor", "across", "up"):
        named = app.selectbox(key=f"{name} picker").options[1]
        assert named in [f"factor 1 · dark thrillers ({word})" for word in VERDICTS]


def test_weights_have_intervals_only_where_the_model_has_a_posterior(with_run: Store) -> None:
    path = with_run.root / "runs" / RUN / "out" / "factors.parquet"
    films = pd.read_parquet(path)
    assert not {"low_0", "high_0"} & set(films)
    assert not {"low", "high"} & set(coverage())
    for view in VIEWS:
        assert "95% interval" not in everything(view)
    for k in range(4):
        films[f"low_{k}"], films[f"high_{k}"] = films[f"weight_{k}"] - 1, films[f"weight_{k}"] + 1
    films.to_parquet(path)
    assert {"low", "high"} <= set(coverage())
    for view in ("Factor", "Film", "Map"):
        assert "95% interval" in everything(view)
    assert {"low", "high"} <= set(open_page("pages/2_Factors.py", view="Film").dataframe[0].value)
    assert "Faint" in shown_text(open_page("pages/2_Factors.py", view="Map"))


def coverage() -> list[str]:
    return list(open_page("pages/3_Reviews.py", show="Coverage").dataframe[-1].value)


def everything(view: str) -> str:
    """Return the charts and text of a view of the factors, without stability, readability and words."""
    app = open_page("pages/2_Factors.py", view=view, know="true")
    assert not app.exception and not app.error
    said = [
        line
        for line in shown_text(app).splitlines()
        if "halvings" not in line and "eadab" not in line and "decade" not in line
    ]
    drawn = [chart for chart in charts(app) if not re.search("correlation|Decades", json.dumps(chart))]
    return "\n".join(said) + json.dumps(drawn, ensure_ascii=False)


def test_names_are_taken_over_from_a_run_with_the_same_factors(with_run: Store) -> None:
    other = "20261124-130000-abcd"
    add_run(with_run, other, out=with_run.root / "runs" / RUN / "out", name="named before")
    write_names(with_run.root / "runs" / other / "out", {2: "dark thrillers"})
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    next(button for button in app.button if button.label == "Copy 1 name").click().run()
    assert not app.exception
    assert read_names(with_run.root / "runs" / RUN / "out") == {2: "dark thrillers"}


def test_words_weights_factors_and_names_are_downloaded(with_words: Store) -> None:
    assert download_labels(with_words) == [
        "Weights (CSV)",
        "Weights (Parquet)",
        "Factors (CSV)",
        "Words (CSV)",
        "Words (Parquet)",
        "Names (JSON)",
    ]


def test_the_factors_file_tells_given_names_from_suggested_ones(with_words: Store) -> None:
    write_names(with_words.root / "runs" / RUN / "out", {2: "war films"})
    about = factors_of(open_run(RUN, with_words))
    films = pd.DataFrame({"title": ["A", "B"], **{f"weight_{k}": [0.0, 1.0] for k in range(4)}})
    file = with_both_names(profiles.overview(films, about.verdict_words, None, about.names), about)
    assert list(file)[:4] == ["factor", "name", "suggested", "verdict"]
    assert file["name"].tolist() == ["", "", "war films", ""] and file.suggested.tolist() == SUGGESTED
    assert set(file.verdict) <= set(VERDICTS)


def test_buttons_lead_to_the_factors_before_and_after(with_run: Store) -> None:
    app = factor_page(0)
    assert app.button(key="previous factor").disabled
    click(app, "next factor")
    assert has_heading(app, 1) and query_value(app, "factor") == "1"
    assert has_heading(click(app, "previous factor"), 0)
    assert factor_page(3).button(key="next factor").disabled
    shortcuts = [
        button.proto.shortcut for button in app.button if button.key in ("previous factor", "next factor")
    ]
    assert shortcuts == ["p", "n"]


def test_the_next_factor_is_shown_in_the_tab_that_is_open(with_run: Store) -> None:
    app = factor_page(1, view="Map")
    click(app, "next factor")
    assert app.selectbox(key="across picker").value == 2 and query_value(app, "view") == "Map"


def test_the_page_opens_with_the_best_factor_and_what_it_is_about(with_words: Store) -> None:
    app = open_page("pages/2_Factors.py")
    about = factors_of(open_run(RUN, with_words))
    assert has_heading(app, profiles.listed(about.verdict_words, about.strengths)[0])
    head = [line for line in shown_text(factor_page(0)).splitlines() if line.startswith("**High:**")]
    assert len(head) == 1 and "reviews say “zebra”." in head[0]


def with_factors(store: Store, count: int) -> None:
    """Give a run so many factors: copies of its own, or fewer of them."""
    out = store.root / "runs" / RUN / "out"
    films = pd.read_parquet(out / "factors.parquet")
    weights = {f"weight_{k}": films[f"weight_{k % 4}"] for k in range(count)}
    films.drop(columns=[f"weight_{k}" for k in range(4)]).assign(**weights).to_parquet(
        out / "factors.parquet"
    )
    for name in ("top_factors", "associations", "frequencies", "predictions"):
        rows = pd.read_parquet(out / f"{name}.parquet")
        rows[rows.factor < count].to_parquet(out / f"{name}.parquet")
    record = json.loads((out / "run.json").read_text())
    model = record["factor_model"] | {"factors": count}
    model["strengths"] = [(model["strengths"] or [1.0] * 4)[k % 4] for k in range(count)]
    stability = record["stability"]
    stability["factors"] = [stability["factors"][k % 4] | {"factor": k} for k in range(count)]
    grades = {}
    for part in ("readability", "classifier"):
        grades[part] = record[part] | {
            "per_label": [row for row in record[part]["per_label"] if row["factor"] < count]
        }
    change_record(
        store, RUN, factor_model=model, stability=stability, words=None, suggested_names=None, **grades
    )


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("view", VIEWS)
def test_one_factor_and_fifty_are_shown(view: str, count: int, with_run: Store) -> None:
    with_factors(with_run, count)
    app = open_page("pages/2_Factors.py", view=view, know="true", factors_as_table="true")
    assert not app.exception and not app.error
    assert len(app.selectbox(key="factor picker").options) == count
    if count == 1 and view == "Factor":
        assert app.button(key="previous factor").disabled and app.button(key="next factor").disabled
        assert "This run has only one factor" in shown_text(app)


def test_that_the_model_has_not_learnt_is_said_first_and_the_better_preset_offered(with_run: Store) -> None:
    record = json.loads((with_run.root / "runs" / RUN / "out" / "run.json").read_text())
    bad = {"rmse_valid": 1.03, "rmse_means": 0.81, "rmse_gain_interval": [-0.3, -0.1], "method": "dot-bias"}
    change_record(with_run, RUN, factor_model=record["factor_model"] | bad)
    app = factor_page(1)
    assert app.info[0].value.startswith("**This recommender predicts ratings no better than plain means")
    assert any(button.label == "Run the preset Accurate on the same data" for button in app.button)
    for view in ("One factor", "All factors"):
        shown = shown_text(factor_page(1, view=view))
        assert not re.search(r"badge\[[^]]*(solid|shaky|chance)", shown)
        assert "chance:" not in shown and "may be chance" not in shown
