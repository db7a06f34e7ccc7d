"""Stability of a run's record -> the stability of factors in words."""

from core.formatting import counted
from core.results.run_record import Stability, Unmeasured

STABILITY_CLASSES = {"stable": "stable", "weak": "weak", "noise": "not distinguishable from noise"}
"""A factor's stability class -> the words for it in a sentence."""
NOT_MEASURED = "not measured"


def stability_line(stability: Stability | Unmeasured) -> str:
    """Return the number of factors in each stability class.

    >>> stability_line(Unmeasured(unmeasured="too few films"))
    'not measured: too few films'
    """
    if isinstance(stability, Unmeasured):
        return f"{NOT_MEASURED}: {stability.unmeasured}"
    classes = [row.stability_class for row in stability.factors]
    return (
        f"{counted(classes.count('stable'), 'factor')} stable, {classes.count('weak')} weak, "
        f"{classes.count('noise')} {STABILITY_CLASSES['noise']}"
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
        "stable": "other people's ratings lead to nearly the same factor, so it says something about the films",
        "weak": "other people's ratings lead to a factor that only resembles it, so read it with care",
        "noise": "other people's ratings lead to something else, so nothing can be shown that its films share",
    }[row.stability_class]
    return (
        f"{STABILITY_CLASSES[row.stability_class].capitalize()}: {meaning}. Trained on two halves of the users that "
        f"share nobody, {stability.repeats} times, the films' weights correlate with {row.stability:z.2f} on average "
        f"(95 % interval over random halvings {low:z.2f} to {high:z.2f}); where tastes were shuffled away, 95 % of "
        f"such correlations stay below {stability.null.high:.2f}. Between seeds on the same ratings it is "
        f"{row.seeds:z.2f}."
    )
