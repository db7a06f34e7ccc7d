"""A text + its classifier -> the words that moved each label: occlusion, word by word.

Takes a predictor and a text; returns places in the text as it was written, so that a page can mark them, each with
what it added to the label's logit. How they are drawn is left to the page.
"""

import re
from typing import Any, NamedTuple

import numpy as np

from core.classification.predictor import REPEATS, Predictor, is_word
from core.language_model.encoder import Trace
from core.language_model.tokens import Tokens

SHOWN = 12
"""Most highlights of a label, the strongest."""
PARTS = 512
"""Most parts of a text that are left out in turn; in a longer text a part is several words."""
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
    predictor: Predictor, text: str, tokens: Tokens, trace: Trace
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return the logits of a text, whose tokens and trace are given, and the words that moved each label most.

    The words are rows of factor, start, end, word, effect, a label's strongest first, at most SHOWN of them. `start`
    and `end` are positions in the text; the effect is by how much the logit falls when the word is left out, negative
    for a word that is evidence against the label. Of a text of more than PARTS words, parts of several are left out.
    """
    parts = parts_of(text, tokens)
    logits = predictor.logits_without(trace, [(part.first, part.after) for part in parts])
    effects = logits[0] - logits[1:]
    rows = []
    for factor, of_label in zip(predictor.labels, effects.T, strict=True):
        for strongest in np.argsort(-np.abs(of_label), kind="stable")[:SHOWN].tolist():
            _, _, start, end = parts[strongest]
            row = {"factor": factor, "start": start, "end": end, "word": text[start:end]}
            rows.append(row | {"effect": float(of_label[strongest])})
    return logits[0], rows


def parts_of(text: str, tokens: Tokens) -> list[Part]:
    """Return the words of a text, joined into parts of equally many words where there are more than PARTS."""
    words = words_in(text, tokens.words_of(0))
    size = -(-len(words) // PARTS) or 1
    groups = [words[start : start + size] for start in range(0, len(words), size)]
    return [Part(group[0].first, group[-1].after, group[0].start, group[-1].end) for group in groups]


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
