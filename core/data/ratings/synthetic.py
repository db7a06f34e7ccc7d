"""Synthetic data with a known ground truth: films with planted factors, ratings and reviews that follow them.

Takes a seed and sizes, gives ratings and reviews in the same form as real ones, and the ground truth. It stands in
for MovieLens where that is not available, and serves for teaching and in tests. Users know it as the data set
`planted`.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings

HALF_STARS = (0.5, 5.0)
"""Lowest and highest synthetic rating; the step is half a star."""
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

NOISE = 0.4
"""Default standard deviation of a rating's unexplained part, in stars."""
PLAIN_WORDS = (
    *("the", "film", "story", "scene", "and", "with", "for", "that", "was", "very", "quite", "long", "short"),
    *("actor", "plot", "ending", "first", "second", "half", "picture", "camera", "moment", "screen", "good"),
    *("bad", "fine", "slow", "quick", "again", "never", "always", "people", "night", "year", "friend"),
)
"""Words that are independent of a film's factors."""

OPENINGS = ("I watched this", "We saw it", "My friend chose this", "It begins", "Here we have a story")


@dataclass(frozen=True)
class SyntheticWorld:
    """A synthetic data set and its ground truth."""

    ratings: Ratings
    reviews: pd.DataFrame
    """Columns: those of `ReviewSource.reviews`."""
    labels: np.ndarray
    """Films (in the order of `ratings.films`) x planted factors, bool: whether the film carries the factor."""


