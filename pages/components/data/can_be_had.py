"""The sentences that say which films a run can have."""

from core.jobs.reviewed_films import ReviewedFilms
from core.settings import SelectionSettings

EXCLUDE = "Exclude factors"
"""Label of the picker of factors whose films a run leaves out."""
WITHOUT_EXCLUDED = (
    "Films with an excluded factor among their top factors are left out. "
    "The next films of the ranking follow, if there are any."
)
"""What excluding factors does."""


def can_be_had(selection: SelectionSettings, known: ReviewedFilms | None) -> str:
    """Return how many films can be had, with their condition."""
    if known is None:
        return "The first run on these data will show how many films are available."
    available = known.available(selection)
    if selection.only:
        return f"**{available:,} available**: chosen films that have reviews."
    most = "At most " if selection.exclude_factors else ""
    least = f" and {selection.least_ratings:,} ratings or more" if selection.least_ratings else ""
    count = f"**{most}{available:,} available**"
    if not known.is_final:
        return f"{count} in an earlier run: films with reviews{least}. There may be more now."
    return f"{count}: films with reviews{least}."
