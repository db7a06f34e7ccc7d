"""A run's folder + texts -> what its classifier reads in them, beside each factor's base rate."""

import json
from pathlib import Path
from typing import Any

from core.errors import BadInput

MOST_TEXTS = 10_000
"""Texts of one file that are read."""


def read_record(folder: Path) -> dict[str, Any]:
    """Give `run.json` of a run's folder; BadInput where there is none that can be read."""
    path = folder / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{folder} holds no finished run (no run.json); give the folder of a run") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read; run the chain again") from error
    if not isinstance(record, dict) or "classifier" not in record:
        raise BadInput(f"{path} is not the record of a run; give the folder of a run")
    return record


def read_texts(path: Path) -> list[str]:
    """Give the lines of a UTF-8 text file that are not blank; BadInput where it holds none."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; check the path") from error
    if not any(lines):
        raise BadInput(f"{path} holds no text; write one review a line")
    return [line for line in lines if line][:MOST_TEXTS]


def read_run(folder: Path, texts: list[str]) -> dict[str, Any]:
    """Read texts with a run's classifier: answers, an entry a text.

    An answer has words (how many), unknown (distinct words that the classifier does not know),
    unknown_share (of all words), and factors: factor, probability, base_rate (share of the reviews
    trained on that carry it), predicted; most probable first. Raises BadInput for a text without words.
    """
    record = read_record(folder)
    for text in texts:
        if not text.strip():
            raise BadInput("the text is empty; write or paste a review")
    from core.predictions import Reader

    try:
        reader = Reader(folder / "classifier")
    except FileNotFoundError as error:
        raise BadInput(f"{folder} holds no classifier; run the chain again") from error
    return {"run": str(folder), "answers": [answer(reader, record, text) for text in texts]}


def answer(reader: Any, record: dict[str, Any], text: str) -> dict[str, Any]:
    """Read one text with a reader that is already open; see `read_run` for what comes back."""
    probabilities, words, unknown = reader.read(text)
    base = {row["factor"]: row["base_rate"] for row in record["classifier"]["per_label"]}
    factors = [
        {
            "factor": factor,
            "probability": float(probability),
            "base_rate": base[factor],
            "predicted": bool(probability >= record["classifier"]["threshold"]),
        }
        for factor, probability in zip(reader.labels, probabilities, strict=True)
    ]
    return {
        "words": words,
        "unknown": sorted(set(unknown)),
        "unknown_share": len(unknown) / words if words else 0.0,
        "factors": sorted(factors, key=lambda row: -row["probability"]),
    }
