"""Ratings and films as every stage takes them: checked once, and trusted from then on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Ratings:
    """Checked ratings as compact arrays, with the films they speak of.

    `table` has a row a rating: `user` (int32, position in `user_ids`), `film` (int32, row of `films`)
    and `rating` (float32, within `scale`); no user rates a film twice.
    `films` has a row a film, sorted by `film_id`: `film_id` (int64 or text, unique), `title` (text,
    unique), `year` (Int16, may be missing), `imdb_id` ("tt0114709" or missing), `genres` (text, parts
    joined by "|", "" where unknown) and `other_ids` (text, ids of the same film listed again, apart by
    blanks, "" for most).
    """

    name: str
    table: pd.DataFrame
    films: pd.DataFrame
    user_ids: np.ndarray
    scale: tuple[float, float]
    """Lowest and highest rating that the data set allows."""
    licence: str
    """Who made it and on what terms it may be used, one sentence."""
    digest: str
    """SHA-256 of the content, for cache keys."""
