"""A run's record -> five paragraphs that sum it up, and its factors in the order of their evidence."""

from collections.abc import Callable, Sequence

from core.formatting import counted
from core.results.run_record import (
    RatingsRecord,
    ReviewsRecord,
    RunRecord,
    Stability,
    Unmeasured,
    WordsRecord,
)
from core.results.sentences import (
    WHAT_LRAP_IS,
    gain_line,
    graded_on,
    readability_line,
    stability_line,
    threshold_line,
)
from core.results.verdict import VERDICTS, VerdictWord


def summary(record: RunRecord, title: Callable[[int], str]) -> dict[str, str]:
    """Return five sentences, each under its heading: data, ratings, stability, reviews, dominating factor.

    `title` returns a factor's number and name, escaped for the place where the sentences are shown; no other
    part contains untrusted text.
    """
    return {
        "Data": _data(record.ratings, record.reviews),
        "Ratings kept out": _ratings(record),
        "Factors that repeat": _repeat(record.stability),
        "What reviews reveal": _reviews(record),
        "The dominating factor": _dominating(record, title),
    }


def by_evidence(
    verdicts: Sequence[VerdictWord], words: WordsRecord | Unmeasured, strengths: Sequence[float] | None
) -> list[int]:
    """Return the factors, those with the best evidence first.

    Solid ones come first, chance ones last; of each kind those with words of their own, then the strongest.

    >>> missing = Unmeasured(unmeasured="not enough films to say")
    >>> by_evidence(["shaky", "solid", "solid", "chance"], missing, [0.9, 0.1, 0.5, 1.0])
    [2, 1, 0, 3]
    """
    speaking = (
        [False] * len(verdicts) if isinstance(words, Unmeasured) else [w.has_words for w in words.factors]
    )
    strength = strengths or [0.0] * len(verdicts)
    return sorted(
        range(len(verdicts)), key=lambda k: (VERDICTS.index(verdicts[k]), not speaking[k], -strength[k])
    )


def _data(ratings: RatingsRecord, reviews: ReviewsRecord) -> str:
    looked_at = reviews.films_with_reviews + reviews.films_without
    return (
        f"{ratings.ratings:,} ratings by {ratings.users:,} users of {ratings.films:,} films. "
        f"{reviews.reviews:,} reviews of {reviews.films_with_reviews:,} of the {looked_at:,} films looked at."
    )


def _ratings(record: RunRecord) -> str:
    model, share = record.factor_model, record.run_settings.factor_model.valid_share
    return (
        f"The model was tested on ratings kept out ({share:.0%} of all). With {counted(model.factors, 'factor')} "
        f"its typical error (RMSE) is {model.rmse_valid:.3f} stars. "
        f"The means of films and users alone err by {model.rmse_means:.3f}."
    )


def _repeat(stability: Stability | Unmeasured) -> str:
    if isinstance(stability, Unmeasured):
        return f"This run did not measure how far the factors repeat: {stability.unmeasured}."
    return (
        f"The model was trained again on halves of the users, {stability.repeats} times. "
        f"Result: {stability_line(stability)}."
    )


def _reviews(record: RunRecord) -> str:
    classifier = record.classifier
    return (
        f"{WHAT_LRAP_IS} The classifier's is {classifier.lrap:.3f}. "
        f"Label frequencies alone reach {classifier.lrap_baseline:.3f}. {graded_on(classifier)} "
        f"{gain_line(classifier)} "
        f"{readability_line(record.readability, record.factor_model.factors)}"
    )


def _dominating(record: RunRecord, title: Callable[[int], str]) -> str:
    factor, predictions = record.dominating_factor, record.predictions
    if factor is None:
        return f"No factor is predicted in any review. {threshold_line(record.classifier)}"
    labels = len(record.classifier.labels)
    return (
        f"{predictions.of_dominating:,} of {predictions.predicted:,} predictions ({predictions.share:.0%}) are "
        f"of {title(factor)}. An equal share of all {labels} factors is {1 / labels:.0%}."
    )
