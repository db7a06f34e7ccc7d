"""Speed of the text models compared with stock fastai, and their perplexity.

    python benchmarks/text_model.py [--json] [--only NAME]

Prints a Markdown table, or one JSON document. Needs the Large Movie Review Dataset (in the folder that
FACTORSCOPE_DATA names, in the cache, or downloaded). Nothing else may run meanwhile.
"""

import argparse
import json
import math
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from parts.machine import machine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.stock_fastai import LABELS, Training, ours, stock  # noqa: E402
from parts.text_model_table import markdown  # noqa: E402

from core.data.reviews.registry import open_source  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.inference.encoding import OpenRun, encode  # noqa: E402
from core.inference.predict import answer  # noqa: E402
from core.language_model.tokenizer import tokenise  # noqa: E402
from core.language_model.tokens import Tokens, numbers_of  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import SMALL_LANGUAGE_MODEL  # noqa: E402
from core.store import Store  # noqa: E402

SEED = 42
REVIEWS = 4000
"""Reviews to tokenise, a sample of all."""
RUNS = 3
"""Runs, of which the fastest counts."""
LM_REVIEWS = 3000
"""Reviews for one epoch of the language models; a tenth of them is held out."""
READ = {"small": 300, "full": 60}
"""Reviews to read, by size of the model."""
PASTED = 100
"""Reviews to paste."""
WARM = 3
"""Reviews that each side reads before the measurement starts."""
CORES = os.cpu_count() or 1


def sample(reviews: int) -> list[str]:
    """Return a fixed sample of so many reviews of the Large Movie Review Dataset."""
    texts = pd.concat(open_source("lmrd", Store(cache_dir()), silent).texts(silent), ignore_index=True).review
    return texts.sample(reviews, random_state=SEED).tolist()


def tokenising() -> dict[str, float]:
    """Return reviews/s of `tokenize_df`, with its best number of workers, and of our `tokenise`.

    Ours runs in one process and caches words, so its first run is reported separately.
    """
    from fastai.text.core import tokenize_df

    texts = sample(REVIEWS + 1)
    table = pd.DataFrame({"review": texts[:REVIEWS]})
    # No run includes loading spaCy; fastai's workers inherit it from their parent.
    tokenise(texts[REVIEWS:], silent, "")
    ways: dict[int | None, Callable[[], object]] = {
        None: lambda: tokenise(texts[:REVIEWS], silent, ""),
        0: lambda: tokenize_df(table, "review", n_workers=0),
        CORES: lambda: tokenize_df(table, "review", n_workers=CORES),
    }
    # Alternating, so that changes of the load affect all alike.
    runs = [{way: _seconds(work) for way, work in ways.items()} for _ in range(RUNS)]
    fastest = {way: min(run[way] for run in runs) for way in ways}
    ours = fastest.pop(None)
    workers, stock = min(fastest.items(), key=lambda item: item[1])
    return {
        "stock_per_s": REVIEWS / stock,
        "ours_per_s": REVIEWS / ours,
        "speedup": stock / ours,
        "stock_workers": workers or 0,
        "ours_first_per_s": REVIEWS / runs[0][None],
    }


