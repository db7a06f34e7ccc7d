"""A user's own file on the pages: what is guessed of it is shown before a run, and can be changed."""

import io
import zipfile
from pathlib import Path

from streamlit.testing.v1 import AppTest
from support.pages import open_page, press, reason_beside, shown_text

from core.paths import chosen_columns, has_ids_of_ratings
from core.settings import RunSettings
from core.store import Store

START = "Start a run on these films"
NUMBERED = "film_id,review\n" + "".join(f"{number},Good {number}.\n" for number in range(1, 41))
RATINGS = "user,film,rating,title\n1,10,4,Emma\n2,10,3,Emma\n1,20,5,Heat\n"


def upload(name: str, content: str) -> AppTest:
    """Return the tab of a new run with an upload of reviews."""
    app = open_page("pages/3_Reviews.py", show="New run")
    app.multiselect(key="Reviews of these films sources").set_value(["own file"]).run()
    app.file_uploader[0].set_value((name, content.encode(), "text/csv")).run()
    assert not app.exception
    return app


def upload_of_ratings(content: str) -> AppTest:
    """Return the page Train with an upload of ratings."""
    app = open_page("pages/1_Train.py")
    app.selectbox(key="Ratings source").select("own file").run()
    app.file_uploader[0].set_value(("mine.csv", content.encode(), "text/csv")).run()
    assert not app.exception
    return app


def test_a_picker_can_be_set_to_no_column_and_the_file_is_checked_again(with_run: Store) -> None:
    app = upload_of_ratings(RATINGS)
    file_id = app.file_uploader[0].value.file_id
    title = app.selectbox(key=f"title in {file_id}")
    assert title.value == "title" and "2 users, 2 films, 3 ratings, 3 to 5." in shown_text(app)
    title.select("").run()
    assert "2 users, 2 films, 3 ratings" in shown_text(app)
    app.selectbox(key=f"rating in {file_id}").select("").run()
    assert "needs a column for “Rating”" in shown_text(app)
    app.selectbox(key=f"rating in {file_id}").select("film").run()
    assert "3 to 5" not in shown_text(app)


def test_plain_numbers_of_films_are_read_when_the_user_says_so(
    with_run: Store, started: list[RunSettings]
) -> None:
    app = upload("mine.csv", NUMBERED)
    assert "nothing shows that they are of these ratings" in reason_beside(app, START)
    file_id = app.file_uploader[0].value.file_id
    app.checkbox(key=f"ids of {file_id}").check().run()
    assert "40 reviews of 40 of the 120 rated films." in shown_text(app)
    press(app, START)
    path = Path(started[0].reviews)
    assert path.read_text() == NUMBERED and has_ids_of_ratings(path)
    # What was guessed and stays is no choice.
    assert chosen_columns(path) is None


def test_a_path_is_checked_like_an_upload(with_run: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("title,review\nMade-up film 001 (1980),x\nNobody,y\n")
    app = open_page("pages/3_Reviews.py", show="New run")
    app.session_state["Reviews of these films path"] = str(tmp_path / "mine.csv")
    app.multiselect(key="Reviews of these films sources").set_value(["own file"]).run()
    said = shown_text(app)
    assert "1 review of 1 of the 120 rated films." in said
    assert "1 row left out: of films that are not rated, such as Nobody." in said


def test_what_is_not_read_of_an_upload_is_said(with_run: Store) -> None:
    rows = [f"{user},Person {user},{film},{1 + (user + film) % 5}" for user in range(9) for film in range(9)]
    app = upload_of_ratings("\n".join(["userId,name,movieId,rating", *rows]))
    said = shown_text(app)
    assert "9 users, 9 films, 81 ratings, 1 to 5." in said and "names the user, not the film" in said
    app.selectbox(key=f"title in {app.file_uploader[0].value.file_id}").select("name").run()
    assert "names the user" not in shown_text(app)


def test_the_ratings_of_one_person_are_shown_but_start_nothing(
    with_run: Store, started: list[RunSettings]
) -> None:
    rows = [f"2024-01-02,Film {n},{1950 + n},https://boxd.it/{n},{n % 5 + 0.5}" for n in range(9)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ratings.csv", "\n".join(["Date,Name,Year,Letterboxd URI,Rating", *rows]))
        archive.writestr("watched.csv", "Date,Name\n")
    app = open_page("pages/1_Train.py")
    app.selectbox(key="Ratings source").select("own file").run()
    app.file_uploader[0].set_value(("letterboxd.zip", packed.getvalue(), "application/zip")).run()
    said = shown_text(app)
    assert "1 user, 9 films, 9 ratings" in said and "holds the ratings of one person" in said
