"""Runs side by side: their main results, and the limits of comparing them.

Takes the records of runs, returns plain values and small tables of text for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.formatting import counted, interval
from core.results.factor_names import shown_name
from core.results.run_record import Interval, RatingsRecord, ReviewsRecord, RunRecord, Unmeasured
from core.results.verdict import CLASSES, VerdictWord, verdicts
from core.settings.changes import preset_of


@dataclass(frozen=True)
class Result:
    """The main results of a run."""

    ratings: RatingsRecord
    reviews: ReviewsRecord
    rmse: float
    """On held-out ratings, in stars."""
    rmse_means: float
    """The baseline: means of films and users."""
    lrap: float
    lrap_interval: Interval | None
    lrap_baseline: float
    """The baseline: label frequencies."""
    lrap_gain: float
    lrap_gain_interval: Interval | None
    films_graded: int
    reviews_graded: int
    factors: int
    labels: int
    verdicts: Mapping[VerdictWord, int]
    """How many factors have which verdict."""
    verdict_users: int | None
    """Users whose ratings the verdicts rest on; None where stability was not measured."""
    among: str
    """Of large data, which random part of the users these are; "" where they are all."""
    with_words: int | None
    """How many factors have words of their own; None where that was not measured."""
    preset: str
    dominating: int | None
    dominating_name: str
    """As shown; "" without one."""
    share: float
    """The dominating factor's share of the predictions."""
    predicted: int
    seconds: float
    cached: bool
    """Whether much of it came from the cache, so that `seconds` understates the cost of the run."""
    device: str | None
    kept_out: tuple[float, int]
    """Share and seed, which determine the held-out ratings."""
    graded_by: tuple[Any, ...]
    """What determines the labels of the reviews, and so what an LRAP is measured on."""


def result_of(record: RunRecord, names: Mapping[int, str]) -> Result:
    """Return the main results of a run, to whose factors people gave `names`."""
    model, classifier, dominating = record.factor_model, record.classifier, record.dominating_factor
    settings = record.run_settings
    words = [verdict.word for verdict in verdicts(record)]
    suggested = dict(enumerate(record.suggested_names))
    return Result(
        ratings=record.ratings,
        reviews=record.reviews,
        rmse=model.rmse_valid,
        rmse_means=model.rmse_means,
        lrap=classifier.lrap,
        lrap_interval=classifier.lrap_interval,
        lrap_baseline=classifier.lrap_baseline,
        lrap_gain=classifier.lrap_gain,
        lrap_gain_interval=classifier.lrap_gain_interval,
        films_graded=classifier.films_held_out,
        reviews_graded=classifier.reviews_held_out,
        factors=model.factors,
        labels=len(classifier.labels),
        verdicts={word: words.count(word) for word in CLASSES},
        verdict_users=None if isinstance(record.stability, Unmeasured) else record.stability.users,
        among="" if isinstance(record.stability, Unmeasured) else record.stability.among,
        with_words=None
        if isinstance(record.words, Unmeasured)
        else sum(factor.has_words for factor in record.words.factors),
        preset=preset_of(settings),
        dominating=dominating,
        dominating_name=""
        if dominating is None
        else shown_name(names.get(dominating), suggested.get(dominating)),
        share=record.predictions.share,
        predicted=record.predictions.predicted,
        seconds=record.seconds,
        cached=record.seconds < model.seconds,
        device=record.device,
        kept_out=(settings.factor_model.valid_share, record.seed),
        graded_by=(
            tuple(classifier.labels),
            settings.selection,
            settings.factor_model,
            settings.form,
            record.seed,
        ),
    )


def result_line(result: Result) -> str:
    """Return the main results of a run in three sentences, each score beside its baseline."""
    return (
        f"RMSE {result.rmse:.3f} stars (means of films and users {result.rmse_means:.3f}). LRAP {result.lrap:.3f} "
        f"(label frequencies {result.lrap_baseline:.3f}), {result.films_graded:,} films graded. "
        f"{counted(result.factors, 'factor')}: {_verdicts(result)}."
    )


