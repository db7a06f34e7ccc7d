"""A run's grades -> sentences that say whether its reviews tell the factors, the same on every screen."""

from collections.abc import Iterable, Sequence
from typing import Any

FEW_FILMS = 20
"""With fewer films held out, an interval drawn from them tends to be too narrow."""


def held_out(grade: dict[str, Any]) -> str:
    """Say what the classifier was graded on; `grade` is `classifier` of `run.json`.

    >>> held_out({"split": "films", "reviews_held_out": 32, "films_held_out": 4})
    '32 reviews of 4 films held out whole'
    >>> held_out({"split": "films", "folds": 5, "reviews_held_out": 800, "films_held_out": 100})
    '800 reviews, each of 100 films read by a model that never saw it, in 5 folds'
    """
    if grade["split"] == "films":
        films = _films(grade["films_held_out"])
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


MANY_FACTORS = 12
"""A longer list of factors is too long to read."""
VERDICTS = {"stable": "stable", "weak": "weak", "noise": "not distinguishable from noise"}
"""The verdict on a factor's stability -> how it is worded everywhere."""


def stability_verdicts(found: dict[str, Any], factors: int) -> list[str]:
    """Give the words for each factor's stability; `found` is `stability` of `run.json`.

    >>> stability_verdicts({"unmeasured": "too few films"}, 2)
    ['not measured', 'not measured']
    """
    if "unmeasured" in found:
        return ["not measured"] * factors
    return [VERDICTS[row["verdict"]] for row in found["factors"]]


def grouped(words: Sequence[str], shown: Iterable[int]) -> str:
    """Sort the factors shown, one at least, by the words for their stability, or for their readability.

    A long list of the most common word is left to be those that are not named.

    >>> grouped(["stable", "weak", "weak", "stable"], [2, 1, 0])
    'Stable: 0; weak: 1, 2'
    >>> grouped(["stable"] + ["weak"] * 20, range(21)), grouped(["stable"] * 20, range(20))
    ('Stable: 0; weak: the other 20', 'Stable: all 20')
    """
    groups: dict[str, list[str]] = {}
    for factor in sorted(set(shown)):
        groups.setdefault(words[factor], []).append(str(factor))
    most = max(groups, key=lambda word: len(groups[word]))
    if (count := len(groups[most])) > MANY_FACTORS:
        groups[most] = [f"all {count}" if len(groups) == 1 else f"the other {count}"]
    order = sorted(groups, key=lambda word: [*VERDICTS.values(), *READABILITY.values(), word].index(word))
    return "; ".join(f"{word}: {', '.join(groups[word])}" for word in order).capitalize()


def stability_line(found: dict[str, Any]) -> str:
    """Say how many factors are how stable; `found` is `stability` of `run.json`.

    >>> stability_line({"factors": [{"verdict": "stable"}, {"verdict": "noise"}, {"verdict": "noise"}]})
    '1 factor stable, 0 weak, 2 not distinguishable from noise'
    """
    if "unmeasured" in found:
        return f"not measured: {found['unmeasured']}"
    of = {name: sum(row["verdict"] == name for row in found["factors"]) for name in VERDICTS}
    return (
        f"{of['stable']} factor{'' if of['stable'] == 1 else 's'} stable, {of['weak']} weak, "
        f"{of['noise']} {VERDICTS['noise']}"
    )


def stability_of(found: dict[str, Any], factor: int) -> str:
    """Say in plain words how stable one factor is; `found` is `stability` of `run.json`.

    >>> row = {"stability": 0.85, "interval": [0.8, 0.9], "seeds": 0.99, "seeds_interval": [0.98, 1.0]}
    >>> found = {"factors": [row | {"verdict": "stable"}], "null": {"high": 0.1}, "repeats": 5, "stable_from": 0.7}
    >>> stability_of(found, 0).split(":")[0]
    'Stable'
    """
    if "unmeasured" in found:
        return f"Not measured: {found['unmeasured']}."
    row = found["factors"][factor]
    low, high = row["interval"]
    meaning = {
        "stable": "other people's ratings lead to nearly the same factor, so it says something about the films",
        "weak": "other people's ratings lead to a factor that only resembles it, so read it with care",
        "noise": "other people's ratings lead to something else, so nothing can be shown that its films share",
    }[row["verdict"]]
    return (
        f"{VERDICTS[row['verdict']].capitalize()}: {meaning}. Trained on two halves of the users that share "
        f"nobody, {found['repeats']} times, the films' weights correlate with {row['stability']:.2f} on average "
        f"(95 % interval over random halvings {low:.2f} to {high:.2f}); where tastes were shuffled away, 95 % of "
        f"such correlations stay below {found['null']['high']:.2f}. Between seeds on the same ratings it is "
        f"{row['seeds']:.2f}."
    )


