"""The critics of 2002, on a made-up file in the layout of the real one."""

import bz2
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.data.reviews.sources.critics.snippets import MEMBER
from core.data.reviews.sources.critics.source import Critics
from core.errors import BadInput
from core.progress import silent
from core.store import Store

ROWS = """category,text,movie_name,has_plot_and_reviews
fresh,A charming film.,about_a_boy,True
rotten,"Too long, and too loud.",about_a_boy,True
rotten,"Too long, and too loud.",about_a_boy,True
plot,A man meets a boy.,about_a_boy,True
fresh,,solaris,False
fresh,Cold and beautiful.,solaris,False
fresh,It swings.,spiderman,False
fresh,Aloha.,lilo_stitch,False
"""


@pytest.fixture
def critics(tmp_path: Path, store: Store) -> Critics:
    path = tmp_path / "critics-2002.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, bz2.compress(ROWS.encode()))
    return Critics(path, store)


def films() -> pd.DataFrame:
    titles = ["Solaris (1972)", "Solaris (2002)", "About a Boy (2002)", "Heat (2002)"]
    year = pd.array([1972, 2002, 2002, 2002], dtype="Int16")
    return pd.DataFrame({"film_id": [1, 2, 3, 4], "title": titles, "year": year})


def test_plots_blanks_and_repeats_are_no_snippets(critics: Critics) -> None:
    assert critics.snippets.groupby("title").size().to_dict() == {
        "About a Boy": 2,
        "Solaris": 1,
        "Spiderman": 1,
        "Lilo Stitch": 1,
    }


def test_a_film_is_found_by_its_name_if_it_was_in_the_cinemas_then(critics: Critics) -> None:
    assert critics.reviews(films(), silent).film_id.tolist() == [2, 3, 3]
    found = critics.matches(films(), silent)
    assert found.how.eq("").tolist() == [True, False, False, True]
    assert found.reason.tolist()[0] == "not of the years 2001 to 2003"
    assert found.reason.tolist()[3] == "no critic's film has its name"


def test_of_two_films_of_a_name_the_nearest_to_2002_has_the_snippets(critics: Critics) -> None:
    titles = ["Solaris (2001)", "Solaris (2002)", "Spider-Man (2002)", "Lilo & Stitch (2002)"]
    year = pd.array([2001, 2002, 2002, 2002], dtype="Int16")
    twins = pd.DataFrame({"film_id": [1, 2, 3, 4], "title": titles, "year": year})
    found = critics.reviews(twins, silent)
    assert found.film_id.tolist() == [2, 3, 4] and found.review_id.is_unique
    matches = critics.matches(twins, silent)
    assert matches.how.tolist() == ["", *["name, in the cinemas of 2002: a guess"] * 3]
    assert matches.reason.tolist() == ["another film of its name is nearer to 2002", "", "", ""]


def test_the_snippets_of_a_film(critics: Critics) -> None:
    assert critics.of("about a BOY!") == ["A charming film.", "Too long, and too loud."]
    assert critics.of("Spider-Man (2002)") == ["It swings."]
    with pytest.raises(BadInput, match="wrote of no film 'About Boys'; do you mean About a Boy"):
        critics.of("About Boys")
    with pytest.raises(BadInput, match="wrote of no film 'Xyzzy'$"):
        critics.of("Xyzzy")


def test_another_file_is_refused(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "critics-2002.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, bytes(range(256)) * 90)
    whole = path.read_bytes()
    for content in (b"no zip", whole, whole[:60] + bytes(30) + whole[90:]):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="fetch it again"):
            Critics(path, store).texts(silent)
