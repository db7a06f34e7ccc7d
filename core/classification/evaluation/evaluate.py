"""How well predictions rank the labels of films that the classifier was not trained on, beside its baselines.

Takes arrays, returns plain numbers; no model is asked here. All readers are measured on the same bootstrap samples of
the films, so that what makes a sample easy or hard cancels out in their differences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, norm
from sklearn.metrics import roc_auc_score

from core.classification.calibration import FEWEST_FILMS, log_odds
from core.classification.evaluation.measures import average_precision, bootstrap_samples, interval, lrap

FALSE_DISCOVERY_RATE = 0.05
"""Share of the labels called readable that may be so by chance. Labels are many, and a list of the readable ones is
wanted, so the share of errors in that list is controlled (Benjamini and Hochberg 1995) rather than each test."""
LEAST_SPREAD = 1e-12
"""Least standard deviation of a gain, where it is the same in all samples; and what sets equal frequencies apart."""
CLASSIFIER, FREQUENCIES, TFIDF, SHUFFLED = "classifier", "frequencies", "tfidf", "shuffled"
MEASURES = ("lrap", "macro_ap", "micro_ap")

Part = dict[str, Any]
Measured = dict[str, np.ndarray]
"""`labels` (average precision, labels x samples) and each of MEASURES (a value a sample)."""


@dataclass(frozen=True)
class EvaluationSet:
    """The reviews on which predictions are evaluated."""

    y_true: np.ndarray
    """True where a review carries a label, which is its film's: reviews x labels."""
    films: np.ndarray
    """The film of each review: the unit that bootstrap samples draw."""
    factors: Sequence[int]
    """The factor that each label stands for."""


def evaluate(
    reviews: EvaluationSet,
    probabilities: np.ndarray,
    baselines: Mapping[str, np.ndarray],
    thresholds: Sequence[float],
    seed: int,
) -> Part:
    """Return how good predictions are for reviews whose films the classifier was not trained on.

    `baselines` hold probabilities as well (reviews x labels): `frequencies` (the labels' shares of the reviews
    trained on), and with folds `tfidf` and `shuffled` (the same classifier trained on `shuffled_labels`). All are
    taken before calibration, which, fitted out of fold, shifts the folds against their labels.
    Intervals are of 95%; None for fewer than FEWEST_FILMS films, a label's where fewer carry it, or lack it.

    Returns MEASURES (LRAP, mean average precision of the labels, average precision of all pairs) with intervals;
    `rivals`, a baseline each: its measures, and the classifier's gains; `lrap_baseline` and its gain, those of the
    frequencies; `by_film`, the same with the mean logits of a film's reviews; `per_label`, see `_label_rows`.
    """
    y_true, frequencies = reviews.y_true, baselines[FREQUENCIES]
    ids, first, film = np.unique(reviews.films, return_index=True, return_inverse=True)
    # Equally common labels are ranked one after the other, since LRAP counts a tie as the worst of both.
    apart = frequencies - LEAST_SPREAD * np.arange(y_true.shape[1])
    readers = {CLASSIFIER: probabilities, **baselines, FREQUENCIES: apart}
    samples = bootstrap_samples(len(ids), seed)
    by_review = {name: _measured(y_true, scores, samples, film) for name, scores in readers.items()}
    by_film = {
        name: _measured(y_true[first], _mean_logits(scores, film), samples, np.arange(len(ids)))
        for name, scores in readers.items()
    }
    overall = _overall(by_review, len(ids))
    baseline = overall["rivals"][FREQUENCIES]
    rows = zip(reviews.factors, _label_rows(by_review, y_true[first]), strict=True)
    return {
        **overall,
        "lrap_baseline": baseline["lrap"],
        "lrap_gain": baseline["lrap_gain"],
        "lrap_gain_interval": baseline["lrap_gain_interval"],
        "by_film": {"films": len(ids), **_overall(by_film, len(ids))},
        "per_label": [
            {
                "factor": factor,
                "base_rate": float(frequencies[0, label]),
                "threshold": float(thresholds[label]),
            }
            | _label_counts(y_true[:, label], probabilities[:, label])
            | row
            for label, (factor, row) in enumerate(rows)
        ],
    }


def _mean_logits(probabilities: np.ndarray, film: np.ndarray) -> np.ndarray:
    """Return the mean logits of each film's reviews: films x labels."""
    logits = log_odds(probabilities)
    sums = np.stack([np.bincount(film, of_label) for of_label in logits.T], axis=1)
    mean: np.ndarray = sums / np.bincount(film)[:, None]
    return mean


