"""What a factor is about in a plain sentence for each end, and the decades of its films."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.factors.associations import DECADE

GENRES, WORDS, FILMS = 3, 4, 2
"""Genres, words and films of an end in its sentence."""
FEWEST = 5
"""Least films of a decade whose mean is drawn."""


def era(associations: pd.DataFrame | None, factor: int, end: str) -> str:
    """Return "older films" or "newer films" where the weights of a factor change with the year, else "".

    >>> rows = pd.DataFrame({"factor": [3], "name": [DECADE], "effect": [-0.2], "clear": [True]})
    >>> era(rows, 3, "high"), era(rows, 3, "low"), era(rows, 2, "low"), era(None, 3, "low")
    ('older films', 'newer films', '', '')
    """
    if associations is None:
        return ""
    trend = associations[
        (associations.factor == factor) & (associations.name == DECADE) & associations.clear
    ].effect
    if trend.empty:
        return ""
    return "newer films" if (trend.iloc[0] > 0) == (end == "high") else "older films"


def in_plain_words(end: Mapping[str, Any], era: str, has_words: bool) -> str:
    """Return what one end of a factor is about, without a full stop: genres, era, and words; else its first films.

    `end` is that of `describe.descriptions`, `has_words` whether the factor has words of its own.

    >>> words = [{"word": "gore", "name": False, "certain": True}, {"word": "fun", "name": False, "certain": False}]
    >>> end = {"films": ["Alien", "Jaws", "It"], "genres": [{"name": "Horror"}], "words": words}
    >>> in_plain_words(end, "older films", True)
    'horror, older films; reviews say “gore”'
    >>> in_plain_words(end | {"genres": [], "words": []}, "", True)
    'films like Alien and Jaws; no genre, word or decade stands out'
    """
    kinds = [genre["name"].lower() for genre in end["genres"][:GENRES]] + ([era] if era else [])
    certain = [word["word"] for word in end["words"] if word["certain"] and not word["name"]]
    words = [f"“{word}”" for word in certain[:WORDS]] if has_words else []
    if not kinds and not words:
        return f"films like {' and '.join(end['films'][:FILMS])}; no genre, word or decade stands out"
    parts = [", ".join(kinds), f"reviews say {', '.join(words)}" if words else ""]
    return "; ".join(part for part in parts if part)


def by_decade(films: pd.DataFrame, years: pd.Series, factor: int) -> pd.DataFrame:
    """Return the mean weight on a factor of each decade's films: decade, films, weight, low, high (95% interval).

    `years` is the year of each film by film_id, missing where unknown. Decades of fewer than FEWEST films are left
    out.

    >>> films = pd.DataFrame({"film_id": range(6), "weight_0": [1.0] * 6})
    >>> by_decade(films, pd.Series([1990] * 5 + [2001]), 0).values.tolist()
    [[1990.0, 5.0, 1.0, 1.0, 1.0]]
    """
    year = films.film_id.map(years).astype("float64")
    dated = pd.DataFrame({"decade": year // 10 * 10, "weight": films[f"weight_{factor}"].astype(np.float64)})
    groups = dated.dropna().groupby("decade").weight
    table = groups.agg(films="size", weight="mean", spread="std").reset_index()
    table = table[table.films >= FEWEST].reset_index(drop=True)
    half = 1.96 * table.spread / np.sqrt(table.films)
    table = table.assign(decade=table.decade.astype(int), low=table.weight - half, high=table.weight + half)
    return table[["decade", "films", "weight", "low", "high"]]
