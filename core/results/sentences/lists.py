"""Many factors -> one line that groups them by their verdicts."""

from collections.abc import Iterable, Sequence

from core.results.verdict import VERDICTS, VerdictWord

MANY_FACTORS = 12
"""More factors of one verdict are not listed one by one."""


def grouped(words: Sequence[VerdictWord], shown: Iterable[int]) -> str:
    """Group the factors shown, at least one, by verdict; `words` has that of each factor.

    A long list of factors of the most common verdict is replaced by their number.

    >>> grouped(["solid", "shaky", "shaky", "solid"], [2, 1, 0])
    'Solid: 0; shaky: 1, 2'
    >>> grouped(["solid"] + ["chance"] * 20, range(21)), grouped(["shaky"] * 20, range(20))
    ('Solid: 0; chance: the other 20', 'Shaky: all 20')
    """
    groups: dict[VerdictWord, list[str]] = {}
    for factor in sorted(set(shown)):
        groups.setdefault(words[factor], []).append(str(factor))
    most = max(groups, key=lambda word: len(groups[word]))
    if (count := len(groups[most])) > MANY_FACTORS:
        groups[most] = [f"all {count}" if len(groups) == 1 else f"the other {count}"]
    order = sorted(groups, key=VERDICTS.index)
    return "; ".join(f"{word}: {', '.join(groups[word])}" for word in order).capitalize()
