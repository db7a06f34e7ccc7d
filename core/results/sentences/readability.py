"""`readability` of `run.json` -> which factors reviews tell, in words."""

from typing import Any

from core.formatting import counted, interval

READABILITY = {
    True: "readable from reviews",
    False: "not readable from reviews",
    None: "readability not measured",
}
"""Whether a factor is readable (`readable` of a label in `run.json`) -> how it is worded everywhere."""


def readability_verdicts(found: dict[str, Any], factors: int) -> list[str]:
    """Return the words for each factor's readability; `found` is `readability` of `run.json`.

    >>> readability_verdicts({"per_label": [{"factor": 1, "readable": True}]}, 2)
    ['readability not measured', 'readable from reviews']
    """
    readable = {row["factor"]: row.get("readable") for row in found["per_label"]}
    return [READABILITY[readable.get(factor)] for factor in range(factors)]


def readability_line(found: dict[str, Any], factors: int) -> str:
    """Return how many factors are readable; `found` is `readability` of `run.json`.

    >>> readability_line({"per_label": [{"factor": 1, "readable": True}]}, 3)
    '1 factor readable from reviews, 0 not, 2 not measured, 2 of them since no reviewed film has them among its top'
    """
    if "unmeasured" in found:
        return f"not measured: {found['unmeasured']}"
    words = readability_verdicts(found, factors)
    of = {readable: words.count(word) for readable, word in READABILITY.items()}
    # Those that no reviewed film has among its top factors are no labels.
    others = factors - len(found["per_label"])
    why = f", {others} of them since no reviewed film has them among its top" if others else ""
    return f"{counted(of[True], 'factor')} {READABILITY[True]}, {of[False]} not, {of[None]} not measured{why}"


def readability_told(found: dict[str, Any]) -> str:
    """Return in plain words what the reviews tell; `found` is `readability` of `run.json`.

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
    """Return in plain words whether reviews tell one factor; `found` is `readability` of `run.json`.

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
        return f"{missing}: {counted(row['films'], 'film')} with reviews carry it; too few do, or too few do not."
    meaning = (
        "reviews of films that the classifier never saw tell whether a film has it"
        if row["readable"]
        else "reviews of films that the classifier never saw do not tell more about it than luck might"
    )
    return (
        f"{READABILITY[row['readable']].capitalize()}: {meaning}. Average precision "
        f"{row['average_precision']:.2f} ({interval(row['average_precision_interval'], '.2f')}; "
        f"{counted(row['films'], 'film')} carry it), where chance reaches {row['chance']:.2f} (gain "
        f"{row['gain']:+z.2f}, {interval(row['gain_interval'], '+z.2f')}) and the same classifier trained on "
        f"shuffled labels {row['shuffled_average_precision']:.2f} (gain {row['shuffled_gain']:+z.2f}, "
        f"{interval(row['shuffled_gain_interval'], '+z.2f')}). Both have to be above 0, beyond the luck of trying "
        "many factors."
    )


def reader_line(found: dict[str, Any]) -> str:
    """Return whether the classifier reads better than counted words do; `found` is `readability` of `run.json`.

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
    doubt = interval(ends, "+z.3f") if ends else "too few films for an interval"
    return (
        f"The classifier {worth}: LRAP {found['lrap']:.3f} against {rival['lrap']:.3f} on the same folds, "
        f"{rival['lrap_gain']:+z.3f} ({doubt})."
    )
