"""Sentences on a run, from records whose numbers can be followed by eye."""

from typing import Any

import pytest
from support.language import MOST_WORDS, split, words
from support.run_records import run_record

from core.results.run_record import Readability, Stability
from core.results.sentences import (
    calibration_line,
    factors_that_are_read,
    gain_line,
    graded_on,
    leak_line,
    readability_line,
    readability_of,
    readability_summary,
    reader_line,
    stability_line,
    stability_of,
    threshold_line,
    unmoved_by_words,
)


def _readability(**changes: Any) -> Readability:
    readability = run_record(readability=changes).readability
    assert isinstance(readability, Readability)
    return readability


def _stability(**changes: Any) -> Stability:
    stability = run_record(stability=changes).stability
    assert isinstance(stability, Stability)
    return stability


@pytest.mark.parametrize(
    ("interval", "films", "worth"),
    [
        (
            [-0.1, 0.3],
            30,
            "(95% interval -0.100 to +0.300). Reading may be no better than guessing by how common each factor is.",
        ),
        (
            [0.05, 0.3],
            30,
            "(95% interval +0.050 to +0.300). Reading beats guessing by how common each factor is.",
        ),
        (
            [-0.3, -0.1],
            30,
            "(95% interval -0.300 to -0.100). Reading does worse than guessing by how common each factor is.",
        ),
        (
            [0.05, 0.3],
            4,
            "(95% interval +0.050 to +0.300). Reading beats guessing by how common each factor is. "
            "With only 4 films held out the interval may be too narrow.",
        ),
    ],
)
def test_the_gain_over_label_frequencies(interval: list[float], films: int, worth: str) -> None:
    changes = {"lrap_gain": 0.1, "lrap_gain_interval": interval, "split": "films", "films_held_out": films}
    sentence = gain_line(run_record(classifier=changes).classifier)
    assert sentence == f"The gain over label frequencies is +0.100 {worth}"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"split": "films", "folds": None, "reviews_held_out": 32, "films_held_out": 4},
            "It was graded on 32 reviews of 4 films held out whole.",
        ),
        (
            {"split": "films", "folds": 5, "reviews_held_out": 800, "films_held_out": 100},
            "It was graded on 800 reviews of 100 films, in 5 folds. A model that never saw its film read each "
            "review.",
        ),
        (
            {"split": "reviews", "folds": None, "reviews_held_out": 32},
            "It was graded on 32 reviews held out at random. It had learned from other reviews of the same films, "
            "which flatters it.",
        ),
    ],
)
def test_what_the_classifier_was_graded_on(changes: dict[str, Any], text: str) -> None:
    assert graded_on(run_record(classifier=changes).classifier) == text


def test_when_a_factor_counts_as_predicted() -> None:
    uncalibrated = run_record(classifier={"thresholds": [0.5, 0.5], "calibration": None}).classifier
    sentence = "A factor counts as predicted from a probability of 50% on."
    assert threshold_line(uncalibrated) == sentence
    assert threshold_line(run_record().classifier).startswith("Each factor has its own threshold")


def test_what_the_encoder_had_read() -> None:
    leak = "none: the encoder has read no review of any of these films"
    sentence = "The encoder has read no review of any of these films."
    assert leak_line(run_record(classifier={"leak": leak}).classifier) == sentence


def test_a_factor_is_unmoved_by_words_where_its_slope_is_zero() -> None:
    calibration = {"slope": [0.5, 0.0], "intercept": [0.0, 0.0]}
    classifier = run_record(classifier={"labels": [4, 2], "calibration": calibration}).classifier
    assert unmoved_by_words(classifier, 4) == ""
    assert "gives every review the same probability" in unmoved_by_words(classifier, 2)
    assert unmoved_by_words(run_record(classifier={"calibration": None}).classifier, 0) == ""


def test_what_calibration_is_worth() -> None:
    better = run_record(classifier={"calibration_error": {"before": 0.149, "after": 0.067}}).classifier
    sentence = "On average the probabilities are off by 14.9 points (of 100) before calibration, and by 6.7 after it."
    assert calibration_line(better) == sentence
    worse = run_record(classifier={"calibration_error": {"before": 0.05, "after": 0.05}}).classifier
    assert calibration_line(worse).endswith(" So calibration did not help here.")
    none = run_record(classifier={"calibration_error": None}).classifier
    assert "are not calibrated" in calibration_line(none)


