"""Reviews of one film -> what they speak of together, and where the film stands among the rated ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from core.factors.rating_prediction import expected, film_of, numbers_of
from core.inference.encoding import EncodedTexts, OpenRun, words_of_no_content
from core.results.caveats import caveats
from core.results.run_record import OLDER, ColdStart, FewReviews, RunRecord, Unmeasured
from core.results.tables.saved import read_table

NEAREST = 10
"""Rated films that are named for a film that is placed."""


class LabelReading(TypedDict):
    """What the reviews together say of a label; `low` and `high` are None of a single review."""

    factor: int
    probability: float
    """Mean over the reviews; `low` to `high` is its 95% interval."""
    low: float | None
    high: float | None
    base_rate: float
    clear: bool
    """Whether the interval is above or below the base rate."""
    predicted: int
    """In how many reviews the label reaches its threshold."""


class ReviewReading(TypedDict):
    """One of the reviews, counted from 1."""

    text: int
    words: int
    predicted: list[int]


class Placement(TypedDict, total=False):
    """Where a film stands: `unmeasured`, why that cannot be said, or all the rest."""

    unmeasured: str
    bias: dict[str, float]
    """value, low and high (95% interval), and told: the share of its variance over rated films that as few reviews
    explained when these films were left out."""
    factors: list[dict[str, float]]
    """The same of each weight, and its factor."""
    nearest: list[dict[str, Any]]
    """title and likeness of the rated films whose reviews read most alike."""
    expected: dict[str, Any]
    """See `_expected`."""


class FilmReading(Placement):
    """What reviews of one film speak of, and where the film stands."""

    reviews: int
    """How many different ones have words."""
    again: int
    """How many texts repeat one of these."""
    left_out: list[int]
    """Texts without words, counted from 1."""
    words: int
    unknown_share: float
    known: int
    """Words that the classifier knows, function words apart; with 0 it can tell nothing."""
    cut: int
    """How many texts were longer than LONGEST."""
    reading: list[LabelReading]
    each: list[ReviewReading]
    thin: list[str]
    """What makes the evidence thin, a sentence each."""


def place(run: OpenRun, encoded: EncodedTexts) -> FilmReading:
    """Return what reviews of one film speak of, and where the film stands. A text told again counts once."""
    # Here, since it loads torch.
    from core.classification.attribution import evidence

    reader, rows = run.reader, encoded.rows
    function_words = words_of_no_content(run.record)
    probabilities = reader.as_probabilities(reader.read(encoded.features))
    labels, thresholds = np.array(reader.labels), np.array(reader.thresholds)
    first = ~pd.Series([encoded.texts[row] for row in rows]).duplicated().to_numpy()
    different = [row for row, is_first in zip(rows, first, strict=True) if is_first]
    count = sum(encoded.words[row][0] for row in different)
    film: FilmReading = {
        "reviews": len(different),
        "again": len(rows) - len(different),
        "left_out": [row + 1 for row, (count, _) in enumerate(encoded.words) if not count],
        "words": count,
        "unknown_share": sum(len(encoded.words[row][1]) for row in different) / count,
        "known": sum(
            evidence(encoded.tokens.words_of(row), encoded.words[row][1], function_words) for row in different
        ),
        "cut": sum(encoded.is_cut(row) for row in range(len(encoded.texts))),
        "reading": over_reviews(
            probabilities[first], reader.labels, reader.thresholds, run.record.classifier.base_rates()
        ),
        "each": [
            {
                "text": row + 1,
                "words": encoded.words[row][0],
                "predicted": labels[of_labels >= thresholds].tolist(),
            }
            for row, of_labels in zip(rows, probabilities, strict=True)
        ],
        **_placement(run, encoded.features[first]),
        "thin": [],
    }
    film["thin"] = caveats(film, run.record)
    return film


def over_reviews(
    probabilities: np.ndarray, labels: list[int], thresholds: list[float], base: Mapping[int, float]
) -> list[LabelReading]:
    """Return a row a label, the mean over the reviews (rows of `probabilities`); the highest first."""
    count = len(probabilities)
    readings: list[LabelReading] = []
    for label, threshold, of_reviews in zip(labels, thresholds, probabilities.T, strict=True):
        mean, low, high = float(of_reviews.mean()), None, None
        if count > 1:
            # Here, since scipy takes its time to import, and pages import this module.
            from scipy.special import stdtrit

            half = float(stdtrit(count - 1, 0.975) * of_reviews.std(ddof=1) / np.sqrt(count))
            low, high = max(0.0, mean - half), min(1.0, mean + half)
        readings.append(
            {
                "factor": label,
                "probability": mean,
                "low": low,
                "high": high,
                "base_rate": base[label],
                "clear": low is not None and high is not None and not low <= base[label] <= high,
                "predicted": int((of_reviews >= threshold).sum()),
            }
        )
    return sorted(readings, key=lambda row: -row["probability"])


def _placement(run: OpenRun, features: np.ndarray) -> Placement:
    """Return where a film stands by what the encoder made of its reviews, a row each."""
    cold_start = run.record.cold_start
    if isinstance(cold_start, Unmeasured):
        return {"unmeasured": cold_start.unmeasured}
    # Here, since it loads torch.
    from core.cold_start import film_vectors, load

    placing = load(run.folder / "placing")
    (name,) = placing.vectors
    vectors = {name: film_vectors(features, np.zeros(len(features), dtype=int), 1)}
    row = placing.place(vectors).iloc[0]
    few = cold_start.by_at_most(len(features))
    explained = (few or cold_start).explained_variance

    def number(value: str, low: str, high: str) -> dict[str, float]:
        return {
            "value": float(row[value]),
            "low": float(row[low]),
            "high": float(row[high]),
            "told": explained[value],
        }

    factors = range(sum(key.startswith("weight_") for key in explained))
    film: Placement = {
        "bias": number("bias", "bias_low", "bias_high"),
        "factors": [{"factor": k} | number(f"weight_{k}", f"low_{k}", f"high_{k}") for k in factors],
        "nearest": placing.nearest(vectors, NEAREST)[0][["title", "likeness"]].to_dict("records"),
    }
    film["expected"] = _expected(run.folder, run.record, film, few)
    return film


def _expected(folder: Path, record: RunRecord, film: Placement, few: FewReviews | None) -> dict[str, Any]:
    """Return the rating that the average person is expected to give a film that was placed: rating, error (typical,
    on rated films left out that were placed by as few reviews), and rmse as in `placing` of `run.json`; or
    `unmeasured` and why not.
    """
    path, link, cold_start = folder / "users.parquet", record.factor_model.link, record.cold_start
    rmse = cold_start.rmse if isinstance(cold_start, ColdStart) else None
    if few is None or rmse is None or link is None or not path.exists():
        return OLDER.plain()
    average = numbers_of(read_table(path)).mean(0, keepdims=True)
    rating = float(expected(film_of(film), average, link.plain())[0])
    return {"rating": rating, "error": few.rmse, "rmse": rmse.plain()}
