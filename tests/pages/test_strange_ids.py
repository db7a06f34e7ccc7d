"""Ids of films are text on every page: each opens by its own link, and none is taken for another."""

from pathlib import Path

import pandas as pd
import pytest
from support.pages import open_page, query_value, shown_text
from support.run_folders import RUN, add_run

from core.settings import RunSettings
from core.store import Store

STRANGE = ["1", "01", "1e2", "1.0", "a,b", " x ", "all", "nan", "None", "<b>", 'é"&=#+%', "9" * 30]


@pytest.fixture(scope="module")
def out(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose reviewed films have strange ids."""
    folder = tmp_path_factory.mktemp("strange") / "out"
    folder.mkdir()
    chosen = pd.read_parquet(small_run / "chosen_films.parquet").film_id
    ids = dict(zip(chosen, STRANGE, strict=False))
    for path in small_run.iterdir():
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
            if "film_id" in table:
                table["film_id"] = table.film_id.map(lambda film: ids.get(film, f"other {film}")).astype(
                    "str"
                )
            table.to_parquet(folder / path.name)
        elif path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture
def with_strange(store: Store, out: Path) -> Store:
    add_run(store, out=out)
    return store


@pytest.mark.parametrize("number", [1, 4, 5, 6])
def test_a_film_opens_by_its_id_to_the_letter(number: int, with_strange: Store, out: Path) -> None:
    film, title = STRANGE[number], pd.read_parquet(out / "chosen_films.parquet").title[number]
    app = open_page("pages/2_Factors.py", film=film, view="Film")
    assert "in the link" not in shown_text(app) and app.selectbox(key="film picker").value == film
    app = open_page("pages/3_Reviews.py", film=film, show="Read and search")
    assert "in the link" not in shown_text(app) and app.selectbox(key="reviews film").value == film
    factor = pd.read_parquet(out / "frequencies.parquet").query("film_id == @film").factor.iloc[0]
    app = open_page("pages/4_Predictions.py", film=film, factor=str(factor))
    assert "The link asks for" not in shown_text(app) and f"**{title}**" in shown_text(app)


def test_an_id_that_is_nearly_one_of_the_run_is_none(with_strange: Store) -> None:
    app = open_page("pages/2_Factors.py", film="001")
    assert "“001” in the link is not a film of this run" in shown_text(app)


def test_strange_films_are_picked_for_a_run_of_their_own(
    with_strange: Store, started: list[RunSettings]
) -> None:
    app = open_page("pages/3_Reviews.py", show="New run", by="search")
    app.multiselect(key="films picked").set_value(["a,b", "01", " x "]).run()
    assert app.query_params["films"] == ["a,b", "01", " x "]
    next(b for b in app.button if b.label == "Start a run on just these films").click().run()
    (settings,) = started
    assert settings.selection.only == ("a,b", "01", " x ")
    assert query_value(app, "run") == RUN
