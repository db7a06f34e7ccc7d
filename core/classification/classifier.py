"""Labelled reviews + encoder -> classifier that reads factors from reviews (article, steps 9 and 10).

Takes the reviews' tokens or what the frozen encoder made of them, and their labels; gives a classifier's head or
a folder with the whole classifier, its words and labels. Asking the classifier is left to `predictions`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.data.core import DataLoaders, Datasets
from fastai.data.transforms import MultiCategorize, OneHotEncode
from fastai.losses import BCEWithLogitsLossFlat
from fastai.text.all import AWD_LSTM, SortedDL, TensorText, pad_input_chunk, text_classifier_learner
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier

from core.errors import DegenerateResult
from core.language_model.fine_tuning import SHAPE, load_encoder, save_weights
from core.language_model.tokens import Tokens
from core.progress import Report, against
from core.settings import ClassifierSettings
from core.training.fit import (
    ADAM,
    Batches,
    Step,
    device_name,
    fit_in_steps,
    lower_precision,
    quiet,
    reporting,
    seeded,
)

STAGE = "classifier"
RATE_STEP = 2.6
"""A layer group learns at 1 / 2.6 of the rate of the one above (ULMFiT, Howard & Ruder 2018)."""
GROUPS_BELOW = 4
"""Layer groups below the head."""
LEAST_STEPS = 16
"""Steps an epoch of a head has at least: with few reviews, batches are small."""
LAST = "1.2"
"""The last layer of a head, by fastai's names."""
NAMES = ("train", "valid")
LINES = ("trained on", "kept out")
"""The curves: mean binary cross-entropy, on the reviews trained on and on those kept out."""

Weights = dict[str, Any]


