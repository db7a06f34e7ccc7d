"""Stability of a run's record -> the stability of factors in words."""

from core.formatting import counted
from core.results.run_record import Stability, Unmeasured

STABILITY_CLASSES = {"stable": "stable", "weak": "weak", "noise": "not distinguishable from noise"}
"""A factor's stability class -> the words for it in a sentence."""
NOT_MEASURED = "not measured"


def stability_line(stability: Stability | Unmeasured) -> str:
    """Return the number of factors in each stability class, and, of large data, among which users.

    >>> stability_line(Unmeasured(unmeasured="too few films"))
    'not measured: too few films'
    """
    if isinstance(stability, Unmeasured):
        return f"{NOT_MEASURED}: {stability.unmeasured}"
    classes = [row.stability_class for row in stability.factors]
    among = f" (among {stability.among})" if stability.among else ""
    return (
        f"{counted(classes.count('stable'), 'factor')} stable, {classes.count('weak')} weak, "
        f"{classes.count('noise')} {STABILITY_CLASSES['noise']}{among}"
    )


def stability_of(stability: Stability | Unmeasured, factor: int) -> str:
    """Return, in plain words, how stable one factor is.

    >>> stability_of(Unmeasured(unmeasured="too few films"), 0)
    'Not measured: too few films.'
    """
    if isinstance(stability, Unmeasured):
        return f"{NOT_MEASURED.capitalize()}: {stability.unmeasured}."
    row = stability.factors[factor]
    low, high = row.interval
    meaning = {
        "stable": "other people's ratings lead to nearly the same factor",
        "weak": "other people's ratings lead to a partly similar factor",
        "noise": "other people's ratings lead to something else",
    }[row.stability_class]
    return (
        f"{STABILITY_CLASSES[row.stability_class].capitalize()}: {meaning}. "
        + (f"Measured among {stability.among}. " if stability.among else "")
        + f"The users were split into two halves, {stability.repeats} times, and a model was trained on each. "
        f"The films' weights correlate between halves with {row.stability:z.2f} (95% interval over halvings "
        f"{low:z.2f} to {high:z.2f}). "
        f"With tastes shuffled away, 95% of such correlations stay below {stability.null.high:.2f}. "
        f"Two models of the same ratings, with different seeds, correlate with {row.seeds:z.2f}."
    )
