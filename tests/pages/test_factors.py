"""The page Factors."""

import json

import pandas as pd
import pytest
from support.pages import charts, open_page, shown_text
from support.run_folders import RUN, add_run

from core.results.factor_names import read_names, write_names
from core.results.verdict import VERDICTS
from core.store import Store

VIEWS = ["Factor", "Film", "Map", "Model", "Names and downloads"]


def test_a_factor_and_a_film_open_by_link(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = open_page("pages/2_Factors.py", factor="2", film=str(film.film_id))
    assert not app.exception and "in the link" not in shown_text(app)
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
    assert "Fewer than two films have 1,000,000 ratings" in shown_text(app)
    app.number_input(key="least").set_value(0).run()
    assert charts(app)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_factors_shows_its_main_thing(view: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    main = {
        "Factor": lambda: "Most similar factors" in shown_text(app),
        "Film": lambda: len(charts(app)) == 1 and "weights rest on" in shown_text(app),
        "Map": lambda: len(charts(app)) == 1 and "lasso" in shown_text(app),
        "Model": lambda: "RMSE" in str(app.metric) and "principal angles" in shown_text(app),
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
        assert "95 % interval" not in everything(view)
    for k in range(4):
        films[f"low_{k}"], films[f"high_{k}"] = films[f"weight_{k}"] - 1, films[f"weight_{k}"] + 1
    films.to_parquet(path)
    assert {"low", "high"} <= set(coverage())
    for view in ("Factor", "Film", "Map"):
        assert "95 % interval" in everything(view)
    assert {"low", "high"} <= set(open_page("pages/2_Factors.py", view="Film").dataframe[1].value)
    assert "Faint" in shown_text(open_page("pages/2_Factors.py", view="Map"))


def coverage() -> list[str]:
    return list(open_page("pages/3_Reviews.py").dataframe[-1].value)


def everything(view: str) -> str:
    """Return the charts and text of a view of the factors, without stability and readability."""
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    said = [
        line
        for line in shown_text(app).splitlines()
        if "over random halvings" not in line and "eadab" not in line
    ]
    return "\n".join(said) + json.dumps(charts(app), ensure_ascii=False)


def test_names_are_taken_over_from_a_run_with_the_same_factors(with_run: Store) -> None:
    other = "20261124-130000-abcd"
    add_run(with_run, other, out=with_run.root / "runs" / RUN / "out", name="named before")
    write_names(with_run.root / "runs" / other / "out", {2: "dark thrillers"})
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    next(button for button in app.button if button.label == "Take over 1 name").click().run()
    assert not app.exception
    assert read_names(with_run.root / "runs" / RUN / "out") == {2: "dark thrillers"}
