"""Texts -> tokens, by fastai's rules: cased words are lowered and marked, repeats are folded.

Takes texts, gives lists of words. Numbers for words are the language model's business.
"""

from collections.abc import Iterable

from fastai.text.core import TokenizeWithRules, WordTokenizer, defaults

from core.progress import Report

BATCH = 64
"""Reviews that are tokenised between two reports."""


def tokenise(texts: Iterable[str], report: Report, stage: str) -> list[list[str]]:
    """Give the tokens of each text, first the marker of a beginning ("xxbos").

    >>> from core.progress import silent
    >>> tokenise(["A GOOD film."], silent, "")
    [['xxbos', 'a', 'xxup', 'good', 'film', '.']]
    """
    texts = list(texts)
    tokens: list[list[str]] = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        tokens += [list(t) for t in _tokenizer()(batch)]
        report(stage, len(tokens) / len(texts), f"split {len(tokens):,} of {len(texts):,} reviews into words")
    return tokens


_made: list[TokenizeWithRules] = []


def _tokenizer() -> TokenizeWithRules:
    """Make fastai's default tokenizer, once a process: spaCy's English rules take a second to load."""
    if not _made:
        _made.append(TokenizeWithRules(WordTokenizer(), rules=defaults.text_proc_rules))
    return _made[0]
