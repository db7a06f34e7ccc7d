"""Many factors -> one line that groups them by stability or readability class."""

from collections.abc import Iterable, Sequence

from core.results.sentences.readability import READABILITY_CLASSES
from core.results.sentences.stability import STABILITY_CLASSES

MANY_FACTORS = 12
"""A class with more factors is not listed one by one."""


def grouped(words: Sequence[str], shown: Iterable[int]) -> str:
    """Group the factors shown, at least one, by the words for their stability, or for their readability.

    A long list of factors of the most common class is replaced by their number.

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
    classes = [*STABILITY_CLASSES.values(), *READABILITY_CLASSES.values()]
    order = sorted(groups, key=lambda word: [*classes, word].index(word))
    return "; ".join(f"{word}: {', '.join(groups[word])}" for word in order).capitalize()
