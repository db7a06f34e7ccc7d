"""What a run would read of a file: the counts, the layout, and what is left out."""

from pathlib import Path

from core.data.ratings.read import read_ratings
from core.progress import silent
from core.store import Store
from core.uploads.check import check_ratings, check_reviews

RATINGS = "user,film,rating,title\n1,1,4,Emma (1996)\n2,1,3,Emma (1996)\n1,2,5,Heat (1995)\n"
REVIEWS = "title;review;stars\nEmma (1996);Fine;9\nEmma (1996);;2\nNobody (1900);Dull;1\n"


def test_ratings_are_counted(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(RATINGS)
    contents = check_ratings(str(tmp_path / "mine.csv"), store, silent)
    assert (contents.rows, contents.used, contents.users, contents.films) == (3, 3, 2, 2)
    assert contents.scale == (3, 5) and contents.reviews is None


def test_reviews_are_counted_for_the_ratings(store: Store, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(RATINGS)
    (tmp_path / "mine.csv").write_text(REVIEWS)
    path = str(tmp_path / "mine.csv")
    alone = check_reviews(path, store, silent)
    assert (alone.rows, alone.used, alone.films, alone.reviews, alone.matched) == (3, 2, 2, 2, None)
    ratings = read_ratings(str(tmp_path / "ratings.csv"), store, silent)
    contents = check_reviews(path, store, silent, ratings.films)
    assert (contents.rows, contents.used, contents.films, contents.matched) == (3, 1, 2, 1)
    assert contents.columns == {"title": "title", "review": "review", "stars": "stars"}
    assert {left.why: left.rows for left in contents.left_out} == {
        "the review is blank": 1,
        "of films that are not rated, such as Nobody (1900)": 1,
    }
