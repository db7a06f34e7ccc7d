"""A run in five paragraphs, and its factors in the order of their evidence."""

from typing import Any

from support.run_records import run_record, words_record

from core.results.run_record import Unmeasured
from core.results.sentences import WHAT_LRAP_IS
from core.results.sentences.summary import by_evidence, summary
from core.results.verdict import VerdictWord

CHANGES: dict[str, Any] = {
    "ratings": {"users": 10, "films": 7, "ratings": 1000},
    "reviews": {"reviews": 40, "films_with_reviews": 5, "films_without": 1},
    "factor_model": {"factors": 2, "rmse_valid": 0.5, "rmse_means": 0.75},
    "settings": {"factor_model": {"valid_share": 0.2}},
    "stability": {"factors": [{"verdict": "stable"}, {"verdict": "noise"}], "users": 10, "repeats": 5},
    "readability": {"per_label": [{"factor": 0, "readable": True}, {"factor": 1, "readable": None}]},
    "classifier": {
        "labels": [0, 1],
        "split": "films",
        "folds": 5,
        "films_held_out": 30,
        "reviews_held_out": 240,
        "lrap": 0.9,
        "lrap_baseline": 0.7,
        "lrap_gain": 0.2,
        "lrap_gain_interval": [0.1, 0.3],
        "thresholds": [0.5, 0.5],
    },
    "dominating_factor": 0,
    "predictions": {"predicted": 50, "of_dominating": 30, "share": 0.6},
}


def test_five_sentences_are_made_from_the_numbers() -> None:
    said = summary(run_record(**CHANGES), lambda factor: f"factor {factor} · war")
    assert list(said) == [
        "Data",
        "Ratings kept out",
        "Factors that repeat",
        "What reviews reveal",
        "The dominating factor",
    ]
    assert said["Data"] == "1,000 ratings by 10 users of 7 films. 40 reviews of 5 of the 6 films looked at."
    assert "(20% of all). With 2 factors its typical error (RMSE) is 0.500 stars." in said["Ratings kept out"]
    assert "err by 0.750" in said["Ratings kept out"]
    assert "1 factor stable, 0 weak, 1 not distinguishable from noise" in said["Factors that repeat"]
    assert "+0.200 (95% interval +0.100 to +0.300)" in said["What reviews reveal"]
    assert (
        "1 factor is readable from reviews, 0 are not. 1 has too few films to test."
        in said["What reviews reveal"]
    )
    assert "30 of 50 predictions (60%) are of factor 0 · war. " in said["The dominating factor"]
    assert all(sentence.endswith(".") for sentence in said.values())


def test_lrap_is_explained_before_its_number() -> None:
    said = summary(run_record(**CHANGES), str)["What reviews reveal"]
    assert said.startswith(WHAT_LRAP_IS) and said.count(WHAT_LRAP_IS) == 1 and "is 0.900." in said
    assert len(WHAT_LRAP_IS.split()) <= 20


def test_of_large_data_both_numbers_of_users_are_said_once() -> None:
    of_a_part = CHANGES["stability"] | {"users": 10, "of_users": 40}
    said = summary(run_record(**CHANGES | {"stability": of_a_part}), str)["Factors that repeat"]
    assert said.count("10") == said.count("40") == 1 and "(among 10 of 40 users, drawn at random)" in said


def test_what_was_not_measured_is_called_that() -> None:
    older = {"unmeasured": "this run is older"}
    changes = CHANGES | {
        "stability": older,
        "readability": older,
        "dominating_factor": None,
    }
    said = summary(run_record(**changes), str)
    assert said["Factors that repeat"].endswith("how far the factors repeat: this run is older.")
    assert (
        "did not measure whether reviews reveal the factors: this run is older."
        in said["What reviews reveal"]
    )
    assert said["The dominating factor"].startswith("No factor is predicted in any review.")


def test_solid_factors_come_first_then_shaky_ones_with_words_and_chance_last() -> None:
    words = words_record([True, True, False, True, True, True])
    verdicts: list[VerdictWord] = ["chance", "shaky", "shaky", "solid", "shaky", "solid"]
    assert by_evidence(verdicts, words, [0.9, 0.2, 0.8, 0.1, 0.5, 0.3]) == [5, 3, 4, 1, 2, 0]
    assert by_evidence(verdicts, words, None) == [3, 5, 1, 4, 2, 0]
    missing = Unmeasured(unmeasured="not enough films to say")
    assert by_evidence(verdicts, missing, None) == [3, 5, 1, 2, 4, 0]
