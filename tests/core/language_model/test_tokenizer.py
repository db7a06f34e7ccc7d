"""Texts -> tokens: those of fastai, and clear limits for texts that fastai refuses."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.reviews.registry import open_source
from core.language_model import tokenizer
from core.language_model.tokenizer import LONGEST, tokenise
from core.progress import silent
from core.store import Store

NASTY = [
    "",
    " \n\t ",
    "A GOOD film. I saw McDonald's iPod; it's O'Neill's USA, A B c.",
    "Sooooo gooood!!!! aaaa bbb ...... ??!?!!! --- *** ____",
    "no no no. No No No NO NO ha ha ha ha! a a ab a a a a",
    "no\nno\nno no \n no",
    "One.\n\nTwo. \n Three\t\tfour\x0b\x0c\x1c\x85\xa0five\u2028six\u3000seven  eight\r\nnine\n ",
    "\x00\x01\x02 \x7f\x9f \ufeffzero\u200bwidth\u200d \ufffd",
    "x<br />y<br/>z &lt;b&gt;BOLD&lt;/b&gt; &amp;amp; #39;s nbsp;x &#65;&#x42;&#xD83D; &nosuch;",
    '<unk> 1 @.@ 5 @-@ 7 line\\nbreak \\"quoted\\" quot;x #36;5',
    "xxbos xxmaj XXUP xxrep 3 xxfake xxunk",
    "😀😀😀😀 👍🏽 ❤️ 👨‍👩‍👧 :) :-( ;-)) (: <3 movie:) good;) ': ) :( (¬_¬) ¯\\_(ツ)_/¯ story(s): leap''",
    # A special case of spaCy that reaches from one chunk into the next.
    "fun:) ) (brazil): ) he 's a . e.g. : ) movie:) ) ) ''movie'' ' em 'em), (ex: ( o : :o ) '' '",
    "See http://www.a-b.com/c?d=e&f=g#h, www.x.org, me@x.y (or ftp://z). and/or w/o C++ C# \\ / # //",
    "Ça ÉTÉ été ΑΣ ΑΣΑ Σ İstanbul STRASSE straße Фильм ФИЛЬМ 電影很好。映画 فيلم 영화 ภาพยนตร์ e\u0301",
    "3D 10km 5'10\" $1,000.50 1/2 50% 9/10 ½ 8) 8-) 10a.m. 1990s '90s U.S.A. Mr. Mrs. dr. no. vs. i.e. Ph.D.",
    "cannot CANNOT Cannot, cannot. don't DON'T Don'T gonna gotta. wont id im Im, ill. o'clock look-a-like.",
    "▁ a▁b \n▁ \n ▁",
]


def stock(texts: list[str]) -> list[list[str]]:
    """Return what fastai makes of texts."""
    from fastai.text.core import tokenize_df

    return [
        list(words) for words in tokenize_df(pd.DataFrame({"review": texts}), "review", n_workers=0)[0].text
    ]


def ours(texts: list[str]) -> list[list[str]]:
    tokens = tokenise(texts, silent, "")
    return [tokens.words_of(row) for row in range(len(tokens))]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_give_the_tokens_of_fastai(text: str) -> None:
    assert ours([text]) == stock([text])


def test_texts_of_special_cases_give_the_tokens_of_fastai() -> None:
    """Special cases of spaCy, and the marks they are made of, side by side with and without space."""
    special = [*tokenizer._splitter()._spacy.rules, *"()':;-.,oD8 \n", "movie", "Film", "GOOD", "s"]
    rng = np.random.default_rng(0)
    texts = ["".join(special[k] for k in rng.integers(len(special), size=40)) for _ in range(100)]
    texts += [" ".join(special[k] for k in rng.integers(len(special), size=40)) for _ in range(100)]
    assert ours(texts) == stock(texts)


@pytest.mark.slow
def test_real_reviews_give_the_tokens_of_fastai(lmrd_cache: Store) -> None:
    reviews = pd.concat(open_source("lmrd", lmrd_cache, silent).texts(silent), ignore_index=True).review
    texts = reviews.sample(1000, random_state=0).tolist()
    assert ours(texts) == stock(texts)


def test_more_chunks_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    splitter = tokenizer._splitter()
    monkeypatch.setattr(tokenizer, "CACHED_CHUNKS", 3)
    splitter.clear()
    assert ours(["One two. Three FOUR one five"] * 2) == stock(["One two. Three FOUR one five"]) * 2
    assert len(splitter) <= 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # Half a pair alone, and two halves apart that make a face.
        ("a \ud83d b", ["a", "\ufffd", "b"]),
        ("a \ud83d\ude00 b", ["a", "😀", "b"]),
        ("&#" + "9" * 5000 + ";", ["\ufffd"]),
        ("!" * 100_000, ["xxrep", "100000", "!"]),
        ("ab" * LONGEST, ["ab" * (LONGEST // 2)] * 2),
        ("AB" * LONGEST + "a", ["ab" * (LONGEST // 2)] * 2 + ["a"]),
        ("good " * 100_000, ["xxwrep", "100000", "good"]),
    ],
)
def test_what_fastai_refuses_or_takes_hours_for(text: str, words: list[str]) -> None:
    assert ours([text]) == [["xxbos", *words]]


def test_tells_how_far_it_is() -> None:
    reported: list[tuple[str, float]] = []
    tokenise(["a"] * (tokenizer.BATCH + 1), lambda stage, done, *_: reported.append((stage, done)), "words")
    assert reported == [("words", tokenizer.BATCH / (tokenizer.BATCH + 1)), ("words", 1.0)]


def test_importing_loads_neither_torch_nor_spacy() -> None:
    heavy = "{'torch', 'spacy', 'fastai'}"
    code = f"import sys, core.language_model.tokenizer; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3]).returncode == 0
