"""A run's folder + texts -> what its classifier reads in them, beside each factor's base rate, and where a film of
these reviews stands."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.factors.rating_prediction import expected, film_of, numbers_of
from core.inference.texts import films_named, reviews_in
from core.progress import silent
from core.results.caveats import by_as_many, thin
from core.results.sentences import stability_verdicts

LONGEST = 50_000
"""Characters of a text that are read; the rest is left out, so that one paste cannot take all memory."""
OLDER = {"unmeasured": "this run is older than the measurement; run it again to have it"}
"""`stability` and `placing` of a run that lacks them; its `readability` has no labels besides."""
NO_WORDS = "there are no words in the text; write or paste a review"
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
    """Return `run.json` of a run's folder, with what it lacks where the run is older (OLDER).

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


def read_texts(path: Path, film: str | None = None) -> tuple[list[str], int]:
    """Return the reviews in a file, one a line or a column of a table, and how many films it names.

    `film` is what the file calls the one whose reviews are wanted. Raises BadInput where there is none.
    """
    try:
        found = reviews_in(path.name, lambda: path.open("rb"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; check the path") from error
    if film is None:
        return [text for _, text in found], len(films_named(found))
    if not films_named(found):
        raise BadInput(f"{path} names no films; leave --film out, or give a table with a column title")
    texts = [text for called, text in found if called == film]
    if not texts:
        raise BadInput(f"{path} has no review of a film {film!r}; write it as the file does")
    return texts, 1


def read_run(folder: Path, texts: list[str]) -> dict[str, Any]:
    """Read texts with a run's classifier: answers, an entry a text, and film: where a film of these reviews stands.

    See `answer` and `place` for what they have. A text without words has no answer; the film says which. Raises
    BadInput where no text has words and where the classifier is not there or damaged.
    """
    record, reader = read_record(folder), open_reader(folder)
    film = place(folder, reader, record, texts)
    answers = [answer(reader, record, texts[row["text"] - 1]) for row in film["each"]]
    return {"run": str(folder), "answers": answers, "film": film}


def open_reader(folder: Path) -> Any:
    """Return an open `Reader` of a run's folder; BadInput where its classifier is not there or damaged."""
    from safetensors import SafetensorError

    from core.classification.predictor import Reader

    try:
        return Reader(folder / "classifier")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BadInput(
            f"the classifier in {folder} is missing or damaged ({type(error).__name__}); run the chain again"
        ) from error


def place(folder: Path, reader: Any, record: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """Return what reviews of one film speak of, and where the film stands, by an open `Reader` of a run's folder.

    A text told again counts once. Gives reviews (how many different ones have words), again (how many texts repeat
    one of these), left_out (texts without words, counted from 1), words, unknown_share and cut (how many texts were
    longer than LONGEST), reading (a row a label, as `over_reviews` gives it) and each (text,
    words, predicted: a review's place, its words, its predicted factors), and thin (what makes the evidence thin, a
    sentence each). And either `unmeasured`, why it is not
    placed, or bias (low, high: its 95 % interval; told: share of its variance over rated films that as few reviews
    told when they were left out), factors (the same of each weight, with factor and value), nearest (title and
    likeness of the NEAREST rated films whose reviews read most alike) and expected, as `_expected` gives it.
    Raises BadInput where no text has words.
    """
    from core.classification.attribution import visible
    from core.language_model.tokenizer import tokenise

    tokens = tokenise([visible(text[:LONGEST]) for text in texts], silent, "predictions")
    words = reader.words(tokens)
    kept = [row for row, (count, _) in enumerate(words) if count]
    if not kept:
        raise BadInput(NO_WORDS)
    features = reader.features(tokens.take(kept))
    probabilities = reader.as_probabilities(reader.read(features))
    labels, thresholds = np.array(reader.labels), np.array(reader.thresholds)
    first = ~pd.Series([texts[row] for row in kept]).duplicated().to_numpy()
    different = [row for row, new in zip(kept, first, strict=True) if new]
    count = sum(words[row][0] for row in different)
    film = {
        "reviews": len(different),
        "again": len(kept) - len(different),
        "left_out": [row + 1 for row, (count, _) in enumerate(words) if not count],
        "words": count,
        "unknown_share": sum(len(words[row][1]) for row in different) / count,
        "cut": sum(len(text) > LONGEST for text in texts),
        "reading": over_reviews(probabilities[first], reader.labels, reader.thresholds, _base_rates(record)),
        "each": [
            {"text": row + 1, "words": words[row][0], "predicted": labels[own >= thresholds].tolist()}
            for row, own in zip(kept, probabilities, strict=True)
        ],
    }
    film |= _stands(folder, record, features[first])
    return film | {"thin": thin(film, record)}


def over_reviews(
    probabilities: np.ndarray, labels: list[int], thresholds: list[float], base: dict[int, float]
) -> list[dict[str, Any]]:
    """Return a row a label, the mean probability over reviews (rows) with its 95 % interval: factor, probability,
    low, high (None of a single review), base_rate, clear (the interval is above or below it), predicted (in how
    many reviews); highest first.
    """
    count = len(probabilities)
    rows = []
    for label, threshold, own in zip(labels, thresholds, probabilities.T, strict=True):
        mean, low, high = float(own.mean()), None, None
        if count > 1:
            from scipy.special import stdtrit

            half = float(stdtrit(count - 1, 0.975) * own.std(ddof=1) / np.sqrt(count))
            low, high = max(0.0, mean - half), min(1.0, mean + half)
        rows.append(
            {
                "factor": label,
                "probability": mean,
                "low": low,
                "high": high,
                "base_rate": base[label],
                "clear": low is not None and high is not None and not low <= base[label] <= high,
                "predicted": int((own >= threshold).sum()),
            }
        )
    return sorted(rows, key=lambda row: -row["probability"])


def _stands(folder: Path, record: dict[str, Any], features: np.ndarray) -> dict[str, Any]:
    """Place a film by what the encoder made of its reviews; see `place`."""
    if "unmeasured" in record["placing"]:
        return {"unmeasured": record["placing"]["unmeasured"]}
    from core.cold_start import film_vectors, load

    placing = load(folder / "placing")
    (name,) = placing.vectors
    vectors = {name: film_vectors(features, np.zeros(len(features), dtype=int), 1)}
    row = placing.place(vectors).iloc[0]
    measured = by_as_many(record["placing"], len(features))
    told = (measured or record["placing"])["told"]

    def number(value: str, low: str, high: str) -> dict[str, float]:
        return {
            "value": float(row[value]),
            "low": float(row[low]),
            "high": float(row[high]),
            "told": told[value],
        }

    factors = range(sum(key.startswith("weight_") for key in told))
    film = {
        "bias": number("bias", "bias_low", "bias_high"),
        "factors": [{"factor": k} | number(f"weight_{k}", f"low_{k}", f"high_{k}") for k in factors],
        "nearest": placing.nearest(vectors, NEAREST)[0][["title", "likeness"]].to_dict("records"),
    }
    return film | {"expected": _expected(folder, record, film, measured)}


def _expected(
    folder: Path, record: dict[str, Any], film: dict[str, Any], measured: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the rating that the average person is expected to give a film that was placed: rating, error (typical,
    on rated films left out that were placed by as few reviews), and rmse as in `placing` of `run.json`; or
    `unmeasured` and why not.
    """
    path = folder / "users.parquet"
    if measured is None or not path.exists() or "link" not in record["factor_model"]:
        return OLDER
    average = numbers_of(pd.read_parquet(path)).mean(0, keepdims=True)
    rating = float(expected(film_of(film), average, record["factor_model"]["link"])[0])
    return {"rating": rating, "error": measured["rmse"], "rmse": record["placing"]["rmse"]}


def _base_rates(record: dict[str, Any]) -> dict[int, float]:
    """Return the share of the reviews trained on that carry each label."""
    return {row["factor"]: row["base_rate"] for row in record["classifier"]["per_label"]}


def answer(reader: Any, record: dict[str, Any], text: str) -> dict[str, Any]:
    """Read one text with an open `Reader` of the run whose record is given.

    HTML tags are not read. Gives read (the text, in which the highlights have their places), words (how many),
    unknown (distinct words that the classifier does not know), unknown_share (of all words), cut (whether the text
    was longer than LONGEST), factors: factor, probability, base_rate (share of the reviews trained on that carry
    it), threshold (probability from which it counts as predicted), predicted, stability (in words); most probable
    first; and highlights: the words that moved each factor, as `read_with_highlights` gives them. Raises BadInput
    for a text without words.
    """
    from core.classification.attribution import read_with_highlights, visible
    from core.language_model.tokenizer import tokenise

    read = visible(text[:LONGEST])
    tokens = tokenise([read], silent, "predictions")
    ((words, unknown),) = reader.words(tokens)
    if not words:
        raise BadInput(NO_WORDS)
    logits, highlights = read_with_highlights(reader, read, tokens)
    stable = stability_verdicts(record["stability"], record["factor_model"]["factors"])
    base = _base_rates(record)
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
        "read": read,
        "words": words,
        "unknown": sorted(set(unknown)),
        "unknown_share": len(unknown) / words,
        "cut": len(text) > LONGEST,
        "factors": sorted(factors, key=lambda row: -row["probability"]),
        "highlights": highlights,
    }
