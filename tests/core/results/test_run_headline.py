"""The headline of a run, and why nothing holds up."""

import pytest
from support.run_records import run_record, words_record

from core.results.run_record import PENDING, FirstResults, Unmeasured
from core.results.sentences.run_headline import headline, not_learnt, why_nothing_holds
from core.results.verdict import VerdictWord

LEARNED = "This recommender learned 3 tastes"


@pytest.mark.parametrize(
    ("verdicts", "words", "expected"),
    [
        (
            ["solid", "solid", "solid"],
            [True, True, False],
            "3 hold up, and reviews have words for 2.",
        ),
        (
            ["solid", "shaky", "shaky"],
            [False] * 3,
            "1 holds up, 2 more in part, and reviews have words for none.",
        ),
        (
            ["shaky", "chance", "chance"],
            [True] * 3,
            "1 holds up in part, and reviews have words for 1.",
        ),
    ],
)
def test_the_headline_counts_what_holds_up_and_what_reviews_speak_of(
    verdicts: list[VerdictWord], words: list[bool], expected: str
) -> None:
    record = run_record().model_copy(update={"words": words_record(words)})
    assert headline(record, verdicts) == f"{LEARNED}. {expected}"


def test_the_headline_says_where_nothing_holds_up_or_nothing_is_known() -> None:
    record = run_record()
    assert headline(record, ["chance"] * 3) == f"{LEARNED}, and none of them holds up."
    unmeasured = record.model_copy(update={"stability": Unmeasured(unmeasured="too few users")})
    assert headline(unmeasured, ["shaky"] * 3).endswith("if they hold up: too few users.")
    no_words = record.model_copy(update={"words": Unmeasured(unmeasured="too few films")})
    assert headline(no_words, ["solid"] * 3) == f"{LEARNED}. 3 hold up."
    raw = record.model_copy(update={"factor_model": record.factor_model.model_copy(update={"form": "raw"})})
    assert "in raw form" in headline(raw, ["shaky"] * 3)


def test_the_headline_of_a_run_under_way_claims_nothing() -> None:
    record = run_record()
    early = FirstResults(
        ratings=record.ratings,
        factor_model=record.factor_model,
        suggested_names=[],
        settings=record.settings,
    )
    assert early.stability == early.words == PENDING
    # It may wait for its turn, so it need not be at work.
    assert headline(early, ["shaky"]) == "This recommender learned 1 taste. The run has yet to check it."


@pytest.mark.parametrize(
    ("factors", "error", "remedy", "told"),
    [
        (50, 0.95, "accurate", "errs by 0.950 stars; the means of films and users err by 0.950"),
        (50, 0.8, "starter", "50 factors are too many for 1,000 ratings"),
        (6, 0.8, "data", "1,000 ratings by 10 users are too few"),
    ],
)
def test_why_nothing_holds_up_and_what_does_better(
    factors: int, error: float, remedy: str, told: str
) -> None:
    model = {"factors": factors, "rmse_valid": error, "rmse_means": 0.95}
    record = run_record(factor_model=model, ratings={"users": 10, "ratings": 1000})
    bayesian = run_record(factor_model=model | {"method": "gibbs"}, ratings={"users": 10, "ratings": 1000})
    assert why_nothing_holds(bayesian).remedy != "accurate"
    why = why_nothing_holds(record)
    assert why.remedy == remedy and told in why.reason


@pytest.mark.parametrize(
    ("method", "remedy", "said"),
    [("dot-bias", "accurate", "The preset accurate may do better."), ("gibbs", "data", "contain too little")],
)
def test_that_a_model_has_not_learnt_is_the_first_thing_said(method: str, remedy: str, said: str) -> None:
    model = {"rmse_valid": 1.03, "rmse_means": 0.81, "rmse_gain_interval": [-0.25, -0.19], "method": method}
    record = run_record(factor_model=model)
    first = "This recommender predicts ratings no better than plain means."
    assert headline(record, ["no class"] * 3) == first
    assert not_learnt(record).startswith(
        f"{first} On ratings kept out it errs by 1.030 stars; the means of films and users err by 0.810. "
        "That is 0.220 stars worse (95% interval -0.250 to -0.190). So no factor gets a class."
    )
    assert said in not_learnt(record) and why_nothing_holds(record).remedy == remedy
    assert not not_learnt(run_record(factor_model=model | {"rmse_gain_interval": [0.01, 0.02]}))
