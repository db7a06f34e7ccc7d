"""A text + its classifier -> the words that moved each label, by leaving each of them out.

Takes an open reader and a text; gives places in the text as it was written, so that a page can mark them, each with
what it added to the label's logit. How they are drawn is left to the page.
"""

import re
from typing import Any, NamedTuple

import numpy as np

from core.classification.predictor import REPEATS, Reader, is_word
from core.language_model.encoder import Trace
from core.language_model.tokens import Tokens

SHOWN = 12
"""Most highlights of a label, the strongest."""
PARTS = 512
"""Most parts of a text that are left out in turn; a longer text's are of several words each."""
NEAR = 30
"""Letters within which a token is looked for from the next one that is written."""
TAG = re.compile(
    r"<!--(?:.*?-->|.*)|<(script|style)\b(?:.*?</\1\s*>|.*)|(?!<br />)</?[a-z][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""What a browser would not show. fastai's own rules make a new line of <br />."""
CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Letters without a shape that are no white space either: they would make another word of the one they stand in."""
ENTITY = re.compile(r"&#?\w{1,30};")
"""A character written by its name; the tokenizer reads what it stands for."""
MARKS = ("xxmaj", "xxup")
"""Tokens that say how the next one was written."""
WRITTEN = re.compile(r"\w|$")


class Part(NamedTuple):
    """Tokens (from `first` up to `after`) and the letters of the text that they come from."""

    first: int
    after: int
    start: int
    end: int


def visible(text: str) -> str:
    """Return the text with blanks in place of HTML tags and control characters, so that every letter keeps its place.

    Comments and scripts go with their tags.

    >>> visible("a <i>good</i> film")
    'a    good     film'
    """
    return TAG.sub(lambda found: " " * len(found[0]), CONTROL.sub(" ", text))


def read_with_highlights(
    reader: Reader, text: str, tokens: Tokens, trace: Trace
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return the logits of a text, whose tokens and trace are given, and the words that moved each label most.

    These are rows of factor, start, end, word, effect; a label's strongest first, at most SHOWN of them. `start`
    and `end` are places in the text; the effect is by how much the logit falls when the word is left out, negative
    for a word that speaks against the label. A text of more than PARTS words is taken in parts of several words.
    """
    parts = parts_of(text, tokens)
    logits = reader.logits_without(trace, [(part.first, part.after) for part in parts])
    effects = logits[0] - logits[1:]
    rows = []
    for factor, own in zip(reader.labels, effects.T, strict=True):
        for strongest in np.argsort(-np.abs(own), kind="stable")[:SHOWN].tolist():
            _, _, start, end = parts[strongest]
            row = {"factor": factor, "start": start, "end": end, "word": text[start:end]}
            rows.append(row | {"effect": float(own[strongest])})
    return logits[0], rows


def parts_of(text: str, tokens: Tokens) -> list[Part]:
    """Return the words of a text, joined to parts of equally many where there are more than PARTS."""
    words = words_in(text, tokens.words_of(0))
    size = -(-len(words) // PARTS) or 1
    runs = [words[at : at + size] for at in range(0, len(words), size)]
    return [Part(run[0].first, run[-1].after, run[0].start, run[-1].end) for run in runs]


def words_in(text: str, tokens: list[str]) -> list[Part]:
    """Return where each word of a text stands, in the tokens, with the marks before it, and in the text.

    Tokens that are written as one word are one ("do" and "n't"). What is not found as it is, such as a word with
    a character written by its name, is left out.

    >>> words_in("So GOOD!", ["xxbos", "xxmaj", "so", "xxup", "good", "!"])
    [Part(first=1, after=3, start=0, end=2), Part(first=3, after=5, start=3, end=7)]
    """
    # Letter by letter, since a few become two when they are made small.
    lowered = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    lowered = ENTITY.sub(lambda found: " " * len(found[0]), lowered)
    found: list[Part] = []
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
            # What is not shown was made blank, and may be long.
            near = WRITTEN.search(lowered, at).start()  # type: ignore[union-attr]
            began = lowered.find(token, at, near + NEAR + len(token))
            if began < 0:
                break
            start = began if start < 0 else start
            at = end = began + len(token)
        if end < 0:
            continue
        before = found[-1] if found else None
        if before and (before.after, before.end) == (first, start):
            found[-1] = before._replace(after=place, end=end)
        else:
            found.append(Part(first, place, start, end))
    return found