READABILITY = {
    True: "readable from reviews",
    False: "not readable from reviews",
    None: "readability not measured",
}
"""Whether a factor is readable (`readable` of a label in `run.json`) -> how it is worded everywhere."""


def readability_verdicts(found: dict[str, Any], factors: int) -> list[str]:
    """Give the words for each factor's readability; `found` is `readability` of `run.json`.

    >>> readability_verdicts({"per_label": [{"factor": 1, "readable": True}]}, 2)
    ['readability not measured', 'readable from reviews']
    """
    readable = {row["factor"]: row.get("readable") for row in found["per_label"]}
    return [READABILITY[readable.get(factor)] for factor in range(factors)]


def readability_line(found: dict[str, Any], factors: int) -> str:
    """Say how many factors are readable; `found` is `readability` of `run.json`.

    >>> readability_line({"per_label": [{"factor": 1, "readable": True}]}, 3)
    '1 factor readable from reviews, 0 not, 2 not measured'
    """
    if "unmeasured" in found:
        return f"not measured: {found['unmeasured']}"
    words = readability_verdicts(found, factors)
    of = {readable: words.count(word) for readable, word in READABILITY.items()}
    return (
        f"{of[True]} factor{'' if of[True] == 1 else 's'} {READABILITY[True]}, {of[False]} not, "
        f"{of[None]} not measured"
    )


def readability_told(found: dict[str, Any]) -> str:
    """Say in plain words what the reviews tell; `found` is `readability` of `run.json`.

    >>> readability_told({"per_label": [{"factor": 1, "readable": True}, {"factor": 4, "readable": False}]})
    'Reviews of films that the classifier never saw tell 1 of 2 factors: 1.'
    """
    if "unmeasured" in found:
        return f"Whether the reviews tell any factor was not measured: {found['unmeasured']}."
    rows = found["per_label"]
    told = [str(row["factor"]) for row in rows if row.get("readable")]
    unknown = sum(row.get("readable") is None for row in rows)
    if unknown == len(rows):
        return (
            "Whether the reviews tell any factor cannot be said: too few films carry each, or too few do not."
        )
    rest = (
        f" Of {unknown:,} more it cannot be said: too few films carry them, or too few do not."
        if unknown
        else ""
    )
    if told:
        return (
            f"Reviews of films that the classifier never saw tell {len(told)} of {len(rows) - unknown} factors: "
            f"{', '.join(told)}.{rest}"
        )
    return (
        "No factor of this run can be read from the reviews: what the classifier says of films that it never saw "
        f"is no better than luck.{rest}"
    )


def readability_of(found: dict[str, Any], factor: int) -> str:
    """Say in plain words whether reviews tell one factor; `found` is `readability` of `run.json`.

    >>> readability_of({"per_label": []}, 0)
    "Readability not measured: the factor is none of this run's labels, so no review was read for it."
    """
    row = next((row for row in found["per_label"] if row["factor"] == factor), None)
    missing = READABILITY[None].capitalize()
    if "unmeasured" in found:
        return f"{missing}: {found['unmeasured']}."
    if row is None:
        return f"{missing}: the factor is none of this run's labels, so no review was read for it."
    if row.get("readable") is None:
        if row.get("shuffled_average_precision") is None:
            return (
                f"{missing}: this run did not train on shuffled labels, beside which a factor has to stand."
            )
        return f"{missing}: {_films(row['films'])} with reviews carry it; too few do, or too few do not."
    meaning = (
        "reviews of films that the classifier never saw tell whether a film has it"
        if row["readable"]
        else "reviews of films that the classifier never saw do not tell more about it than luck might"
    )
    return (
        f"{READABILITY[row['readable']].capitalize()}: {meaning}. Average precision {row['average_precision']:.2f} "
        f"({_interval(row['average_precision_interval'], '.2f')}; {_films(row['films'])} carry it), where chance "
        f"reaches {row['chance']:.2f} (gain {row['gain']:+.2f}, {_interval(row['gain_interval'], '+.2f')}) and the "
        f"same classifier trained on shuffled labels {row['shuffled_average_precision']:.2f} (gain "
        f"{row['shuffled_gain']:+.2f}, {_interval(row['shuffled_gain_interval'], '+.2f')}). Both have to be above "
        "0, beyond the luck of trying many factors."
    )


