"""A run's folder + texts -> what its classifier reads in them, beside each factor's base rate."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadInput
from core.progress import silent
from core.verdict import stability_verdicts

LONGEST = 50_000
"""Characters of a text that are read; the rest is left out, so that one paste cannot take all memory."""
OLDER = {"unmeasured": "this run is older than the measurement; run it again to have it"}
"""`stability` and `placing` of a run that lacks them; its `readability` has no labels besides."""
NEAREST = 10
"""Rated films that are named for a film that is placed."""
GRADES = {
    "labels",
    "split",
    "lrap",
    "lrap_baseline",
    "lrap_gain",
    "lrap_gain_interval",
    "per_label",
}
"""What `classifier` of a whole `run.json` holds, at least."""


def read_record(folder: Path) -> dict[str, Any]:
    """Give `run.json` of a run's folder, with what it lacks where the run is older (OLDER).

    Raises BadInput where there is none that can be read.
    """
    path = folder / "run.json"
    try:
        record: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{folder} holds no finished run (no run.json); give the folder of a run") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read; run the chain again") from error
    if not isinstance(record, dict) or not isinstance(record.get("classifier"), dict):
        raise BadInput(f"{path} is not the record of a run; give the folder of a run")
    if missing := GRADES - set(record["classifier"]):
        raise BadInput(f"{path} lacks {min(missing)} of the classifier; run the chain again")
    return {"stability": OLDER, "readability": {**OLDER, "per_label": []}, "placing": OLDER} | record


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
    return [line for line in lines if line]


def read_run(folder: Path, texts: list[str]) -> dict[str, Any]:
    """Read texts with a run's classifier: answers, an entry a text, and film: where a film of these reviews stands.

    See `answer` and `place` for what they have. Raises BadInput for a text without words and where the
    classifier is not there or damaged.
    """
    record, reader = read_record(folder), open_reader(folder)
    answers = [answer(reader, record, text) for text in texts]
    return {"run": str(folder), "answers": answers, "film": place(folder, reader, record, texts)}


def open_reader(folder: Path) -> Any:
    """Give an open `Reader` of a run's folder; BadInput where its classifier is not there or damaged."""
    from safetensors import SafetensorError

    from core.predictions import Reader

    try:
        return Reader(folder / "classifier")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BadInput(
            f"the classifier in {folder} is missing or damaged ({type(error).__name__}); run the chain again"
        ) from error


def place(folder: Path, reader: Any, record: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """Say where a film stands that has only these reviews, by an open `Reader` of the run in a folder.

    Gives bias (low, high: its 95 % interval; told: share of its variance over rated films that reviews told when
    they were left out), factors (the same of each weight, with factor and value), nearest (title and likeness of
    the NEAREST rated films whose reviews read most alike), or `unmeasured` and why not.
    """
    if "unmeasured" in record["placing"]:
        return {"unmeasured": record["placing"]["unmeasured"]}
    from core.highlights import visible
    from core.placing import film_vectors, load
    from core.tokens import tokenise

    placing = load(folder / "placing")
    features = reader.features(tokenise([visible(text[:LONGEST]) for text in texts], silent, "predictions"))
    (name,) = placing.vectors
    vectors = {name: film_vectors(features, np.zeros(len(texts), dtype=int), 1)}
    row, told = placing.place(vectors).iloc[0], record["placing"]["told"]

    def number(value: str, low: str, high: str) -> dict[str, float]:
        return {
            "value": float(row[value]),
            "low": float(row[low]),
            "high": float(row[high]),
            "told": told[value],
        }

    factors = range(sum(key.startswith("weight_") for key in told))
    return {
        "reviews": len(texts),
        "bias": number("bias", "bias_low", "bias_high"),
        "factors": [{"factor": k} | number(f"weight_{k}", f"low_{k}", f"high_{k}") for k in factors],
        "nearest": placing.nearest(vectors, NEAREST)[0][["title", "likeness"]].to_dict("records"),
    }


def answer(reader: Any, record: dict[str, Any], text: str) -> dict[str, Any]:
    """Read one text with an open `Reader` of the run whose record is given.

    HTML tags are not read. Gives words (how many), unknown (distinct words that the classifier does not know),
    unknown_share (of all words), cut (whether the text was longer than LONGEST), factors: factor, probability,
    base_rate (share of the reviews trained on that carry it), threshold (probability from which it counts as
    predicted), predicted, stability (in words); most probable first; and highlights: the words that moved each
    factor, as `read_with_highlights` gives them. Raises BadInput for a text without words.
    """
    from core.highlights import read_with_highlights, visible
    from core.tokens import tokenise

    read = visible(text[:LONGEST])
    tokens = tokenise([read], silent, "predictions")
    words, unknown = reader.words(tokens)
    if not words:
        raise BadInput("there are no words in the text; write or paste a review")
    logits, highlights = read_with_highlights(reader, read, tokens)
    stable = stability_verdicts(record["stability"], record["factor_model"]["factors"])
    base = {row["factor"]: row["base_rate"] for row in record["classifier"]["per_label"]}
    factors = [
        {
            "factor": factor,
            "probability": float(probability),
            "base_rate": base[factor],
            "threshold": threshold,
            "predicted": bool(probability >= threshold),
            "stability": stable[factor],
        }
        for factor, probability, threshold in zip(
            reader.labels, reader.as_probabilities(logits), reader.thresholds, strict=True
        )
    ]
    return {
        "words": words,
        "unknown": sorted(set(unknown)),
        "unknown_share": len(unknown) / words,
        "cut": len(text) > LONGEST,
        "factors": sorted(factors, key=lambda row: -row["probability"]),
        "highlights": highlights,
    }
