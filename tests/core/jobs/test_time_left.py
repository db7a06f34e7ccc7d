"""The time left of a run: from earlier runs, stage by stage, and never higher without a reason."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from support.run_folders import add_recorded_run, run_record

from core import jobs
from core.jobs import StageStatus
from core.jobs.past_runs import PastRun, flat_settings, full_seconds, past_run, past_runs, sizes_of
from core.jobs.stage_costs import COSTS, same_result
from core.jobs.time_left import (
    CACHED_SECONDS,
    WHOLE_RUN,
    TimeLeft,
    expected_seconds,
    in_words,
    left,
    next_shown,
)
from core.pipeline.chain import STAGES as CHAIN
from core.results.run_record import FirstResults
from core.settings import RunSettings, preset, with_changes
from core.store import Store

SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)
STAGES = ("ratings", "factor model", "reviews", "words")
SECONDS = {"ratings": 1.0, "factor model": 20.0, "reviews": 30.0, "words": 5.0}
BEGAN = 1000.0


def past(settings: RunSettings = SETTINGS, times: float = 1.0, **sizes: int) -> PastRun:
    """A finished run of 200,000 ratings whose stages took `times` as long as SECONDS."""
    stages = [StageStatus(name, 1.0, "", times * seconds) for name, seconds in SECONDS.items()]
    record = run_record(settings)
    record = record.model_copy(
        update={"ratings": record.ratings.model_copy(update={"ratings": sizes.get("ratings", 200_000)})}
    )
    return past_run(Path(), stages, record)


def job_at(
    stage: str, done: float, since: float, settings: RunSettings, took: Mapping[str, float] = SECONDS
) -> jobs.JobStatus:
    """A run at work in a stage since `since`, with the earlier stages done; these took so many seconds."""
    position, stages = STAGES.index(stage), []
    for number, name in enumerate(STAGES):
        if number < position:
            stages.append(StageStatus(name, 1.0, "", took.get(name, 1.0)))
        elif number == position:
            stages.append(StageStatus(name, done, "", None, began=since, since=since))
        else:
            stages.append(StageStatus(name, 0.0, "", None))
    return jobs.JobStatus(
        run_id="20261124-120000-aaa1",
        name="a run",
        state="running",
        message="",
        stages=tuple(stages),
        current=stages[position],
        error=None,
        created=BEGAN,
        started=BEGAN,
        finished=None,
        settings=settings.model_dump(),
    )


def replay(durations: dict[str, float], settings: RunSettings, earlier: list[PastRun]) -> list[TimeLeft]:
    """Return what is shown each second of a run whose stages take these seconds, at an even pace."""
    shown, every, since = None, [], BEGAN
    for stage, seconds in durations.items():
        for second in range(int(seconds)):
            job = job_at(stage, second / seconds, since, settings, durations)
            shown = next_shown(shown, left(job, earlier, since + second))
            every.append(shown)
        since += seconds
    return every


def falls_or_says_why(shown: list[TimeLeft]) -> bool:
    """Whether no number is above the last one, unless that was of another stage or the reason is given."""
    known = [each for each in shown if each.seconds is not None]
    return all(
        after.seconds <= before.seconds or after.reason
        for before, after in zip(known, known[1:], strict=False)
        if before.stage in (WHOLE_RUN, after.stage, after.at)
    )


OTHER = SETTINGS.replace(seed=7)
"""Another seed: only the reviews come from the cache."""
FROM_CACHE = SECONDS | {"reviews": CACHED_SECONDS}


def test_a_run_like_an_earlier_one_counts_down_to_nothing() -> None:
    shown = replay(FROM_CACHE, OTHER, [past()])
    assert shown[0].seconds == pytest.approx(sum(FROM_CACHE.values()))
    assert falls_or_says_why(shown) and not any(each.reason for each in shown)
    assert shown[-1].seconds is not None and shown[-1].seconds <= 1


@pytest.mark.parametrize("times", [0.1, 0.5, 3.0, 12.0])
def test_a_run_that_goes_faster_or_slower_never_shows_more_without_the_reason(times: float) -> None:
    durations = {name: max(1.0, times * seconds) for name, seconds in FROM_CACHE.items()}
    shown = replay(durations, OTHER, [past()])
    assert falls_or_says_why(shown)
    reasons = {each.reason for each in shown} - {""}
    assert all(reason.endswith("takes longer than in earlier runs") for reason in reasons)
    assert bool(reasons) == (times > 1)


def test_more_ratings_take_longer_in_proportion_and_what_is_not_known_is_not_made_up() -> None:
    large = [past(SETTINGS.replace(ratings="ml-100k"), ratings=1_000_000), past()]
    settings = flat_settings(OTHER.replace(ratings="ml-100k").model_dump())
    small = past()
    assert expected_seconds("factor model", settings, sizes_of(settings, large), [small]) == pytest.approx(
        100.0
    )
    # A thousandth of the ratings takes as many steps as a quick model needs to learn.
    few = [past(SETTINGS.replace(ratings="few.csv"), ratings=200)]
    settings = flat_settings(OTHER.replace(ratings="few.csv").model_dump())
    assert expected_seconds("factor model", settings, sizes_of(settings, few), [small]) > 5.0
    unknown = OTHER.replace(ratings="mine.csv")
    first = left(job_at("ratings", 0.0, BEGAN, unknown), [past()], BEGAN)
    assert first.seconds is None and in_words(first) == "no estimate yet"
    # Later the pace of the stage tells its own time, and nothing more is claimed.
    shown = replay({"ratings": 1, "factor model": 40}, unknown, [past()])
    assert shown[-1].stage == "factor model" and in_words(shown[-1]) == "a few seconds left in this stage"
    assert falls_or_says_why(shown)


def test_what_the_run_found_itself_tells_the_sizes_of_new_data() -> None:
    unknown = OTHER.replace(ratings="mine.csv")
    record = run_record(unknown, ratings={"ratings": 400_000}, reviews={"coverage": None, "by_source": {}})
    found = FirstResults(
        **{name: getattr(record, name) for name in ("ratings", "factor_model", "reviews")}
        | {"suggested_names": [], "settings": unknown.model_dump()}
    )
    settings = flat_settings(unknown.model_dump())
    sizes = sizes_of(settings, [past()], found)
    assert (sizes.ratings, sizes.factors, sizes.labelled) == (400_000, 2, 960)
    estimate = left(job_at("factor model", 0.0, BEGAN, unknown), [past()], BEGAN, found)
    assert expected_seconds("factor model", settings, sizes, [past()]) == pytest.approx(40.0)
    assert estimate.at == "factor model" and estimate.seconds is not None and estimate.seconds >= 40.0


def test_without_earlier_runs_there_is_no_estimate() -> None:
    assert in_words(replay({"ratings": 2}, SETTINGS, [])[0]) == "no estimate yet"


def test_stages_from_the_cache_are_quick_and_do_not_count_as_measured() -> None:
    more_films = with_changes(SETTINGS, {"selection.films": 30})
    flat = flat_settings(more_films.model_dump())
    sizes = sizes_of(flat, [past()])
    first = left(job_at("ratings", 0.0, BEGAN, more_films), [past()], BEGAN)
    assert first.seconds == pytest.approx(SECONDS["ratings"] + 3 * CACHED_SECONDS)
    # The newer of two like runs had the stage from the cache, so it tells nothing of the cost.
    like = [past(times=0.01), past()]
    other = flat_settings(OTHER.model_dump())
    assert expected_seconds("factor model", other, sizes, like) == pytest.approx(20.0)
    # A run whose cache was filled by a deleted run is told by its seconds.
    third = past(SETTINGS.replace(seed=3), times=0.01)
    assert expected_seconds("factor model", other, sizes, [third, past()]) == pytest.approx(20.0)
    assert not same_result("ratings", flat, flat) and same_result("a new stage", flat, flat)
    assert not same_result("a new stage", flat, other)


def test_a_cache_that_was_cleared_is_noticed_once_and_for_all_later_stages() -> None:
    shown = replay(SECONDS, with_changes(SETTINGS, {"selection.films": 30}), [past()])
    assert falls_or_says_why(shown)
    raised = [
        after for before, after in zip(shown, shown[1:], strict=False) if after.seconds > before.seconds
    ]
    assert [each.at for each in raised] == ["factor model"]
    assert raised[0].seconds == pytest.approx(sum(SECONDS.values()) - 6)


def test_a_stage_that_is_done_earlier_than_expected_raises_nothing() -> None:
    at_work = TimeLeft(7.0, WHOLE_RUN, "factor model")
    done = left(job_at("factor model", 1.0, BEGAN, OTHER), [past()], BEGAN + 10)
    assert done.seconds == pytest.approx(CACHED_SECONDS + SECONDS["words"])
    assert next_shown(at_work, done).reason == ""


def test_a_stage_that_no_run_knows_is_counted_by_its_pace_alone() -> None:
    shown = replay({"words": 30}, OTHER, [replace(past(), seconds={"ratings": 1.0})])
    assert shown[0].seconds is None and shown[10].seconds == pytest.approx(20.0)


def test_more_is_shown_only_with_its_reason() -> None:
    before = TimeLeft(46.0, WHOLE_RUN, "ratings")
    assert next_shown(before, TimeLeft(50.0, WHOLE_RUN, "reviews")).seconds == 46.0
    raised = next_shown(before, TimeLeft(505.0, WHOLE_RUN, "reviews"))
    assert in_words(raised) == "about 9 min left: the stage “reviews” takes longer than in earlier runs"
    # The reason stands while that stage is at work.
    assert next_shown(raised, TimeLeft(300.0, WHOLE_RUN, "reviews")).reason == raised.reason
    assert next_shown(raised, TimeLeft(300.0, WHOLE_RUN, "words")).reason == ""
    assert next_shown(raised, TimeLeft(40.0, WHOLE_RUN, "reviews")).reason == ""
    assert (
        "slower than at first"
        in next_shown(TimeLeft(5.0, "reviews", "reviews"), TimeLeft(90.0, "reviews", "reviews")).reason
    )


def test_an_unknown_estimate_counts_down_what_was_shown_and_then_says_that_there_is_none() -> None:
    unknown, shown, every = TimeLeft(None, WHOLE_RUN, "reviews"), TimeLeft(3.0, WHOLE_RUN, "ratings"), []
    for _ in range(4):
        shown = next_shown(shown, unknown, passed=1.0)
        every.append(shown.seconds)
    assert every == [2.0, 1.0, None, None]
    assert in_words(shown) == "no estimate yet"
    again = next_shown(shown, TimeLeft(505.0, WHOLE_RUN, "reviews"))
    assert in_words(again) == "about 9 min left: the stage “reviews” takes longer than expected"
    later = next_shown(next_shown(shown, replace(unknown, at="words")), TimeLeft(505.0, WHOLE_RUN, "words"))
    assert in_words(later) == "about 9 min left: an earlier stage took longer than expected"
    assert in_words(next_shown(shown, TimeLeft(9.0, WHOLE_RUN, "reviews"))) == "about 10 s left"


def test_of_a_stage_whose_time_ran_out_the_next_stage_is_not_blamed() -> None:
    ran_out = next_shown(TimeLeft(10.0, "reviews", "reviews"), TimeLeft(None, WHOLE_RUN, "reviews"), 20.0)
    assert in_words(ran_out) == "no estimate yet"
    next_stage = next_shown(ran_out, TimeLeft(60.0, "classifier", "classifier"))
    assert in_words(next_stage) == "about 60 s left in this stage"


def test_after_the_time_of_a_stage_that_of_the_whole_run_is_said_to_be_of_more() -> None:
    of_stage = TimeLeft(20.0, "reviews", "reviews")
    whole = next_shown(of_stage, TimeLeft(290.0, WHOLE_RUN, "reviews"))
    assert in_words(whole) == "about 5 min left: this is for the whole run"
    assert falls_or_says_why([of_stage, whole]) and not falls_or_says_why(
        [of_stage, replace(whole, reason="")]
    )
    assert in_words(next_shown(of_stage, TimeLeft(12.0, WHOLE_RUN, "reviews"))) == "about 15 s left"


def test_words_of_a_falling_number_never_return() -> None:
    falling = (in_words(TimeLeft(float(seconds), WHOLE_RUN)) for seconds in range(200_000, 0, -1))
    shown = [words for words, _ in groupby(falling)]
    assert len(shown) == len(set(shown)) and shown[-1] == "a few seconds left"


def test_what_came_from_the_cache_is_part_of_the_full_cost() -> None:
    first, again = past(), past(times=0.01)
    assert full_seconds(first, []) == pytest.approx(sum(SECONDS.values()))
    # The ratings are read in each run.
    assert full_seconds(again, [first]) == pytest.approx(sum(SECONDS.values()) - 1.0 + 0.01)


def test_every_stage_with_a_known_cost_is_one_of_the_chain() -> None:
    assert set(COSTS) <= set(CHAIN)


def test_finished_runs_are_read_once_and_damaged_ones_left_out(store: Store) -> None:
    add_recorded_run(store, "20261124-120000-aaa1", SETTINGS)
    add_recorded_run(store, "20261124-120000-aaa2", SETTINGS)
    (jobs.run_folder("20261124-120000-aaa2", store) / "run.json").write_text("{")
    (run,) = past_runs(store)
    assert run.sizes.ratings == 20_000 and run.seconds["reviews"] == 0.5
    assert past_runs(store)[0] is run


@pytest.mark.parametrize("stage", ["factor model", "stability", "features", "classifier"])
def test_seconds_of_one_device_say_nothing_of_another(stage: str) -> None:
    auto, cpu = (flat_settings(preset("quick", device=device).model_dump()) for device in ("auto", "cpu"))
    assert COSTS[stage].alike(auto) != COSTS[stage].alike(cpu)
    assert COSTS[stage].alike(auto) == COSTS[stage].alike(auto | {"seed": 7})
