"""Factors shown by number, their names and verdicts -> the entries of a legend, the same on a page and in a file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from core.meaning.suggested_names import NO_MEANING, SUGGESTED

MOST_ENTRIES = 12
"""With more factors than this, those whose name says nothing get no entry of their own: factors without a name or
clear meaning, and those that are chance and whose name nobody gave."""


class Entry(NamedTuple):
    """A factor in a legend."""

    factor: int
    name: str
    """As shown; "" for a factor without a name."""
    verdict: str
    """In a word; "" where nobody gave it."""


def legend_entries(
    shown: Iterable[int], names: Mapping[int, str], verdicts: Sequence[str]
) -> tuple[list[Entry], list[int]]:
    """Return the entries of the factors shown, by number, and the factors that are to be listed by number alone.

    `verdicts` has the word of each factor of the run, or is empty.

    >>> legend_entries([1, 0, 1], {1: "dark"}, ["chance", "solid"])
    ([Entry(factor=0, name='', verdict='chance'), Entry(factor=1, name='dark', verdict='solid')], [])
    >>> names = {0: "dark", 1: "≈ gore ↔ novel", 2: "≈ war ↔ music", 3: "no clear meaning"}
    >>> listed, rest = legend_entries(range(20), names, ["chance"] * 2 + ["shaky"] * 18)
    >>> [entry.factor for entry in listed], len(rest)
    ([0, 2], 18)
    """
    factors = sorted(set(shown))
    entries = [Entry(k, names.get(k, ""), verdicts[k] if verdicts else "") for k in factors]
    if len(factors) <= MOST_ENTRIES:
        return entries, []
    listed = [entry for entry in entries if _says_something(entry)]
    apart = {entry.factor for entry in listed}
    return listed, [factor for factor in factors if factor not in apart]


def _says_something(entry: Entry) -> bool:
    given = not entry.name.startswith(SUGGESTED)
    return entry.name not in ("", NO_MEANING) and (given or entry.verdict != "chance")
