"""Why a run must fail, or cannot give what it is asked for, as far as that is known before it starts."""

from dataclasses import dataclass
from typing import Any

from core.classification.labels import FEWEST_FILMS
from core.factors.top_factors import no_film_left
from core.formatting import counted
from core.jobs.reviewed_films import ReviewedFilms
from core.settings import RunSettings


@dataclass(frozen=True)
class Obstacle:
    """Why a run should not start."""

    reason: str
    """The reason and the remedy, a sentence or two."""
    films: int | None = None
    """The number of films to ask for instead, where that alone removes it."""


def obstacle(settings: RunSettings, films: ReviewedFilms | None) -> Obstacle | None:
    """Return what stands in the way of a run, None if nothing is known.

    `films` are those with reviews; None where they are not known.
    """
    return _of_labels(settings) or (None if films is None else _of_films(settings, films))


def missing_device(settings: RunSettings, device: Any) -> Obstacle | None:
    """Return why the device that is asked for cannot be had; `device` is what the store holds of this machine."""
    if settings.device == "cuda" and isinstance(device, dict) and device["kind"] != "cuda":
        return Obstacle("This machine has no GPU that torch can use. Choose another device.")
    return None


def _of_labels(settings: RunSettings) -> Obstacle | None:
    """Return why no film would be left, or all films would have the same labels."""
    factors, selection = settings.factor_model.factors, settings.selection
    if factors is None:
        return None
    excluded = set() if selection.only else set(selection.exclude_factors)
    others = factors - len(excluded)
    if others < selection.top:
        return Obstacle(f"{no_film_left(excluded).capitalize()}.")
    if others == selection.top:
        return Obstacle(
            f"Every film would have the same {counted(selection.top, 'top factor')}, so nothing "
            "distinguishes the films. Choose fewer top factors, or more factors."
        )
    return None


def _of_films(settings: RunSettings, films: ReviewedFilms) -> Obstacle | None:
    """Return why too few films have reviews."""
    selection, available = settings.selection, films.available(settings.selection)
    if not films.is_final:
        return None
    if films.table.empty:
        return Obstacle(
            "This source has no review of any film in these ratings. Pick another source of reviews."
        )
    if available < FEWEST_FILMS:
        return Obstacle(
            f"Only {counted(available, 'film')} can be used, but a run needs {FEWEST_FILMS}. "
            "Require fewer ratings per film, or pick another source of reviews."
        )
    if selection.pass_over and not selection.only and selection.films > available:
        return Obstacle(
            f"You ask for {counted(selection.films, 'film')}, but only {available:,} can be used.",
            films=available,
        )
    return None
