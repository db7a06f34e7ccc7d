"""The contract of a source of reviews."""

import re

import numpy as np
import pandas as pd
import pytest

from core.data.reviews.sources.base import ReviewSource
from core.progress import silent

COLUMNS = ["film_id", "review_id", "review", "stars", "source"]
PROVENANCE = ["address", "fetched", "language", "licence", "digest", "duplicate_of"]
"""Optional columns."""


class ReviewSourceContract:
    """A subclass defines the fixtures `source` and `films`; some films have reviews in the source, others none."""

    has_texts = True
    """Whether the source's texts can be read without films."""

    @pytest.fixture
    def reviews(self, source: ReviewSource, films: pd.DataFrame) -> pd.DataFrame:
        return source.reviews(films, silent)

    def test_it_has_a_name_a_title_and_a_licence(self, source: ReviewSource) -> None:
        assert source.name and source.title and source.licence and isinstance(source.fetched, str)

    def test_reviews_have_the_columns_of_the_protocol(self, reviews: pd.DataFrame) -> None:
        assert len(reviews) and set(COLUMNS) <= set(reviews.columns)
        assert set(reviews.columns) <= {*COLUMNS, *PROVENANCE}
        assert str(reviews.stars.dtype) == "Float32" and reviews.stars.dropna().between(1, 10).all()
        assert reviews.review.str.strip().ne("").all() and reviews.source.ne("").all()

    def test_reviews_are_unique_and_sorted_by_film(self, films: pd.DataFrame, reviews: pd.DataFrame) -> None:
        assert reviews.review_id.is_unique
        assert (np.diff(pd.Index(films.film_id).get_indexer(reviews.film_id)) >= 0).all()
        assert set(reviews.film_id) < set(films.film_id)

    def test_a_film_has_the_same_reviews_among_fewer_films(
        self, source: ReviewSource, films: pd.DataFrame, reviews: pd.DataFrame
    ) -> None:
        first = reviews.film_id.iloc[0]
        alone = source.reviews(films[films.film_id == first], silent)
        expected = reviews[reviews.film_id == first].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.reset_index(drop=True), expected)

    def test_matches_are_in_the_order_of_the_films(
        self, source: ReviewSource, films: pd.DataFrame, reviews: pd.DataFrame
    ) -> None:
        matches = source.matches(films, silent)
        assert matches.film_id.tolist() == films.film_id.tolist()
        assert {"how", "reason"} <= set(matches.columns)
        reviewed = films.film_id.isin(reviews.film_id).to_numpy()
        assert matches.how[reviewed].ne("").all()
        assert (matches.how.ne("") | matches.reason.ne(""))[~reviewed].all()

    def test_the_digest_repeats(self, source: ReviewSource, films: pd.DataFrame) -> None:
        digest = source.digest(films)
        assert re.fullmatch("[0-9a-f]{64}", digest) and source.digest(films.copy()) == digest

    def test_texts_come_in_pieces(self, source: ReviewSource) -> None:
        if not self.has_texts:
            pytest.skip("its texts are asked for film by film")
        assert re.fullmatch("[0-9a-f]{64}", source.digest(None))
        texts = pd.concat(source.texts(silent), ignore_index=True)
        assert texts.review_id.is_unique and texts.review.str.strip().ne("").all()
