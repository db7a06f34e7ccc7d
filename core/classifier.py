"""Labelled reviews + encoder -> classifier that reads factors from reviews (article, steps 9 and 10).

Takes tokens, labels and an encoder's folder; gives a folder with the classifier, its words and labels.
Asking the classifier is left to `predictions`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from fastai.data.core import Datasets
from fastai.data.transforms import MultiCategorize, OneHotEncode
from fastai.learner import Learner
from fastai.text.all import AWD_LSTM, SortedDL, pad_input_chunk, text_classifier_learner
from fastai.text.data import Numericalize
from fastai.text.models.awdlstm import awd_lstm_clas_config

from core.errors import DegenerateResult
from core.language_model import load_encoder, save_weights
from core.progress import Report
from core.settings import ClassifierSettings
from core.training import device_name, own_draws, quiet, reporting, seeded

STAGE = "classifier"
RATE_STEP = 2.6
"""A layer group learns at 1 / 2.6 of the rate of the one above (ULMFiT, Howard & Ruder 2018)."""
GROUPS_BELOW = 4
"""Layer groups below the head."""


def train(
    tokens: list[list[str]],
    labels: list[list[int]],
    names: list[int],
    held_out: np.ndarray,
    encoder: Path,
    settings: ClassifierSettings,
    seed: int,
    report: Report,
    folder: Path,
) -> None:
    """Train a multi-label classifier; write classifier.safetensors, vocab.json and info.json into a folder.

    `tokens` and `labels` have an entry a review; `names` are all factors that may be labels, in the
    order of the outputs; reviews that are `held_out` measure the loss and train nothing. The words are
    the encoder's own. Raises DegenerateResult where a loss is not a number.
    """
    weights, vocabulary, shape = load_encoder(encoder)
    outputs = [str(name) for name in names]
    rows = list(range(len(tokens)))
    with seeded(seed):
        sets = Datasets(
            rows,
            [
                [lambda i: tokens[i], Numericalize(vocab=vocabulary)],
                [lambda i: [str(k) for k in labels[i]], MultiCategorize(vocab=outputs), OneHotEncode],
            ],
            splits=[np.flatnonzero(~held_out).tolist(), np.flatnonzero(held_out).tolist()],
        )
        batch = min(settings.batch_size, max(2, int((~held_out).sum()) // 4))
        data = sets.dataloaders(
            bs=batch,
            dl_type=SortedDL,
            before_batch=lambda items: pad_input_chunk(items, seq_len=settings.sequence_length),
            device=device_name(),
            # The rows are in memory; workers would only fork a process that runs threads.
            num_workers=0,
        )
        own_draws(data, seed)
        sizes = {key: shape[key] for key in ("emb_sz", "n_hid", "n_layers")}
        learn = quiet(
            text_classifier_learner(
                data,
                AWD_LSTM,
                seq_len=settings.sequence_length,
                max_len=settings.max_length,
                config=awd_lstm_clas_config | sizes,
                drop_mult=settings.drop_mult,
                n_out=len(outputs),
                pretrained=False,
                metrics=[],
            )
        )
        learn.model[0].module.load_state_dict(weights)
        if device_name() == "cuda":
            learn.to_fp16()
        losses = _fit(learn, settings, report)
    state = learn.model.state_dict()
    if not all(bool(tensor.isfinite().all()) for tensor in state.values()):
        raise DegenerateResult("a weight of the classifier became not a number; choose a lower learning rate")
    save_weights(state, folder / "classifier.safetensors")
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    info: dict[str, Any] = {
        "labels": names,
        "sequence_length": settings.sequence_length,
        "max_length": settings.max_length,
        "losses": losses,
        **sizes,
    }
    (folder / "info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


def _fit(learn: Learner, settings: ClassifierSettings, report: Report) -> list[dict[str, float]]:
    """Unfreeze the layer groups step by step; give an entry an epoch."""
    total, done, losses = sum(phase.epochs for phase in settings.phases), 0, []
    for phase in settings.phases:
        if phase.unfrozen == 0:
            learn.unfreeze()
        else:
            learn.freeze_to(-phase.unfrozen)
        rates = phase.rate if phase.unfrozen == 1 else slice(phase.rate / RATE_STEP**GROUPS_BELOW, phase.rate)
        with reporting(learn, report, STAGE, done / total, (done + phase.epochs) / total):
            learn.fit_one_cycle(phase.epochs, rates)
        done += phase.epochs
        losses += [
            dict(zip(("train", "valid"), map(float, row), strict=False)) for row in learn.recorder.values
        ]
    return losses
