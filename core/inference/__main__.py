"""The reader process: questions on standard input, answers on standard output, a line of JSON each.

{"run": folder, "texts": [...], "what": "answers"}                     ->   {"answers": [...]}
{"run": folder, "cache": folder, "selection": {...}, "what": "labels"} ->   {"folder": "…"}
                                                                             {"error": "BadInput", "message": "…"}
"""

import json
import select
import sys
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import core.training.threads  # noqa: F401 - sets their number
from core.child_process import answer_stream, end, write_answer
from core.inference.encoding import OpenRun, encode, open_reader
from core.inference.film import place
from core.inference.labels import grade_labels, read_labels
from core.inference.predict import answer, read_texts_and_film
from core.results.run_record import read_record
from core.settings import SelectionSettings

IDLE_SECONDS = 900
"""Without a question for so long the process ends, and its memory is free."""
OPEN = 2
"""How many classifiers stay open, those used last."""


@lru_cache(OPEN)
def opened(folder: Path, changed: int) -> OpenRun:
    """Return an open run; `changed` tells a run that was written anew."""
    reader = open_reader(folder)
    return OpenRun(folder, read_record(folder), reader)


def reading_of(question: dict[str, Any]) -> Mapping[str, Any]:
    """Return what a question asks for: what is read in texts, or what reviews say of other labels."""
    folder = Path(question["run"])
    if "selection" in question:
        about = Path(question["cache"]), SelectionSettings.model_validate(question["selection"])
        return (read_labels if question["what"] == "labels" else grade_labels)(folder, *about)
    texts = question["texts"]
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


def main() -> None:
    """Answer until nobody has asked for a while, or until the parent is gone."""
    answers = answer_stream()
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        write_answer(answers, partial(reading_of, json.loads(line)))


if __name__ == "__main__":
    main()
    end(0)
