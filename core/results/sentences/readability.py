"""Readability of a run's record -> which factors reviews reveal, in words."""

from core.formatting import counted, interval
from core.results.run_record import Readability, Unmeasured

READABILITY_CLASSES = {
    True: "readable from reviews",
    False: "not readable from reviews",
    None: "readability not measured",
}
"""Whether a factor is readable -> the words for it in a sentence."""


def readability_line(readability: Readability | Unmeasured, factors: int) -> str:
    """Return how many factors are readable.

    >>> readability_line(Unmeasured(unmeasured="too few films"), 3)
    'not measured: too few films'
    """
    if isinstance(readability, Unmeasured):
        return f"not measured: {readability.unmeasured}"
    read = [label.readable for label in readability.per_label]
    # Factors that no reviewed film has among its top factors are not labels.
    others = factors - len(read)
    why = f", {others} of them since no reviewed film has them among its top" if others else ""
    return (
        f"{counted(read.count(True), 'factor')} {READABILITY_CLASSES[True]}, {read.count(False)} not, "
        f"{read.count(None) + others} not measured{why}"
    )


def readability_summary(readability: Readability | Unmeasured) -> str:
    """Return, in plain words, which factors reviews reveal.

    >>> readability_summary(Unmeasured(unmeasured="too few films"))
    'Whether the reviews tell any factor was not measured: too few films.'
    """
    if isinstance(readability, Unmeasured):
        return f"Whether the reviews tell any factor was not measured: {readability.unmeasured}."
    labels = readability.per_label
    readable = [str(label.factor) for label in labels if label.readable]
    unknown = sum(label.readable is None for label in labels)
    if unknown == len(labels):
        return (
            "Whether the reviews tell any factor cannot be said: too few films carry each, or too few do not."
        )
    rest = (
        f" Of {unknown:,} more it cannot be said: too few films carry them, or too few do not."
        if unknown
        else ""
    )
    if readable:
        return (
            f"Reviews of films that the classifier never saw tell {len(readable)} of {len(labels) - unknown} "
            f"factors: {', '.join(readable)}.{rest}"
        )
    return (
        "No factor of this run can be read from the reviews: what the classifier says of films that it never saw "
        f"is no better than luck.{rest}"
    )


def readability_of(readability: Readability | Unmeasured, factor: int) -> str:
    """Return, in plain words, whether reviews reveal one factor.

    >>> readability_of(Unmeasured(unmeasured="too few films"), 0)
    'Readability not measured: too few films.'
    """
    missing = READABILITY_CLASSES[None].capitalize()
    if isinstance(readability, Unmeasured):
        return f"{missing}: {readability.unmeasured}."
    label = readability.of(factor)
    if label is None:
        return f"{missing}: the factor is none of this run's labels, so no review was read for it."
    if label.shuffled_average_precision is None and label.readable is None:
        return f"{missing}: this run did not train on shuffled labels, beside which a factor has to stand."
    if label.readable is None:
        return f"{missing}: {counted(label.films or 0, 'film')} with reviews carry it; too few do, or too few do not."
    # A label whose readability was measured has all intervals.
    precision, gain, shuffled_gain = (
        interval(ends or (), form)
        for ends, form in (
            (label.average_precision_interval, ".2f"),
            (label.gain_interval, "+z.2f"),
            (label.shuffled_gain_interval, "+z.2f"),
        )
    )
    meaning = (
        "reviews of films that the classifier never saw tell whether a film has it"
        if label.readable
        else "reviews of films that the classifier never saw do not tell more about it than luck might"
    )
    return (
        f"{READABILITY_CLASSES[label.readable].capitalize()}: {meaning}. Average precision "
        f"{label.average_precision:.2f} ({precision}; "
        f"{counted(label.films or 0, 'film')} carry it), where chance reaches {label.chance:.2f} (gain "
        f"{label.gain:+z.2f}, {gain}) and the same classifier trained on "
        f"shuffled labels {label.shuffled_average_precision:.2f} (gain {label.shuffled_gain:+z.2f}, "
        f"{shuffled_gain}). Both have to be above 0, beyond the luck of trying "
        "many factors."
    )


def reader_line(readability: Readability | Unmeasured) -> str:
    """Return how the classifier compares to counted words (TF-IDF).

    >>> reader_line(Unmeasured(unmeasured="too few films"))
    'The classifier was not compared to TF-IDF with logistic regression in this run.'
    """
    baseline = None if isinstance(readability, Unmeasured) else readability.baselines.get("tfidf")
    if isinstance(readability, Unmeasured) or baseline is None:
        return "The classifier was not compared to TF-IDF with logistic regression in this run."
    ends = baseline.lrap_gain_interval
    worth = (
        "beats TF-IDF with logistic regression"
        if ends and ends[0] > 0
        else "does not beat TF-IDF with logistic regression, it reads worse"
        if ends and ends[1] < 0
        else "does not beat TF-IDF with logistic regression beyond doubt"
    )
    doubt = interval(ends, "+z.3f") if ends else "too few films for an interval"
    return (
        f"The classifier {worth}: LRAP {readability.lrap:.3f} against {baseline.lrap:.3f} on the same folds, "
        f"{baseline.lrap_gain:+z.3f} ({doubt})."
    )