def side_by_side(first: Result, second: Result) -> pd.DataFrame:
    """Return a row a measure as text: measure, first, second; every score with baseline and interval."""
    rows = [
        ("Ratings", *(f"{_data(r.ratings)}" for r in (first, second))),
        (
            "Reviews",
            *(
                f"{r.reviews.source}: {r.reviews.reviews:,} reviews of {r.reviews.films_with_reviews:,} films"
                for r in (first, second)
            ),
        ),
        ("Error on ratings kept out (RMSE, stars; less is better)", *map(_rmse, (first, second))),
        ("Ranking of the true factors (LRAP; 1 is perfect)", *map(_lrap, (first, second))),
        ("LRAP gain over label frequencies", *map(_gain, (first, second))),
        ("Factors", *(f"{r.factors}, of which {r.labels} are labels" for r in (first, second))),
        ("Verdicts on the factors", *map(_verdicts, (first, second))),
        ("Dominating factor", *map(_dominating, (first, second))),
        ("Seconds", *map(_seconds, (first, second))),
    ]
    return pd.DataFrame(rows, columns=["measure", "first", "second"])


def caveats(first: Result, second: Result) -> list[str]:
    """Return the reasons why results of two runs cannot be compared, a sentence each."""
    sentences = []
    if _ratings_compared(first.ratings) != _ratings_compared(second.ratings):
        sentences.append(
            "These runs learned from different ratings. Compare each RMSE with its own baseline only."
        )
    elif first.kept_out != second.kept_out:
        sentences.append(
            "Different ratings were kept out, by another seed or share. A small difference in RMSE may be chance."
        )
    if _reviews_compared(first.reviews) != _reviews_compared(second.reviews):
        sentences.append(
            "These runs were graded on different reviews. Compare each LRAP with its own baseline only."
        )
    elif first.graded_by != second.graded_by or first.labels != second.labels:
        sentences.append(
            "These runs were graded on different labels, by their settings. "
            "Compare each LRAP with its own baseline only."
        )
    if first.among != second.among and None not in (first.verdict_users, second.verdict_users):
        one, other = (result.among or "all users" for result in (first, second))
        sentences.append(
            f"Some verdicts rest on {one}, others on {other}. A difference between them may come from that."
        )
    return sentences


def _ratings_compared(ratings: RatingsRecord) -> tuple[str, int, int, int]:
    """Return the properties of ratings that two runs must share for their errors to be comparable."""
    return ratings.name, ratings.users, ratings.films, ratings.ratings


def _reviews_compared(reviews: ReviewsRecord) -> tuple[str, int, int]:
    """Return the properties of reviews that two runs must share for their scores to be comparable."""
    return reviews.source, reviews.reviews, reviews.films_with_reviews


def _between(ends: Interval | None, form: str) -> str:
    return "" if ends is None else f" ({interval(ends, form)})"


def _data(ratings: RatingsRecord) -> str:
    return f"{ratings.name}: {ratings.ratings:,} ratings, {ratings.users:,} users, {ratings.films:,} films"


def _rmse(result: Result) -> str:
    return f"{result.rmse:.3f}; baseline, means of films and users: {result.rmse_means:.3f}"


def _lrap(result: Result) -> str:
    graded = f"{result.films_graded:,} films, {result.reviews_graded:,} reviews graded"
    return (
        f"{result.lrap:.3f}{_between(result.lrap_interval, '.3f')}; baseline, label frequencies: "
        f"{result.lrap_baseline:.3f}; {graded}"
    )


def _gain(result: Result) -> str:
    # z: a gain that rounds to zero has no minus sign.
    return f"{result.lrap_gain:+z.3f}{_between(result.lrap_gain_interval, '+z.3f')}"


def _dominating(result: Result) -> str:
    if result.dominating is None:
        return "none, nothing is predicted"
    name = f" · {result.dominating_name}" if result.dominating_name else ""
    return f"factor {result.dominating}{name}: {result.share:.0%} of {result.predicted:,} predictions"


def _verdicts(result: Result) -> str:
    if not sum(result.verdicts.values()):
        return "none with a class, since the model predicts no better than plain means"
    classes = ", ".join(f"{count:,} {word}" for word, count in result.verdicts.items())
    return classes + (f" (among {result.among})" if result.among else "")


def _seconds(result: Result) -> str:
    where = f" on {result.device.upper()}" if result.device and not result.cached else ""
    return f"{result.seconds:.0f}{where}" + (", with stages from the cache" if result.cached else "")
