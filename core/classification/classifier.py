"""Labelled reviews + encoder -> a whole classifier that predicts factors from reviews (article, steps 9 and 10).

Takes tokens and labels, trains encoder and head together by gradual unfreezing, and writes the folder that
`predictor` reads. Training a head alone is `head`'s work.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.data.core import DataLoaders, Datasets
from fastai.data.transforms import MultiCategorize, OneHotEncode
from fastai.text.all import AWD_LSTM, SortedDL, TensorText, pad_input_chunk, text_classifier_learner
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier

from core.classification.head import LINES, STAGE, check_finite, frequency_loss, load_head
from core.language_model.lstm import multiplications
from core.language_model.tokens import Tokens
from core.language_model.weights import (
    EMBEDDING,
    LEAST_DROPOUT,
    SHAPE,
    Weights,
    load_encoder,
    save_vocabulary,
    save_weights,
)
from core.progress import against
from core.settings import ClassifierSettings
from core.training.device import device_for
from core.training.device_rule import Work
from core.training.fit import ADAM, FitContext, Step, fit_in_steps, quiet, seeded
from core.training.precision import lower_precision
from core.training.reporting import Curves

RATE_STEP = 2.6
"""A layer group learns at 1 / 2.6 of the rate of the one above (ULMFiT, Howard & Ruder 2018)."""
GROUPS_BELOW = 4
"""Layer groups below the head."""


@dataclass(frozen=True)
class LabelledTokens:
    """What a whole classifier is trained on: an entry of each a review."""

    tokens: Tokens
    labels: np.ndarray
    """True where a review carries a label: reviews x labels."""
    held_out: np.ndarray
    """Reviews that only measure the loss (bool)."""


@dataclass(frozen=True)
class Classifier:
    """A trained classifier: encoder and head."""

    weights: Weights
    factors: list[int]
    """The factor that each output stands for."""


def train(
    reviews: LabelledTokens,
    encoder: Path,
    head: Weights | None,
    settings: ClassifierSettings,
    context: FitContext,
) -> tuple[Weights, list[dict[str, float]]]:
    """Train encoder and head by gradual unfreezing; return the weights, and the losses of each epoch.

    `encoder` is the folder of the encoder to start from, whose vocabulary the classifier has; `head` the weights of
    a head trained before, or None. Raises DegenerateResult on a loss that is not a number.
    """
    weights, vocabulary, info = load_encoder(encoder)
    labels, held_out = reviews.labels, reviews.held_out
    device = device_for(_work(reviews, info, settings))
    with seeded(context.seed, device):
        learn = _learner(_loaders(reviews, vocabulary, settings, device), weights, labels.shape[1], settings)
        if head is not None:
            learn.model[1].layers = load_head(head, weights[EMBEDDING].shape[1], settings.drop_mult)
        steps = [
            Step(phase.unfrozen, phase.epochs, _rates(phase.unfrozen, phase.rate))
            for phase in settings.phases
        ]
        baseline = {"label frequencies, kept out": frequency_loss(labels[~held_out], labels[held_out])}
        losses = fit_in_steps(
            lower_precision(learn),
            steps,
            FitContext(context.seed, against(context.report, baseline), context.checkpoint),
            Curves(STAGE, LINES, settings.head_epochs if head is not None else 0),
        )
    state: Weights = learn.model.cpu().state_dict()
    check_finite(state)
    return state, losses


def whole(encoder: Path, head: Weights, outputs: int) -> Weights:
    """Return the weights of the whole classifier that has this head on this encoder."""
    weights, vocabulary, _ = load_encoder(encoder)
    weights.pop("decoder.bias")
    config = awd_lstm_clas_config | _shape(weights)
    model = get_text_classifier(AWD_LSTM, len(vocabulary), outputs, config=config)
    model[0].module.load_state_dict(weights)
    model[1].layers = load_head(head, weights[EMBEDDING].shape[1])
    state: Weights = model.state_dict()
    return state


def save_classifier(
    classifier: Classifier, encoder: Path, settings: ClassifierSettings, about: dict[str, Any], folder: Path
) -> None:
    """Write classifier.safetensors, vocab.json and info.json, with what `about` adds, into a folder."""
    _, vocabulary, info = load_encoder(encoder)
    save_weights(classifier.weights, folder / "classifier.safetensors")
    save_vocabulary(vocabulary, folder)
    sizes = {"sequence_length": settings.sequence_length, "max_length": settings.max_length}
    shape = {name: info[name] for name in SHAPE}
    (folder / "info.json").write_text(
        json.dumps({"labels": classifier.factors, **sizes, **shape, **about}, indent=2), encoding="utf-8"
    )


def _work(reviews: LabelledTokens, shape: dict[str, int], settings: ClassifierSettings) -> Work:
    """Return the size of a training of encoder and head; `shape` has the sizes of the encoder (SHAPE)."""
    lengths = np.diff(reviews.tokens.offsets)[~reviews.held_out].clip(max=settings.max_length)
    passes = sum(phase.epochs for phase in settings.phases)
    return Work("classifier", "text training", int(lengths.sum()) * passes, "words", multiplications(shape))


def _loaders(
    reviews: LabelledTokens, vocabulary: list[str], settings: ClassifierSettings, device: torch.device
) -> DataLoaders:
    """Return the reviews as fastai's mini-batches, those of like length together."""
    numbers, labels, held_out = reviews.tokens.numbered(vocabulary), reviews.labels, reviews.held_out
    sets = Datasets(
        list(range(len(reviews.tokens))),
        [
            [lambda i: TensorText(numbers[i])],
            [
                lambda i: [str(label) for label in np.flatnonzero(labels[i])],
                MultiCategorize(vocab=[str(label) for label in range(labels.shape[1])]),
                OneHotEncode,
            ],
        ],
        splits=[np.flatnonzero(~held_out).tolist(), np.flatnonzero(held_out).tolist()],
    )
    data = sets.dataloaders(
        bs=min(settings.batch_size, max(2, int((~held_out).sum()) // 4)),
        dl_type=SortedDL,
        before_batch=lambda items: pad_input_chunk(items, seq_len=settings.sequence_length),
        device=device,
        # The rows are in memory; workers would only fork a process that runs threads.
        num_workers=0,
    )
    # text_classifier_learner reads the number of words from here.
    data.vocab = vocabulary
    return data


def _learner(data: DataLoaders, weights: Weights, outputs: int, settings: ClassifierSettings) -> Learner:
    """Return fastai's text classifier with the weights of an encoder and a new head."""
    learn = quiet(
        text_classifier_learner(
            data,
            AWD_LSTM,
            seq_len=settings.sequence_length,
            max_len=settings.max_length,
            config=awd_lstm_clas_config | _shape(weights),
            drop_mult=max(settings.drop_mult, LEAST_DROPOUT),
            n_out=outputs,
            pretrained=False,
            metrics=[],
            opt_func=ADAM,
        )
    )
    weights.pop("decoder.bias")
    learn.model[0].module.load_state_dict(weights)
    return learn


def _shape(weights: Weights) -> dict[str, int]:
    """Return the sizes of an AWD_LSTM as its weights have them, by fastai's names (SHAPE)."""
    layers = sum(name.endswith("weight_hh_l0_raw") for name in weights)
    return {
        "emb_sz": weights[EMBEDDING].shape[1],
        "n_hid": weights["rnns.0.weight_hh_l0_raw"].shape[1],
        "n_layers": layers,
    }


def _rates(unfrozen: int, rate: float) -> float | slice:
    """Return the rate of a head alone, or the range of rates from the lowest layer group to the head (ULMFiT)."""
    return rate if unfrozen == 1 else slice(rate / RATE_STEP**GROUPS_BELOW, rate)
