"""Factors and films -> the small tables of a screen.

Takes the films' table of a run (film_id, title, weight_0 …, bias, ratings, and, from a Bayesian model, low_0
… and high_0 …, the ends of 95% intervals). Verdicts and names are arguments.

    overview  all factors
    films     films at the ends of a factor, and one film
    meaning   what each end is about, and its decades
    similar   factors that rank the films alike
    map       the map of films by two factors
"""

from core.results.tables.factors.films import (
    SMALL_BINS,
    distribution,
    ends,
    intervals,
    long_table,
    of_film,
    reviews_known,
    weight,
    with_intervals,
    with_names,
)
from core.results.tables.factors.map import OTHER, farthest_out, main_genres, most_drawn, on_map
from core.results.tables.factors.meaning import by_decade, era, in_plain_words
from core.results.tables.factors.overview import (
    enough_ratings,
    evenly,
    full_strength,
    listed,
    measurements,
    overview,
    rated,
    strongest,
)
from core.results.tables.factors.similar import alike, alike_elsewhere

__all__ = [
    "OTHER",
    "SMALL_BINS",
    "alike",
    "alike_elsewhere",
    "by_decade",
    "distribution",
    "ends",
    "enough_ratings",
    "era",
    "evenly",
    "farthest_out",
    "full_strength",
    "in_plain_words",
    "intervals",
    "listed",
    "long_table",
    "main_genres",
    "measurements",
    "most_drawn",
    "of_film",
    "on_map",
    "overview",
    "rated",
    "reviews_known",
    "strongest",
    "weight",
    "with_intervals",
    "with_names",
]
