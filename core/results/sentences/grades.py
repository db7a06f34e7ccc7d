"""The classifier of a run's record -> its scores in words."""

from collections.abc import Sequence

from core.formatting import counted, interval
from core.results.run_record import ClassifierRecord

FEW_FILMS = 20
"""With fewer held-out films, a bootstrap interval tends to be too narrow."""
WHAT_LRAP_IS = "LRAP says how high a review's true factors stand in the classifier's ranking; 1 is perfect."
"""Stands where a page first shows an LRAP."""


def gain_line(classifier: ClassifierRecord) -> str:
    """Return the gain over label frequencies and whether it is significant."""
    ends, films = classifier.lrap_gain_interval, f"{counted(classifier.films_held_out, 'film')} held out"
    few = classifier.split == "films" and classifier.films_held_out < FEW_FILMS
    doubt = f" With only {films} the interval may be too narrow." if few and ends else ""
    numbers = f" ({interval(ends, '+z.3f')})" if ends else f", from {films}"
    return f"The gain over label frequencies is {classifier.lrap_gain:+z.3f}{numbers}. {_worth(ends)}{doubt}"


def grades_line(
    lrap: float,
    lrap_baseline: float,
    lrap_gain: float,
    lrap_gain_interval: Sequence[float] | None,
    films: int,
) -> str:
    """Return how good predictions are that were graded by themselves, beside label frequencies.

    The parameters are the numbers that `inference.labels.grade_labels` returns, by their names there.

    >>> grades_line(0.5, 0.4, 0.1, [0.05, 0.15], 60)
    'Reading beats guessing by how common each factor is. LRAP 0.500, label frequencies 0.400; the gain is +0.100 \
(95% interval +0.050 to +0.150), on 60 films.'
    """
    doubt = interval(lrap_gain_interval, "+z.3f") if lrap_gain_interval else "too few films for an interval"
    return (
        f"{_worth(lrap_gain_interval)} LRAP {lrap:.3f}, label frequencies {lrap_baseline:.3f}; the gain is "
        f"{lrap_gain:+z.3f} ({doubt}), on {counted(films, 'film')}."
    )


def _worth(gain: Sequence[float] | None) -> str:
    """Return what the interval of a gain over label frequencies means, as a sentence."""
    if gain is None:
        return "There are too few films to say whether reading beats guessing."
    if gain[0] > 0:
        return "Reading beats guessing by how common each factor is."
    if gain[1] < 0:
        return "Reading does worse than guessing by how common each factor is."
    return "Reading may be no better than guessing by how common each factor is."


def graded_on(classifier: ClassifierRecord) -> str:
    """Return the reviews that the classifier was scored on, and how they were held out, as sentences."""
    reviews = f"{classifier.reviews_held_out:,} reviews"
    if classifier.split == "films":
        films = counted(classifier.films_held_out, "film")
        if classifier.folds:
            return (
                f"It was graded on {reviews} of {films}, in {classifier.folds} folds. A model that never saw "
                "its film read each review."
            )
        return f"It was graded on {reviews} of {films} held out whole."
    return (
        f"It was graded on {reviews} held out at random. It had learned from other reviews of the same films, "
        "which flatters it."
    )


def threshold_line(classifier: ClassifierRecord) -> str:
    """Return the rule by which a factor counts as predicted."""
    if classifier.calibration:
        return (
            "Each factor has its own threshold. With it, the factor is predicted in as many held-out reviews as "
            "carry it."
        )
    # Without calibration all factors have the same threshold.
    return f"A factor counts as predicted from a probability of {100 * classifier.thresholds[0]:.0f}% on."


def leak_line(classifier: ClassifierRecord) -> str:
    """Return whether the encoder had read reviews of held-out films, as a sentence."""
    leak = classifier.leak.removeprefix("none: ")
    return f"{leak[:1].upper()}{leak[1:]}."


def unmoved_by_words(classifier: ClassifierRecord, factor: int) -> str:
    """Return a warning where calibration makes a factor's probability the same for all reviews, else ""."""
    calibration = classifier.calibration
    if not calibration or calibration.slope[classifier.labels.index(factor)] > 0:
        return ""
    return (
        "The classifier learned nothing about this factor that works on new films. So calibration gives every review "
        "the same probability. The marked words moved only the score before calibration."
    )


def calibration_line(classifier: ClassifierRecord) -> str:
    """Return the calibration error, before and after, on films that calibration was not fitted on."""
    error = classifier.calibration_error
    if error is None:
        return "The probabilities of this run are not calibrated, so 80% need not mean 80 of 100."
    return (
        f"On average the probabilities are off by {100 * error.before:.1f} points (of 100) before calibration, "
        f"and by {100 * error.after:.1f} after it."
        + (" So calibration did not help here." if error.after >= error.before else "")
    )
