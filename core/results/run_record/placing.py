"""The part of a record on the cold start: how well a film without ratings is placed by its reviews."""

from typing import Annotated

from core.results.run_record.base import Part, key

ExplainedVariance = Annotated[dict[str, float], key("told")]
"""Share of the variance over rated films, each left out in its turn (R²): of `bias`, `weight_0` …"""


class RatingErrors(Part):
    """Errors (RMSE, stars) of ratings that the factor model never saw."""

    left_out: float
    """Each film placed by its reviews and the other films."""
    users_means: float
    """By each user's mean alone."""
    known: float
    """From where the factor model puts the films."""
    ratings: int
    films: int


class FewReviews(Part):
    """How well films are placed by at most so many reviews each."""

    reviews: int
    rmse: float
    explained_variance: ExplainedVariance
    nearest_low: float
    """Cosine to the nearest film that all but a few rated films exceed."""


class ColdStart(Part):
    """How well films are placed by their reviews alone."""

    films: int
    explained_variance: ExplainedVariance
    rmse: RatingErrors | None
    """None, like what follows, in a run older than it."""
    few_reviews: list[FewReviews]
    nearest_low: float | None

    def by_at_most(self, reviews: int) -> FewReviews | None:
        """Return what was measured by as many reviews, or by fewer where so many were not tried."""
        return next((few for few in reversed(self.few_reviews) if few.reviews <= reviews), None)
