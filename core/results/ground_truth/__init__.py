"""A run on the planted world + the world's truth -> how far the run found what was planted.

Takes a run's tables and `synthetic_world()`; gives small tables. A factor is a column of the run's weights, a theme
one that was planted. Which factor is which theme is settled by the weights alone.

    world   what was planted
    match   which factor is which theme
    grades  what was predicted, beside what could have been
    films   film by film: what was read in its reviews, beside what was planted
"""

from core.results.ground_truth.films import (
    disagreements,
    equal_share,
    example_film,
    film_reading,
    labels_planted,
)
from core.results.ground_truth.grades import grades, noise_floor, readings, repeats, share_of_gap
from core.results.ground_truth.match import Match, match
from core.results.ground_truth.world import (
    carrying,
    carrying_more,
    ground_truth_table,
    is_of,
    planted_in,
    themes,
)

__all__ = [
    "Match",
    "carrying",
    "carrying_more",
    "disagreements",
    "equal_share",
    "example_film",
    "film_reading",
    "grades",
    "is_of",
    "labels_planted",
    "match",
    "noise_floor",
    "planted_in",
    "readings",
    "repeats",
    "share_of_gap",
    "themes",
    "ground_truth_table",
]
