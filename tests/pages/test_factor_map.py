"""The page Factors, its map, and a film that opens from it."""

import pandas as pd
from support.factor_pages import click, factor_page
from support.pages import charts, open_page, query_value, shown_text
from support.run_folders import RUN

from core.results.tables import factors as profiles
from core.store import Store
from pages.components.shared.factors import factors_of
from pages.components.shared.runs import open_run


def test_films_of_few_ratings_are_left_out_until_asked_for(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", least="1000000")
    assert not app.exception
    assert "Fewer than two films have 1,000,000 ratings" in shown_text(app)
    app.number_input(key="least").set_value(0).run()
    assert charts(app)


def test_the_map_opens_on_the_factor_picked_unless_the_link_says_otherwise(with_run: Store) -> None:
    strengths = open_run(RUN, with_run).record.factor_model.strengths
    about = factors_of(open_run(RUN, with_run))
    best = next(k for k in profiles.listed(about.verdict_words, strengths) if k != 2)
    app = factor_page(2, view="Map")
    assert [app.selectbox(key=f"{axis} picker").value for axis in ("across", "up")] == [2, best]
    app.selectbox(key="factor picker").select(1).run()
    assert app.selectbox(key="across picker").value == 1
    app = factor_page(2, view="Map", across="3", up="0")
    assert [app.selectbox(key=f"{axis} picker").value for axis in ("across", "up")] == [3, 0]


def test_the_map_is_coloured_by_genre_and_without_genres_all_are_other(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    genres = [trace.get("name") for trace in charts(factor_page(0, view="Map"))[0]["data"][:-1]]
    assert 2 <= len(genres) <= 9
    (out / "films.parquet").unlink()
    (chart,) = charts(factor_page(0, view="Map"))
    assert [trace.get("name") for trace in chart["data"][:-1]] == ["other"]


def test_films_that_are_farthest_out_bear_their_titles(with_run: Store) -> None:
    films = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet")
    points = films[["title"]].assign(x=films.weight_0, y=films.weight_1)
    (chart,) = charts(factor_page(0, view="Map", across="0", up="1"))
    # The label of the film picked has an arrow.
    notes = [note for note in chart["layout"]["annotations"] if not note["showarrow"]]
    rim = points.iloc[profiles.farthest_out(points)]
    titles = {(point.x, point.y): point.title for point in rim.itertuples()}
    assert len(notes) >= 4
    for note in notes:
        assert titles[note["x"], note["y"]].startswith(note["text"].split("<br>")[0])


def test_a_film_of_the_map_opens_by_its_button(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = factor_page(0, view="Map", film=str(film.film_id), least="0")
    click(app, "film from map")
    assert query_value(app, "view") == "Film" and query_value(app, "film") == str(film.film_id)


def test_the_reviews_behind_a_bar_of_a_film_open_by_link(with_run: Store) -> None:
    counts = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "frequencies.parquet").iloc[0]
    app = open_page("pages/2_Factors.py", view="Film", film=str(counts.film_id), behind=str(counts.factor))
    assert not app.exception and "Predicted in" in shown_text(app)
    app = open_page("pages/2_Factors.py", view="Film", film=str(counts.film_id), behind="<b>")
    assert "Predicted in" not in shown_text(app) and "behind" not in app.query_params


def test_a_film_that_was_not_read_says_so(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    read = set(pd.read_parquet(out / "frequencies.parquet").film_id)
    films = pd.read_parquet(out / "factors.parquet")
    other = next(film for film in films.film_id if film not in read)
    app = open_page("pages/2_Factors.py", view="Film", film=str(other))
    assert "This run read no review of the film" in shown_text(app)
