"""An uploaded file of reviews -> its reviews, read by a child process with little memory, not by the server of pages.

A file of some kB can hold GB.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.child_process import FileQuestion, answer_about_file, ask_about_file
from core.errors import BadInput
from core.inference.texts import reviews_in
from core.store import disk_errors

MOST_LETTERS = 10_000_000
"""Letters of all reviews of a file together, 500 novels."""


def uploaded_reviews(name: str, content: bytes, root: Path) -> list[tuple[str, str]]:
    """Return the reviews in an uploaded file, as `reviews_in`; the cache folder `root` holds the file meanwhile.

    Raises BadInput, StorageError, and CannotAnswer where the child fails or takes too long.
    """
    question = FileQuestion("core.inference.uploaded_texts", name, len(content), {"name": name}, content)
    with disk_errors(root):
        answer = ask_about_file(question, root)
    return [(film, text) for film, text in answer["reviews"]]


def _answer(question: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    name = question["name"]
    reviews = reviews_in(name, lambda: io.BytesIO(content))
    if sum(len(text) for _, text in reviews) > MOST_LETTERS:
        raise BadInput(f"{name} holds more than {MOST_LETTERS:,} letters; give fewer reviews")
    return {"reviews": reviews}


if __name__ == "__main__":
    answer_about_file(_answer)
