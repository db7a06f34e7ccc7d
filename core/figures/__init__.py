"""Tables -> plotly figures. No table is computed and no file is read here beyond what a bar needs.

Film titles, names of factors and genres are untrusted: plotly reads some HTML in text, so each is escaped.

    style         colours, sizes, the template, error bars, escaped and shortened text
    bars          bars of weights
    panels        what stands in a panel of the grid
    grid          the histograms, a panel a film
    grid_picture  the same for printing
    curves        losses and errors step by step, against baselines
    factors       a factor, and which are common
    films         a film, and the map of all
    coverage      what a source of reviews has of the films
    scores        whether probabilities hold, which factors are read, losses, the choice of the number of factors
    answer        what is read in reviews, and where a film placed by them stands
    ground_truth  the results on the synthetic world beside what was planted in it
"""

from core.figures.answer import placed_on_factors, probabilities_against_base
from core.figures.coverage import films_by_state, reviews_a_film
from core.figures.curves import curves
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
from core.figures.grid import histogram_grid
from core.figures.ground_truth import agreement, compared_values, film_beside_truth
from core.figures.panels import PANEL_WIDTH, PANELS, Histograms
from core.figures.scores import choice, losses, readability, reliability

__all__ = [
    "MOST_ANGLES",
    "PANELS",
    "PANEL_WIDTH",
    "Histograms",
    "agreement",
    "associations",
    "choice",
    "common_factors",
    "compared_values",
    "curves",
    "distribution",
    "factor_map",
    "film_beside_truth",
    "film_weights",
    "films_at_both_ends",
    "films_by_state",
    "histogram_grid",
    "losses",
    "placed_on_factors",
    "probabilities_against_base",
    "readability",
    "reliability",
    "reviews_a_film",
    "stability",
    "subspace",
]
