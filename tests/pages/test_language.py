"""The language of the pages: short sentences, and none of the words that only we would understand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from support.language import MOST_WORDS, long_sentences, sentences, split, words
from support.pages import ROOT, VIEWS, open_page
from support.run_folders import set_verdicts

from core.store import Store

UNCLEAR = re.compile(
    r"so many|so much|rivals?\b|\bplacing\b|-0%|reviews tell\b|\btells? (?:it|them)\b|\btold\b",
    re.IGNORECASE,
)
ODD = re.compile(
    r"reviews? (?:do not )?tells?\b|(?:\bbe|\bnever|\bis|\bwas|\bnot) told\b|\b(?:can|could|where to) be had\b|"
    r"\bholds? zero\b|\bwords of (?:its|their) own\b|\ba row (?:a|each)\b|\brow a (?:film|factor|word)\b|"
    r"\bstands? (?:above|below|beside|high on)\b|\btaken back\b|\bone a film\b|\ba film \(FACTORS\)",
    re.IGNORECASE,
)
"""Idioms that stop a reader."""
TURNED = re.compile(
    r"(?:^\s*|[.!?] )(?:(?:Whether|Of) |(?:How (?:far|many|well) [^.?!,]*|Where [^.?!,]* stands) "
    r"(?:is|was) (?:known|not|$))"
)
"""Openings that put what a sentence is about behind it."""


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=str)
def test_sentences_are_short_and_plain(
    page: str, query: dict[str, str], with_run: Store, finished: Path
) -> None:
    set_verdicts(with_run, "stable", True)
    reviews = " ".join(
        pd.read_parquet(finished / "labelled_reviews.parquet").review.str.split().str.join(" ")
    )
    app = open_page(page, **query)
    assert long_sentences(app, reviews) == []
    said = list(sentences(app))
    assert len(said) > 5 and not [
        sentence for sentence in said if any(refused.search(sentence) for refused in (UNCLEAR, ODD, TURNED))
    ]


def test_a_long_sentence_would_be_found() -> None:
    assert [len(words(part)) for part in split("One two. **Three** four five 0.5!\n\nSix")] == [2, 4, 1]


def test_each_sentence_in_code_is_short() -> None:
    """Messages of errors, warnings, helps and labels too, which few views show."""
    modules = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    assert [
        f"{module.relative_to(ROOT)}, {len(words(sentence))} words: {sentence}"
        for module in modules
        for text in whole_texts_in(module.read_text())
        for sentence in split(text)
        if len(words(sentence)) > MOST_WORDS
    ] == []


def test_a_long_sentence_in_code_would_be_found() -> None:
    code = (
        '"""Of."""\nNAMES = "a the".split()\nraise BadInput(f"{name} is {how or \'bad\'}; " "<b>mend</b> it")'
    )
    assert [*whole_texts_in(code)] == ["X is X; \nmend\n it", "bad"]


def test_each_percent_sign_is_joined_to_its_number() -> None:
    """So that no line, also in a chart, ends between the two; X stands for a value."""
    apart = re.compile(r"[0-9X}] %(?![{}])")
    assert apart.search("X % of all") and apart.search("95 % interval") and not apart.search("X %{y}")
    assert [
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / "app.py", *(ROOT / "core").rglob("*"), *(ROOT / "pages").rglob("*"))
        if path.suffix in (".py", ".html", ".j2")
        for text in (whole_texts_in if path.suffix == ".py" else text_of_template)(path.read_text())
        if apart.search(text)
    ] == []


@pytest.mark.parametrize("folder", ["pages", "core"])
def test_no_sentence_is_turned_round_or_has_an_odd_idiom(folder: str) -> None:
    refused = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html", ".j2")
        for text in (texts_in if path.suffix == ".py" else text_of_template)(path.read_text())
        if TURNED.search(text) or ODD.search(text)
    ]
    assert refused == []


def test_a_turned_sentence_would_be_found() -> None:
    code = '"""Of the module."""\ntext = f"{many} films. Of {many}, 2 are read."\nother = "Whether it is"'
    assert {text for text in texts_in(code) if TURNED.search(text)} == {" films. Of ", "Whether it is"}
    for turned in (
        "How far they repeat was not measured.",
        "It is so. How many remain is known",
        "Where it stands is not ",
    ):
        assert TURNED.search(turned)
    for plain in (
        "How far is it from the truth?",
        "How many films are read is up to you.",
        "Where it is not clear, ask",
    ):
        assert not TURNED.search(plain), plain


@pytest.mark.parametrize(
    "sentence",
    [
        "Reviews of new films do not tell it.",
        "This run did not test if reviews tell it.",
        "The model was never told what was planted.",
        "12 films can be had.",
        "Faint: the interval holds zero.",
        "Factor 1 has words of its own.",
        "Weights: a row a film and factor.",
        "Its score stands above.",
        "Top factors a film (FACTORS)",
    ],
)
def test_an_odd_idiom_would_be_found(sentence: str) -> None:
    assert ODD.search(sentence) or UNCLEAR.search(sentence)


def test_an_odd_idiom_in_a_template_would_be_found() -> None:
    (text,) = text_of_template("{# A remark, a row each. #}\n<p>{{ name }}: reviews\ntell it.</p>")
    assert ODD.findall(text) == ["reviews tell"]


def text_of_template(template: str) -> list[str]:
    """Return the one text of a template, without its remarks."""
    return [" ".join(re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL).split())]


def whole_texts_in(code: str) -> Iterator[str]:
    """Yield the texts in code, each HTML element on a line and X where an f-string takes a value.

    Docstrings are left out, and the lists of words that code splits.
    """
    nodes = list(ast.walk(ast.parse(code)))
    skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    skipped |= {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "split"}
    # An f-string comes before its parts.
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            text = "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
        else:
            continue
        yield re.sub(r"<[^>]*>", "\n", text)


def texts_in(code: str) -> list[str]:
    """Return the texts in code but for its docstrings."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings
    )
    return [node.value for node in constants if isinstance(node.value, str)]
