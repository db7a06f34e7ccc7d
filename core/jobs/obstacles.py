"""Why a run must fail, or cannot give what it is asked for, as far as that is known before it starts."""

from core.formatting import counted
from core.jobs.reviewed_films import ReviewedFilms
from core.settings import RunSettings

FEWEST_FILMS = 2
"""Least films with reviews: labels of a single one tell nothing apart."""


def obstacle(settings: RunSettings, films: ReviewedFilms | None) -> str:
    """Return the reason and the remedy in a sentence or two, "" where nothing stands in the way.

    `films` are those with reviews; None where they are not known.
    """
    return _of_labels(settings) or ("" if films is None else _of_films(settings, films))


def _of_labels(settings: RunSettings) -> str:
    """Return why no film would be left, or all films would have the same labels."""
    factors, selection = settings.factor_model.factors, settings.selection
    if factors is None:
        return ""
    excluded = set() if selection.only else set(selection.exclude_factors)
    others = factors - len(excluded)
    if others < selection.top:
        return "Every film has an excluded factor among its top factors. Exclude fewer factors."
    if others == selection.top:
        return (
            f"Every film would have the same {counted(selection.top, 'top factor')}, so nothing tells films apart. "
            "Choose fewer top factors, or more factors."
        )
    return ""


def _of_films(settings: RunSettings, films: ReviewedFilms) -> str:
    """Return why too few films have reviews."""
    selection, available = settings.selection, films.available(settings.selection)
    if not films.is_final:
        return ""
    if films.table.empty:
        return "This source has no review of any film in these ratings. Pick another source of reviews."
    if available < FEWEST_FILMS:
        return (
            f"{counted(available, 'film')} can be had, and a run needs {FEWEST_FILMS}. "
            "Ask for fewer ratings a film, or pick another source of reviews."
        )
    if selection.pass_over and not selection.only and selection.films > available:
        return (
            f"{counted(selection.films, 'film')} are asked for, and {available:,} can be had. "
            f"Ask for {available:,} or fewer."
        )
    return ""
