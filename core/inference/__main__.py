"""The process that reads texts: a question a line on standard input, its answer a line on standard output.

{"run": folder, "texts": [...], "what": "answers"}   ->   {"answers": [...]}
                                                           {"error": "BadInput", "message": "…"}
"""

import json
import os
import select
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import core.training.threads  # noqa: F401 - sets their number
from core.errors import FactorscopeError
from core.inference.predict import answer, open_reader, place, read_record

IDLE_SECONDS = 900
"""Without a question for so long it ends, and its memory is free."""
OPEN = 2
"""Classifiers kept open, those used last."""


@lru_cache(OPEN)
def opened(folder: Path, changed: int) -> tuple[Any, dict[str, Any]]:
    """Return a run's reader and record; `changed` tells a run that was written anew."""
    return open_reader(folder), read_record(folder)


def said(question: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a question."""
    folder, texts = Path(question["run"]), question["texts"]
    try:
        record = folder / "run.json"
        reader, run = opened(folder, record.stat().st_mtime_ns if record.exists() else 0)
        if question["what"] == "answers":
            return {"answers": [answer(reader, run, text) for text in texts]}
        return {"film": place(folder, reader, run, texts)} if question["what"] == "film" else {}
    except FactorscopeError as error:
        return {"error": type(error).__name__, "message": str(error)}


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not stand among the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        out.write(json.dumps(said(json.loads(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