def language_model() -> dict[str, float]:
    """Return words/s of training the small model with stock fastai and with our code, and both perplexities.

    Both have the same words, vocabulary, sizes, schedule and dropouts. Perplexities are on the same held-out
    reviews, over all words and in full precision.
    """
    from fastai.text.all import AWD_LSTM, DataLoaders, LMDataLoader, language_model_learner
    from fastai.text.data import LMTensorText, make_vocab
    from fastai.text.models.awdlstm import awd_lstm_lm_config

    from core.language_model.batches import Streams
    from core.language_model.fine_tuning import learner, shape
    from core.training.fit import quiet, seeded

    settings, device = SMALL_LANGUAGE_MODEL, torch.device("cpu")
    tokens = tokenise(sample(LM_REVIEWS), silent, "")
    trained, kept_out = tokens.take(range(LM_REVIEWS // 10, LM_REVIEWS)), tokens.take(range(LM_REVIEWS // 10))
    counts = Counter(trained.words[number] for number in trained.numbers)
    vocabulary = make_vocab(counts, settings.min_frequency, settings.vocabulary)
    numbers = numbers_of(tokens.words, vocabulary)
    size = {"bs": settings.batch_size, "seq_len": settings.sequence_length}

    def stock() -> Any:
        texts = [LMTensorText(text) for text in trained.numbered(vocabulary)]
        data = DataLoaders(LMDataLoader(texts, shuffle=True, **size), streams(kept_out, None)).to(device)
        data.vocab = vocabulary
        config = awd_lstm_lm_config | shape(settings)
        return quiet(
            language_model_learner(
                data, AWD_LSTM, config=config, drop_mult=settings.drop_mult, pretrained=False
            )
        )

    def streams(part: Tokens, seed: int | None) -> Streams:
        return Streams(part, numbers, (settings.batch_size, settings.sequence_length), seed, device)

    def ours() -> Any:
        return learner(
            DataLoaders(streams(trained, SEED), streams(kept_out, None)), len(vocabulary), settings
        )

    figures = {}
    for name, make in (("stock", stock), ("ours", ours)):
        with seeded(SEED):
            learn, clock = make(), Training()
            learn.fit_one_cycle(1, settings.rate, cbs=clock)
        figures[f"{name}_per_s"] = len(trained.numbers) / clock.seconds
        figures[f"{name}_perplexity"] = math.exp(learn.recorder.values[-1][1])
    return figures | {"speedup": figures["ours_per_s"] / figures["stock_per_s"]}


def predict(size: str) -> dict[str, float]:
    """Return reviews/s of both sides, and the largest difference between their probabilities.

    Both sides tokenise the raw reviews themselves. Stock is `learn.predict`, one review at a
    time, on a text_classifier_learner of the same sizes with the same random weights.
    """
    # `predict` omits the last of fastai's rules, which marks spaces inside tokens of white space; so here
    # there are no such tokens.
    reviews = [" ".join(review.split()) for review in sample(READ[size])]
    learn, words = stock(size, reviews)
    with tempfile.TemporaryDirectory() as folder:
        reader = ours(learn, words, Path(folder))
    reader.probabilities(tokenise(reviews[:WARM], silent, ""), silent)
    began = time.perf_counter()
    mine = reader.probabilities(tokenise(reviews, silent, ""), silent)
    ours_seconds = time.perf_counter() - began
    with learn.no_bar():
        for review in reviews[:WARM]:
            learn.predict(review)
        began = time.perf_counter()
        theirs = np.array([learn.predict(review)[2].numpy() for review in reviews])
        stock_seconds = time.perf_counter() - began
    return {
        "reviews": len(reviews),
        "stock_per_s": len(reviews) / stock_seconds,
        "ours_per_s": len(reviews) / ours_seconds,
        "speedup": stock_seconds / ours_seconds,
        "difference": float(np.abs(mine - theirs).max()),
    }


def paste(size: str) -> dict[str, float]:
    """Return the seconds to answer reviews one at a time, with highlights, after warming up."""
    reviews = sample(PASTED)
    learn, words = stock(size, reviews)
    with tempfile.TemporaryDirectory() as folder:
        reader = ours(learn, words, Path(folder))
    record = {
        "stability": {"unmeasured": "not here"},
        "factor_model": {"factors": len(LABELS)},
        "classifier": {"per_label": [{"factor": k, "base_rate": 0.5} for k in range(len(LABELS))]},
    }
    run, seconds = OpenRun(Path(), record, reader), []
    for review in reviews[:WARM] + reviews:
        began = time.perf_counter()
        answer(run, encode(reader, [review]))
        seconds.append(time.perf_counter() - began)
    return {
        "reviews": len(reviews),
        "p50_s": float(np.median(seconds[WARM:])),
        "p95_s": float(np.percentile(seconds[WARM:], 95)),
    }


PARTS: dict[str, tuple[str, Callable[[], dict[str, float]]]] = {
    "tokenise": (f"tokenising {REVIEWS:,} reviews, reviews/s", tokenising),
    "language_model": (
        f"training the small language model on {LM_REVIEWS:,} reviews, words/s",
        language_model,
    ),
    "predict_small": (f"predicting {READ['small']} reviews, small, reviews/s", partial(predict, "small")),
    "predict_full": (f"predicting {READ['full']} reviews, full size, reviews/s", partial(predict, "full")),
    "paste": (f"answering {PASTED} pasted reviews, small", partial(paste, "small")),
}
"""Title with unit, and function, of each part by name."""


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(CORES)
    try:
        measurements = {name: part() for name, (_, part) in PARTS.items() if args.only in (None, name)}
    except FactorscopeError as error:
        sys.exit(str(error))
    if "language_model" in measurements:
        row = measurements["language_model"]
        measurements["perplexity"] = {side: row.pop(f"{side}_perplexity") for side in ("stock", "ours")}
    result = {
        "machine": machine("torch", "fastai", "spacy"),
        "date": date.today().isoformat(),
        **measurements,
    }
    print(
        json.dumps(result)
        if args.json
        else markdown(result, {name: title for name, (title, _) in PARTS.items()}, RUNS)
    )


if __name__ == "__main__":
    main()
