"""`stability` of `run.json` -> how stable each factor is, in words."""

from typing import Any

from core.formatting import counted

VERDICTS = {"stable": "stable", "weak": "weak", "noise": "not distinguishable from noise"}
"""The verdict on a factor's stability -> how it is worded everywhere."""


def stability_verdicts(found: dict[str, Any], factors: int) -> list[str]:
    """Return the words for each factor's stability; `found` is `stability` of `run.json`.

    >>> stability_verdicts({"unmeasured": "too few films"}, 2)
    ['not measured', 'not measured']
    """
    if "unmeasured" in found:
        return ["not measured"] * factors
    return [VERDICTS[row["verdict"]] for row in found["factors"]]


def stability_line(found: dict[str, Any]) -> str:
    """Return how many factors are how stable; `found` is `stability` of `run.json`.

    >>> stability_line({"factors": [{"verdict": "stable"}, {"verdict": "noise"}, {"verdict": "noise"}]})
    '1 factor stable, 0 weak, 2 not distinguishable from noise'
    """
    if "unmeasured" in found:
        return f"not measured: {found['unmeasured']}"
    of = {name: sum(row["verdict"] == name for row in found["factors"]) for name in VERDICTS}
    return f"{counted(of['stable'], 'factor')} stable, {of['weak']} weak, {of['noise']} {VERDICTS['noise']}"


def stability_of(found: dict[str, Any], factor: int) -> str:
    """Return in plain words how stable one factor is; `found` is `stability` of `run.json`.

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
        f"nobody, {found['repeats']} times, the films' weights correlate with {row['stability']:z.2f} on average "
        f"(95 % interval over random halvings {low:z.2f} to {high:z.2f}); where tastes were shuffled away, 95 % of "
        f"such correlations stay below {found['null']['high']:.2f}. Between seeds on the same ratings it is "
        f"{row['seeds']:z.2f}."
    )
