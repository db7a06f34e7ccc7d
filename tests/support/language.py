"""The sentences of a page, and how long they are."""

import re
from collections.abc import Iterator
from typing import Any

from support.pages import text_of

MOST_WORDS = 20
"""Most words of a sentence on a page."""
SAID = ("title", "subheader", "markdown", "caption", "info", "success", "warning", "error", "text", "alert")


def sentences(app: Any) -> Iterator[str]:
    """Yield the sentences of a page: its texts, labels and helps, also those behind a click."""
    for element in app.main:
        proto = getattr(element, "proto", None)
        texts = [getattr(element, "value", "") if element.type in SAID else ""]
        texts += [getattr(proto, field, "") for field in ("label", "help", "caption")]
        if element.type == "html":
            texts.append(text_of(proto.body))
        for text in texts:
            if isinstance(text, str):
                yield from split(text)


def split(text: str) -> Iterator[str]:
    """Yield the sentences of a text in Markdown, without its signs."""
    text = re.sub(r":[a-z]+-badge\[|:material/\w+:|:gray\[|\*\*|\\", "", text)
    for part in re.split(r"(?<=[.!?])[\s)”\]]+|\n+|\s·\s", text):
        yield part.strip()


def words(sentence: str) -> list[str]:
    return re.findall(r"[^\W_][\w’',.%-]*", sentence)


def long_sentences(app: Any, quoted: str = "") -> list[str]:
    """Return the sentences of a page with more than MOST_WORDS words, but for those in a `quoted` text."""
    return [
        f"{len(words(sentence))} words: {sentence}"
        for sentence in sentences(app)
        if len(words(sentence)) > MOST_WORDS and sentence.rstrip(".") not in quoted
    ]
