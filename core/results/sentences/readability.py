"""Readability of a run's record -> which factors reviews reveal, in words."""

from collections.abc import Mapping, Sequence

from core.formatting import counted, interval
from core.results.factor_names import numbered
from core.results.run_record import LabelGrade, Readability, Unmeasured
from core.results.verdict import VerdictWord, may_be_luck

READABILITY_CLASSES = {
    True: "readable from reviews",
    False: "not readable from reviews",
    None: "readability not measured",
}
"""Whether a factor is readable -> the words for it in a sentence."""
MOST_NAMED = 2
"""Most factors that a sentence gives by name; of more it has the numbers."""
MOST_NUMBERED, FIRST = 6, 3
"""Most factors that a sentence gives by number, and how many of more."""


def readability_line(readability: Readability | Unmeasured, factors: int) -> str:
    """Return in sentences how many factors are readable.

    >>> readability_line(Unmeasured(unmeasured="too few films"), 3)
    'This run did not measure whether reviews reveal the factors: too few films.'
    """
    if isinstance(readability, Unmeasured):
        return readability_summary(readability)
    read = [label.readable for label in readability.per_label]
    # Factors that no reviewed film has among its top factors are not labels.
    others, unknown = factors - len(read), read.count(None)
    yes, no = read.count(True), read.count(False)
    sentences = [
        f"{counted(yes, 'factor')} {_are(yes)} readable from reviews, {no:,} {_are(no)} not."
        if yes + no
        else "",
        f"{unknown:,} {'has' if unknown == 1 else 'have'} too few films to test." if unknown else "",
        f"{others:,} {_are(others)} not among any reviewed film's top factors." if others else "",
    ]
    return " ".join(filter(None, sentences))


def factors_that_are_read(
    readability: Readability | Unmeasured, verdict_words: Sequence[VerdictWord], names: Mapping[int, str]
) -> str:
    """Return in plain sentences which factors the classifier reads; `verdict_words` has the verdict on each factor.

    Factors of chance are left out, and counted apart where it reads any. `names` has the names as shown.

    >>> factors_that_are_read(Unmeasured(unmeasured="too few films"), ["shaky"], {})
    'This run did not measure which factors the classifier reads from reviews: too few films.'
    """
    if isinstance(readability, Unmeasured):
        return f"This run did not measure which factors the classifier reads from reviews: {readability.unmeasured}."
    readable = [label.factor for label in readability.per_label if label.readable]
    measured = sum(label.readable is not None for label in readability.per_label)
    if not measured:
        return "There are too few films to say which factors the classifier reads from reviews."
    of_all = counted(measured, "factor")
    if not readable:
        return f"The classifier reads none of {of_all} from reviews."
    real = [factor for factor in readable if not may_be_luck(verdict_words[factor])]
    of_chance = len(readable) - len(real)
    doubt = f"{_they(of_chance)} may be chance"
    if not real:
        return f"The classifier reads {of_chance:,} of {of_all} from reviews, but {doubt}."
    more = f" It reads {of_chance:,} more, but {doubt}." if of_chance else ""
    return f"The classifier reads {len(real):,} of {of_all} from reviews: {_listed(real, names)}.{more}"


def _listed(factors: Sequence[int], names: Mapping[int, str]) -> str:
    """Return a few factors by number and name, more by number.

    >>> _listed([0, 2], {2: "≈ war ↔ music"}), _listed([0, 2, 5], {})
    ('factor 0 and factor 2 ≈ war', 'factors 0, 2, 5')
    """
    if len(factors) > MOST_NAMED:
        return _numbers(factors)
    return " and ".join(f"factor {numbered(factor, names.get(factor, ''))}" for factor in factors)


def _numbers(factors: Sequence[int]) -> str:
    """Return factors by number, of many the first.

    >>> _numbers([2]), _numbers([0, 2, 5]), _numbers(range(9))
    ('factor 2', 'factors 0, 2, 5', 'factors 0, 1, 2 and 6 more')
    """
    shown = len(factors) if len(factors) <= MOST_NUMBERED else FIRST
    more = f" and {len(factors) - shown:,} more" if len(factors) > shown else ""
    return f"factor{'' if len(factors) == 1 else 's'} {', '.join(map(str, factors[:shown]))}{more}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _they(count: int) -> str:
    return "it" if count == 1 else "they"


