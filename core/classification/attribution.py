"""A text + its classifier -> the phrases that moved each label: occlusion, phrase by phrase.

Takes a predictor and a text; returns passages of the text as it was written, so that a page can mark them, each with
what it added to the label. How they are drawn is left to the page.
"""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from core.classification.predictor import REPEATS, Predictor, is_word
from core.language_model.encoder import Trace
from core.language_model.tokens import Tokens

SHOWN = 6
"""Most highlights for a label, and most against it, the strongest."""
PHRASE = 4
"""Most words of a phrase."""
LENGTH_POWER = 0.1
"""A phrase of n words counts as its effect / n to this power, so that a longer one has to add something."""
PARTS = 512
"""Most phrases of a text that are left out in turn; a longer text is cut into pieces instead."""
NEAR = 30
"""Letters behind the next letter or digit of the text within which a token is searched for."""
TAG = re.compile(
    r"<!--(?:.*?-->|.*)|<(script|style)\b(?:.*?</\1\s*>|.*)|(?!<br />)</?[a-z][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""What a browser does not show. <br /> is left to fastai's rules, which make a new line of it."""
CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Invisible characters that are not white space: inside a word they would make another word of it."""
ENTITY = re.compile(r"&#?\w{1,30};")
"""An HTML entity; the tokenizer reads the character that it stands for."""
MARKS = ("xxmaj", "xxup")
"""Markers of the capitals of the next token."""
WRITTEN = re.compile(r"\w|$")
BREAK = re.compile(r"[^\w\s'’&/-]|\n")
"""What stands between two phrases: punctuation, or the end of a line."""


class Part(NamedTuple):
    """Tokens (from `first` up to `after`) and the letters of the text that they come from."""

    first: int
    after: int
    start: int
    end: int


def visible(text: str) -> str:
    """Return the text with blanks in place of HTML tags and control characters, so that all positions stay the same.

    Comments and scripts are blanked with their tags.

    >>> visible("a <i>good</i> film")
    'a    good     film'
    """
    return TAG.sub(lambda match: " " * len(match[0]), CONTROL.sub(" ", text))


def read_with_highlights(
    predictor: Predictor, text: str, tokens: Tokens, trace: Trace, function_words: Collection[str]
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return the logits of a text, whose tokens and trace are given, and the phrases that moved each label most.

    The phrases are rows of factor, start, end, word, effect, fall: a label's strongest first, at most SHOWN for it
    and as many against it. None overlap, none begins or ends with one of the `function_words`, and each holds
    evidence; see `evidence`. `start` and `end` are positions in the text, `word` is the phrase. The effect is by how
    much the logit falls without the phrase, negative for evidence against the label; `fall` is the same of the
    probability.
    """
    ((_, unknown),) = predictor.words(tokens)
    words = tokens.words_of(0)
    parts = [
        part
        for part in phrases_in(text, words, function_words)
        if evidence(words[part.first : part.after], unknown, function_words)
    ]
    logits = predictor.logits_without(trace, [(part.first, part.after) for part in parts])
    probabilities = predictor.as_probabilities(logits)
    effects, falls = logits[0] - logits[1:], probabilities[0] - probabilities[1:]
    lengths = np.array([len(text[part.start : part.end].split()) for part in parts])
    rows = []
    for label, factor in enumerate(predictor.labels):
        for at in _strongest(parts, effects[:, label] / lengths**LENGTH_POWER):
            _, _, start, end = parts[at]
            moved = {"effect": float(effects[at, label]), "fall": float(falls[at, label])}
            rows.append({"factor": factor, "start": start, "end": end, "word": text[start:end]} | moved)
    return logits[0], rows


def _strongest(parts: list[Part], strength: np.ndarray) -> list[int]:
    """Return the places of the strongest parts of either sign, none of which overlap, at most SHOWN of each."""
    chosen: list[int] = []
    left = {1.0: SHOWN, -1.0: SHOWN}
    for at in np.argsort(-np.abs(strength), kind="stable").tolist():
        part, sign = parts[at], float(np.sign(strength[at]))
        if left.get(sign) and all(
            part.end <= parts[other].start or parts[other].end <= part.start for other in chosen
        ):
            chosen.append(at)
            left[sign] -= 1
    return chosen


def phrases_in(text: str, tokens: list[str], function_words: Collection[str]) -> list[Part]:
    """Return the phrases of a text by where they end: at most PHRASE words of one clause, a telling one at each end.

    Where there are more than PARTS of them, the text is cut into pieces that do not overlap.

    >>> tokens = ["xxbos", "the", "lighthouse", "keeper", "of", "it", ".", "a", "ghost"]
    >>> text = "the lighthouse keeper of it. a ghost"
    >>> phrases = phrases_in(text, tokens, {"the", "of", "it", "a"})
    >>> [text[phrase.start : phrase.end] for phrase in phrases]
    ['lighthouse', 'lighthouse keeper', 'keeper', 'ghost']
    """
    words = words_in(text, tokens)
    telling = [
        any(_is_telling(token, function_words) for token in tokens[word.first : word.after]) for word in words
    ]
    breaks = [0]
    breaks += [
        at for at, (one, other) in enumerate(pairwise(words), 1) if BREAK.search(text[one.end : other.start])
    ]
    clauses = [range(*ends) for ends in pairwise([*breaks, len(words)])]
    spans = [
        (first, last)
        for clause in clauses
        for last in clause
        for first in range(max(clause.start, last - PHRASE + 1), last + 1)
        if telling[first] and telling[last]
    ]
    size = PHRASE
    while len(spans) > PARTS:
        pieces = [clause[at : at + size] for clause in clauses for at in range(0, len(clause), size)]
        spans = [(told[0], told[-1]) for piece in pieces if (told := [at for at in piece if telling[at]])]
        # Where clauses are short, longer pieces alone make no fewer of them.
        clauses, size = [range(len(words))], max(2 * size, -(-len(words) // PARTS))
    return [
        Part(words[first].first, words[last].after, words[first].start, words[last].end)
        for first, last in spans
    ]


def evidence(tokens: list[str], unknown: Collection[str], function_words: Collection[str]) -> int:
    """Return how many tokens may be evidence: words that the classifier knows, and no function words.

    >>> evidence(["xxbos", "a", "ghost", "zyzzyva"], ["zyzzyva"], {"a"})
    1
    """
    return sum(_is_telling(token, function_words) and token not in unknown for token in tokens)


def _is_telling(token: str, function_words: Collection[str]) -> bool:
    """Return whether a token is a word that may be evidence: of two letters or more, and no function word."""
    letters = sum(letter.isalpha() for letter in token)
    return is_word(token) and letters > 1 and token not in function_words


def words_in(text: str, tokens: list[str]) -> list[Part]:
    """Return the position of each word of a text, in the tokens with the markers before it, and in the text.

    Tokens that are written as one word are joined ("do" and "n't"). Words that the text does not contain as such,
    for instance with an HTML entity inside, are left out.

    >>> words_in("So GOOD!", ["xxbos", "xxmaj", "so", "xxup", "good", "!"])
    [Part(first=1, after=3, start=0, end=2), Part(first=3, after=5, start=3, end=7)]
    """
    # Letter by letter, since a few become two in lower case.
    lowered = "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in text)
    lowered = ENTITY.sub(lambda match: " " * len(match[0]), lowered)
    parts: list[Part] = []
    at = place = 0
    while place < len(tokens):
        first, times = place, 1
        while tokens[place] in MARKS and place + 1 < len(tokens):
            place += 1
        if tokens[place] in REPEATS and place + 2 < len(tokens) and tokens[place + 1].isdecimal():
            times, place = int(tokens[place + 1]), place + 2
        token = tokens[place]
        place += 1
        if not is_word(token):
            continue
        start = end = -1
        for _ in range(times):
            # What a browser does not show was made blank, and may be long.
            near = WRITTEN.search(lowered, at).start()  # type: ignore[union-attr]
            position = lowered.find(token, at, near + NEAR + len(token))
            if position < 0:
                break
            start = position if start < 0 else start
            at = end = position + len(token)
        if end < 0:
            continue
        before = parts[-1] if parts else None
        if before and (before.after, before.end) == (first, start):
            parts[-1] = before._replace(after=place, end=end)
        else:
            parts.append(Part(first, place, start, end))
    return parts
