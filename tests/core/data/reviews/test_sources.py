"""Every source of reviews keeps the contract, on twelve films of which it has reviews of eight."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from contracts.review_source import ReviewSourceContract
from support.fake_tmdb import V3, serving_tmdb
from support.synthetic_publishers import critics, lmrd, title_basics

from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.registry import open_source
from core.data.reviews.sources.base import ReviewSource
from core.progress import silent
from core.store import Store

WORLD = synthetic_world(films=12, users=60, ratings_per_user=10)
TITLES = [f"Made-up film {number} (2002)" for number in range(12)]
REVIEWS = WORLD.reviews.assign(title=[TITLES[film - 1] for film in WORLD.reviews.film_id.astype(int)])
REVIEWS = REVIEWS[REVIEWS.film_id.astype(int) <= 8]


@pytest.fixture
def films() -> pd.DataFrame:
    ids = [f"tt{number:07d}" for number in WORLD.ratings.films.film_id.astype(int)]
    changes = {"title": pd.array(TITLES, dtype="str"), "year": pd.array([2002] * 12, dtype="Int16")}
    return WORLD.ratings.films.assign(**changes, imdb_id=pd.array(ids, dtype="str"))


class TestSample(ReviewSourceContract):
    @pytest.fixture
    def films(self, films: pd.DataFrame) -> pd.DataFrame:
        titles = ["Star Wars (1977)", "Seven Samurai (1954)", "Magnificent Seven, The (1954)", *TITLES[3:]]
        return films.assign(title=titles)

    @pytest.fixture
    def source(self, store: Store) -> ReviewSource:
        return open_source("sample", store, silent)


class TestSynthetic(ReviewSourceContract):
    @pytest.fixture
    def films(self) -> pd.DataFrame:
        films = synthetic_world().ratings.films
        return films.assign(title=films.title.where(films.film_id.astype(int) > 3, "Another film (1999)"))

    @pytest.fixture
    def source(self, store: Store) -> ReviewSource:
        return open_source("planted", store, silent)


class TestLargeMovieReviews(ReviewSourceContract):
    @pytest.fixture
    def source(self, store: Store, tmp_path: Path) -> ReviewSource:
        lmrd(tmp_path / "aclImdb_v1.tar.gz", REVIEWS)
        title_basics(tmp_path / "title.basics.tsv.gz", TITLES)
        return open_source(str(tmp_path / "aclImdb_v1.tar.gz"), store, silent)


class TestCritics(ReviewSourceContract):
    @pytest.fixture
    def source(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReviewSource:
        critics(tmp_path / "critics-2002.zip", REVIEWS)
        monkeypatch.setenv("FACTORSCOPE_DATA", str(tmp_path))
        return open_source("critics", store, silent)


class TestUserFile(ReviewSourceContract):
    @pytest.fixture
    def source(self, store: Store, tmp_path: Path) -> ReviewSource:
        REVIEWS[["title", "review"]].to_csv(tmp_path / "mine.csv", index=False)
        return open_source(str(tmp_path / "mine.csv"), store, silent)


class TestCombined(ReviewSourceContract):
    @pytest.fixture
    def source(self, store: Store, tmp_path: Path) -> ReviewSource:
        for name, reviews in {"a": REVIEWS, "b": REVIEWS.assign(review=REVIEWS.review + " Again.")}.items():
            reviews[["title", "review"]].to_csv(tmp_path / f"{name}.csv", index=False)
        return open_source(f"{tmp_path / 'a.csv'}+{tmp_path / 'b.csv'}", store, silent)


@pytest.mark.slow
class TestTmdb(ReviewSourceContract):
    has_texts = False

    @pytest.fixture
    def source(
        self, store: Store, films: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[ReviewSource]:
        with serving_tmdb() as server:
            server.know(films, REVIEWS)
            monkeypatch.setenv("FACTORSCOPE_TMDB", f"{server.address}/3")
            monkeypatch.setenv("TMDB_API_KEY", V3)
            monkeypatch.setenv("TMDB_PERMISSION", "yes")
            yield open_source("tmdb", store, silent)
