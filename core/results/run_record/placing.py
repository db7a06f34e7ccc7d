"""The part of a record on the cold start: the accuracy of weights predicted from reviews alone."""

from typing import Annotated

from core.results.run_record.base import Part, key

ExplainedVariance = Annotated[dict[str, float], key("told")]
"""R² over rated films, each left out once: of `bias`, `weight_0` …"""


class RatingErrors(Part):
    """Errors (RMSE, stars) on ratings that the factor model was not trained on."""

    left_out: float
    """By weights predicted from reviews, each film left out once."""
    users_means: float
    """By each user's mean alone."""
    known: float
    """By the factor model's weights of the films."""
    ratings: int
    films: int


class FewReviews(Part):
    """The accuracy with at most `reviews` reviews a film."""

    reviews: int
    rmse: float
    explained_variance: ExplainedVariance
    nearest_low: float
    """5% quantile, over rated films, of the cosine to the nearest other film."""


class ColdStart(Part):
    """The accuracy of weights predicted from reviews alone."""

    films: int
    explained_variance: ExplainedVariance
    rmse: RatingErrors | None
    """None, like `nearest_low`, in a run that predates it."""
    few_reviews: list[FewReviews]
    nearest_low: float | None

    def by_at_most(self, reviews: int) -> FewReviews | None:
        """Return the measurement with most reviews, but at most `reviews`; None without one."""
        return next((few for few in reversed(self.few_reviews) if few.reviews <= reviews), None)
