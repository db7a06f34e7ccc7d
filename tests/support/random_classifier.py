"""A small fastai classifier with random weights, whose predictions are fast and meaningless."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.text.all import AWD_LSTM
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier, masked_concat_pool
from support.run_records import run_record

from core.classification.predictor import Predictor
from core.data.ratings.synthetic import PLAIN_WORDS
from core.inference.encoding import OpenRun, encode
from core.inference.predict import TextReading, answer
from core.language_model.weights import save_weights

WORDS = ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup", ".", *PLAIN_WORDS]


CHUNK, POOLED = 4, 10
"""Tokens read at a time and pooled, few enough for short texts to exceed them."""


SCALE = {
    "calibration": {"slope": [2.0, 0.0, 1.0], "intercept": [0.0, 1.0, 0.0]},
    "thresholds": [0.1, 0.9, 0.5],
}


@dataclass(frozen=True)
class RandomClassifier:
    """A fastai classifier with random weights, and the folder in which it is stored."""

    model: Any
    folder: Path

    def features(self, numbers: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return masked_concat_pool(*self.model[0](torch.as_tensor(numbers)[None]), CHUNK)[0].numpy()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return self.model(torch.as_tensor(numbers)[None])[0][0].numpy()


def texts(lengths: list[int]) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [np.append(2, rng.integers(3, len(WORDS), length - 1)) for length in lengths]


def random_classifier(folder: Path) -> RandomClassifier:
    """Return a classifier with random weights, written into a folder in the format of a run."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = awd_lstm_clas_config | {"emb_sz": 6, "n_hid": 10, "n_layers": 3}
        model = get_text_classifier(
            AWD_LSTM, len(WORDS), 3, seq_len=CHUNK, max_len=POOLED, config=config
        ).eval()
        # Initial weights are so small that all texts get the same probabilities.
        model.load_state_dict({name: 3 * weights for name, weights in model.state_dict().items()})
    save_weights(model.state_dict(), folder / "classifier.safetensors")
    save_weights(model[0].module.state_dict(), folder / "encoder.safetensors")
    (folder / "vocab.json").write_text(json.dumps(WORDS))
    (folder / "info.json").write_text(
        json.dumps({"labels": [3, 5, 8], "sequence_length": CHUNK, "max_length": POOLED})
    )
    return RandomClassifier(model, folder)


def read_text(reader: Predictor, record: Any, text: str) -> TextReading:
    return answer(OpenRun(Path(), record, reader), encode(reader, [text]))


LABELS: dict[str, Any] = {
    "stability": {"unmeasured": "too few films"},
    "factor_model": {"factors": 9},
    "classifier": {"per_label": [{"factor": k, "base_rate": 0.5} for k in (3, 5, 8)]},
}


RECORD = run_record(**LABELS)
