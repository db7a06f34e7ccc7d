"""An uploaded file of reviews -> its reviews, read by a child process with little memory, not by the server of pages.

A file of some kB can hold GB. The child reads a line of JSON and the file from its standard input.
"""

import io
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from core.child_process import Child, answer_stream, bound_memory, end, write_answer
from core.errors import BadInput, CannotAnswer
from core.inference.texts import reviews_in
from core.store import disk_errors

MOST_LETTERS = 10_000_000
"""Letters of all reviews of a file together, 500 novels."""
LONGEST_SECONDS = 60.0


def uploaded_reviews(name: str, content: bytes, root: Path) -> list[tuple[str, str]]:
    """Return the reviews in an uploaded file, as `reviews_in`; the cache folder `root` holds the file meanwhile.

    Raises BadInput, StorageError, and CannotAnswer where the child fails or takes too long.
    """
    with disk_errors(root), tempfile.TemporaryFile(dir=root) as file:
        file.write(json.dumps({"name": name}).encode() + b"\n")
        file.write(content)
        file.seek(0)
        child = Child("core.inference.uploaded_texts", file)
    try:
        answer = child.answer(LONGEST_SECONDS)
    except TimeoutError as error:
        raise CannotAnswer(
            f"{name} takes longer than {LONGEST_SECONDS:.0f} seconds to read; give a shorter one"
        ) from error
    except EOFError as error:
        raise CannotAnswer(
            f"the process that reads {name} ended, perhaps for want of memory; give a smaller file"
        ) from error
    return [(film, text) for film, text in answer["reviews"]]


def main() -> None:
    """Answer the question on standard input."""
    bound_memory()
    answers = answer_stream()
    name = json.loads(sys.stdin.buffer.readline())["name"]
    content = sys.stdin.buffer.read()

    def read() -> dict[str, Any]:
        reviews = reviews_in(name, lambda: io.BytesIO(content))
        if sum(len(text) for _, text in reviews) > MOST_LETTERS:
            raise BadInput(f"{name} holds more than {MOST_LETTERS:,} letters; give fewer reviews")
        return {"reviews": reviews}

    write_answer(answers, read)


if __name__ == "__main__":
    code = 1
    try:
        main()
        code = 0
    except Exception:  # noqa: BLE001 - the outermost boundary: the server prints it
        traceback.print_exc()
    end(code)
