"""The readers of `cold_start.py`: reviews -> vectors, kept in the cache; and reviews with names masked."""

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
"""Changes when the same texts would give other vectors."""


READERS = ("tfidf", "ulmfit", "sentence")


ENCODER = Path(__file__).parents[2] / "core" / "language_model" / "bundled"
"""The encoder that comes with the project: trained on reviews of films that MovieLens 100K does not have."""


ENOUGH = 1000
"""Reviews of films without ratings from which words are learnt; with fewer, from all reviews there are."""


MASK = "someone"
"""Stands for a word that is masked."""


_WORD = re.compile(r"[^\W\d_]+")


_BEGINS = re.compile(r"(?:^|[.!?:;\"“(\n])[\s\"“'(]*$")


def at_hand(reader: str) -> bool:
    """Return whether what a reader needs is here."""
    if reader == "sentence":
        return sentences.installed()
    return reader != "ulmfit" or (ENCODER / "vocab.json").exists()


def read(reader: str, own: list[str], others: list[str], store: Store, report: Report) -> np.ndarray:
    """Return a reader's vector of each of the films' reviews."""
    if reader == "tfidf":
        report("tfidf", 0.0, "counting words")
        return Words.learn(others if len(others) >= ENOUGH else own, SEED).read(own)

    def build(to: Path) -> None:
        if reader == "sentence":
            found = sentences.read_sentences(own, report)
        else:
            # torch takes seconds to import.
            from core.language_model.encoder import Encoder
            from core.language_model.tokenizer import tokenise

            found = Encoder(ENCODER).features(tokenise(own, report, "tokens"), report)
        np.save(to / "vectors.npy", found)

    model = sentences.NAME if reader == "sentence" else store.file_digest(ENCODER / "encoder.safetensors")
    folder = store.artifact(f"vectors-{reader}", VERSION, {"texts": digest_of(own), "model": model}, build)
    vectors: np.ndarray = np.load(folder / "vectors.npy", allow_pickle=False)
    return vectors


def masked_texts(reviews: pd.DataFrame, others: list[str], ratings: Ratings) -> tuple[list[str], list[str]]:
    """Mask names in all texts, and in each film's reviews the words of its title (function words stay).

    A name is a word that, inside sentences, stands more often with a capital than without, over all reviews; of
    that word, what is written with a capital is masked.
    """
    capital, small = Counter[str](), Counter[str]()
    for text in [*reviews.review, *others]:
        for found in _WORD.finditer(text):
            word = found[0]
            if word[0].islower():
                small[word] += 1
            elif len(word) > 1 and not _BEGINS.search(text, max(0, found.start() - 8), found.start()):
                capital[word.lower()] += 1
    names = {word for word, count in capital.items() if count > small[word]}
    titles = dict(zip(ratings.films.film_id, ratings.films.title, strict=True))
    own = [
        _masked(text, names, set(re.findall(r"\w+", titles[film].lower())) - ENGLISH_STOP_WORDS)
        for film, text in zip(reviews.film_id, reviews.review, strict=True)
    ]
    return own, [_masked(text, names, set()) for text in others]


def _masked(text: str, names: set[str], title: set[str]) -> str:
    def instead(found: re.Match[str]) -> str:
        word = found[0].lower()
        return MASK if word in title or (not found[0][0].islower() and word in names) else found[0]

    return re.sub(r"\w+", instead, text)
