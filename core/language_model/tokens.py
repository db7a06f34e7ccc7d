"""Texts -> tokens, by fastai's rules: cased words are lowered and marked, repeats are folded.

Takes texts, gives their words as compact arrays. Numbers in a model's vocabulary are the language model's
business.
"""

import json
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from operator import eq
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np

from core.progress import Report
from core.store import read_json

BATCH = 256
"""Reviews that are tokenised between two reports."""
KNOWN, SHORT = 200_000, 30
"""Most chunks whose words are kept, and the most letters of one."""
LONGEST = 500
"""Letters of a chunk after which it is cut, unlike in fastai: spaCy's time grows with their square."""
PADDING = "xxfake"
"""Word with which fastai fills a vocabulary up; no text's word is it."""


@dataclass(frozen=True)
class Tokens:
    """The words of many texts, as compact arrays.

    >>> tokens = Tokens(np.array([0, 1, 0, 2]), np.array([0, 2, 4]), ["xxbos", "good", "bad"])
    >>> tokens.words_of(1)
    ['xxbos', 'bad']
    """

    numbers: np.ndarray
    """Of all texts one after another (int32): position in `words`."""
    offsets: np.ndarray
    """One more than there are texts (int64): text i is numbers[offsets[i] : offsets[i + 1]]."""
    words: list[str]
    """Distinct words."""

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    def words_of(self, row: int) -> list[str]:
        """Return the words of one text."""
        return [self.words[number] for number in self.numbers[self.offsets[row] : self.offsets[row + 1]]]

    def take(self, rows: Sequence[int] | np.ndarray) -> "Tokens":
        """Return the texts of these rows, in this order; `words` stays as it is."""
        rows = np.asarray(rows, dtype=np.int64)
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        # Each word's place: where its text begins in the old array, and how far it is into its text.
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Tokens(self.numbers[places], offsets, self.words)

    def numbered(self, vocabulary: Sequence[str]) -> list[np.ndarray]:
        """Return each text as numbers in another vocabulary (int64); 0 is the word that is not known there."""
        table = numbers_of(self.words, vocabulary)
        return np.split(table[self.numbers], self.offsets[1:-1]) if len(self) else []

    def save(self, folder: Path) -> None:
        """Write numbers.npy, offsets.npy and words.json."""
        np.save(folder / "numbers.npy", self.numbers)
        np.save(folder / "offsets.npy", self.offsets)
        # Escaped, since half a surrogate pair, which a text may hold, has no form in UTF-8.
        (folder / "words.json").write_text(json.dumps(self.words), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tokens":
        """Read what `save` wrote."""
        numbers, offsets = (
            np.load(folder / name, allow_pickle=False) for name in ("numbers.npy", "offsets.npy")
        )
        return cls(numbers, offsets, read_json(folder / "words.json"))


def numbers_of(words: Sequence[str], vocabulary: Sequence[str]) -> np.ndarray:
    """Return each word's number in a vocabulary (int64), 0 where it is not known there.

    >>> numbers_of(["good", "zyzzyva"], ["xxunk", "good"])
    array([1, 0])
    """
    known = {word: number for number, word in enumerate(vocabulary) if word != PADDING}
    return np.array([known.get(word, 0) for word in words], dtype=np.int64)


def tokenise(texts: Iterable[str], report: Report, stage: str, many: int | None = None) -> Tokens:
    """Return the words of each text, first the marker of a beginning ("xxbos"), as fastai's `tokenize_df` does.

    `many` is how many there are; without it all of them are held at once.

    >>> from core.progress import silent
    >>> tokenise(["A GOOD film."], silent, "").words_of(0)
    ['xxbos', 'a', 'xxup', 'good', 'film', '.']
    """
    if many is None:
        texts = list(texts)
        many = len(texts)
    left = iter(texts)
    # A word that is new gets the next number.
    number_of: defaultdict[str, int] = defaultdict(lambda: len(number_of))
    numbers, offsets = array("i"), array("q", [0])
    while batch := list(islice(left, BATCH)):
        for text in batch:
            numbers.extend(map(number_of.__getitem__, _splitter().words(text)))
            offsets.append(len(numbers))
        done = len(offsets) - 1
        report(stage, done / many, f"split {done:,} of {many:,} reviews into words")
    return Tokens(np.asarray(numbers, dtype=np.int32), np.asarray(offsets, dtype=np.int64), list(number_of))


class _Splitter(dict[str, tuple[str, ...] | None]):
    """fastai's tokenizer, which remembers the words of each chunk: what lies between two spaces.

    spaCy splits each chunk by itself, and then joins words that make a special case, such as ":" and ")". That
    second pass may see a special case in two chunks at once, and then leaves those in each alone. So the words
    of a chunk are None where the second pass changed them: there they depend on the chunks beside it.
    """

    def __init__(self) -> None:
        super().__init__()
        from fastai.text.core import WordTokenizer

        self._spacy = WordTokenizer().pipe.__self__.tokenizer
        # Of a word nothing but its letters is asked, so none of its traits need be worked out.
        self._spacy.vocab.lex_attr_getters = {}
        ready = False

        def later(search: Any, nothing: Any) -> Any:
            return lambda text: search(text) if ready else nothing

        # spaCy's second pass has only the special cases that hold an affix when they are added. Here none does.
        self._first_pass = type(self._spacy)(
            self._spacy.vocab,
            self._spacy.rules,
            later(self._spacy.prefix_search, None),
            later(self._spacy.suffix_search, None),
            later(self._spacy.infix_finditer, ()),
            self._spacy.token_match,
            self._spacy.url_match,
        )
        ready = True
        self._rules = set(self._spacy.rules)
        self._special = {
            word for parts in self._spacy.rules.values() for part in parts for word in part.values()
        }

    def words(self, text: str) -> Iterable[str]:
        """Return the words of a text."""
        text = _spaced(text)
        known = [self[chunk] for chunk in _WHITE.sub(_apart, text).split(" ")]
        if None not in known:
            return chain.from_iterable(filter(None, known))
        return _words(self._spacy(_CHUNK.sub(lambda found: _lowered(found[0]), text)))

    def __missing__(self, chunk: str) -> tuple[str, ...] | None:
        words = self._split(chunk)
        if len(chunk) <= SHORT:
            if len(self) >= KNOWN:
                # What is common is soon known again.
                self.clear()
            self[chunk] = words
        return words

    def _split(self, chunk: str) -> tuple[str, ...] | None:
        if chunk[:1].isspace():
            return (chunk,)
        lowered = _lowered(chunk)
        if lowered != chunk:
            parts = [self[part] for part in lowered.split(" ")]
            return None if None in parts else tuple(chain.from_iterable(filter(None, parts)))
        plain = _PLAIN.fullmatch(chunk)
        if plain and self._rules.isdisjoint((chunk, plain[1])):
            return tuple(intern(word) for word in plain.groups() if word)
        words = _words(self._spacy(chunk))
        # Where no word comes from a special case, the second pass did nothing, and the first need not be seen.
        if self._special.isdisjoint(words) or words == _words(self._first_pass(chunk)):
            return words
        return None


@cache
def _splitter() -> _Splitter:
    """Make the tokenizer once a process: loading spaCy's English rules takes seconds."""
    return _Splitter()


def _spaced(text: str) -> str:
    """Return a text after the rules of fastai that look at more than a chunk, each where it can change anything."""
    from fastai.text.core import fix_html, replace_rep, replace_wrep, rm_useless_spaces, spec_add_spaces

    # Halves of surrogate pairs, which spaCy refuses: joined, or else marked as unreadable.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    # Python refuses to read a number this long; no character has it, nor the one put in its place.
    text = fix_html(_ENDLESS.sub(r"\1#1114112", text))
    if _TRIPLE.search(text):
        text = replace_rep(text)
    words = text.split()
    if any(map(eq, words, words[1:])):
        text = replace_wrep(text)
    text = rm_useless_spaces(spec_add_spaces(text)).strip()
    return f"xxbos {text}".rstrip()


def _lowered(chunk: str) -> str:
    """Return a chunk in small letters, behind fastai's mark of what it was; what is too long, in pieces.

    >>> _lowered("Film,"), _lowered("GOOD"), _lowered("A"), _lowered("iPod")
    ('xxmaj film,', 'xxup good', 'a', 'ipod')
    """
    mark = ""
    if len(chunk) > 1 and "A" <= chunk[0] <= "Z":
        if not _SMALL.search(chunk):
            mark = "xxup "
        elif not _LARGE.search(chunk, 1):
            mark = "xxmaj "
    chunk = chunk.lower()
    return mark + " ".join(chunk[at : at + LONGEST] for at in range(0, len(chunk), LONGEST))


def _words(doc: Any) -> tuple[str, ...]:
    """Return the words that spaCy found, the same object for the same word, spaces in them marked as fastai does."""
    return tuple(intern(token.text.replace(" ", "▁")) for token in doc)


def _apart(white: re.Match[str]) -> str:
    """Return white space that is a word itself as a chunk."""
    return f" {white[0].replace(' ', '▁')} "


_CHUNK = re.compile(r"\S+")
_WHITE = re.compile(r"[^\S ]\s*")
"""White space that is a word itself, as a break of a line is; the one space that ends a word belongs to none."""
_PLAIN = re.compile(r"([a-z]+)([,.!?;:)]?)")
"""Chunks that spaCy takes apart like this, where they are no special case; two of three new ones are such."""
_TRIPLE = re.compile(r"(.)\1\1")
_ENDLESS = re.compile(r"(&|amp;)#[0-9]{4301,}")
_SMALL, _LARGE = re.compile("[a-z]"), re.compile("[A-Z]")
