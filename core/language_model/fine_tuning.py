"""Reviews -> fine-tuned encoder and vocabulary (article, step 1).

Takes tokens of reviews, writes a folder with an encoder (AWD_LSTM weights) and the words that it knows. What the
encoder is used for is left to the classifier.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.data.core import DataLoaders
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import Perplexity, accuracy
from fastai.text.all import AWD_LSTM
from fastai.text.data import make_vocab
from fastai.text.learner import LMLearner
from fastai.text.models.awdlstm import awd_lstm_lm_config, awd_lstm_lm_split
from fastai.text.models.core import SequentialRNN, get_language_model

from core.errors import BadInput, BadSettings, DegenerateResult
from core.language_model.batches import Layout, Streams
from core.language_model.lstm import multiplications
from core.language_model.pretrained import load_pretrained, match_words
from core.language_model.sampled_softmax import Decoder, SampledLoss
from core.language_model.tokens import Tokens, numbers_of
from core.language_model.weights import (
    EMBEDDING,
    LEAST_DROPOUT,
    SHAPE,
    TIED,
    load_encoder,
    save_vocabulary,
    save_weights,
)
from core.progress import against
from core.settings import LanguageModelSettings
from core.training.device import device_for
from core.training.device_rule import Work
from core.training.fit import ADAM, FitContext, Step, fit_in_steps, in_all_processes, quiet, seeded
from core.training.precision import lower_precision
from core.training.processes import of_first, place
from core.training.reporting import Curves

STAGE = "language model"
VALID_SHARE = 0.1
"""Share of the reviews that measures the perplexity (article: 0.1)."""
LOGITS_AT_ONCE = {"cpu": 1 << 26, "gpu": 1 << 29}
"""Numbers in a batch of logits over all words, where the perplexity is measured (256 MiB, 2 GiB)."""


@dataclass(frozen=True)
class Corpus:
    """Tokens of reviews, and which reviews measure the perplexity."""

    tokens: Tokens
    held_out: np.ndarray | None = None
    """For each review, whether it only measures (bool); None holds out a tenth, drawn at random."""


def fine_tune(
    corpus: Corpus,
    settings: LanguageModelSettings,
    context: FitContext,
    folder: Path,
    start: Path | None = None,
) -> None:
    """Train a language model on reviews; write encoder.safetensors, vocab.json and info.json into a folder.

    `info.json` holds the counts of reviews and tokens on either side, vocabulary (words), accuracy and perplexity on
    the reviews held out, perplexity_unigram (by word frequencies alone), losses, start and SHAPE. `start` is the
    file or folder with the weights that the settings start from: an archive of WikiText-103, or an encoder. Of
    several processes the first alone writes. Raises DegenerateResult where there is too little text, BadInput where
    the weights have other sizes.
    """
    if not settings.epochs and not settings.frozen_epochs:
        raise BadSettings("the language model has no epochs to train; choose at least 1")
    trained, held_out = _split(corpus, settings.max_reviews, context.seed)
    if (words := _text_length(trained, held_out)) < 2 * settings.sequence_length:
        raise DegenerateResult(
            f"{len(corpus.tokens)} reviews with {words} words are too little text to learn from; add reviews"
        )
    counts = np.bincount(trained.numbers, minlength=len(trained.words))
    vocabulary: list[str] = make_vocab(
        Counter({word: int(count) for word, count in zip(trained.words, counts, strict=True) if count}),
        settings.min_frequency,
        settings.vocabulary,
    )
    device = device_for(_work(len(trained.numbers), len(vocabulary), settings))
    if (first := of_first("device", device.type)) != device.type:
        raise BadSettings(f"one process trains on {first}, another on {device.type}; choose --device")
    with seeded(context.seed, device):
        data = _streams((trained, held_out), vocabulary, settings, context.seed, device)
        learn = learner(data, len(vocabulary), settings)
        if settings.start == "bundled" and start is not None:
            _start_from(start, learn.model, vocabulary)
        elif start is not None:
            load_pretrained(learn.model, vocabulary, start)
        steps = [
            Step(1, settings.frozen_epochs, settings.frozen_rate),
            Step(0, settings.epochs, settings.rate),
        ]
        # Over a sample of the words the loss is lower than over all, by which the reviews held out are measured.
        lines = ("trained on" if settings.sampled_words is None else "trained on, sampled words", "kept out")
        unigram = _unigram_perplexity(trained, held_out, vocabulary)
        report = against(context.report, {"word counts": float(np.log(unigram))})
        with in_all_processes(learn):
            losses = fit_in_steps(
                learn, steps, FitContext(context.seed, report, context.checkpoint), Curves(STAGE, lines)
            )
    if place().rank:
        return

    weights = learn.model[0].state_dict() | {"decoder.bias": learn.model[1].decoder.bias}
    # The word vectors have two names and are written once.
    del weights[TIED]
    save_weights(weights, folder / "encoder.safetensors", torch.float16)
    save_vocabulary(vocabulary, folder)
    info = {
        "reviews": len(trained),
        "tokens": len(trained.numbers),
        "reviews_held_out": len(held_out),
        "tokens_held_out": len(held_out.numbers),
        "vocabulary": len(vocabulary),
        "start": settings.start,
        "perplexity": float(np.exp(min(losses[-1]["valid"], 50))),
        "perplexity_unigram": unigram,
        "accuracy": losses[-1]["accuracy"],
        "losses": losses,
        **shape(settings),
    }
    (folder / "info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


def learner(data: DataLoaders, words: int, settings: LanguageModelSettings) -> LMLearner:
    """Return what fastai's language_model_learner makes for so many words, with our optimiser, precision and loss."""
    dropout = max(settings.drop_mult, LEAST_DROPOUT)
    model = get_language_model(AWD_LSTM, words, awd_lstm_lm_config | shape(settings), drop_mult=dropout)
    options: dict[str, Any] = {
        "splitter": awd_lstm_lm_split,
        "metrics": [accuracy, Perplexity()],
        "opt_func": ADAM,
    }
    if settings.sampled_words is None:
        return lower_precision(quiet(LMLearner(data, model, loss_func=CrossEntropyLossFlat(), **options)))
    model[1].__class__ = Decoder
    loss = SampledLoss(model[1], min(settings.sampled_words, words), settings.sampled_words)
    return lower_precision(quiet(LMLearner(data, model, loss_func=loss, **options)))