def test_which_factors_are_readable() -> None:
    one = _readability(per_label=[{"factor": 1, "readable": True}])
    assert readability_of(one, 0).startswith("Readability not measured: ")
    assert readability_of(one, 1).startswith("Readable from reviews: ")
    others = "2 are not among any reviewed film's top factors."
    assert readability_line(one, 3) == f"1 factor is readable from reviews, 0 are not. {others}"
    both = _readability(per_label=[{"factor": 1, "readable": True}, {"factor": 4, "readable": False}])
    sentence = "Reviews of films that the classifier never saw reveal 1 of 2 factors: factor 1."
    assert readability_summary(both) == sentence


@pytest.mark.parametrize("readable", [6, 7, 50])
def test_a_sentence_of_many_readable_factors_is_short(readable: int) -> None:
    many = _readability(per_label=[{"factor": k, "readable": k < readable} for k in range(50)])
    for text in (readability_summary(many), factors_that_are_read(many, ["shaky"] * 50, {})):
        assert all(len(words(part)) <= MOST_WORDS for part in split(text)), text


NAMES = {0: "≈ war ↔ music"}


def test_factors_of_chance_are_not_among_those_that_are_read() -> None:
    labels = [
        {"factor": 0, "readable": True},
        {"factor": 1, "readable": True},
        {"factor": 2, "readable": False},
    ]
    measured = _readability(per_label=labels)
    assert factors_that_are_read(measured, ["solid", "shaky", "shaky"], NAMES) == (
        "The classifier reads 2 of 3 factors from reviews: factor 0 ≈ war and factor 1."
    )
    assert factors_that_are_read(measured, ["chance", "shaky", "shaky"], NAMES) == (
        "The classifier reads 1 of 3 factors from reviews: factor 1. It reads 1 more, but it may be chance."
    )
    assert factors_that_are_read(measured, ["chance"] * 3, NAMES) == (
        "The classifier reads 2 of 3 factors from reviews, but they may be chance."
    )
    none = _readability(per_label=[{"factor": 0, "readable": False}])
    assert (
        factors_that_are_read(none, ["shaky"], NAMES) == "The classifier reads none of 1 factor from reviews."
    )
    unknown = _readability(per_label=[{"factor": 0, "readable": None}])
    assert factors_that_are_read(unknown, ["shaky"], NAMES).startswith("There are too few films")


def test_a_factor_that_is_no_label_is_not_measured() -> None:
    assert readability_of(_readability(per_label=[]), 0) == (
        "Readability not measured: no film with reviews has this factor among its top factors."
    )


def test_the_classifier_beside_counted_words() -> None:
    tfidf = {"lrap": 0.59, "lrap_gain": -0.02, "lrap_gain_interval": [-0.03, -0.01]}
    assert reader_line(_readability(lrap=0.57, rivals={"tfidf": tfidf})) == (
        "The classifier reads worse than counted words (TF-IDF). Its LRAP is 0.570; "
        "counted words reach 0.590 on the same folds. The difference is -0.020 (95% interval -0.030 to -0.010)."
    )


def test_how_many_factors_are_stable() -> None:
    stability = _stability(factors=[{"verdict": "stable"}, {"verdict": "noise"}, {"verdict": "noise"}])
    assert stability_line(stability) == "1 factor stable, 0 weak, 2 not distinguishable from noise"


def test_stability_says_among_which_users_it_was_measured() -> None:
    row = {
        "stability": 0.85,
        "interval": [0.8, 0.9],
        "seeds": 0.99,
        "seeds_interval": [0.98, 1.0],
        "verdict": "stable",
    }
    about = {"factors": [row], "null": {"high": 0.1}, "repeats": 5, "stable_from": 0.7, "users": 6_500}
    among = "among 6,500 of 162,000 users, drawn at random"
    part, whole, older = (_stability(**about, of_users=users) for users in (162_000, 6_500, None))
    assert stability_line(part).endswith(f"({among})") and f"Measured {among}." in stability_of(part, 0)
    for all_of_them in (whole, older):
        assert "drawn" not in stability_line(all_of_them) + stability_of(all_of_them, 0)


def test_how_stable_a_factor_is() -> None:
    row = {"stability": 0.85, "interval": [0.8, 0.9], "seeds": 0.99, "seeds_interval": [0.98, 1.0]}
    stability = _stability(
        factors=[row | {"verdict": "stable"}], null={"high": 0.1}, repeats=5, stable_from=0.7
    )
    sentence = stability_of(stability, 0)
    assert sentence.split(":")[0] == "Stable"
    assert "5 times" in sentence and "stay below 0.10" in sentence
