"""How well the classifier reads factors from reviews of films it never saw, beside what rivals reach.

Takes arrays; gives plain numbers. No model is asked here. In reading order:

    measures     how well scores rank, for the films as they are and for drawings of them
    reliability  whether probabilities mean what they say
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, norm
from sklearn.metrics import roc_auc_score

from core.classification.calibration import FEWEST_FILMS, log_odds
from core.classification.evaluation.measures import average_precision, drawn, interval, lrap
from core.classification.evaluation.reliability import calibration_error, reliability, reliability_part

__all__ = ["calibration_error", "evaluate", "reliability", "reliability_part"]

FALSE_SHARE = 0.05
"""Share of the labels called readable that may be so by luck. Labels are many and what is wanted is the list of
those that can be read, so the share of errors in the list is held (Benjamini and Hochberg 1995), not the
probability of a single one."""
LEAST_SPREAD = 1e-12
"""A gain that is the same in all drawings is taken to vary by so much; so far are equal frequencies set apart."""
OWN, FREQUENCIES, TFIDF, SHUFFLED = "classifier", "frequencies", "tfidf", "shuffled"
MEASURES = ("lrap", "macro_ap", "micro_ap")

Part = dict[str, Any]
Measured = dict[str, np.ndarray]
"""`labels` (average precision, labels x drawings) and each of MEASURES (a value a drawing)."""


def evaluate(
    truth: np.ndarray,
    probabilities: np.ndarray,
    rivals: Mapping[str, np.ndarray],
    films: np.ndarray,
    names: Sequence[int],
    thresholds: Sequence[float],
    seed: int,
) -> Part:
    """Grade the reviews held out, or all of them where each was predicted without its film (folds).

    `truth` and `probabilities` have a row a review and a column a label, which are the film's; so have the
    `rivals`: `frequencies` (the labels' shares of the reviews trained on), and with folds `tfidf` and `shuffled`
    (the same classifier trained on labels that went, a film's together, to another film; graded on the true
    ones). All of them come as they are before calibration, which, fitted out of fold, shifts the folds against
    their truth. `films` says which film a review is of: these are drawn with replacement for the intervals
    (95 %), which are None for fewer than FEWEST_FILMS films; a label's, where fewer carry it, or lack it.

    Gives
    - lrap (label ranking average precision: how near the top the true labels are ranked, 1 is best), macro_ap
      (mean average precision of the labels that some reviews carry and some lack; None without one), micro_ap
      (of all pairs of review and label together), each with its `…_interval`;
    - rivals: for each of them the same measures, and the classifier's gains: `lrap_gain`, `lrap_gain_interval` …;
    - lrap_baseline, lrap_gain, lrap_gain_interval: those of the frequencies;
    - by_film: the same, a film at a time, by the mean of its reviews' logits; and films (how many);
    - per_label: factor, support (reviews that carry it), films (that carry it), base_rate (its frequency),
      threshold, average_precision, chance (what scores that know nothing reach: the share of the reviews that
      carry it), auc, gain (over chance), each None where a label has no, or only, true reviews; tfidf_…,
      shuffled_average_precision, shuffled_gain, None without this rival; intervals of precision and gains;
      readable: whether both gains are above 0 (None without the shuffled rival or with too few films).
    """
    ids, first, film = np.unique(films, return_index=True, return_inverse=True)
    level = rivals[FREQUENCIES]
    # Labels that are equally common are ranked one after the other, since LRAP counts a tie as the worst of both.
    apart = level - LEAST_SPREAD * np.arange(truth.shape[1])
    readers = {OWN: probabilities, **rivals, FREQUENCIES: apart}
    draws = drawn(len(ids), seed)
    by_review = {name: _measured(truth, scores, draws, film) for name, scores in readers.items()}
    by_film = {
        name: _measured(truth[first], _of_films(scores, film), draws, np.arange(len(ids)))
        for name, scores in readers.items()
    }
    overall = _overall(by_review, len(ids))
    frequencies = overall["rivals"][FREQUENCIES]
    return {
        **overall,
        "lrap_baseline": frequencies["lrap"],
        "lrap_gain": frequencies["lrap_gain"],
        "lrap_gain_interval": frequencies["lrap_gain_interval"],
        "by_film": {"films": len(ids), **_overall(by_film, len(ids))},
        "per_label": [
            {"factor": factor, "base_rate": float(level[0, label]), "threshold": float(thresholds[label])}
            | _of_label(truth[:, label], probabilities[:, label])
            | row
            for label, (factor, row) in enumerate(zip(names, _beside(by_review, truth[first]), strict=True))
        ],
    }


def _of_films(scores: np.ndarray, film: np.ndarray) -> np.ndarray:
    """Return the mean logits of each film's reviews."""
    logits = log_odds(scores)
    sums = np.stack([np.bincount(film, of_label) for of_label in logits.T], axis=1)
    mean: np.ndarray = sums / np.bincount(film)[:, None]
    return mean


def _measured(truth: np.ndarray, scores: np.ndarray, draws: np.ndarray, film: np.ndarray) -> Measured:
    """Measure one reader, a value a drawing; a label that all or no reviews carry has no average precision."""
    labels = np.full((truth.shape[1], len(draws)), np.nan)
    for label in np.flatnonzero(truth.any(0) & ~truth.all(0)):
        labels[label] = average_precision(truth[:, [label]], scores[:, [label]], draws, film)
    known = np.isfinite(labels)
    with np.errstate(invalid="ignore"):
        macro = np.where(known, labels, 0).sum(0) / known.sum(0)
    return {
        "labels": labels,
        "lrap": lrap(truth, scores, draws, film),
        "macro_ap": macro,
        "micro_ap": average_precision(truth, scores, draws, film),
    }


def _overall(measured: Mapping[str, Measured], films: int) -> Part:
    """Return the measures over all labels with their intervals, of the classifier and beside each rival."""
    enough = films >= FEWEST_FILMS
    own = measured[OWN]
    part: Part = {}
    for measure in MEASURES:
        part[measure], part[f"{measure}_interval"] = _with_interval(own[measure], enough)
    rivals: dict[str, Part] = {name: {} for name in measured if name != OWN}
    for name, rival in rivals.items():
        for measure in MEASURES:
            values = measured[name][measure]
            gain, ends = _with_interval(own[measure] - values, enough)
            rival |= {measure: _plain(values[0]), f"{measure}_gain": gain, f"{measure}_gain_interval": ends}
    return part | {"rivals": rivals}


def _of_label(true: np.ndarray, guess: np.ndarray) -> Part:
    """Return what one label has without its rivals."""
    known = bool(true.any() and not true.all())
    return {
        "support": int(true.sum()),
        "chance": float(true.mean()) if known else None,
        "auc": float(roc_auc_score(true, guess)) if known else None,
    }


def _beside(measured: Mapping[str, Measured], of_films: np.ndarray) -> list[Part]:
    """Return the average precision of each label, its gains, and whether it is readable; `of_films`: films' truth."""
    own = measured[OWN]["labels"]
    carry = of_films.sum(0)
    enough = np.minimum(carry, len(of_films) - carry) >= FEWEST_FILMS
    gains = {name: own - rival["labels"] for name, rival in measured.items() if name != OWN}
    readable = _readable([gains[FREQUENCIES], gains[SHUFFLED]], enough) if SHUFFLED in gains else {}
    rows = []
    for label, films in enumerate(carry):
        precision, ends = _with_interval(own[label], enough[label])
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
            there = name in gains
            row[f"{name}_average_precision"] = _plain(measured[name]["labels"][label, 0]) if there else None
            row[f"{name}_gain"], row[f"{name}_gain_interval"] = (
                _with_interval(gains[name][label], enough[label]) if there else (None, None)
            )
        rows.append(row)
    return rows


def _readable(gains: list[np.ndarray], enough: np.ndarray) -> dict[int, bool]:
    """Return of each label with enough films whether all gains (labels x drawings) are above 0.

    The gain's distance from 0 in its own standard deviations gives a probability (two-sided, normal), the larger
    one counts, and those of all labels are corrected together. Each gain's own interval has to lie above 0 too.
    """
    tested = np.flatnonzero(enough)
    if not len(tested):
        return {}
    luck, above = np.zeros(len(tested)), np.ones(len(tested), dtype=bool)
    for gain in gains:
        gain = gain[tested]
        spread = np.nanstd(gain[:, 1:], axis=1)
        luck = np.maximum(luck, 2 * norm.sf(gain[:, 0] / np.maximum(spread, LEAST_SPREAD)).clip(max=0.5))
        above &= [interval(values)[0] > 0 for values in gain]
    clear = above & (false_discovery_control(luck) <= FALSE_SHARE)
    return dict(zip(tested.tolist(), clear.tolist(), strict=True))


def _with_interval(values: np.ndarray, enough: bool) -> tuple[float | None, list[float] | None]:
    value = _plain(values[0])
    return value, interval(values) if enough and value is not None else None


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
