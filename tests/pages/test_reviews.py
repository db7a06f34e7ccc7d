"""The page Reviews: coverage, reading and searching, a run on other films or reviews, uploads, removals."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support import pages
from support.language import long_sentences
from support.pages import drawn, press, reason_beside, shown_text
from support.run_folders import HOSTILE, RUN, add_run

from core.data.reviews.coverage import PASSED, READ
from core.data.reviews.matching.corrections import corrections
from core.data.reviews.search import places_of
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.paths import chosen_columns
from core.results.factor_names import write_names
from core.settings import RunSettings
from core.store import Store
from core.uploads import storage as uploads
from pages.components.shared.marking.found import with_marks
from pages.components.shared.marking.marked import marked
from pages.components.shared.runs import FROM_MAP


def open_page(show: str, **query: str) -> AppTest:
    """Return the page with one of its tabs open, as opened by a link."""
    return pages.open_page("pages/3_Reviews.py", show=show, **query)


def titles(run: Store) -> pd.DataFrame:
    return pd.read_parquet(run.root / "runs" / RUN / "out" / "chosen_films.parquet")


# --- coverage ---


def test_the_coverage_is_told_and_filtered(with_run: Store) -> None:
    app = open_page("Coverage")
    assert [metric.value for metric in app.metric] == ["120", "120", "120", "960"]
    assert "the run had enough films before it" in app.table[0].value.reason.tolist()
    app.text_input(key="search").set_value("FILM 01").run()
    assert 0 < len(app.dataframe[-1].value) <= 10
    app.text_input(key="search").set_value("(").run()
    assert not app.exception
    app.toggle(key="films by state as table").set_value(True).run()
    assert app.dataframe[0].value.state.tolist() == [READ, PASSED]


def test_an_older_run_tells_what_it_knows(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "coverage.parquet").unlink()
    app = open_page("Coverage")
    assert "This older run" in shown_text(app) and app.metric[1].value == "not known"
    app = open_page("New run", by="search", films="1,2")
    assert not app.exception and len(app.dataframe[0].value) == 2


def test_a_films_top_factors_bear_what_their_names_say_of_the_high_end(with_run: Store) -> None:
    write_names(with_run.root / "runs" / RUN / "out", dict.fromkeys(range(4), "<b>gore</b> ↔ novel"))
    (films, *_) = open_page("New run").dataframe
    assert set(films.value.factors) <= {f"{factor} <b>gore</b>" for factor in range(4)}
    app = open_page("Read and search")
    said = shown_text(app).replace("\\", "")
    assert "Top factors of the film: " in said and "Factors read by a model that never saw the film: " in said
    predictions = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "predictions.parquet")
    first = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "labelled_reviews.parquet").iloc[0]
    mine = predictions[(predictions.review_id == first.review_id) & predictions.predicted]
    read = " · ".join(f"{factor} <b>gore</b>" for factor in mine.sort_values("probability").factor[::-1])
    assert f"never saw the film: {read or 'none'}" in said
    assert long_sentences(app, " ".join(text.value for text in app.text)) == []
    (ranked,) = (box for box in open_page("New run").selectbox if box.label == "Highest on")
    assert ranked.options[3] == "factor 3 · <b>gore</b> ↔ novel"


# --- the texts ---


def test_what_there_is_to_read_comes_first_and_licences_stand_once_at_the_foot(with_run: Store) -> None:
    app = pages.open_page("pages/3_Reviews.py")
    assert [tab.label for tab in app.tabs][0] == "Read and search" and app.text_input(key="words")
    assert "This run reads 240 reviews of 30 films" in shown_text(app)
    terms = "Made up by Factorscope from a seed"
    assert shown_text(app).count(terms) == 1 and terms in app.main.children[
        max(app.main.children)
    ].value.replace("\\", "")


def test_texts_that_may_not_be_shown_are_said_to_be_so(with_run: Store) -> None:
    path = with_run.root / "runs" / RUN / "out" / "labelled_reviews.parquet"
    pd.read_parquet(path).assign(review=WITHHELD).to_parquet(path)
    assert "has no reviews to show" in shown_text(open_page("Read and search"))


@pytest.mark.parametrize("cut", [with_marks, marked])
def test_a_long_review_is_never_cut_inside_a_word(cut: Callable[..., str]) -> None:
    words = [f"word{number:04d}" for number in range(400)]
    text = " ".join([*words[:200], "ghost", *words[200:]])
    place = text.index("ghost")
    shown = (
        with_marks(text, [(place, place + 5)])
        if cut is with_marks
        else marked(text, [{"start": place, "end": place + 5, "effect": 1.0}], set())
    )
    body = re.sub("<[^>]*>", " ", shown)
    found = re.findall(r"\bw\w*", body)
    assert "[…]" in body and len(set(words) & set(found)) > 20
    assert set(found) <= {*words, "word", "with"}


def test_words_are_found_counted_and_marked(with_run: Store) -> None:
    app = open_page("Read and search", words="ZEBRA onerror")
    assert "of 240 reviews contain “zebra” and “onerror”, of 1 film" in shown_text(app)
    assert app.dataframe[0].value[["title", "found"]].values.tolist() == [[HOSTILE, 8]]
    text = f"A zebra of {HOSTILE}"
    shown = with_marks(text, places_of(text, ["zebra", "b"]))
    assert "<mark>zebra</mark>" in shown and "&lt;<mark>B</mark>&gt;" not in shown
    assert "<img" not in shown and "<b>" not in shown
    app = open_page("Read and search", words=".*")
    assert "No review of this run contains all these words" in shown_text(app)


def test_a_film_and_a_page_are_in_the_address(with_run: Store) -> None:
    film = titles(with_run).film_id.iloc[1]
    app = open_page("Read and search")
    assert "**240** of 240 reviews, of 30 films" in shown_text(app)
    app = open_page("Read and search", reviews_page="2")
    assert "reviews_page" in app.query_params
    app.selectbox(key="reviews film").select(film).run()
    assert app.query_params["film"] in (str(film), [str(film)]) and app.query_params["reviews_page"] in (
        "1",
        ["1"],
    )
    assert "**8** of 8 reviews" in shown_text(app)
    app = open_page("Read and search", film="nonsense", reviews_page="99")
    assert "nonsense" in shown_text(app) and "“99” in the link" in shown_text(app)


# --- a run on other films or reviews ---


def test_films_by_search_start_a_run_of_their_own(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("New run", by="search", films="3,5,none")
    assert "“none” in the link is not a film of this run" in shown_text(app)
    app.multiselect(key="films picked").set_value(["3", "5", "7"]).run()
    assert app.query_params["films"] == ["3", "5", "7"]
    press(app, "Start a run on just these films")
    (settings,) = started
    assert settings.selection.only == ("3", "5", "7") and settings.selection.films == 3
    assert settings.reviews == "planted"
    # Its progress is shown right below the button.
    (new,) = (tab for tab in app.tabs if tab.label == "New run")
    said = [text for text in drawn(new) if text]
    at = said.index("Start a run on just these films")
    assert said[at + 1 : at + 3] == ["**a run**", "Done."]
    press(app, "Look at it")
    assert "Look at it" not in [button.label for button in app.button]


def test_films_by_the_ranking(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("New run")
    app.number_input(key="many films").set_value(5).run()
    assert len(app.dataframe[0].value) == 5
    app.selectbox(key="ranked by picker").select(2).run()
    app.multiselect(key="Reviews of these films sources").set_value(["sample"]).run()
    # That a run on the sample must fail is known before it starts.
    assert "This source has no review of any film in these ratings" in shown_text(app)
    assert next(b for b in app.button if b.label == "Start a run on these films").disabled
    app.multiselect(key="Reviews of these films sources").set_value(["lmrd"]).run()
    press(app, "Start a run on these films")
    (settings,) = started
    assert (settings.selection.rank_by, settings.selection.films, settings.selection.only) == (2, 5, ())
    assert settings.reviews == "lmrd"


def test_films_from_the_map(with_run: Store, started: list[RunSettings]) -> None:
    films = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").film_id.tolist()
    app = open_page("Coverage")
    app.session_state[FROM_MAP] = {"run": RUN, "films": films[:3]}
    app.run()
    assert app.radio(key="by picker").value == "map" and len(app.dataframe[0].value) == 3
    press(app, "Start a run on just these films")
    assert started[0].selection.only == tuple(map(str, films[:3])) and FROM_MAP not in app.session_state
    app = open_page("Coverage")
    app.session_state[FROM_MAP] = {"run": RUN, "films": films[:1]}
    app.run()
    assert shown_text(app).count("at least 2 films") == 1
    assert next(b for b in app.button if b.label == "Start a run on just these films").disabled
    press(app, "Clear the films from the map")
    assert FROM_MAP not in app.session_state and not app.warning


def test_what_was_picked_for_a_run_does_no_harm_to_a_smaller_one(with_run: Store) -> None:
    other = "20261124-110000-abcd"
    add_run(with_run, other, out=with_run.root / "runs" / RUN / "out")
    path = with_run.root / "runs" / other / "out" / "factors.parquet"
    pd.read_parquet(path).head(40).to_parquet(path)
    app = open_page("New run", run=RUN)
    app.number_input(key="many films").set_value(100).run()
    app.selectbox(key="run picker").select(other).run()
    assert not app.exception and app.number_input(key="many films").value == 40
    app.radio(key="by picker").set_value("search").run()
    app.selectbox(key="run picker").select(RUN).run()
    last = app.multiselect(key="films picked")
    last.set_value(["1", "110"]).run()
    app.selectbox(key="run picker").select(other).run()
    assert not app.exception and app.multiselect(key="films picked").value == ["1"]


# --- uploads ---


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.multiselect(key="Reviews of these films sources").set_value(["own file"]).run()
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception
    return app


def test_an_upload_is_shown_checked_and_kept_with_its_columns(
    with_run: Store, started: list[RunSettings]
) -> None:
    films = titles(with_run).title.tolist()
    rows = "\n".join(f"{title};Très long;7" for title in films[1:4])
    content = f"Film;Gedanke;Sterne\n{rows}\n{films[4]};;\nNobody <b>x</b>;x;1\n".encode("cp1252")
    app = upload(open_page("New run"), "mine <b>.csv", content)
    assert "Windows-1252 (guessed), separated by semicolons" in shown_text(app)
    assert "needs a column for “Review”" in reason_beside(app, "Start a run on these films")
    file_id = app.file_uploader[0].value.file_id
    app.selectbox(key=f"review in {file_id}").select("Gedanke").run()
    said = shown_text(app)
    assert "3 reviews of 3 of the 120 rated films" in said
    assert "1 row left out: the review is blank." in said
    assert "1 row left out: of films that are not rated, such as Nobody <b>x</b>." in said
    app.selectbox(key=f"stars in {file_id}").select("Sterne").run()
    press(app, "Start a run on these films")
    (settings,) = started
    assert Path(settings.reviews).is_relative_to(with_run.root / "uploads")
    assert Path(settings.reviews).read_bytes() == content
    assert chosen_columns(Path(settings.reviews)) == {"review": "Gedanke", "title": "Film", "stars": "Sterne"}
    assert uploads.stored_files(with_run.root)[0].name == "mine <b>.csv"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.csv", b"", "is empty"),
        ("mine.csv", b"title,review\n", "no reviews; add some"),
        ("mine.csv", b"nan,NaN\nnan,nan\n", "needs a column for “Review”"),
        ("mine.csv", b"title,review\nNobody,x\n", "no review is of a film of the ratings"),
        ("mine.csv", b"title,review\nnan,nan\nNaN,\n", "every review is blank; fill them in"),
        ("mine.csv", bytes(range(256)) * 9, "binary data"),
        ("mine.zip", b"PK\x03\x04", "not a whole zip archive"),
        ("mine.exe", b"MZ\0\0", "binary data"),
    ],
)
def test_a_bad_upload_is_refused_before_a_run_starts(
    with_run: Store, started: list[RunSettings], name: str, content: bytes, said: str
) -> None:
    app = upload(open_page("New run"), name, content)
    assert said in reason_beside(app, "Start a run on these films")
    assert not started and not uploads.stored_files(with_run.root)


def test_an_upload_of_ratings_is_checked_too(with_run: Store, started: list[RunSettings]) -> None:
    app = pages.open_page("pages/1_Train.py")
    app.selectbox(key="Ratings source").select("own file").run()
    app.file_uploader[0].set_value(
        ("mine.csv", b"user,film,rating\n1,10,4\n2,10,3\n1,20,5\n", "text/csv")
    ).run()
    assert "2 users, 2 films, 3 ratings, 3 to 5." in shown_text(app)
    app.file_uploader[0].set_value(("mine.csv", b"user,film,rating\n1,10,great\n2,10,3\n", "text/csv")).run()
    assert "which is not a readable number" in shown_text(app)


def test_a_path_that_leads_nowhere_starts_nothing(with_run: Store, started: list[RunSettings]) -> None:
    app = open_page("New run")
    app.session_state["Reviews of these films source"] = "own file"
    app.session_state["Reviews of these films path"] = "/removed/in/another/tab.csv"
    app.run()
    assert "it may have been removed" in reason_beside(app, "Start a run on these films")


def test_without_a_source_or_its_file_no_run_starts_and_the_reason_stands_beside(with_run: Store) -> None:
    app = open_page("New run")
    app.multiselect(key="Reviews of these films sources").set_value([]).run()
    assert "No source of reviews is picked" in reason_beside(app, "Start a run on these films")
    app.multiselect(key="Reviews of these films sources").set_value(["own file"]).run()
    assert "No file is chosen yet" in reason_beside(app, "Start a run on these films")


def test_a_run_whose_ratings_were_removed_starts_no_other(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    written = (out / "run.json").read_text()
    gone = json.dumps(str(with_run.root / "uploads" / "1" / "gone.csv"))
    assert '"ratings": "planted"' in written
    (out / "run.json").write_text(written.replace('"ratings": "planted"', f'"ratings": {gone}'))
    app = open_page("New run")
    assert "ratings was removed" in reason_beside(app, "Start a run on these films")


def test_the_number_of_films_that_can_be_had_stands_beside_the_field(with_run: Store) -> None:
    app = open_page("New run")
    said = "**120 available**: films with reviews and 20 ratings or more."
    assert [caption.value for caption in app.caption].count(said) == 1
    app.multiselect(key="Reviews of these films sources").set_value(["lmrd"]).run()
    shown = shown_text(app)
    assert said not in shown and "The first run on these data will show how many" in shown
    chosen = open_page("New run", by="search", films="3,5")
    assert "**2 available**: chosen films that have reviews." in shown_text(chosen)
    assert " available**" not in shown_text(open_page("New run", by="search"))


# --- removing ---


def test_a_file_is_removed_and_its_run_still_opens(with_run: Store) -> None:
    path = uploads.keep_file("mine.csv", io.BytesIO(b"title,review\nx,y\n"), with_run.root / "uploads")
    out = with_run.root / "runs" / RUN / "out"
    record = json.loads((out / "run.json").read_text())
    record["settings"]["reviews"] = str(path)
    (out / "run.json").write_text(json.dumps(record))
    add_run(with_run, "20261124-110000-abcd", settings={"ratings": "planted", "reviews": str(path)})
    app = open_page("Files", run=RUN)
    assert "Read by 1 run" in shown_text(app)
    press(app, "Remove this file")
    assert not path.exists()
    assert "Nothing was uploaded or fetched yet" in shown_text(app)
    app = open_page("New run", run=RUN)
    assert "was removed. This run has its own copy" in shown_text(app)
    assert app.multiselect(key="Reviews of these films sources").value == ["sample"]


def test_a_film_taken_for_another_is_corrected_and_the_correction_taken_back(with_run: Store) -> None:
    app, film = open_page("Coverage"), titles(with_run).iloc[1]
    app.selectbox(key="film to correct").set_value(film.film_id).run()
    assert "This run knows no IMDb id of this film" in shown_text(app)
    app.text_input(key=f"id of {film.film_id}").set_value("https://www.imdb.com/title/tt0114814/").run()
    press(app, "Use this title")
    assert corrections(with_run).imdb_id.tolist() == ["tt0114814"]
    assert "Later runs use your correction" in app.success[0].value
    press(app, "Undo my correction")
    assert corrections(with_run).empty


def test_what_is_no_imdb_id_is_refused_in_a_sentence(with_run: Store) -> None:
    app, film = open_page("Coverage"), titles(with_run).iloc[1]
    app.selectbox(key="film to correct").set_value(film.film_id).run()
    app.text_input(key=f"id of {film.film_id}").set_value("Heat").run()
    press(app, "Use this title")
    assert "is no IMDb id" in app.error[0].value.replace("\\", "") and corrections(with_run).empty
