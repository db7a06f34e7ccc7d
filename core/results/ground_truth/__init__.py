"""A run on the synthetic world + its ground truth -> how well the run recovered the truth.

Takes a run's tables and `synthetic_world()`; returns small tables. A factor is a column of the run's weights,
a theme a factor of the ground truth. Factors are matched to themes by the weights alone.

    world   the ground truth
    match   which factor is which theme
    grades  scores, beside the best that were possible
    films   film by film: predictions from reviews, beside the ground truth
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
