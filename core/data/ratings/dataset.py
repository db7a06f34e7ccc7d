"""Ratings and films as every stage takes them: validated once, and trusted from then on."""

from dataclasses import dataclass

import pandas as pd

from core.data.reading_notes import ReadingNotes


@dataclass(frozen=True)
class Ratings:
    """Validated ratings as compact arrays, with their films."""

    name: str
    table: pd.DataFrame
    """A row a rating: `user` (int32, position in `user_ids`), `film` (int32, row of `films`) and `rating` (float32,
    within `scale`); no user rates a film twice."""
    films: pd.DataFrame
    """A row a film, sorted by `film_id` (see `core.data.ids`): `film_id` (text as in the file, unique), `title`
    (text, unique), `year` (Int16, may be missing), `imdb_id` ("tt0114709" or missing), `genres` (text, joined by
    "|", "" where unknown) and `other_ids` (a tuple of further ids of the same film, empty for most)."""
    user_ids: pd.Index
    """Ids of the users, text as in the file, sorted."""
    scale: tuple[float, float]
    """Lowest and highest rating that the data set allows."""
    licence: str
    """Who made it and on what terms it may be used, one sentence."""
    digest: str
    """SHA-256 of the content, for cache keys."""
    notes: ReadingNotes = ReadingNotes()
    """What was merged, left out or assumed while it was read."""
