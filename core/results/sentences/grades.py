"""The classifier of a run's record -> its scores in words."""

from core.formatting import counted, interval
from core.results.run_record import ClassifierRecord

FEW_FILMS = 20
"""With fewer held-out films, a bootstrap interval tends to be too narrow."""


def gain_line(classifier: ClassifierRecord) -> str:
    """Return the gain over label frequencies and whether it is significant."""
    gain = f"The gain over label frequencies is {classifier.lrap_gain:+z.3f}"
    films = f"{counted(classifier.films_held_out, 'film')} held out"
    if classifier.lrap_gain_interval is None:
        return f"{gain}, from {films}: too few for an interval, so it cannot be told from nothing."
    low, high = classifier.lrap_gain_interval
    worth = (
        "the reviews tell more than label frequencies"
        if low > 0
        else "the reviews tell less than label frequencies"
        if high < 0
        else "it cannot be told from nothing"
    )
    few = classifier.split == "films" and classifier.films_held_out < FEW_FILMS
    doubt = f"; with only {films} the interval may be too narrow" if few else ""
    return f"{gain} ({interval(classifier.lrap_gain_interval, '+z.3f')}): {worth}{doubt}."


def graded_on(classifier: ClassifierRecord) -> str:
    """Return the reviews that the classifier was scored on, and how they were held out."""
    if classifier.split == "films":
        films = counted(classifier.films_held_out, "film")
        if classifier.folds:
            return (
                f"{classifier.reviews_held_out:,} reviews, each of {films} read by a model that never saw it, in "
                f"{classifier.folds} folds"
            )
        return f"{classifier.reviews_held_out:,} reviews of {films} held out whole"
    return (
        f"{classifier.reviews_held_out:,} reviews held out at random, though other reviews of the same films were "
        "trained on, which flatters the classifier"
    )


def threshold_line(classifier: ClassifierRecord) -> str:
    """Return the rule by which a factor counts as predicted."""
    if classifier.calibration:
        return (
            "Each factor has a threshold of its own, set so that on the reviews kept out the factor counts as "
            "predicted as often as it is true."
        )
    # Without calibration all factors have the same threshold.
    return f"A factor counts as predicted from a probability of {100 * classifier.thresholds[0]:.0f} % on."


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
        "What the classifier says of this factor was worth nothing on films that it had not seen, so calibration "
        "gives every review the same probability. The words marked moved only what it said before."
    )


def calibration_line(classifier: ClassifierRecord) -> str:
    """Return the calibration error, before and after, on films that calibration was not fitted on."""
    error = classifier.calibration_error
    if error is None:
        return "The probabilities of this run are not calibrated, so they need not mean what they say."
    return (
        f"On average the probabilities are off by {100 * error.before:.1f} points (of 100) before calibration, "
        f"and by {100 * error.after:.1f} after it."
        + (" So here it did not help." if error.after >= error.before else "")
    )
