"""Probabilities of reviews, beside those of fastai one at a time."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from support.random_classifier import RECORD, SCALE, WORDS, RandomClassifier, read_text

from core.classification.predictor import Predictor
from core.language_model.tokenizer import tokenise
from core.progress import silent


def test_probabilities_are_those_of_fastai_one_at_a_time(random_classifier: RandomClassifier) -> None:
    reader = Predictor(random_classifier.folder)
    tokens = tokenise(
        ["The film was good.", "Bad", "", "the story " * 19, "Never again a zyzzyva."], silent, ""
    )
    alone = torch.sigmoid(
        torch.as_tensor(np.array([random_classifier.logits(text) for text in tokens.numbered(WORDS)]))
    ).numpy()
    assert np.abs(reader.probabilities(tokens, silent) - alone).max() < 1e-4
    assert np.ptp(alone, axis=0).min() > 0.01
    assert reader.thresholds == [0.5] * 3


def test_probabilities_are_calibrated_where_the_folder_says_how(
    random_classifier: RandomClassifier, tmp_path: Path
) -> None:
    for path in random_classifier.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    info = json.loads((tmp_path / "info.json").read_text())
    (tmp_path / "info.json").write_text(json.dumps(info | SCALE))
    tokens = tokenise(["The film was good."], silent, "")
    reader = Predictor(tmp_path)
    twice, same, plain = reader.probabilities(tokens, silent)[0]
    logits = reader.read(reader.features(tokens))[0]
    assert twice == pytest.approx(1 / (1 + np.exp(-2 * logits[0])))
    assert same == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert plain == pytest.approx(1 / (1 + np.exp(-logits[2])))
    reading = read_text(reader, RECORD, "The film was good.")
    assert {row["factor"]: row["threshold"] for row in reading["factors"]} == {3: 0.1, 5: 0.9, 8: 0.5}
    assert not next(row["predicted"] for row in reading["factors"] if row["factor"] == 5)


def test_a_missing_classifier_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Predictor(tmp_path)


def test_no_texts_have_no_probabilities(random_classifier: RandomClassifier) -> None:
    assert Predictor(random_classifier.folder).probabilities(tokenise([], silent, ""), silent).shape == (0, 3)
