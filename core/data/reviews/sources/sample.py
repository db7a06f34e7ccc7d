"""The bundled sample: short reviews of well-known films, written for this project."""

import hashlib
import json
from importlib.resources import files
from typing import Self

import numpy as np
import pandas as pd

from core.data.reviews.sources.state import SourceState
from core.progress import Report
from core.store import Store

FILE = "sample.jsonl"


class SampleReviews:
    """800 sample reviews of 100 films, 8 a film.

    Films are matched by exact title, never by name and year: the title "Magnificent Seven, The (1954)" in MovieLens
    100K has the year of Seven Samurai, while its reviews are about the Western.
    """

    name = "sample"
    title = "Sample reviews (written for this project)"
    licence = "Sample text written for this project, not by viewers; public domain."
    fetched = ""
    covers = "100 well-known films of MovieLens, 8 short reviews each"

    @staticmethod
    def state(store: Store) -> SourceState:
        return SourceState("bundled", "comes with Factorscope", len(_content()))

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls()

    def digest(self, films: pd.DataFrame | None) -> str:
        return hashlib.sha256(_content()).hexdigest()

    def texts(self, report: Report) -> list[pd.DataFrame]:
        """Return the whole sample."""
        return [_sample()]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the sample's reviews of the films whose title is in the sample."""
        sample = _sample()
        sample["stars"] = sample["stars"].astype("Float32")
        sample["source"] = self.name
        joined = films[["film_id", "title"]].merge(sample, on="title")
        report("reviews", 1.0, f"sample reviews of {joined['film_id'].nunique()} films")
        return joined[["film_id", "review_id", "review", "stars", "source"]]

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return whether each film's title is in the sample: film_id, how, reason."""
        known = films["title"].isin(_sample()["title"]).to_numpy()
        match_method = np.where(known, "exact title", "")
        reason = np.where(known, "", "the sample has no film of this exact title")
        return pd.DataFrame({"film_id": films["film_id"], "how": match_method, "reason": reason})


def _sample() -> pd.DataFrame:
    """Return `review_id`, `title`, `stars` and `review`."""
    sample = pd.DataFrame([json.loads(line) for line in _content().splitlines()])
    sample["review_id"] = [f"sample-{number:03d}" for number in range(1, len(sample) + 1)]
    return sample


def _content() -> bytes:
    return (files("core.data.reviews.sources") / FILE).read_bytes()
