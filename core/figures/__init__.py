"""Tables -> plotly figures. This package computes no tables and reads no files.

Titles of films, names of factors and genres are untrusted, and plotly reads some HTML in text, so all are
escaped.

    style         colours, sizes, the look, error bars, escaped and shortened text
    bars          bars of weights, and rows of labelled bars
    grid          the histograms, one panel per film: panels, legend, chart, picture file
    curves        losses and errors step by step, against baselines
    factors       a factor, and which are common
    films         a film
    map           the map of all films by two factors
    words         the words of an end of a factor
    cards         a small histogram for a card
    coverage      the coverage of the films by a source of reviews
    runs          the scores of several runs
    scores        calibration, readability, losses, the choice of the number of factors
    answer        the predictions from reviews, and a film placed by them
    phrases       the phrases of a review that moved a factor
    ground_truth  the results on the synthetic world beside its ground truth
"""

from core.figures.answer import placed_on_factors, probabilities_against_base
from core.figures.cards import small_histogram
from core.figures.coverage import films_by_state, reviews_a_film
from core.figures.curves import curves
from core.figures.factors import (
    MOST_ANGLES,
    associations,
    common_factors,
    decades,
    distribution,
    films_of_end,
    stability,
    subspace,
)
from core.figures.films import film_weights
from core.figures.grid.histograms import histogram_grid
from core.figures.grid.panels import PANEL_WIDTH, PANELS, Histograms
from core.figures.ground_truth import agreement, compared_values, film_beside_truth
from core.figures.map import factor_map
from core.figures.phrases import phrases_that_moved
from core.figures.runs import lrap_of_runs
from core.figures.scores import choice, losses, readability, reliability
from core.figures.words import words_of_end

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
    "decades",
    "distribution",
    "factor_map",
    "film_beside_truth",
    "film_weights",
    "films_by_state",
    "films_of_end",
    "histogram_grid",
    "losses",
    "lrap_of_runs",
    "phrases_that_moved",
    "placed_on_factors",
    "probabilities_against_base",
    "readability",
    "reliability",
    "reviews_a_film",
    "small_histogram",
    "stability",
    "subspace",
    "words_of_end",
]