def synthetic_world(
    factors: int = 4,
    films: int = 120,
    users: int = 400,
    ratings_per_user: int = 50,
    reviews_per_film: int = 8,
    noise: float = NOISE,
    seed: int = 0,
) -> SyntheticWorld:
    """Return a world in which each film carries one planted factor, and every third film a second one.

    A rating is 2.75 + the user's taste for the film's factors + a film offset + a user offset + normal noise
    (standard deviation `noise`), rounded to half stars from 0.5 to 5. Few ratings are clipped at the ends, since
    clipping would add a factor. A third of a review's words come from its film's factors, the others are
    independent of them. Each parameter is an independent size with a default, so they are not grouped.
    """
    rng = np.random.default_rng(seed)
    names = list(THEMES)[:factors]
    labels = np.zeros((films, factors), dtype=bool)
    labels[np.arange(films), np.arange(films) % factors] = True
    third = np.arange(0, films, 3)
    labels[third, rng.integers(factors, size=len(third))] = True

    taste = rng.choice([-0.5, 0.0, 0.8], size=(users, factors), p=[0.4, 0.2, 0.4])
    film_offset = rng.normal(0, 0.3, films)
    user_offset = rng.normal(0, 0.2, users)
    per_user = min(ratings_per_user, films)
    user = np.repeat(np.arange(users, dtype=np.int32), per_user)
    film = np.concatenate([rng.permutation(films)[:per_user] for _ in range(users)]).astype(np.int32)
    value = 2.75 + (taste[user] * labels[film]).sum(1) + film_offset[film] + user_offset[user]
    value += rng.normal(0, noise, len(value))
    table = pd.DataFrame(
        {
            "user": user,
            "film": film,
            "rating": np.clip(np.rint(value * 2) / 2, *HALF_STARS).astype(np.float32),
        }
    )

    film_table = pd.DataFrame(
        {
            "film_id": _ids(films),
            "title": [f"Made-up film {i:03d} ({1980 + i % 30})" for i in range(1, films + 1)],
            "year": pd.array([1980 + i % 30 for i in range(1, films + 1)], dtype="Int16"),
            "imdb_id": pd.array([pd.NA] * films, dtype="str"),
            "genres": ["|".join(n for n, on in zip(names, row, strict=True) if on) for row in labels],
            "other_ids": [()] * films,
        }
    )
    reviews = pd.DataFrame(
        [
            (
                film_id,
                f"planted-{film_id}-{i}",
                _review([n for n, on in zip(names, row, strict=True) if on], rng),
            )
            for film_id, row in zip(film_table.film_id, labels, strict=True)
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
        user_ids=pd.Index(_ids(users)),
        scale=HALF_STARS,
        licence=LICENCE,
        digest=hashlib.sha256(f"planted 3 {sizes}".encode()).hexdigest(),
    )
    return SyntheticWorld(ratings, reviews, labels)


OVERSAMPLING = 1.3
"""Pairs drawn per requested rating, since some are drawn twice."""
CHUNK = 1 << 20
"""Ratings computed at a time, so that the tastes for all ratings are never in memory at once."""


def synthetic_ratings(
    factors: int, films: int, users: int, ratings: int, noise: float, seed: int
) -> tuple[Ratings, np.ndarray]:
    """Return ratings of any size without reviews, and the planted weights (float32, films x factors).

    A rating is 2.75 + a film offset + a user offset + the dot product of the user's taste and the film's weights +
    normal noise (standard deviation `noise`), rounded to half stars from 0.5 to 5. Four in ten weights are not
    zero; with `factors` 0 there is no taste. A film's popularity follows a power law of its rank, a user's activity
    a lognormal law. Rows are sorted by user and film; where users x films is small, there may be fewer distinct
    pairs than requested. Each parameter is an independent size, so they are not grouped.
    """
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((films, factors), np.float32)
    weights[rng.random((films, factors)) >= 0.4] = 0
    taste = rng.standard_normal((users, factors), np.float32) * np.float32(0.5)
    film_offset = rng.standard_normal(films, np.float32) * np.float32(0.4)
    user_offset = rng.standard_normal(users, np.float32) * np.float32(0.4)

    user, film = _pairs(users, films, ratings, rng)
    rating = np.empty(len(user), np.float32)
    for start in range(0, len(user), CHUNK):
        chunk = slice(start, start + CHUNK)
        users_of, films_of = user[chunk], film[chunk]
        value = 2.75 + film_offset[films_of] + user_offset[users_of]
        value = value + np.einsum("ij,ij->i", taste[users_of], weights[films_of])
        value += noise * rng.standard_normal(len(users_of), np.float32)
        rating[chunk] = np.clip(np.rint(value * 2) / 2, *HALF_STARS)

    year = 1980 + np.arange(films) % 30
    sizes = (factors, films, users, ratings, noise, seed)
    synthetic = Ratings(
        name="planted ratings",
        table=pd.DataFrame({"user": user, "film": film, "rating": rating}, copy=False),
        films=pd.DataFrame(
            {
                "film_id": _ids(films),
                "title": [f"Made-up film {i:03d} ({y})" for i, y in enumerate(year, 1)],
                "year": pd.array(year, dtype="Int16"),
                "imdb_id": pd.array([pd.NA] * films, dtype="str"),
                "genres": [""] * films,
                "other_ids": [()] * films,
            }
        ),
        user_ids=pd.Index(_ids(users)),
        scale=HALF_STARS,
        licence=LICENCE,
        digest=hashlib.sha256(f"planted ratings 2 {sizes}".encode()).hexdigest(),
    )
    return synthetic, weights


def _ids(count: int) -> pd.Series:
    """Return the ids "1", "2" and so on."""
    return pd.Series(np.arange(1, count + 1)).astype("str")


def _pairs(users: int, films: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw distinct pairs of user and film, sorted; fewer than `count` where too many are drawn twice."""
    activity = rng.lognormal(0, 0.7, users)
    popularity = rng.permutation(np.arange(1, films + 1) ** -0.6)
    drawn = int(OVERSAMPLING * count)
    pair = rng.choice(users, drawn, p=activity / activity.sum()) * films
    pair += rng.choice(films, drawn, p=popularity / popularity.sum())
    # Sorting is a hundred times faster than np.unique, which hashes.
    pair.sort()
    pair = pair[np.append(True, pair[1:] != pair[:-1])]
    if len(pair) > count:
        pair = np.delete(pair, rng.choice(len(pair), len(pair) - count, replace=False))
    return (pair // films).astype(np.int32), (pair % films).astype(np.int32)


def _review(themes: list[str], rng: np.random.Generator) -> str:
    """Return some forty words, about a third of them from the themes, the rest from one list for all films."""
    theme_words = [word for theme in themes for word in THEMES[theme].split()]
    words = [
        str(rng.choice(theme_words)) if rng.random() < 0.33 else str(rng.choice(PLAIN_WORDS))
        for _ in range(int(rng.integers(30, 45)))
    ]
    return f"{rng.choice(OPENINGS)} {' '.join(words)}."
