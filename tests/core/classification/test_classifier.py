"""The whole classifier: encoder and head trained together, repeated, interrupted, and put together from both."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from core.classification import classifier
from core.classification.head import train_head
from core.errors import Cancelled
from core.language_model.tokens import Tokens
from core.language_model.weights import load_encoder
from core.progress import Report, silent
from core.settings import ClassifierSettings, Phase
from core.training.fit import FitContext

UNFREEZING = ClassifierSettings(
    batch_size=16, phases=tuple(Phase(unfrozen=layers, epochs=1, rate=1e-2) for layers in (1, 0))
)


def unfrozen(
    tokens: Tokens,
    encoder: Path,
    report: Report = silent,
    checkpoint: Path | None = None,
    settings: ClassifierSettings = UNFREEZING,
) -> tuple[classifier.Weights, list[dict[str, float]]]:
    """Train a classifier by gradual unfreezing: the first label on even rows, the others on odd ones."""
    even = np.arange(len(tokens)) % 2 == 0
    held_out = np.arange(len(tokens)) % 5 == 0
    labels = np.stack([even, ~even, ~even], axis=1)
    reviews = classifier.LabelledTokens(tokens, labels, held_out)
    return classifier.train(reviews, encoder, None, settings, FitContext(1, report, checkpoint))


def test_unfreezing_goes_on_after_a_cut(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    whole, losses = unfrozen(tokens, encoder)

    def stopping(stage: str, done: float, message: str, values: object = None) -> None:
        if done > 0.6:
            raise Cancelled("enough")

    checkpoint = tmp_path / "fit.safetensors"
    with pytest.raises(Cancelled):
        unfrozen(tokens, encoder, stopping, checkpoint)
    again, same = unfrozen(tokens, encoder, checkpoint=checkpoint)
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert losses == same and len(losses) == 2 and set(losses[0]) == {"train", "valid"}


def test_the_same_seed_repeats_it_whatever_others_draw(tokens: Tokens, encoder: Path) -> None:
    def drawing(*reported: object) -> None:
        random.seed()

    first, second = unfrozen(tokens, encoder)[0], unfrozen(tokens, encoder, drawing)[0]
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_it_trains_without_dropout(tokens: Tokens, encoder: Path) -> None:
    assert len(unfrozen(tokens, encoder, settings=UNFREEZING.replace(drop_mult=0))[1]) == 2


def test_a_head_on_its_encoder_is_the_whole_classifier(tokens: Tokens, encoder: Path) -> None:
    features = np.random.default_rng(0).normal(size=(20, 36)).astype(np.float32)
    head = train_head(features, features[:, :3] > 0, ClassifierSettings(), FitContext(0, silent))
    whole = classifier.whole(encoder, head, 3)
    assert all(torch.equal(whole[f"1.layers.{name}"], head[name]) for name in head)
    assert torch.equal(whole["0.module.encoder.weight"], load_encoder(encoder)[0]["encoder.weight"])
