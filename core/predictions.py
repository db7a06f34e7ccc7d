"""Classifier + reviews -> probability per review and factor (article, step 11), in batches.

Takes a classifier's folder and tokens, gives an array of probabilities. What counts as predicted is left to
`frequencies`.
"""

from pathlib import Path

import numpy as np
import torch
from fastai.text.all import AWD_LSTM, TensorText, pad_input_chunk
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier
from safetensors.torch import load_file

from core.language_model import Numbers
from core.progress import Report, silent
from core.store import read_json
from core.tokens import tokenise
from core.training import device_name

STAGE = "predictions"
BATCH = 64
"""Reviews that pass the classifier at once."""


class Reader:
    """A trained classifier, ready to read factors from reviews.

    Raises FileNotFoundError where the folder holds no classifier.
    """

    def __init__(self, folder: Path) -> None:
        info = read_json(folder / "info.json")
        vocabulary = read_json(folder / "vocab.json")
        self.labels: list[int] = info["labels"]
        self._numbers = Numbers(vocabulary)
        self._chunk: int = info["sequence_length"]
        self._longest: int = info["max_length"]
        self._model = get_text_classifier(
            AWD_LSTM,
            len(vocabulary),
            len(self.labels),
            seq_len=self._chunk,
            max_len=self._longest,
            config=awd_lstm_clas_config | {key: info[key] for key in ("emb_sz", "n_hid", "n_layers")},
        )
        self._model.load_state_dict(load_file(folder / "classifier.safetensors"))
        self._device = torch.device(device_name())
        self._model.to(self._device).eval()

    def read(self, text: str) -> tuple[np.ndarray, int, list[str]]:
        """Give, for one text, the probability of each label, its number of words, and those not known."""
        tokens = tokenise([text], silent, STAGE)[0]
        numbers = self._numbers(tokens)
        # Neither marks that the tokenizer adds ("xxbos", "xxmaj") nor punctuation are words of the writer's.
        words = [
            (word, number)
            for word, number in zip(tokens, numbers, strict=True)
            if not word.startswith("xx") and any(letter.isalnum() for letter in word)
        ]
        return (
            self.probabilities([tokens], silent)[0],
            len(words),
            [word for word, number in words if number == 0],
        )

    def probabilities(self, tokens: list[list[str]], report: Report) -> np.ndarray:
        """Give probabilities, a row a review and a column a label, in the order of `labels`.

        Reviews of like length share a batch, so little is padded.
        """
        result = np.zeros((len(tokens), len(self.labels)), dtype=np.float32)
        by_length = sorted(range(len(tokens)), key=lambda i: -len(tokens[i]))
        for start in range(0, len(tokens), BATCH):
            rows = by_length[start : start + BATCH]
            # The head sees the last `max_length` words at most; what is far before them is not worth reading.
            texts = [(TensorText(self._numbers(tokens[i][-4 * self._longest :])),) for i in rows]
            padded = torch.stack([sample[0] for sample in pad_input_chunk(texts, seq_len=self._chunk)])
            self._model.reset()
            with torch.inference_mode():
                logits = self._model(torch.as_tensor(padded).to(self._device))[0]
            result[rows] = torch.sigmoid(logits.float()).cpu().numpy()
            report(
                STAGE,
                min(1.0, (start + BATCH) / len(tokens)),
                f"read {start + len(rows):,} of {len(tokens):,} reviews",
            )
        return result
