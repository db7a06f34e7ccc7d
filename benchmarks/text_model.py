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
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import torch
from parts.machine import machine, seconds

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.stock_fastai import Training  # noqa: E402
from parts.text_model_table import markdown  # noqa: E402
from parts.text_reading import PASTED, READ, paste, predict  # noqa: E402
from parts.text_work import SEED, sample  # noqa: E402

from core.errors import FactorscopeError  # noqa: E402
from core.language_model import tokenizer  # noqa: E402
from core.language_model.tokenizer import tokenise  # noqa: E402
from core.language_model.tokens import Tokens, numbers_of  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import SMALL_LANGUAGE_MODEL  # noqa: E402

REVIEWS = 4000
"""Reviews to tokenise, a sample of all."""
RUNS = 3
"""Runs, of which the fastest counts."""
MANY = 40_000
"""Reviews to tokenise in one process and in all cores."""
LM_REVIEWS = 3000
"""Reviews for one epoch of the language models; a tenth of them is held out."""
CORES = os.cpu_count() or 1


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
    runs = [{way: seconds(work) for way, work in ways.items()} for _ in range(RUNS)]
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


def tokenising_many() -> dict[str, float]:
    """Return reviews/s of our `tokenise` in one process and in all cores, each from nothing."""
    texts = sample(MANY)
    figures = {}
    for name, cores in (("one_per_s", 1), ("all_per_s", CORES)):
        # What was remembered of the words is forgotten; children begin without it.
        tokenizer._splitter().clear()
        with patch.object(tokenizer, "MOST_PROCESSES", cores):
            figures[name] = MANY / seconds(lambda: tokenise(texts, silent, ""))
    return figures


def language_model() -> dict[str, float]:
    """Return words/s of training the small model with stock fastai and with our code, and both perplexities.

    Both have the same words, vocabulary, sizes, schedule and dropouts. Perplexities are on the same held-out
    reviews, over all words and in full precision.
    """
    from fastai.text.all import AWD_LSTM, DataLoaders, LMDataLoader, language_model_learner
    from fastai.text.data import LMTensorText, make_vocab
    from fastai.text.models.awdlstm import awd_lstm_lm_config

    from core.language_model.batches import Layout, Streams
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
        return Streams(part, numbers, Layout(settings.batch_size, settings.sequence_length), seed, device)

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


PARTS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "tokenise": (f"tokenising {REVIEWS:,} reviews, reviews/s", tokenising),
    "tokenise_many": (f"tokenising {MANY:,} reviews", tokenising_many),
    "language_model": (
        f"training the small language model on {LM_REVIEWS:,} reviews, words/s",
        language_model,
    ),
    "predict_small": (f"predicting {READ['small']} reviews, small, reviews/s", partial(predict, "small")),
    "predict_full": (f"predicting {READ['full']} reviews, full size, reviews/s", partial(predict, "full")),
    "paste": (f"answering {PASTED} pasted reviews, small", partial(paste, "small")),
}
"""Title with unit, and function, of each part by name."""


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
