"""A run's folder -> the run, open for reading; texts -> the same texts as its encoder read them, each once.

What a classifier predicts from that is left to `predict`, where a film of these texts stands to `film`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import BadInput
from core.formatting import beginning
from core.meaning.vocabulary import function_words
from core.progress import silent
from core.results.run_record import RunRecord, Unmeasured

if TYPE_CHECKING:
    from core.classification.predictor import Predictor
    from core.language_model.encoder import Trace
    from core.language_model.tokens import Tokens

LONGEST = 50_000
"""Most characters of a text that are read; the rest is left out, so that one paste cannot take all memory."""
NO_WORDS = "there are no words in the text; write or paste a review"


@dataclass(frozen=True)
class OpenRun:
    """A finished run whose classifier is open."""

    folder: Path
    record: RunRecord
    reader: "Predictor"


@dataclass(frozen=True)
class EncodedTexts:
    """Texts that were tokenised and encoded, those without words apart; rows count from 0."""

    texts: list[str]
    """As they were given."""
    visible: list[str]
    """Their beginnings, without HTML tags; highlights have their places in these."""
    tokens: "Tokens"
    words: list[tuple[int, list[str]]]
    """Of each text: how many words it has, and those that the classifier does not know."""
    rows: list[int]
    """The texts that have words."""
    features: np.ndarray
    """What the encoder makes of these, a row each."""
    trace: "Trace | None"
    """How the only text that has words was read; None where several have, which are read side by side."""

    def is_cut(self, row: int) -> bool:
        """Return whether the text was longer than LONGEST."""
        return len(self.texts[row]) > LONGEST


def open_reader(folder: Path) -> "Predictor":
    """Return the reader of a run's folder; BadInput where its classifier is not there or damaged."""
    # Here, since it loads torch: pages import the limits above and must stay small.
    from safetensors import SafetensorError

    from core.classification.predictor import Predictor

    try:
        # Several texts are read at once to a millionth as each alone, so that they are told the same.
        return Predictor(folder / "classifier", precision="float32-slots")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BadInput(
            f"the classifier in {folder} is missing or damaged ({type(error).__name__}); run the chain again"
        ) from error


def encode(reader: "Predictor", texts: list[str]) -> EncodedTexts:
    """Return the texts as the reader's encoder read them. Raises BadInput where no text has words."""
    # Here, since they load torch.
    from core.classification.attribution import visible
    from core.language_model.tokenizer import tokenise

    cleaned = [visible(beginning(text, LONGEST)) for text in texts]
    tokens = tokenise(cleaned, silent, "predictions")
    words = reader.words(tokens)
    rows = [row for row, (count, _) in enumerate(words) if count]
    if not rows:
        raise BadInput(NO_WORDS)
    trace = reader.trace(tokens.take(rows)) if len(rows) == 1 else None
    features = reader.features(tokens.take(rows)) if trace is None else trace.features
    return EncodedTexts(texts, cleaned, tokens, words, rows, features, trace)


def words_of_no_content(record: RunRecord) -> frozenset[str]:
    """Return the function words of the language of the run's reviews; English ones where it is not known."""
    return function_words("en" if isinstance(record.words, Unmeasured) else record.words.language)
