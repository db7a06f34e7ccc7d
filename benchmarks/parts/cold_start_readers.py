"""The readers of `cold_start.py`: reviews -> vectors, which are cached; and masking of names."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from core.classification.readers import sentence_vectors as sentences
from core.cold_start import Words
from core.data.ratings.dataset import Ratings
from core.progress import Report
from core.store import Store, digest_of
from parts.cold_start_folds import SEED

VERSION = "1"
"""To be changed when the same texts would give other vectors."""


READERS = ("tfidf", "ulmfit", "sentence")


ENCODER = Path(__file__).parents[2] / "core" / "language_model" / "bundled"
"""The bundled encoder, which was trained on reviews of films that are not in MovieLens 100K."""


ENOUGH = 1000
"""Least reviews of unrated films for words to be learnt from these alone; else from all reviews."""


MASK = "someone"
"""Replaces a masked word."""


_WORD = re.compile(r"[^\W\d_]+")


_BEGINS = re.compile(r"(?:^|[.!?:;\"“(\n])[\s\"“'(]*$")


def at_hand(reader: str) -> bool:
    """Return whether the library or files that a reader needs are available."""
    if reader == "sentence":
        return sentences.installed()
    return reader != "ulmfit" or (ENCODER / "vocab.json").exists()


def read(reader: str, texts: list[str], others: list[str], store: Store, report: Report) -> np.ndarray:
    """Return a reader's vectors of the texts: texts x dimensions. `others` serve to learn words."""
    if reader == "tfidf":
        report("tfidf", 0.0, "counting words")
        return Words.learn(others if len(others) >= ENOUGH else texts, SEED).read(texts)

    def build(to: Path) -> None:
        if reader == "sentence":
            vectors = sentences.read_sentences(texts, report)
        else:
            # Imported here, since torch takes seconds to import.
            from core.language_model.encoder import Encoder
            from core.language_model.tokenizer import tokenise

            vectors = Encoder(ENCODER).features(tokenise(texts, report, "tokens"), report)
        np.save(to / "vectors.npy", vectors)

    model = sentences.NAME if reader == "sentence" else store.file_digest(ENCODER / "encoder.safetensors")
    folder = store.artifact(f"vectors-{reader}", VERSION, {"texts": digest_of(texts), "model": model}, build)
    vectors: np.ndarray = np.load(folder / "vectors.npy", allow_pickle=False)
    return vectors


def masked_texts(reviews: pd.DataFrame, others: list[str], ratings: Ratings) -> tuple[list[str], list[str]]:
    """Return both lists of texts with names masked, and in each film's reviews also the words of its title.

    A name is a word that, inside sentences of all reviews, is more often capitalised than not; only its
    capitalised occurrences are masked. Stop words in titles are not masked.
    """
    capital, small = Counter[str](), Counter[str]()
    for text in [*reviews.review, *others]:
        for match in _WORD.finditer(text):
            word = match[0]
            if word[0].islower():
                small[word] += 1
            elif len(word) > 1 and not _BEGINS.search(text, max(0, match.start() - 8), match.start()):
                capital[word.lower()] += 1
    names = {word for word, count in capital.items() if count > small[word]}
    titles = dict(zip(ratings.films.film_id, ratings.films.title, strict=True))
    masked = [
        _masked(text, names, set(re.findall(r"\w+", titles[film].lower())) - ENGLISH_STOP_WORDS)
        for film, text in zip(reviews.film_id, reviews.review, strict=True)
    ]
    return masked, [_masked(text, names, set()) for text in others]


def _masked(text: str, names: set[str], title: set[str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        word = match[0].lower()
        return MASK if word in title or (not match[0][0].islower() and word in names) else match[0]

    return re.sub(r"\w+", replacement, text)
