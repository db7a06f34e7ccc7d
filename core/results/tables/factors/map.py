"""The map of films by two factors: weights, the main genre of each film, and the films at its rim."""

import numpy as np
import pandas as pd

from core.results.tables.factors.films import holds_zero, interval_of

MAIN_GENRES = 8
"""Genres that have a colour of their own on a map."""
OTHER = "other"
"""Stands for all other genres, and for none."""
DIRECTIONS = 8
"""Directions from the middle of the map in which films are far out."""


def on_map(films: pd.DataFrame, across: int, up: int) -> pd.DataFrame:
    """Return each film's weights on two factors, x and y.

    Columns: film_id, title, ratings, x, x_low, x_high, y, y_low, y_high (NaN without intervals), doubtful
    (both intervals contain zero).
    """
    (x_low, x_high), (y_low, y_high) = (interval_of(films, factor) for factor in (across, up))
    return pd.DataFrame(
        {
            "film_id": films.film_id,
            "title": films.title,
            "ratings": films.ratings,
            "x": films[f"weight_{across}"],
            "x_low": x_low,
            "x_high": x_high,
            "y": films[f"weight_{up}"],
            "y_low": y_low,
            "y_high": y_high,
            "doubtful": holds_zero(x_low, x_high) & holds_zero(y_low, y_high),
        }
    ).reset_index(drop=True)


def most_drawn(points: pd.DataFrame, most: int, marked: object) -> pd.DataFrame:
    """Return about `most` of the films on a map, in their order; all where there are no more.

    They are those with the most ratings, the farthest out, and the marked one.

    >>> points = pd.DataFrame({"film_id": range(50), "ratings": range(50), "x": 0.0, "y": 0.0})
    >>> most_drawn(points, 2, 20).film_id.tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 20, 48, 49]
    """
    if len(points) <= most:
        return points
    drawn = points.ratings.rank(method="first", ascending=False).to_numpy() <= most
    drawn[farthest_out(points)] = True
    return points[drawn | (points.film_id == marked).to_numpy()].reset_index(drop=True)


def main_genres(genres: pd.Series, many: int = MAIN_GENRES) -> pd.Series:
    """Return one genre a film: the rarest of its genres among the `many` most common, else OTHER.

    `genres` are texts as "Comedy|War", "" or missing where unknown. The rarest says most of a film.

    >>> main_genres(pd.Series(["Drama|War", "Drama", "Drama|War|Noir", "", None]), many=2).tolist()
    ['War', 'Drama', 'War', 'other', 'other']
    """
    listed = genres.fillna("").str.split("|")
    counts = listed.explode().replace("", np.nan).dropna().value_counts()
    # Of equally common ones the first in the alphabet, so that a genre keeps its colour.
    common = counts.sort_index().sort_values(ascending=False, kind="stable").head(many)
    places = {genre: place for place, genre in enumerate(common.index)}

    def rarest(of_film: list[str]) -> str:
        return max((genre for genre in of_film if genre in places), key=places.__getitem__, default=OTHER)

    return listed.map(rarest)


def farthest_out(points: pd.DataFrame, a_direction: int = 8) -> list[int]:
    """Return the rows of the films farthest out on a map (x, y), in each direction the farthest first.

    There are up to `a_direction` films of each of DIRECTIONS, all first ones before all second ones.

    >>> farthest_out(pd.DataFrame({"x": [0.0, 2.0, -1.0, 0.1], "y": [0.0, 0.0, 0.0, 0.1]}), 1)
    [1, 3, 2]
    """
    # Both axes count alike; a factor on which all films are alike has no direction.
    spread = points[["x", "y"]].std(ddof=0).replace(0.0, 1.0).to_numpy()
    centred = (points[["x", "y"]].to_numpy(dtype=np.float64) - points[["x", "y"]].mean().to_numpy()) / spread
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    reach = centred @ np.stack([np.cos(angles), np.sin(angles)])
    ranked = np.argsort(-reach, axis=0, kind="stable")[:a_direction]
    return list(dict.fromkeys(int(row) for row in ranked.ravel()))
