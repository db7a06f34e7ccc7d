"""Runs with more films than a browser should get: lists are searched and tables cut on the server."""

import pandas as pd
import pytest
from support.pages import open_page
from support.run_folders import RUN

from core.store import Store

FEW = 5


@pytest.fixture
def many_films(with_run: Store, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Return the films of a run, of which pages send FEW at a time."""
    monkeypatch.setattr("pages.components.shared.film_search.MOST_OPTIONS", FEW)
    monkeypatch.setattr("pages.components.shared.film_search.MOST_ROWS", FEW)
    monkeypatch.setattr("pages.components.factors.film_map.MOST_DRAWN", FEW)
    return pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet")


def test_a_film_is_found_among_many_by_letters(many_films: pd.DataFrame) -> None:
    last = many_films.nsmallest(1, "ratings").iloc[0]
    most_rated = many_films.nlargest(FEW, "ratings").title
    app = open_page("pages/2_Factors.py", view="Film", least="0", film=str(last.film_id))
    film = next(box for box in app.selectbox if box.key == "film picker")
    assert any(f"The list has the {FEW} films with most ratings." in text.value for text in app.caption)
    # The film picked is offered though it has few ratings.
    assert set(film.options) == {*most_rated, last.title}
    letters = app.text_input("letters of film")
    assert letters.label == f"Search all {len(many_films):,} titles"
    letters.input(last.title.lower()).run()
    film = next(box for box in app.selectbox if box.key == "film picker")
    assert film.options == [last.title]
    assert not any("The list has" in text.value for text in app.caption)


def test_the_map_draws_those_with_most_ratings_and_the_farthest_out(many_films: pd.DataFrame) -> None:
    app = open_page("pages/2_Factors.py", view="Map", least="0")
    assert not app.exception
    assert any(
        f"of {len(many_films):,} films: those with the most ratings" in text.value for text in app.caption
    )
    named = next(box for box in app.multiselect if box.key == "named on map")
    assert len(named.options) == FEW
    app.toggle("map as table").set_value(True).run()
    assert not app.exception
    (films,) = [table.value for table in app.dataframe if "genre" in table.value]
    assert len(films) == FEW
    assert any(
        f"The table has the first {FEW} of {len(many_films):,} films" in text.value for text in app.caption
    )


def test_coverage_and_the_films_of_a_new_run_are_cut(many_films: pd.DataFrame) -> None:
    app = open_page("pages/3_Reviews.py", show="Coverage")
    (by_film,) = [table for table in app.dataframe if "state" in table.value and "title" in table.value]
    assert len(by_film.value) == FEW
    correct = next(box for box in app.selectbox if box.key == "film to correct")
    assert len(correct.options) == FEW
    app = open_page("pages/3_Reviews.py", show="New run")
    assert not app.exception
    (films,) = [table.value for table in app.dataframe if "factors" in table.value]
    assert len(films) == FEW
    assert any("in the order in which the run takes them" in text.value for text in app.caption)


def test_the_films_whose_reviews_are_read_are_searched(many_films: pd.DataFrame) -> None:
    app = open_page("pages/3_Reviews.py", show="Read and search")
    films = next(box for box in app.selectbox if box.key == "reviews film")
    assert films.options[0] == "All films" and len(films.options) == 1 + FEW
