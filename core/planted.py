"""A made-up world whose truth is known: films with planted factors, ratings and reviews that follow them.

Takes a seed and sizes, gives ratings and reviews in the form that real ones have, and the truth.
It serves where MovieLens cannot be had, for teaching, and in tests. Nothing in it is real.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.progress import Report
from core.ratings import Ratings

LICENCE = "Made up by Factorscope from a seed: no real films, people or opinions; free to use."

THEMES: dict[str, str] = {
    "space": "rocket orbit planet astronaut alien starship galaxy crater laser robot comet airlock",
    "romance": "kiss wedding letter heart lovers tender bouquet dance longing proposal honeymoon candlelight",
    "western": "saddle sheriff desert outlaw ranch saloon revolver cattle stagecoach canyon posse gallop",
    "horror": "ghost scream blood cellar haunted corpse demon nightmare fangs graveyard curse shriek",
    "comedy": "joke laugh slapstick gag hilarious prank banter goofy punchline silly giggle wisecrack",
    "war": "trench soldier battle general tank grenade regiment bunker medal troops artillery truce",
    "music": "guitar singer concert melody stage piano drummer chorus encore ballad orchestra microphone",
    "crime": "heist detective alibi murder gangster robbery clue suspect bribe getaway witness vault",
}
"""A planted factor's name and the words that reviews of its films use."""

PLAIN_WORDS = (
    *("the", "film", "story", "scene", "and", "with", "for", "that", "was", "very", "quite", "long", "short"),
    *("actor", "plot", "ending", "first", "second", "half", "picture", "camera", "moment", "screen", "good"),
    *("bad", "fine", "slow", "quick", "again", "never", "always", "people", "night", "year", "friend"),
)
"""Words that tell nothing about a film's factors."""

OPENINGS = ("I watched this", "We saw it", "My friend chose this", "It begins", "Here we have a story")


@dataclass(frozen=True)
class Planted:
    """A planted data set and its truth.

    `truth` has a row a film (in the order of `ratings.films`) and a column a planted factor: true where
    the film carries it. `reviews` has the columns of `ReviewSource.reviews`.
    """

    ratings: Ratings
    reviews: pd.DataFrame
    truth: np.ndarray


def planted(
    factors: int = 4,
    films: int = 120,
    users: int = 400,
    ratings_per_user: int = 50,
    reviews_per_film: int = 8,
    noise: float = 0.4,
    seed: int = 0,
) -> Planted:
    """Make a world: each film carries one planted factor, every third one more; each user likes some.

    A rating is 3 + the user's taste for the film's factors + the film's and user's own offset + normal
    noise (standard deviation `noise`), rounded to 1 to 5. A third of a review's words tell its film's
    factors, the others tell nothing.
    """
    rng = np.random.default_rng(seed)
    names = list(THEMES)[:factors]
    truth = np.zeros((films, factors), dtype=bool)
    truth[np.arange(films), np.arange(films) % factors] = True
    third = np.arange(0, films, 3)
    truth[third, rng.integers(factors, size=len(third))] = True

    taste = rng.choice([-0.8, 0.0, 1.4], size=(users, factors), p=[0.4, 0.2, 0.4])
    film_offset = rng.normal(0, 0.3, films)
    user_offset = rng.normal(0, 0.2, users)
    per_user = min(ratings_per_user, films)
    user = np.repeat(np.arange(users, dtype=np.int32), per_user)
    film = np.concatenate([rng.permutation(films)[:per_user] for _ in range(users)]).astype(np.int32)
    value = 3 + (taste[user] * truth[film]).sum(1) + film_offset[film] + user_offset[user]
    value += rng.normal(0, noise, len(value))
    table = pd.DataFrame(
        {"user": user, "film": film, "rating": np.clip(np.rint(value), 1, 5).astype(np.float32)}
    )

    film_table = pd.DataFrame(
        {
            "film_id": np.arange(1, films + 1, dtype=np.int64),
            "title": [f"Made-up film {i:03d} ({1980 + i % 30})" for i in range(1, films + 1)],
            "year": pd.array([1980 + i % 30 for i in range(1, films + 1)], dtype="Int16"),
            "imdb_id": pd.array([pd.NA] * films, dtype="str"),
            "genres": ["|".join(n for n, on in zip(names, row, strict=True) if on) for row in truth],
            "other_ids": "",
        }
    )
    reviews = pd.DataFrame(
        [
            (
                film_id,
                f"planted-{film_id}-{i}",
                _review([n for n, on in zip(names, row, strict=True) if on], rng),
            )
            for film_id, row in zip(film_table.film_id, truth, strict=True)
            for i in range(reviews_per_film)
        ],
        columns=["film_id", "review_id", "review"],
    )
    reviews["stars"] = pd.array([pd.NA] * len(reviews), dtype="Float32")
    reviews["source"] = "planted"
    sizes = (factors, films, users, ratings_per_user, reviews_per_film, noise, seed)
    ratings = Ratings(
        name="planted",
        table=table,
        films=film_table,
        user_ids=np.arange(1, users + 1),
        scale=(1.0, 5.0),
        licence=LICENCE,
        digest=hashlib.sha256(f"planted 1 {sizes}".encode()).hexdigest(),
    )
    return Planted(ratings, reviews, truth)


class PlantedReviews:
    """The reviews of the planted world with default sizes, as a source."""

    name = "planted"
    title = "Planted reviews (made up)"
    licence = LICENCE

    def digest(self, films: pd.DataFrame | None) -> str:
        return planted().ratings.digest

    def texts(self, report: Report) -> pd.DataFrame:
        """Give all made-up reviews."""
        return planted().reviews

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the made-up reviews of those films that are of the planted world."""
        world = planted()
        titles = world.ratings.films.set_index("film_id").title
        mine = films[films.title.isin(titles)].film_id
        report("reviews", 1.0, f"{len(mine)} made-up films")
        return world.reviews[world.reviews.film_id.isin(mine)].reset_index(drop=True)


def _review(themes: list[str], rng: np.random.Generator) -> str:
    """Give some forty words, of which about a third come from the themes.

    The rest is drawn from one list for all films, so it tells nothing about them.
    """
    telling = [word for theme in themes for word in THEMES[theme].split()]
    words = [
        str(rng.choice(telling)) if rng.random() < 0.33 else str(rng.choice(PLAIN_WORDS))
        for _ in range(int(rng.integers(30, 45)))
    ]
    return f"{rng.choice(OPENINGS)} {' '.join(words)}."
