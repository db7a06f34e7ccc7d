"""Reviews -> where a film that nobody has rated stands: its bias and factor weights, each with an interval.

Takes vectors of reviews, whoever made them, and the films of a run; gives arrays. Beside the labels of the
classifier, which say what a review speaks of, this says how much. In reading order:

    words       reviews -> vectors of their words, where no other reader is at hand
    kernels     vectors of reviews -> how alike films are
    regression  vectors of films' reviews + the rated films' weights -> the weights of other films
"""

from core.cold_start.kernels import film_vectors
from core.cold_start.regression import Placing, fit, load, told_of
from core.cold_start.words import Words

__all__ = ["Placing", "Words", "film_vectors", "fit", "load", "told_of"]
