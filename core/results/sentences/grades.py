"""`classifier` of `run.json` -> how well its reviews are read, in words."""

from typing import Any

from core.formatting import counted, interval

FEW_FILMS = 20
"""With fewer films held out, an interval drawn from them tends to be too narrow."""


def verdict(grade: dict[str, Any]) -> str:
    """Return what the gain over label frequencies is worth; `grade` is `classifier` of `run.json`.

    >>> verdict({"lrap_gain": 0.1, "lrap_gain_interval": [-0.1, 0.3], "split": "films", "films_held_out": 30})
    'The gain over label frequencies is +0.100 (95 % interval -0.100 to +0.300): it cannot be told from nothing.'
    """
    gain = f"The gain over label frequencies is {grade['lrap_gain']:+z.3f}"
    films = f"{counted(grade['films_held_out'], 'film')} held out"
    if grade["lrap_gain_interval"] is None:
        return f"{gain}, from {films}: too few for an interval, so it cannot be told from nothing."
    low, high = grade["lrap_gain_interval"]
    worth = (
        "the reviews tell more than label frequencies"
        if low > 0
        else "the reviews tell less than label frequencies"
        if high < 0
        else "it cannot be told from nothing"
    )
    few = grade["split"] == "films" and grade["films_held_out"] < FEW_FILMS
    doubt = f"; with only {films} the interval may be too narrow" if few else ""
    return f"{gain} ({interval(grade['lrap_gain_interval'], '+z.3f')}): {worth}{doubt}."


def held_out(grade: dict[str, Any]) -> str:
    """Return what the classifier was graded on; `grade` is `classifier` of `run.json`.

    >>> held_out({"split": "films", "reviews_held_out": 32, "films_held_out": 4})
    '32 reviews of 4 films held out whole'
    >>> held_out({"split": "films", "folds": 5, "reviews_held_out": 800, "films_held_out": 100})
    '800 reviews, each of 100 films read by a model that never saw it, in 5 folds'
    """
    if grade["split"] == "films":
        films = counted(grade["films_held_out"], "film")
        if grade.get("folds"):
            return (
                f"{grade['reviews_held_out']:,} reviews, each of {films} read by a model that never saw it, in "
                f"{grade['folds']} folds"
            )
        return f"{grade['reviews_held_out']:,} reviews of {films} held out whole"
    return (
        f"{grade['reviews_held_out']:,} reviews held out at random, though other reviews of the same films were "
        "trained on, which flatters the classifier"
    )


def threshold_line(grade: dict[str, Any]) -> str:
    """Say when a factor counts as predicted; `grade` is `classifier` of `run.json`.

    >>> threshold_line({"thresholds": [0.5, 0.5], "calibration": None})
    'A factor counts as predicted from a probability of 50 % on.'
    """
    if grade.get("calibration"):
        return (
            "Each factor has a threshold of its own, set so that on the reviews kept out the factor counts as "
            "predicted as often as it is true."
        )
    # Older runs have one threshold for all.
    threshold = grade.get("threshold") or grade["thresholds"][0]
    return f"A factor counts as predicted from a probability of {100 * threshold:.0f} % on."


def leak_line(grade: dict[str, Any]) -> str:
    """Return what the encoder had read of the films held out; `grade` is `classifier` of `run.json`.

    >>> leak_line({"leak": "none: the encoder has read no review of any of these films"})
    'The encoder has read no review of any of these films.'
    """
    said: str = grade["leak"].removeprefix("none: ")
    return f"{said[:1].upper()}{said[1:]}."


def unmoved_by_words(grade: dict[str, Any], factor: int) -> str:
    """Return that no review moves a factor's probability, where calibration found that; `grade` is `classifier` of
    `run.json`.

    >>> unmoved_by_words({"labels": [4], "calibration": {"slope": [0.5]}}, 4)
    ''
    """
    if not grade.get("calibration") or grade["calibration"]["slope"][grade["labels"].index(factor)] > 0:
        return ""
    return (
        "What the classifier says of this factor was worth nothing on films that it had not seen, so calibration "
        "gives every review the same probability. The words marked moved only what it said before."
    )


def calibration_line(grade: dict[str, Any]) -> str:
    """Return what calibration is worth on films that it was not fitted on; `grade` is `classifier` of `run.json`.

    >>> calibration_line({"calibration_error": {"before": 0.149, "after": 0.067}})
    'On average the probabilities are off by 14.9 points (of 100) before calibration, and by 6.7 after it.'
    """
    error = grade.get("calibration_error")
    if error is None:
        return "The probabilities of this run are not calibrated, so they need not mean what they say."
    return (
        f"On average the probabilities are off by {100 * error['before']:.1f} points (of 100) before calibration, "
        f"and by {100 * error['after']:.1f} after it."
        + (" So here it did not help." if error["after"] >= error["before"] else "")
    )
