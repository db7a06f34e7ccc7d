"""The files of an encoder in its folder: weights as safetensors, the vocabulary, and facts about its training."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from core.errors import BadInput
from core.store import read_json

Weights = dict[str, Any]
"""Tensors by fastai's names."""

SHAPE = ("emb_sz", "n_hid", "n_layers")
"""The sizes that decide whether weights fit an AWD_LSTM, by fastai's names."""
EMBEDDING, TIED = "encoder.weight", "encoder_dp.emb.weight"
"""The word vectors of an AWD_LSTM, and the second name that fastai has for the same tensor."""
LEAST_DROPOUT = 1e-9
"""Factor of fastai's dropouts that drops nothing; at 0 its WeightDropout cannot train."""


def save_weights(weights: Weights, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """Write weights as safetensors, each tensor by itself, since AWD_LSTM has some under two names."""
    plain = {name: tensor.detach().cpu().to(dtype).clone().contiguous() for name, tensor in weights.items()}
    # Written by Python rather than by safetensors, since Python's error names a full disk as such.
    path.write_bytes(save(plain))


def save_vocabulary(vocabulary: list[str], folder: Path) -> None:
    """Write vocab.json: the words in the order of their numbers."""
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")


def load_encoder(folder: Path) -> tuple[Weights, list[str], dict[str, Any]]:
    """Return weights (float32), vocabulary and info of an encoder's folder, as `fine_tune` wrote it.

    Raises BadInput where the weights belong to another vocabulary.
    """
    weights = {name: tensor.float() for name, tensor in load_file(folder / "encoder.safetensors").items()}
    weights[TIED] = weights[EMBEDDING]
    vocabulary, info = read_json(folder / "vocab.json"), read_json(folder / "info.json")
    if len(weights[EMBEDDING]) != len(vocabulary) or info["vocabulary"] != len(vocabulary):
        raise BadInput(
            f"the encoder in {folder.name} knows {len(weights[EMBEDDING])} words and its list names "
            f"{len(vocabulary)}; they do not match, so train it again"
        )
    return weights, vocabulary, info
