"""Stock fastai, with which `text_model.py` compares our reader."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from fastai.callback.core import Callback

from core.classification.predictor import Predictor
from core.language_model.precision import Precision
from core.language_model.tokenizer import tokenise
from core.progress import silent

SIZES = {
    "small": ({"emb_sz": 200, "n_hid": 400, "n_layers": 2}, 15_000),
    "full": ({"emb_sz": 400, "n_hid": 1152, "n_layers": 3}, 60_000),
}
"""Sizes of AWD_LSTM, and number of words in the vocabulary."""


LABELS = list("abcdefgh")


class Training(Callback):
    """Callback that measures the seconds of training without validation."""

    def before_train(self) -> None:
        self.began = time.perf_counter()

    def after_train(self) -> None:
        self.seconds = time.perf_counter() - self.began


def stock(size: str, reviews: list[str]) -> tuple[Any, list[str]]:
    """Return fastai's learner and its vocabulary: the words of the reviews, padded to the size."""
    from fastai.text.all import (
        AWD_LSTM,
        ColReader,
        DataBlock,
        MultiCategoryBlock,
        RandomSplitter,
        TextBlock,
        text_classifier_learner,
    )
    from fastai.text.models.awdlstm import awd_lstm_clas_config

    sizes, count = SIZES[size]
    seen = [word for word in tokenise(reviews, silent, "").words if not word.startswith("xx")]
    special = "xxunk xxpad xxbos xxeos xxfld xxrep xxwrep xxup xxmaj".split()
    words = [*special, *seen, *(f"word{i}" for i in range(count))][:count]
    table = pd.DataFrame({"text": reviews[:8], "label": LABELS})
    data = DataBlock(
        blocks=(TextBlock.from_df("text", vocab=words), MultiCategoryBlock(vocab=LABELS)),
        get_x=ColReader("text"),
        get_y=ColReader("label", label_delim=";"),
        splitter=RandomSplitter(seed=0),
    ).dataloaders(table, bs=4, num_workers=0)
    learn = text_classifier_learner(
        data, AWD_LSTM, pretrained=False, n_out=len(LABELS), config=awd_lstm_clas_config | sizes
    )
    # Initial weights are so small that all reviews get the same probabilities.
    learn.model.load_state_dict({name: 2 * weights for name, weights in learn.model.state_dict().items()})
    return learn, words


def ours(learn: Any, words: list[str], precision: Precision) -> Predictor:
    """Return our reader with the weights of fastai's learner."""
    from core.language_model.weights import save_weights

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_weights(learn.model.state_dict(), folder / "classifier.safetensors")
        (folder / "vocab.json").write_text(json.dumps(words), encoding="utf-8")
        info = {"labels": list(range(len(LABELS))), "sequence_length": 72, "max_length": 1440}
        (folder / "info.json").write_text(json.dumps(info))
        return Predictor(folder, precision=precision)