def train_head(
    features: np.ndarray, truth: np.ndarray, settings: ClassifierSettings, seed: int, report: Report
) -> Weights:
    """Train the classifier's head on what the frozen encoder made of the reviews; give its weights.

    `features` has a row a review as `Encoder.features` gives it, `truth` a column a label. The head is that of
    fastai's classifier, with a bias that starts from how common each label is: of a hundred reviews a head without
    one would hardly learn that. Raises DegenerateResult where a loss is not a number.
    """
    if len(features) < 2:
        raise DegenerateResult(
            f"{len(features)} review is too little to learn from where the rest is held out; add reviews or films"
        )
    with seeded(seed):
        device = torch.device(device_name())
        inputs = torch.as_tensor(features, dtype=torch.float32, device=device)
        targets = torch.as_tensor(truth, dtype=torch.float32, device=device)
        size = min(settings.batch_size, max(2, len(inputs) // LEAST_STEPS))
        # A batch of a single review has no variance to normalise by.
        whole = len(inputs) - (len(inputs) % size == 1)
        draws = torch.Generator().manual_seed(seed)
        data = DataLoaders(
            Batches(inputs[:whole], targets[:whole], size, draws), Batches(inputs[:1], targets[:1], 1, None)
        )
        width, outputs = features.shape[1] // 3, truth.shape[1]
        head = _head(width, outputs, settings.drop_mult, bias=True)
        last: Any = head[-1]
        last[-1].bias.data = torch.logit(targets.mean(0), eps=1 / (2 + len(targets))).cpu()
        learn = quiet(Learner(data, head, loss_func=BCEWithLogitsLossFlat()))
        beside = against(report, {"label frequencies, trained on": frequency_loss(truth, truth)})
        # What fastai measures on is a stand-in, so that line is left out.
        with reporting(learn, beside, STAGE, names=LINES[:1]):
            learn.fit_one_cycle(settings.head_epochs, settings.head_rate, wd=settings.head_decay)
    weights: Weights = head.cpu().state_dict()
    _check(weights)
    return weights


def read_features(weights: Weights, features: np.ndarray) -> np.ndarray:
    """Return a trained head's logits, a row a review and a column a label."""
    head = _loaded(weights, features.shape[1] // 3)
    with torch.inference_mode():
        logits: np.ndarray = head.eval()(torch.as_tensor(features, dtype=torch.float32)).numpy()
    return logits


def train(
    tokens: Tokens,
    truth: np.ndarray,
    held_out: np.ndarray,
    encoder: Path,
    head: Weights | None,
    settings: ClassifierSettings,
    seed: int,
    report: Report,
    checkpoint: Path | None = None,
) -> tuple[Weights, list[dict[str, float]]]:
    """Train a whole classifier by gradual unfreezing; give its weights and losses, an entry an epoch.

    `tokens` and `truth` have an entry a review; reviews that are `held_out` measure the loss and train
    nothing. The words are the encoder's own; `head` is where the head starts from, if it was trained before.
    Raises DegenerateResult where a loss is not a number.
    """
    weights, vocabulary, _ = load_encoder(encoder)
    numbers = tokens.numbered(vocabulary)
    outputs = [str(column) for column in range(truth.shape[1])]
    with seeded(seed):
        sets = Datasets(
            list(range(len(tokens))),
            [
                [lambda i: TensorText(numbers[i])],
                [
                    lambda i: [str(k) for k in np.flatnonzero(truth[i])],
                    MultiCategorize(vocab=outputs),
                    OneHotEncode,
                ],
            ],
            splits=[np.flatnonzero(~held_out).tolist(), np.flatnonzero(held_out).tolist()],
        )
        data = sets.dataloaders(
            bs=min(settings.batch_size, max(2, int((~held_out).sum()) // 4)),
            dl_type=SortedDL,
            before_batch=lambda items: pad_input_chunk(items, seq_len=settings.sequence_length),
            device=device_name(),
            # The rows are in memory; workers would only fork a process that runs threads.
            num_workers=0,
        )
        # text_classifier_learner asks the data how many words there are.
        data.vocab = vocabulary
        learn = quiet(
            text_classifier_learner(
                data,
                AWD_LSTM,
                seq_len=settings.sequence_length,
                max_len=settings.max_length,
                config=awd_lstm_clas_config | _shape(weights),
                drop_mult=settings.drop_mult,
                n_out=len(outputs),
                pretrained=False,
                metrics=[],
                opt_func=ADAM,
            )
        )
        weights.pop("decoder.bias")
        learn.model[0].module.load_state_dict(weights)
        if head is not None:
            learn.model[1].layers = _loaded(head, weights["encoder.weight"].shape[1], settings.drop_mult)
        steps = [
            Step(phase.unfrozen, phase.epochs, _rates(phase.unfrozen, phase.rate))
            for phase in settings.phases
        ]
        rates = {"label frequencies, kept out": frequency_loss(truth[~held_out], truth[held_out])}
        losses = fit_in_steps(
            lower_precision(learn),
            steps,
            NAMES,
            seed,
            against(report, rates),
            STAGE,
            checkpoint,
            LINES,
            settings.head_epochs if head is not None else 0,
        )
    state: Weights = learn.model.cpu().state_dict()
    _check(state)
    return state, losses


def frequency_loss(taught: np.ndarray, asked: np.ndarray) -> float:
    """Return the mean binary cross-entropy of answering each label's frequency among the reviews trained on.

    >>> round(frequency_loss(np.array([[1], [0]]), np.array([[1]])), 3) == round(float(np.log(2)), 3)
    True
    """
    # No label is taken for impossible, nor for certain: its frequency keeps half a review's distance.
    rates = np.clip(taught.mean(0), 0.5 / len(taught), 1 - 0.5 / len(taught))
    return float(-np.where(asked, np.log(rates), np.log(1 - rates)).mean())


def whole(encoder: Path, head: Weights, outputs: int) -> Weights:
    """Return the weights of the whole classifier that has this head on this encoder."""
    weights, vocabulary, _ = load_encoder(encoder)
    weights.pop("decoder.bias")
    model = get_text_classifier(
        AWD_LSTM, len(vocabulary), outputs, config=awd_lstm_clas_config | _shape(weights)
    )
    model[0].module.load_state_dict(weights)
    model[1].layers = _loaded(head, weights["encoder.weight"].shape[1])
    state: Weights = model.state_dict()
    return state


def save_classifier(
    state: Weights,
    names: list[int],
    encoder: Path,
    settings: ClassifierSettings,
    about: dict[str, Any],
    folder: Path,
) -> None:
    """Write classifier.safetensors, vocab.json and info.json, with what `about` adds, into a folder."""
    _, vocabulary, info = load_encoder(encoder)
    save_weights(state, folder / "classifier.safetensors")
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    sizes = {"sequence_length": settings.sequence_length, "max_length": settings.max_length}
    shape = {name: info[name] for name in SHAPE}
    (folder / "info.json").write_text(
        json.dumps({"labels": names, **sizes, **shape, **about}, indent=2), encoding="utf-8"
    )


def _loaded(weights: Weights, width: int, drop_mult: float = 1.0) -> torch.nn.Sequential:
    """Return a head with these weights, with a bias if there is one among them."""
    head = _head(width, len(weights[f"{LAST}.weight"]), drop_mult, bias=f"{LAST}.bias" in weights)
    head.load_state_dict(weights)
    return head


def _head(width: int, outputs: int, drop_mult: float, bias: bool) -> torch.nn.Sequential:
    """Make the head of fastai's classifier for an encoder of this width, apart from the encoder."""
    config = awd_lstm_clas_config | {"emb_sz": width, "n_hid": 1, "n_layers": 1}
    model = get_text_classifier(AWD_LSTM, 2, outputs, config=config, drop_mult=drop_mult)
    head: torch.nn.Sequential = model[1].layers
    if bias:
        last: Any = head[-1]
        last[-1] = torch.nn.Linear(last[-1].in_features, outputs)
    return head


def _shape(weights: Weights) -> dict[str, int]:
    """Read the sizes of an AWD_LSTM off its weights, by fastai's names."""
    layers = sum(name.endswith("weight_hh_l0_raw") for name in weights)
    return {
        "emb_sz": weights["encoder.weight"].shape[1],
        "n_hid": weights["rnns.0.weight_hh_l0_raw"].shape[1],
        "n_layers": layers,
    }


def _rates(unfrozen: int, rate: float) -> float | slice:
    return rate if unfrozen == 1 else slice(rate / RATE_STEP**GROUPS_BELOW, rate)


def _check(state: Weights) -> None:
    if not all(bool(tensor.isfinite().all()) for tensor in state.values()):
        raise DegenerateResult("a weight of the classifier became not a number; choose a lower learning rate")