def _measured(y_true: np.ndarray, scores: np.ndarray, samples: np.ndarray, film: np.ndarray) -> Measured:
    """Measure one reader, a value a sample; a label that all or no reviews carry has no average precision."""
    labels = np.full((y_true.shape[1], len(samples)), np.nan)
    for label in np.flatnonzero(y_true.any(0) & ~y_true.all(0)):
        labels[label] = average_precision(y_true[:, [label]], scores[:, [label]], samples, film)
    finite = np.isfinite(labels)
    with np.errstate(invalid="ignore"):
        macro = np.where(finite, labels, 0).sum(0) / finite.sum(0)
    return {
        "labels": labels,
        "lrap": lrap(y_true, scores, samples, film),
        "macro_ap": macro,
        "micro_ap": average_precision(y_true, scores, samples, film),
    }


def _overall(measured: Mapping[str, Measured], films: int) -> Part:
    """Return the classifier's MEASURES over all labels with intervals, and `rivals`: the baselines and its gains."""
    enough = films >= FEWEST_FILMS
    classifier = measured[CLASSIFIER]
    overall: Part = {}
    for measure in MEASURES:
        overall[measure], overall[f"{measure}_interval"] = _with_interval(classifier[measure], enough)
    baselines: dict[str, Part] = {name: {} for name in measured if name != CLASSIFIER}
    for name, baseline in baselines.items():
        for measure in MEASURES:
            values = measured[name][measure]
            gain, ends = _with_interval(classifier[measure] - values, enough)
            baseline |= {
                measure: _finite(values[0]),
                f"{measure}_gain": gain,
                f"{measure}_gain_interval": ends,
            }
    return overall | {"rivals": baselines}


def _label_counts(y_true: np.ndarray, scores: np.ndarray) -> Part:
    """Return of one label support (reviews that carry it), chance and auc (None where all carry it, or none).

    Chance is the average precision of scores that know nothing: the share of the reviews that carry the label.
    """
    mixed = bool(y_true.any() and not y_true.all())
    return {
        "support": int(y_true.sum()),
        "chance": float(y_true.mean()) if mixed else None,
        "auc": float(roc_auc_score(y_true, scores)) if mixed else None,
    }


def _label_rows(measured: Mapping[str, Measured], film_labels: np.ndarray) -> list[Part]:
    """Return of each label its average precision and gains with intervals; `film_labels` are films x labels.

    A row has films (that carry the label), average_precision, gain (over chance), readable (whether the gains over
    chance and over the shuffled baseline are both above 0; None without that baseline or with too few films), and for
    TFIDF and SHUFFLED their average precision and the gain over it, None without that baseline.
    """
    classifier = measured[CLASSIFIER]["labels"]
    carrying = film_labels.sum(0)
    enough = np.minimum(carrying, len(film_labels) - carrying) >= FEWEST_FILMS
    gains = {name: classifier - values["labels"] for name, values in measured.items() if name != CLASSIFIER}
    readable = _readable([gains[FREQUENCIES], gains[SHUFFLED]], enough) if SHUFFLED in gains else {}
    rows = []
    for label, films in enumerate(carrying):
        precision, ends = _with_interval(classifier[label], enough[label])
        gain, gain_ends = _with_interval(gains[FREQUENCIES][label], enough[label])
        row: Part = {
            "films": int(films),
            "average_precision": precision,
            "average_precision_interval": ends,
            "gain": gain,
            "gain_interval": gain_ends,
            "readable": readable.get(label),
        }
        for name in (TFIDF, SHUFFLED):
            present = name in gains
            row[f"{name}_average_precision"] = (
                _finite(measured[name]["labels"][label, 0]) if present else None
            )
            row[f"{name}_gain"], row[f"{name}_gain_interval"] = (
                _with_interval(gains[name][label], enough[label]) if present else (None, None)
            )
        rows.append(row)
    return rows


def _readable(gains: list[np.ndarray], enough: np.ndarray) -> dict[int, bool]:
    """Return of each label with enough films whether all its gains (labels x samples) are above 0.

    A gain divided by its bootstrap standard deviation gives a p-value (two-sided, normal); of several gains the
    largest counts, and those of all labels are corrected together. Besides, each gain's interval has to lie above 0.
    """
    tested = np.flatnonzero(enough)
    if not len(tested):
        return {}
    p_values, above = np.zeros(len(tested)), np.ones(len(tested), dtype=bool)
    for gain in gains:
        gain = gain[tested]
        spread = np.nanstd(gain[:, 1:], axis=1)
        p_values = np.maximum(
            p_values, 2 * norm.sf(gain[:, 0] / np.maximum(spread, LEAST_SPREAD)).clip(max=0.5)
        )
        above &= [interval(values)[0] > 0 for values in gain]
    readable = above & (false_discovery_control(p_values) <= FALSE_DISCOVERY_RATE)
    return dict(zip(tested.tolist(), readable.tolist(), strict=True))


def _with_interval(values: np.ndarray, enough: bool) -> tuple[float | None, list[float] | None]:
    """Return the first value, and the interval of the others; None where not a number, or not from enough films."""
    value = _finite(values[0])
    return value, interval(values) if enough and value is not None else None


def _finite(value: float) -> float | None:
    """Return a number, or None where it is not one."""
    return float(value) if np.isfinite(value) else None
