"""The words, genres, years and films of a factor -> a suggested name for both of its ends, as "horror ↔ romance".

The rule, for each end: the genre whose films lie furthest towards it beyond doubt, then its certain words, the
strongest first, up to TERMS terms in all; where there is none of either, its strongest words, if the words of the
factor as a whole exceed luck and hold on other films; else "older films" or "newer films", if the weights change with
the year beyond doubt; else nothing. Words that stand in more than COMMON of all reviews say little and are left out,
as are names, and words that share a stem with a term before them. An end without any term is named by its first film,
and a factor without any at either end has no clear meaning.

Factors of one run that would share a name get one more term each: the first that the fewest of the others could get,
of the words, genres and years of the high end, then of the low end, then of the films. Factors whose evidence is the
same share a name.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import shorten

import pandas as pd

from core.factors.associations import DECADE
from core.meaning.words import FactorWords

TERMS = 2
"""Terms of an end."""
COMMON = 0.25
"""Share of all reviews from which a word is too common for a name."""
CONFIRMED = 2 / 3
"""Least share of words that keep their sign on other films, for words that are not certain to name an end."""
LONGEST_TITLE = 40
"""Characters of a film's title in a name."""
STEM = 4
"""Words that begin with the same letters, so many, are taken for forms of one word."""
ENDS = ("high", "low")
ARROW = " ↔ "
NO_MEANING = "no clear meaning"
SUGGESTED = "≈ "
"""Stands before a suggested name where it is shown in place of one that somebody gave."""
HOW_SUGGESTED = "suggested from its words, genres, years and films"
"""What the mark means, for people."""


@dataclass(frozen=True)
class Evidence:
    """What a factor's name is made from."""

    words: pd.DataFrame
    """The factor's rows of the words' table; empty where words were not measured."""
    about: FactorWords | None
    """None where words were not measured."""
    associations: pd.DataFrame
    """The factor's genres and years, as `core.factors.associations` returns them."""
    highest: str
    """Title of the film with the highest weight."""
    lowest: str


def suggested_names(factors: Sequence[Evidence]) -> list[str]:
    """Return the names of a run's factors, of both ends of each, the high end first.

    Factors share a name only where their evidence is the same; those without any are NO_MEANING.

    >>> rows = [("high", "horror", 0.4), ("high", "film", 0.4), ("low", "novel", -0.3)]
    >>> words = pd.DataFrame(
    ...     [(e, w, r, True, False, 0.5 if w == "film" else 0.1) for e, w, r in rows],
    ...     columns=["end", "word", "effect", "certain", "is_name", "share"],
    ... )
    >>> genre = {"kind": "genre", "name": "Romance", "effect": -0.8, "clear": True}
    >>> about = FactorWords(0.005, 0.3, 0.8, 0.1, 2)
    >>> suggested_names([Evidence(words, about, pd.DataFrame([genre]), "A", "B")])
    ['horror ↔ romance, novel']
    """
    ends = [_ends(evidence) for evidence in factors]
    further = [_further(evidence, terms) for evidence, terms in zip(factors, ends, strict=True)]
    while True:
        names = [_joined(terms) for terms in ends]
        longer = _longer(names, further)
        if not longer:
            return names
        for factor, (end, term) in longer.items():
            ends[factor][end].append(term)
            further[factor].remove((end, term))


def high_end(name: str) -> str:
    """Return what a shown name says of the high end; all of it where it does not tell the ends apart.

    >>> high_end("≈ horror, gore ↔ romance"), high_end("dark thrillers")
    ('≈ horror, gore', 'dark thrillers')
    """
    return name.partition(ARROW)[0]


def _longer(names: Sequence[str], further: Sequence[list[tuple[str, str]]]) -> dict[int, tuple[str, str]]:
    """Return the end and the term that each factor with a shared name gets next, where one tells it from others."""
    longer = {}
    for name in names:
        sharing = [factor for factor, other in enumerate(names) if other == name]
        held = Counter(term for factor in sharing for term in further[factor])
        for factor in sharing:
            telling = [term for term in further[factor] if held[term] < len(sharing)]
            if telling:
                longer[factor] = min(telling, key=held.__getitem__)
    return longer


def _ends(evidence: Evidence) -> dict[str, list[str]]:
    """Return the terms of each end; no end where there is no evidence."""
    ends = {end: _terms(evidence, end) for end in ENDS}
    if not any(ends.values()):
        return {}
    return {end: terms or [_likened(evidence, end)] for end, terms in ends.items()}


def _joined(ends: dict[str, list[str]]) -> str:
    return ARROW.join(", ".join(ends[end]) for end in ENDS) if ends else NO_MEANING


def _further(evidence: Evidence, ends: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return end and term of what may follow the terms of a name, each once, the best first."""
    further = []
    for end in ENDS if ends else ():
        stems = {stem for term in ends[end] for stem in _stems(term)}
        candidates = [*_candidates(evidence, end), *_genres(evidence, end)]
        further += [(end, term) for term in candidates if not _stems(term) & stems]
        further += [(end, era) for era in _era(evidence, end) if era not in ends[end]]
    films = [(end, _likened(evidence, end)) for end in ends]
    return list(dict.fromkeys(further + [(end, film) for end, film in films if film not in ends[end]]))


def _likened(evidence: Evidence, end: str) -> str:
    title = evidence.highest if end == "high" else evidence.lowest
    return f"as {shorten(title, LONGEST_TITLE, placeholder='…')}"


def _terms(evidence: Evidence, end: str) -> list[str]:
    terms: list[str] = []
    for term in _candidates(evidence, end):
        if len(terms) < TERMS and not _stems(term) & {stem for one in terms for stem in _stems(one)}:
            terms.append(term)
    return terms or _era(evidence, end)


def _genres(evidence: Evidence, end: str) -> list[str]:
    """Return the genres whose films lie towards an end beyond doubt, the furthest first."""
    clear = evidence.associations[evidence.associations.clear & (evidence.associations.kind == "genre")]
    effects = clear.effect if end == "high" else -clear.effect
    order = effects[effects > 0].sort_values(ascending=False, kind="stable").index
    return [str(name).lower() for name in clear.name[order]]


def _candidates(evidence: Evidence, end: str) -> Iterator[str]:
    genres = _genres(evidence, end)
    yield from genres[:1]
    if evidence.about is None or not evidence.about.has_words:
        return
    words = evidence.words
    usable = words[(words.end == end) & ~words.is_name & (words.share <= COMMON)]
    yield from usable.word[usable.certain]
    holds = evidence.about.confirmed is not None and evidence.about.confirmed >= CONFIRMED
    if holds and not genres and not usable.certain.any():
        yield from usable.word


def _era(evidence: Evidence, end: str) -> list[str]:
    years = evidence.associations[evidence.associations.clear & (evidence.associations.name == DECADE)]
    if years.empty:
        return []
    newer_is_high = years.effect.iloc[0] > 0
    return ["newer films" if newer_is_high == (end == "high") else "older films"]


def _stems(term: str) -> set[str]:
    """Return the first letters of a term's words.

    >>> sorted(_stems("horror movies"))
    ['horr', 'movi']
    """
    return {word[:STEM] for word in term.lower().replace("-", " ").split()}