def shape(settings: LanguageModelSettings) -> dict[str, int]:
    """Return the sizes that decide whether weights fit an AWD_LSTM, by fastai's names (SHAPE)."""
    return dict(zip(SHAPE, (settings.embedding_size, settings.hidden_size, settings.layers), strict=True))


def _split(corpus: Corpus, max_reviews: int | None, seed: int) -> tuple[Tokens, Tokens]:
    """Return the reviews to train on and those held out, both in random order."""
    tokens, held_out = corpus.tokens, corpus.held_out
    order = np.random.default_rng(seed).permutation(len(tokens))
    if held_out is not None:
        train_rows, test_rows = (order[part[order]][:max_reviews] for part in (~held_out, held_out))
    else:
        order = order[:max_reviews]
        count = max(1, round(VALID_SHARE * len(order)))
        train_rows, test_rows = order[count:], order[:count]
    return tokens.take(train_rows), tokens.take(test_rows)


def _text_length(trained: Tokens, held_out: Tokens) -> int:
    """Return how many words there are to train on, or ten times those held out where these are fewer."""
    return min(len(trained.numbers), 10 * len(held_out.numbers))


def _work(words: int, vocabulary: int, settings: LanguageModelSettings) -> Work:
    """Return the size of a training on so many words."""
    in_loss = vocabulary if settings.sampled_words is None else min(vocabulary, 2 * settings.sampled_words)
    each = multiplications(shape(settings)) + settings.embedding_size * in_loss
    passes = settings.frozen_epochs + settings.epochs
    return Work("language model", "text training", words * passes, "words", each)


def _streams(
    parts: tuple[Tokens, Tokens],
    vocabulary: list[str],
    settings: LanguageModelSettings,
    seed: int,
    device: torch.device,
) -> DataLoaders:
    """Return the text to train on and that held out, as running text on the device.

    A batch needs at least a step of each stream, so short text has fewer.
    """
    (trained, held_out), steps = parts, settings.sequence_length
    numbers = numbers_of(trained.words, vocabulary)
    streams = max(1, min(settings.batch_size, _text_length(trained, held_out) // (20 * steps)))
    here = place()
    # As many in each process: the mean of their means is that of all.
    streams -= streams % here.processes
    if not streams:
        raise BadSettings(f"there is too little text for {here.processes} processes; launch fewer")
    on_gpu = device.type != "cpu"
    most = LOGITS_AT_ONCE["gpu" if on_gpu else "cpu"] // (steps * len(vocabulary))
    if not on_gpu:
        most = min(most, streams)
    held_out_streams = max(here.processes, min(most, len(held_out.numbers) // (2 * steps)))
    held_out_streams -= held_out_streams % here.processes
    share = here.rank, here.processes
    return DataLoaders(
        Streams(trained, numbers, Layout(streams, steps, *share), seed, device),
        Streams(held_out, numbers, Layout(held_out_streams, steps, *share), None, device),
        device=device,
    )


def _start_from(encoder: Path, model: SequentialRNN, vocabulary: list[str]) -> None:
    """Put the weights of an encoder into a language model, word by word by its vocabulary."""
    weights, words, info = load_encoder(encoder)
    initial = model[0].state_dict()
    if any(
        initial[name].shape[1:] != tensor.shape[1:] for name, tensor in weights.items() if name in initial
    ):
        sizes = ", ".join(f"{name} {info[name]}" for name in SHAPE)
        raise BadInput(
            f"the encoder to start from has other sizes ({sizes}); choose these, or start from nothing"
        )
    bias = weights.pop("decoder.bias")
    whole = {f"0.{name}": tensor for name, tensor in weights.items()} | {
        "1.decoder.weight": weights[EMBEDDING],
        "1.decoder.bias": bias,
    }
    model.load_state_dict(match_words(whole, words, vocabulary))


def _unigram_perplexity(trained: Tokens, held_out: Tokens, vocabulary: list[str]) -> float:
    """Return the perplexity of predicting each word by its frequency alone: the baseline."""
    numbers = numbers_of(trained.words, vocabulary)
    counts = np.bincount(trained.numbers, minlength=len(trained.words))
    # One is added to each count, so that no word is impossible.
    smoothed = np.bincount(numbers, weights=counts, minlength=len(vocabulary)) + 1.0
    return float(np.exp(-np.log(smoothed / smoothed.sum())[numbers[held_out.numbers]].mean()))