def readability_summary(readability: Readability | Unmeasured) -> str:
    """Return, in plain words, which factors reviews reveal.

    >>> readability_summary(Unmeasured(unmeasured="too few films"))
    'This run did not measure whether reviews reveal the factors: too few films.'
    """
    if isinstance(readability, Unmeasured):
        return f"This run did not measure whether reviews reveal the factors: {readability.unmeasured}."
    labels = readability.per_label
    readable = [label.factor for label in labels if label.readable]
    unknown = sum(label.readable is None for label in labels)
    if unknown == len(labels):
        return (
            "This run cannot say which factors reviews reveal. "
            "Too few films carry each factor, or too few lack it."
        )
    rest = f" Another {unknown:,} cannot be tested: too few films." if unknown else ""
    if readable:
        return (
            f"Reviews of films that the classifier never saw reveal {len(readable)} of {len(labels) - unknown} "
            f"factors: {_numbers(readable)}.{rest}"
        )
    return (
        "No factor of this run can be read from reviews. On films that the classifier never saw it does no better "
        f"than guessing.{rest}"
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
        return f"{missing}: no film with reviews has this factor among its top factors."
    if label.shuffled_average_precision is None and label.readable is None:
        return f"{missing}: this run has no classifier of shuffled labels to compare with."
    if label.readable is None:
        films = counted(label.films or 0, "film")
        return f"{missing}: {films} with reviews carry it, too few or too many to compare."
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
        "reviews of films that the classifier never saw reveal whether a film has it."
        if label.readable
        else _what_fails(label)
    )
    return (
        f"{READABILITY_CLASSES[label.readable].capitalize()}: {meaning} Average precision: "
        f"{label.average_precision:.2f} ({precision}), over {counted(label.films or 0, 'film')} that carry it. "
        f"Guessing reaches {label.chance:.2f} (gain {label.gain:+z.2f}, {gain}). Trained on shuffled labels, the "
        f"classifier reaches {label.shuffled_average_precision:.2f} (gain {label.shuffled_gain:+z.2f}, "
        f"{shuffled_gain}). A factor is readable if both gains exceed luck. The test allows for trying all factors."
    )


def _what_fails(label: LabelGrade) -> str:
    """Return which comparisons a factor that is not readable fails, in two short sentences."""
    beats_guessing, beats_shuffled = (
        ends is not None and ends[0] > 0 for ends in (label.gain_interval, label.shuffled_gain_interval)
    )
    if beats_guessing and beats_shuffled:
        return "the classifier beats guessing and shuffled labels, but not clearly enough for so many factors tried."
    if beats_guessing:
        return "the classifier beats guessing. It does not surely beat one trained on shuffled labels."
    if beats_shuffled:
        return "the classifier beats one trained on shuffled labels. It does not surely beat guessing."
    return "the classifier does not surely beat guessing. Nor does it surely beat one trained on shuffled labels."


def reader_line(readability: Readability | Unmeasured) -> str:
    """Return how the classifier compares to counted words (TF-IDF).

    >>> reader_line(Unmeasured(unmeasured="too few films"))
    'This run did not compare the classifier with counted words (TF-IDF).'
    """
    baseline = None if isinstance(readability, Unmeasured) else readability.baselines.get("tfidf")
    if isinstance(readability, Unmeasured) or baseline is None:
        return "This run did not compare the classifier with counted words (TF-IDF)."
    ends = baseline.lrap_gain_interval
    worth = (
        "The classifier beats counted words (TF-IDF)."
        if ends and ends[0] > 0
        else "The classifier reads worse than counted words (TF-IDF)."
        if ends and ends[1] < 0
        else "The classifier may be no better than counted words (TF-IDF)."
    )
    doubt = interval(ends, "+z.3f") if ends else "too few films for an interval"
    return (
        f"{worth} Its LRAP is {readability.lrap:.3f}; counted words reach {baseline.lrap:.3f} on the same folds. "
        f"The difference is {baseline.lrap_gain:+z.3f} ({doubt})."
    )
