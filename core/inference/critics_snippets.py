"""The file of the critics' snippets -> its snippets, read by a child process, not by the server of pages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.child_process import FileQuestion, answer_about_file, ask_about_file
from core.data.reviews.sources.critics.snippets import snippets_of
from core.memory import size_of
from core.store import disk_errors

COLUMNS = ["title", "review"]


def critics_snippets(path: Path, root: Path) -> pd.DataFrame:
    """Return title and review of all snippets of the zip at `path`; the cache folder `root` holds the question.

    Raises BadInput, StorageError, and CannotAnswer where the child fails or takes too long.
    """
    question = FileQuestion("core.inference.critics_snippets", path.name, size_of(path), {"path": str(path)})
    with disk_errors(root):
        answer = ask_about_file(question, root)
    return pd.DataFrame(answer, columns=COLUMNS, dtype="str")


def _answer(question: Mapping[str, Any], _: bytes) -> dict[str, Any]:
    return dict(snippets_of(Path(question["path"]))[COLUMNS].to_dict("list"))


if __name__ == "__main__":
    answer_about_file(_answer)
