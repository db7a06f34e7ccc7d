"""The process that reads texts: a question a line on standard input, its answer a line on standard output.

{"run": folder, "texts": [...], "what": "answers"}   ->   {"answers": [...]}
                                                           {"error": "BadInput", "message": "…"}
"""

import json
import os
import select
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import core.training.threads  # noqa: F401 - sets their number
from core.errors import FactorscopeError
from core.inference.encoding import OpenRun, encode, open_reader
from core.inference.film import place
from core.inference.predict import answer, read_record, read_texts_and_film

IDLE_SECONDS = 900
"""Without a question for so long it ends, and its memory is free."""
OPEN = 2
"""Classifiers kept open, those used last."""


@lru_cache(OPEN)
def opened(folder: Path, changed: int) -> OpenRun:
    """Return an open run; `changed` tells a run that was written anew."""
    reader = open_reader(folder)
    return OpenRun(folder, read_record(folder), reader)


def reading_of(question: dict[str, Any]) -> Mapping[str, Any]:
    """Return what a run's classifier reads in the texts of a question."""
    folder, texts = Path(question["run"]), question["texts"]
    record = folder / "run.json"
    run = opened(folder, record.stat().st_mtime_ns if record.exists() else 0)
    match question["what"]:
        case "answers":
            return {"answers": [answer(run, encode(run.reader, [text])) for text in texts]}
        case "film":
            return {"film": place(run, encode(run.reader, texts))}
        case "answers and film":
            return read_texts_and_film(run, texts)
        case _:
            return {}


def answer_to(question: dict[str, Any]) -> Mapping[str, Any]:
    """Return the answer to a question, an error of ours included."""
    try:
        return reading_of(question)
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
        out.write(json.dumps(answer_to(json.loads(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
