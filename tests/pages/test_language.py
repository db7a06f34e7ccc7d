"""The language of the pages: short sentences, and none of the words that only we would understand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.pages import open_page
from support.run_folders import set_verdicts

from core.store import Store

MOST_WORDS = 20
VIEWS: list[tuple[str, dict[str, str]]] = [
    ("app.py", {}),
    *(("app.py", {"guide": str(step)}) for step in range(1, 7)),
    ("pages/1_Train.py", {}),
    ("pages/1_Train.py", {"part": "Runs"}),
    *(
        ("pages/2_Factors.py", {"view": view})
        for view in ("Factor", "Film", "Map", "Model", "Names and downloads")
    ),
    *(("pages/3_Reviews.py", {"show": show}) for show in ("Coverage", "Read and search")),
    ("pages/4_Predictions.py", {}),
    ("pages/5_Try_a_review.py", {}),
]
UNCLEAR = re.compile(
    r"cannot be told from|is told |told -|so many|so much|rivals?\b|\bplacing\b|-0 %", re.IGNORECASE
)


def sentences(app: Any) -> Iterator[str]:
    """Yield the sentences of a page: its texts, labels and helps, also those behind a click."""
    for element in app.main:
        proto = getattr(element, "proto", None)
        texts = [getattr(element, "value", "") if element.type in SAID else ""]
        texts += [getattr(proto, field, "") for field in ("label", "help", "caption")]
        for text in texts:
            if isinstance(text, str):
                yield from split(text)


SAID = ("title", "subheader", "markdown", "caption", "info", "success", "warning", "error", "text", "alert")


def split(text: str) -> Iterator[str]:
    """Yield the sentences of a text in Markdown, without its signs."""
    text = re.sub(r":[a-z]+-badge\[|:material/\w+:|:gray\[|\*\*|\\", "", text)
    for part in re.split(r"(?<=[.!?])[\s)”\]]+|\n+|\s·\s", text):
        yield part.strip()


def words(sentence: str) -> list[str]:
    return re.findall(r"[^\W_][\w’',.%-]*", sentence)


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=str)
def test_sentences_are_short_and_plain(
    page: str, query: dict[str, str], with_run: Store, finished: Path
) -> None:
    set_verdicts(with_run, "stable", True)
    reviews = " ".join(
        pd.read_parquet(finished / "labelled_reviews.parquet").review.str.split().str.join(" ")
    )
    said = [
        sentence for sentence in sentences(open_page(page, **query)) if sentence.rstrip(".") not in reviews
    ]
    long = [sentence for sentence in said if len(words(sentence)) > MOST_WORDS]
    assert len(said) > 5 and not long, "\n".join(f"{len(words(s))}: {s}" for s in long)
    assert not [sentence for sentence in said if UNCLEAR.search(sentence)]


def test_a_long_sentence_would_be_found() -> None:
    assert [len(words(part)) for part in split("One two. **Three** four five 0.5!\n\nSix")] == [2, 4, 1]
