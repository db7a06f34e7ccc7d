"""Tokens of reviews -> how many reviews of each film hold each word and each phrase of two words.

A review counts once, however often it holds a word. Function words are left out; words of opinion stay, since they
may be what a factor is about. Proper names are marked.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.language_model.tokens import Tokens

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

FEWEST_WITH_TERM = 8
"""Least films whose reviews hold a word."""
MOST_TERMS = 10_000
"""Most words and phrases; those in the most films are taken."""
LENGTHS = range(3, 31)
"""Letters of a word; shorter ones are mostly remains of contractions, longer ones no words."""
MARKERS = frozenset(("xxmaj", "xxup", "xxunk", "xxpad", "xxeos", "xxfld"))
"""Tokens that fastai adds and that stand between no two words."""
CAPITALISED_NOUNS = frozenset(("de", "lb"))
"""Languages in which a capital letter marks no name."""


@dataclass(frozen=True)
class Vocabulary:
    """The words and phrases of films' reviews."""

    terms: list[str]
    """Words, and phrases of two words with a space between."""
    is_name: np.ndarray
    """Of each term, bool: whether it is mostly written with a capital within a sentence."""
    counts: "csc_matrix"
    """Films x terms, float32: reviews of the film that hold the term."""
    films: list[object]
    """Ids of the films, in the order of the rows."""
    reviews: np.ndarray
    """Reviews of each film."""


def vocabulary(tokens: Tokens, films: pd.Series, language: str) -> Vocabulary:
    """Return the words and phrases that stand in reviews of at least FEWEST_WITH_TERM films.

    `films` has the film of each text of `tokens`; `language` (ISO 639-1) is that of the texts.
    """
    rows, film_ids = pd.factorize(films)
    reviews = np.bincount(rows, minlength=len(film_ids))
    candidate, marker, inner = _kinds(tokens.words, language)
    text = np.repeat(np.arange(len(tokens), dtype=np.int32), np.diff(tokens.offsets))
    shown = ~marker[tokens.numbers]
    capital = np.zeros(len(tokens.numbers), dtype=bool)
    if "xxmaj" in tokens.words and language not in CAPITALISED_NOUNS:
        capital[1:] = tokens.numbers[:-1] == tokens.words.index("xxmaj")
    word, text, capital = tokens.numbers[shown], text[shown], capital[shown]
    # Only behind another word of its sentence does a capital mark a name.
    after_word = np.zeros(len(word), dtype=bool)
    after_word[1:] = inner[word[:-1]] & (text[1:] == text[:-1])

    is_word = candidate[word]
    of_words = _Terms(word[is_word], text[is_word], capital[is_word], after_word[is_word])
    counts, kept, is_name = of_words.widespread(rows, len(film_ids))
    terms = [tokens.words[number] for number in kept]

    # A phrase is of two words that are themselves widespread.
    number = np.full(len(tokens.words) + 1, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    first, second = number[word[:-1]], number[word[1:]]
    pair = (first >= 0) & (second >= 0) & (text[:-1] == text[1:])
    codes = first[pair] * max(len(kept), 1) + second[pair]
    of_pairs = _Terms(
        codes, text[:-1][pair], (capital[:-1] & capital[1:])[pair], np.ones(len(codes), dtype=bool)
    )
    pair_counts, pairs, pair_is_name = of_pairs.widespread(rows, len(film_ids))
    terms += [f"{terms[code // len(kept)]} {terms[code % len(kept)]}" for code in pairs]

    from scipy.sparse import hstack

    counts = hstack([counts, pair_counts], format="csc")
    is_name = np.concatenate([is_name, pair_is_name])
    most = np.sort(np.argsort(-np.diff(counts.indptr), kind="stable")[:MOST_TERMS])
    return Vocabulary([terms[k] for k in most], is_name[most], counts[:, most], list(film_ids), reviews)


@dataclass(frozen=True)
class _Terms:
    """Occurrences of terms in texts; a row each."""

    term: np.ndarray
    text: np.ndarray
    capital: np.ndarray
    inner: np.ndarray
    """Whether a capital there would mark a name."""

    def widespread(self, film_of_text: np.ndarray, films: int) -> tuple["csc_matrix", np.ndarray, np.ndarray]:
        """Return, of the terms in enough films: counts (films x terms), the terms, and whether each is a name."""
        # Imported here, since it takes half a second and a run that finds all artifacts does not need it.
        from scipy.sparse import csc_matrix

        distinct, number = np.unique(self.term, return_inverse=True)
        count = len(distinct)
        # A text holds a term once.
        held = np.unique(self.text.astype(np.int64) * max(count, 1) + number)
        film, term = film_of_text[held // max(count, 1)], held % max(count, 1)
        counts = csc_matrix((np.ones(len(held), dtype=np.float32), (film, term)), shape=(films, count))
        inner = np.bincount(number[self.inner], minlength=count)
        capital = np.bincount(number[self.inner & self.capital], minlength=count)
        kept = np.flatnonzero(np.diff(counts.indptr) >= FEWEST_WITH_TERM)
        return counts[:, kept], distinct[kept], (2 * capital > inner)[kept]


def _kinds(words: Sequence[str], language: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of each token whether it is a word to count, a marker, and a word or comma within a sentence."""
    stop = function_words(language)
    candidate = [
        len(w) in LENGTHS and w not in stop and not w.startswith("xx") and of_letters(w) for w in words
    ]
    marker = [w in MARKERS for w in words]
    inner = [w == "," or (of_letters(w) and not w.startswith("xx")) for w in words]
    return np.array(candidate, dtype=bool), np.array(marker, dtype=bool), np.array(inner, dtype=bool)


def of_letters(word: str) -> bool:
    """Return whether a word is of letters alone, with the marks that some scripts write beside them.

    >>> of_letters("दिल"), of_letters("naïve"), of_letters("3d"), of_letters("")
    (True, True, False, False)
    """
    return word.isalpha() or (
        word[:1].isalpha() and all(unicodedata.category(character)[0] in "LM" for character in word)
    )


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the function words of a language (ISO 639-1) by spaCy's lists, the English ones where it has none.

    >>> "because" in function_words("en"), "boring" in function_words("en"), "weil" in function_words("de")
    (True, False, True)
    """
    spacy = find_spec("spacy")
    assert spacy is not None and spacy.origin is not None
    languages = Path(spacy.origin).parent / "lang"
    known = {path.parent.name: path for path in languages.glob("*/stop_words.py")}
    # The list by itself, since all of spaCy takes a second.
    return frozenset(run_path(str(known.get(language, known["en"])))["STOP_WORDS"])