def reader_line(found: dict[str, Any]) -> str:
    """Say whether the classifier reads better than counted words do; `found` is `readability` of `run.json`.

    >>> tfidf = {"lrap": 0.59, "lrap_gain": -0.02, "lrap_gain_interval": [-0.03, -0.01]}
    >>> reader_line({"lrap": 0.57, "rivals": {"tfidf": tfidf}}).split(":")[0]
    'The classifier does not beat TF-IDF with logistic regression, it reads worse'
    """
    rival = found.get("rivals", {}).get("tfidf")
    if rival is None:
        return "The classifier was not compared to TF-IDF with logistic regression in this run."
    ends = rival["lrap_gain_interval"]
    worth = (
        "beats TF-IDF with logistic regression"
        if ends and ends[0] > 0
        else "does not beat TF-IDF with logistic regression, it reads worse"
        if ends and ends[1] < 0
        else "does not beat TF-IDF with logistic regression beyond doubt"
    )
    doubt = _interval(ends, "+.3f") if ends else "too few films for an interval"
    return (
        f"The classifier {worth}: LRAP {found['lrap']:.3f} against {rival['lrap']:.3f} on the same folds, "
        f"{rival['lrap_gain']:+.3f} ({doubt})."
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
    """Say what the encoder had read of the films held out; `grade` is `classifier` of `run.json`.

    >>> leak_line({"leak": "none: the encoder has read no review of any of these films"})
    'The encoder has read no review of any of these films.'
    """
    said: str = grade["leak"].removeprefix("none: ")
    return f"{said[:1].upper()}{said[1:]}."


def unmoved_by_words(grade: dict[str, Any], factor: int) -> str:
    """Say that no review moves a factor's probability, where calibration found that; `grade` is `classifier` of
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
    """Say what calibration is worth on films that it was not fitted on; `grade` is `classifier` of `run.json`.

    >>> calibration_line({"calibration_error": {"before": 0.149, "after": 0.067}})
    'On average the probabilities are off by 14.9 points (of 100) before calibration, and by 6.7 after it.'
    """
    error = grade.get("calibration_error")
    if error is None:
        return "The probabilities of this run are not calibrated, so they need not mean what they say."
    return (
        f"On average the probabilities are off by {100 * error['before']:.1f} points (of 100) before calibration, "
        f"and by {100 * error['after']:.1f} after it."
    )


def _films(count: int) -> str:
    return f"{count:,} film{'' if count == 1 else 's'}"


def _interval(ends: Sequence[float], form: str) -> str:
    return f"95 % interval {ends[0]:{form}} to {ends[1]:{form}}"


def verdict(grade: dict[str, Any]) -> str:
    """Say what the gain over label frequencies is worth; `grade` is `classifier` of `run.json`.

    >>> verdict({"lrap_gain": 0.1, "lrap_gain_interval": [-0.1, 0.3], "split": "films", "films_held_out": 30})
    'The gain over label frequencies is +0.100 (95 % interval -0.100 to +0.300): it cannot be told from nothing.'
    """
    gain = f"The gain over label frequencies is {grade['lrap_gain']:+.3f}"
    films = f"{_films(grade['films_held_out'])} held out"
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
    return f"{gain} (95 % interval {low:+.3f} to {high:+.3f}): {worth}{doubt}."
