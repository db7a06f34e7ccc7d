"""The reviews of the synthetic world, as a source."""

from typing import Self

import pandas as pd

from core.data.ratings.synthetic import LICENCE, synthetic_world
from core.data.reviews.sources.state import SourceState
from core.progress import Report
from core.store import Store


class SyntheticReviews:
    """The reviews of the synthetic world of default size; users know them as `planted`."""

    name = "planted"
    title = "Planted reviews (made up)"
    licence = LICENCE
    fetched = ""
    covers = "only the made-up films of the planted ratings"

    @staticmethod
    def state(store: Store) -> SourceState:
        return SourceState("bundled", "made by Factorscope itself from a seed")

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls()

    def digest(self, films: pd.DataFrame | None) -> str:
        return synthetic_world().ratings.digest

    def texts(self, report: Report) -> list[pd.DataFrame]:
        """Return all synthetic reviews."""
        return [synthetic_world().reviews]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of those films that are in the synthetic world."""
        world = synthetic_world()
        titles = world.ratings.films.set_index("film_id").title
        known = films[films.title.isin(titles)].film_id
        report("reviews", 1.0, f"{len(known)} made-up films")
        return world.reviews[world.reviews.film_id.isin(known)].reset_index(drop=True)

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return whether each film is in the synthetic world: film_id, how, reason."""
        known = films.title.isin(synthetic_world().ratings.films.title)
        match_method = known.map({True: "made for it", False: ""})
        reason = known.map({True: "", False: "a film of the real world, and these reviews are made up"})
        return pd.DataFrame({"film_id": films.film_id, "how": match_method, "reason": reason})
