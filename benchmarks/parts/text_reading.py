"""The parts of `text_model.py` that read reviews: predictions beside stock fastai, and pasted reviews."""

import time
from functools import partial
from typing import Any, get_args

import numpy as np

from core.classification.attribution import read_with_highlights
from core.classification.predictor import Predictor
from core.inference.encoding import encode
from core.language_model import tokenizer
from core.language_model.precision import Precision, reading_precision
from core.language_model.tokenizer import tokenise
from core.meaning.vocabulary import function_words
from core.paths import cache_dir
from core.progress import silent
from core.store import Store
from parts.machine import seconds
from parts.stock_fastai import ours, stock
from parts.text_work import sample

READ = {"small": 300, "full": 60}
"""Reviews to read, by size of the model."""
TOGETHER = 4
"""Times as many, in which ours reads as in a run."""
PASTED = 100
"""Reviews to paste."""
WARM = 3
"""Reviews that each side reads before the measurement starts."""


def predict(size: str) -> dict[str, Any]:
    """Return reviews/s of both sides, of ours in each precision, and how far probabilities are from stock's.

    All tokenise the raw reviews themselves. Stock is `learn.predict`, one review at a time, on a
    text_classifier_learner of the same sizes with the same random weights. `chosen` is the precision that a run
    takes on this machine, in which ours also reads TOGETHER times as many reviews.
    """
    # `predict` omits the last of fastai's rules, which marks spaces inside tokens of white space; so here
    # there are no such tokens.
    many = [" ".join(review.split()) for review in sample(TOGETHER * READ[size])]
    reviews = many[: READ[size]]
    learn, words = stock(size, reviews)
    with learn.no_bar():
        for review in reviews[:WARM]:
            learn.predict(review)
        began = time.perf_counter()
        theirs = np.array([learn.predict(review)[2].numpy() for review in reviews])
        stock_seconds = time.perf_counter() - began
    chosen = reading_precision(Store(cache_dir()))
    result: dict[str, Any] = {"reviews": len(reviews), "stock_per_s": len(reviews) / stock_seconds}
    for precision in get_args(Precision):
        if precision == "bfloat16" != chosen:
            # Without the instructions for it, it takes minutes.
            continue
        reader = ours(learn, words, precision)
        reader.probabilities(tokenise(reviews[:WARM], silent, ""), silent)
        probabilities: list[np.ndarray] = []
        took = seconds(partial(_read, reader, reviews, probabilities))
        moved = np.abs(probabilities[0] - theirs)
        result[precision] = {
            "per_s": len(reviews) / took,
            "speedup": stock_seconds / took,
            "difference": float(moved.max()),
            "mean_difference": float(moved.mean()),
        }
        if precision == chosen:
            took = seconds(partial(_read, reader, many, []))
            result["many"] = {"reviews": len(many), "per_s": len(many) / took}
    best = result[chosen]
    return result | {"chosen": chosen, "ours_per_s": best["per_s"], "speedup": best["speedup"]}


def _read(reader: Predictor, reviews: list[str], probabilities: list[np.ndarray]) -> None:
    # Stock remembers no words, so ours begins without any.
    tokenizer._splitter().clear()
    probabilities.append(reader.probabilities(tokenise(reviews, silent, ""), silent))


def paste(size: str) -> dict[str, float]:
    """Return the seconds to answer reviews one at a time, with highlights, after warming up."""
    reviews = sample(PASTED)
    learn, words = stock(size, reviews)
    reader = ours(learn, words, "float32-slots")
    times = list[float]()
    for review in reviews[:WARM] + reviews:
        began = time.perf_counter()
        encoded = encode(reader, [review])
        assert encoded.trace
        read_with_highlights(reader, encoded.visible[0], encoded.tokens, encoded.trace, function_words("en"))
        times.append(time.perf_counter() - began)
    return {
        "reviews": len(reviews),
        "p50_s": float(np.median(times[WARM:])),
        "p95_s": float(np.percentile(times[WARM:], 95)),
    }
