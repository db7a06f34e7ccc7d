"""The sentence that says how many films a run can have."""

from core.jobs.reviewed_films import ReviewedFilms
from core.settings import SelectionSettings


def can_be_had(selection: SelectionSettings, known: ReviewedFilms | None) -> str:
    """Return how many films can be had, with their condition."""
    if known is None:
        return "How many can be had is known after the first run on these data."
    available = known.available(selection)
    if selection.only:
        return f"**{available:,} can be had**: of the films named, these have reviews."
    most = "At most " if selection.exclude_factors else ""
    least = f" and {selection.least_ratings:,} ratings or more" if selection.least_ratings else ""
    count = f"**{most}{available:,} can be had**"
    if not known.is_final:
        return f"{count} by an earlier run: films with reviews{least}. By now there may be more."
    return f"{count}: films with reviews{least}."
