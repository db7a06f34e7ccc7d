"""Cold start: reviews -> bias and factor weights of a film without ratings, each with a 95% interval.

Takes vectors of reviews, from any reader, and the films of a run; returns arrays. The classifier predicts
which factors are among a film's highest; this regression predicts the weights themselves. In reading order:

    words       reviews -> TF-IDF vectors, where no other reader is available
    kernels     vectors of reviews -> similarity of films
    regression  vectors of films' reviews + the rated films' weights -> the weights of other films
"""

from core.cold_start.kernels import film_vectors
from core.cold_start.regression import ColdStartModel, explained_variance, fit, load
from core.cold_start.words import Words

__all__ = ["ColdStartModel", "Words", "explained_variance", "film_vectors", "fit", "load"]
