"""Texts -> tokens, by fastai's rules: words with capitals are lower-cased behind a marker, repetitions are folded.

The tokens are those of fastai's `tokenize_df`, made many times as fast: words are remembered chunk by chunk, and
spaCy is asked only for chunks not seen before. Importing this module loads neither torch nor spaCy.
"""

import re
from array import array
from collections.abc import Iterable
from functools import cache
from itertools import chain, islice
from operator import eq
from sys import intern
from typing import Any

import numpy as np

from core.language_model.tokenizer_processes import split_in_order
from core.language_model.tokens import Tokens
from core.progress import Report
from core.training.processor import workers

BATCH = 256
"""Reviews that are tokenised between two reports."""
TEXTS_FOR_PROCESSES = 20_000
"""Texts from which other processes help: each takes three seconds to start."""
MOST_PROCESSES = 8
"""Most processes, since each takes some 0.4 GB; so many split 20,000 reviews a second."""
CACHED_CHUNKS, CACHED_LENGTH = 200_000, 30
"""Most chunks whose words are remembered, and the most letters of one."""
LONGEST = 500
"""Letters after which a chunk is cut, unlike in fastai: spaCy's time grows with their square."""


def tokenise(texts: Iterable[str], report: Report, stage: str, count: int | None = None) -> Tokens:
    """Return the tokens of each text behind the marker of its beginning ("xxbos"), as fastai's `tokenize_df` does.

    `count` is the number of texts; without it all of them are held in memory at once.

    >>> from core.progress import silent
    >>> tokenise(["A GOOD film."], silent, "").words_of(0)
    ['xxbos', 'a', 'xxup', 'good', 'film', '.']
    """
    if count is None:
        texts = list(texts)
        count = len(texts)
    remaining = iter(texts)
    batches = iter(lambda: list(islice(remaining, BATCH)), [])
    children = min(workers(), MOST_PROCESSES) - 1 if count >= TEXTS_FOR_PROCESSES else 0
    numbers, offsets, words = array("i"), array("q", [0]), list[str]()
    for batch in split_in_order(batches, children):
        offsets.extend(len(numbers) + end for end in batch.ends)
        numbers.frombytes(batch.numbers.tobytes())
        words += batch.new
        done = len(offsets) - 1
        report(stage, done / count, f"split {done:,} of {count:,} reviews into words")
    return Tokens(np.asarray(numbers, dtype=np.int32), np.asarray(offsets, dtype=np.int64), words)


def words_of(text: str) -> Iterable[str]:
    """Return the words of a text."""
    return _splitter().words(text)


class _Splitter(dict[str, tuple[str, ...] | None]):
    """fastai's tokenizer, as a cache of the words of each chunk; a chunk is what stands between two spaces.

    spaCy splits each chunk by itself, and in a second pass joins words that make a special case, such as ":" and
    ")". The second pass may find a special case across two chunks, and then leaves those within either alone. So
    the words of a chunk are None where the second pass changed them: there they depend on the neighbouring chunks.
    """

    def __init__(self) -> None:
        super().__init__()
        # Not at the top: spaCy and fastai take seconds, and most importers of this module never tokenise.
        from fastai.text.core import WordTokenizer

        self._spacy = WordTokenizer().pipe.__self__.tokenizer
        # Only the letters of a word are used, so its lexical attributes need not be computed.
        self._spacy.vocab.lex_attr_getters = {}
        ready = False

        def once_ready(search: Any, no_match: Any) -> Any:
            return lambda text: search(text) if ready else no_match

        # spaCy's second pass knows only special cases that contained an affix when they were added. Here none does.
        self._first_pass = type(self._spacy)(
            self._spacy.vocab,
            self._spacy.rules,
            once_ready(self._spacy.prefix_search, None),
            once_ready(self._spacy.suffix_search, None),
            once_ready(self._spacy.infix_finditer, ()),
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
        of_chunks = [self[chunk] for chunk in _WHITE.sub(_apart, text).split(" ")]
        if None not in of_chunks:
            return chain.from_iterable(filter(None, of_chunks))
        return _words(self._spacy(_CHUNK.sub(lambda match: _lowered(match[0]), text)))

    def __missing__(self, chunk: str) -> tuple[str, ...] | None:
        words = self._split(chunk)
        if len(chunk) <= CACHED_LENGTH:
            if len(self) >= CACHED_CHUNKS:
                # Common chunks are soon cached again.
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
        # Where no word belongs to a special case, the second pass changed nothing, so the first need not be run.
        if self._special.isdisjoint(words) or words == _words(self._first_pass(chunk)):
            return words
        return None


@cache
def _splitter() -> _Splitter:
    """Return the tokenizer, made once a process: loading spaCy's English rules takes seconds."""
    return _Splitter()


def _spaced(text: str) -> str:
    """Return a text after the rules of fastai that span several chunks, each applied where it can change anything."""
    # Not at the top: see `_Splitter`.
    from fastai.text.core import fix_html, replace_rep, replace_wrep, rm_useless_spaces, spec_add_spaces

    # spaCy refuses halves of surrogate pairs: two are joined, a single one becomes the replacement character.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    # Python refuses to parse a number this long. It is no code point, and neither is the one put in its place.
    text = fix_html(_ENDLESS.sub(r"\1#1114112", text))
    if _TRIPLE.search(text):
        text = replace_rep(text)
    words = text.split()
    if any(map(eq, words, words[1:])):
        text = replace_wrep(text)
    text = rm_useless_spaces(spec_add_spaces(text)).strip()
    return f"xxbos {text}".rstrip()


def _lowered(chunk: str) -> str:
    """Return a chunk in lower case, behind fastai's marker of its capitals; one over LONGEST letters in pieces.

    >>> _lowered("Film,"), _lowered("GOOD"), _lowered("A"), _lowered("iPod")
    ('xxmaj film,', 'xxup good', 'a', 'ipod')
    """
    marker = ""
    if len(chunk) > 1 and "A" <= chunk[0] <= "Z":
        if not _LOWER.search(chunk):
            marker = "xxup "
        elif not _UPPER.search(chunk, 1):
            marker = "xxmaj "
    chunk = chunk.lower()
    return marker + " ".join(chunk[at : at + LONGEST] for at in range(0, len(chunk), LONGEST))


def _words(doc: Any) -> tuple[str, ...]:
    """Return the words of a spaCy document, interned, with spaces inside a word marked as fastai does."""
    return tuple(intern(token.text.replace(" ", "▁")) for token in doc)


def _apart(white: re.Match[str]) -> str:
    """Return white space that is a word itself as a chunk of its own."""
    return f" {white[0].replace(' ', '▁')} "


_CHUNK = re.compile(r"\S+")
_WHITE = re.compile(r"[^\S ]\s*")
"""White space that is a word itself, such as a line break; the single space after a word is none."""
_PLAIN = re.compile(r"([a-z]+)([,.!?;:)]?)")
"""Chunks that spaCy splits just like this unless they are a special case; two of three new chunks match."""
_TRIPLE = re.compile(r"(.)\1\1")
_ENDLESS = re.compile(r"(&|amp;)#[0-9]{4301,}")
_LOWER, _UPPER = re.compile("[a-z]"), re.compile("[A-Z]")
