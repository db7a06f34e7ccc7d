"""Reviews -> fine-tuned encoder and vocabulary (article, step 1).

Takes tokens of reviews, gives an encoder (AWD_LSTM weights) and the words it knows, kept together in
one folder. What the encoder is used for is left to the classifier.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.metrics import Perplexity, accuracy
from fastai.text.all import AWD_LSTM, LMDataLoader, language_model_learner
from fastai.text.data import LMTensorText, make_vocab
from fastai.text.models.awdlstm import awd_lstm_lm_config
from safetensors.torch import load_file, save

from core.errors import DegenerateResult
from core.pretrained import load_pretrained
from core.progress import Report
from core.settings import LanguageModelSettings
from core.store import read_json
from core.training import device_name, own_draws, quiet, reporting, seeded

STAGE = "language model"
VALID_SHARE = 0.1
"""Share of the reviews that measures the perplexity (article: 0.1)."""


def fine_tune(
    tokens: list[list[str]],
    settings: LanguageModelSettings,
    seed: int,
    report: Report,
    folder: Path,
    pretrained: Path | None = None,
) -> None:
    """Train a language model on reviews; write encoder.safetensors, vocab.json and info.json into a folder.

    `info.json` holds reviews, tokens, vocabulary, accuracy and perplexity (on the tenth of the reviews
    kept out), pretrained, losses and the settings. `pretrained` is the archive of weights to start from,
    where the settings ask for them. Raises DegenerateResult where there is too little text.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(tokens))[: settings.max_reviews]
    chosen = [tokens[i] for i in order]
    held = max(1, round(VALID_SHARE * len(chosen)))
    vocabulary = make_vocab(
        Counter(word for text in chosen[held:] for word in text), settings.min_frequency, settings.vocabulary
    )
    numbers = Numbers(vocabulary)
    train, valid = (as_numbers(numbers, part) for part in (chosen[held:], chosen[:held]))
    # A batch needs at least one step of text in each stream, so little text gets fewer streams.
    words = min(sum(map(len, train)), 10 * sum(map(len, valid)))
    streams = max(1, min(settings.batch_size, words // (20 * settings.sequence_length)))
    if words < 2 * settings.sequence_length:
        raise DegenerateResult(
            f"{len(tokens)} reviews with {words} words are too little text to learn from; add reviews"
        )

    with seeded(seed):
        loaders = [
            TextLoader(part, bs=size, seq_len=settings.sequence_length, shuffle=shuffle)
            for part, size, shuffle in ((train, streams, True), (valid, max(1, streams // 10), False))
        ]
        data = DataLoaders(*loaders).to(torch.device(device_name()))
        own_draws(data, seed).vocab = vocabulary
        learn = quiet(
            language_model_learner(
                data,
                AWD_LSTM,
                config=awd_lstm_lm_config | shape(settings),
                drop_mult=settings.drop_mult,
                pretrained=False,
                metrics=[accuracy, Perplexity()],
            )
        )
        if pretrained is not None:
            load_pretrained(learn.model, vocabulary, pretrained)
        if device_name() == "cuda":
            learn.to_fp16()
        losses = _fit(learn, settings, report)

    perplexity = float(np.exp(min(losses[-1]["valid"], 50)))
    save_weights(learn.model[0].state_dict(), folder / "encoder.safetensors")
    (folder / "vocab.json").write_text(json.dumps(list(vocabulary), ensure_ascii=False), encoding="utf-8")
    info = {
        "reviews": len(chosen),
        "tokens": sum(map(len, chosen)),
        "vocabulary": len(vocabulary),
        "pretrained": pretrained is not None,
        "perplexity": perplexity,
        "perplexity_unigram": _unigram_perplexity(train, valid, len(vocabulary)),
        "accuracy": losses[-1]["accuracy"],
        "losses": losses,
        **shape(settings),
    }
    (folder / "info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


class TextLoader(LMDataLoader):  # type: ignore[misc]
    """fastai's loader of running text, which shuffles the reviews by its own generator."""

    def shuffle_fn(self, idxs: list[int]) -> list[int]:
        # In place: the texts' lengths follow the same list.
        self.rng.shuffle(self.items.idxs)
        self.make_chunks()
        return idxs


class Numbers:
    """The vocabulary turned around: the number of each word, 0 ("xxunk") for words it does not know."""

    def __init__(self, vocabulary: list[str]) -> None:
        self._number = {word: i for i, word in enumerate(vocabulary) if word != "xxfake"}

    def __call__(self, words: list[str]) -> list[int]:
        return [self._number.get(word, 0) for word in words]


def as_numbers(numbers: Numbers, tokens: list[list[str]]) -> list[LMTensorText]:
    """Give a text as a tensor of word numbers, each of the texts."""
    return [LMTensorText(numbers(words)) for words in tokens]


def shape(settings: LanguageModelSettings) -> dict[str, int]:
    """Give the sizes that decide whether weights fit an AWD_LSTM, by fastai's names."""
    return {"emb_sz": settings.embedding_size, "n_hid": settings.hidden_size, "n_layers": settings.layers}


def save_weights(state: dict[str, Any], path: Path) -> None:
    """Write weights as safetensors; each tensor by itself, since AWD_LSTM names some twice."""
    plain = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in state.items()}
    # Written by Python, which names a full disk as such.
    path.write_bytes(save(plain))


def load_encoder(folder: Path) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Give weights, vocabulary and info of an encoder's folder, as `fine_tune` wrote it."""
    return (
        load_file(folder / "encoder.safetensors"),
        read_json(folder / "vocab.json"),
        read_json(folder / "info.json"),
    )


def _fit(learn: Learner, settings: LanguageModelSettings, report: Report) -> list[dict[str, float]]:
    """Train first the new parts where something was pretrained, then everything; give an entry an epoch."""
    steps = [(settings.frozen_epochs, settings.frozen_rate, True), (settings.epochs, settings.rate, False)]
    total, done, losses = sum(s[0] for s in steps), 0, []
    for epochs, rate, frozen in steps:
        if not epochs:
            continue
        learn.freeze() if frozen else learn.unfreeze()
        with reporting(learn, report, STAGE, done / total, (done + epochs) / total):
            learn.fit_one_cycle(epochs, rate)
        done += epochs
        names = ("train", "valid", "accuracy")
        losses += [dict(zip(names, map(float, row), strict=False)) for row in learn.recorder.values]
    return losses


def _unigram_perplexity(train: list[LMTensorText], valid: list[LMTensorText], size: int) -> float:
    """Give the perplexity of guessing each word by its frequency alone: the baseline."""
    counts = np.bincount(np.concatenate([np.asarray(t) for t in train]), minlength=size) + 1.0
    return float(
        np.exp(-np.log(counts / counts.sum())[np.concatenate([np.asarray(t) for t in valid])].mean())
    )
