"""fastai's language model of WikiText-103: an archive -> weights for another vocabulary (article, step 1).

The archive holds a list of words as a pickle and the weights as torch wrote them. Neither is unpickled: the words
are read from the opcodes of the pickle, which are never executed, and torch loads plain tensors only.
"""

import io
import pickletools
import tarfile
from pathlib import Path
from pickle import UnpicklingError  # what torch raises for anything but plain tensors
from typing import Any

import torch
from fastai.text.learner import clean_raw_keys, load_ignore_keys, match_embeds

from core.errors import BadInput

PLAIN_LIST = {
    *("PROTO", "FRAME", "EMPTY_LIST", "LIST", "MARK", "APPEND", "APPENDS", "MEMOIZE", "STOP"),
    *("PUT", "BINPUT", "LONG_BINPUT", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
"""Opcodes of a pickle that is a list of words and nothing else."""


def load_pretrained(model: torch.nn.Module, vocabulary: list[str], archive: Path) -> None:
    """Put the archive's weights into a language model of the same shape, word by word by its vocabulary.

    Words that are not in the archive get the mean vector of all its words. Raises BadInput where the archive holds
    no language model.
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                if file is not None:
                    files[Path(entry.name).suffix] = file.read()
        words = plain_words(files[".pkl"])
        weights: dict[str, Any] = torch.load(io.BytesIO(files[".pth"]), map_location="cpu", weights_only=True)
        # Weights that were saved together with an optimiser are nested one level deeper.
        load_ignore_keys(model, clean_raw_keys(match_words(weights.get("model", weights), words, vocabulary)))
    except (KeyError, ValueError, RuntimeError, EOFError, tarfile.TarError, UnpicklingError) as error:
        raise BadInput(
            f"{archive.name} does not hold the weights and words of a language model ({type(error).__name__}); "
            "delete it, and it is fetched again"
        ) from error


def match_words(weights: dict[str, Any], words: list[str], vocabulary: list[str]) -> dict[str, Any]:
    """Return a language model's weights for another vocabulary; new words get the mean vector of all old ones."""
    matched: dict[str, Any] = match_embeds(weights, words, vocabulary)
    return matched


def plain_words(pickled: bytes) -> list[str]:
    """Return the words of a pickled list without unpickling it. Raises ValueError for any other pickle.

    >>> plain_words(b"(lVgood\\naVfilm\\na.")
    ['good', 'film']
    """
    words = []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name not in PLAIN_LIST:
            raise ValueError(f"the list of words holds the instruction {opcode.name}")
        if "UNICODE" in opcode.name:
            words.append(str(argument))
    return words
