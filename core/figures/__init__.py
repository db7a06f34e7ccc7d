"""Tables -> plotly figures. No table is computed and no file is read here beyond what a bar needs.

Film titles, names of factors and genres are untrusted: plotly reads some HTML in text, so each is escaped.

    style    colours, sizes, escaped and shortened text
    bars     weights with their intervals
    grid     the histograms, a panel a film
    factors  a factor, and which are common
    films    a film, and the map of all
    scores   probabilities, whether they hold and which factors are read, losses, how many factors were chosen
"""

from core.figures.factors import (
    MOST_ANGLES,
    associations,
    common_factors,
    distribution,
    films_at_both_ends,
    stability,
    subspace,
)
from core.figures.films import factor_map, film_weights
from core.figures.grid import PANELS, histogram_grid
from core.figures.scores import choice, losses, probabilities_against_base, readability, reliability

__all__ = [
    "MOST_ANGLES",
    "PANELS",
    "associations",
    "choice",
    "common_factors",
    "distribution",
    "factor_map",
    "film_weights",
    "films_at_both_ends",
    "histogram_grid",
    "losses",
    "probabilities_against_base",
    "readability",
    "reliability",
    "stability",
    "subspace",
]
