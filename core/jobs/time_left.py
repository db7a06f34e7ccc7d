"""The time left of a run, from this machine's earlier runs, stage by stage.

Takes the status of a run and the earlier runs, returns seconds, and the reason where they had to be raised. In
reading order:

    left        a run and the earlier ones -> an estimate, None where nothing is known
    next_shown  what was shown before, and a new estimate -> what to show: it falls, or says why it rises, or that
                nothing is known any longer
    in_words    the same for people

A stage whose result is in the cache takes CACHED_SECONDS. Any other takes as long as in the earlier runs that did
most nearly the same work, in proportion to the work. The stage at work is known better the further it is, so its
own pace counts the more.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import BadSettings
from core.jobs.job_status import JobStatus
from core.jobs.past_runs import PastRun, flat_settings, sizes_of
from core.jobs.progress_file import StageStatus
from core.jobs.stage_costs import Flat, Sizes, cost_of, same_result
from core.results.run_record import FirstResults
from core.settings import settings_from_dict

NEAREST, AS_NEAR = 3, math.log(1.25)
"""Most runs whose median counts: those whose work is nearest, by its logarithm, or that are further by this."""
FROM_CACHE = 0.2
"""A stage that took less than this share of the longest of them came from the cache."""
CACHED_SECONDS = 1.0
"""Seconds of a stage whose result is in the cache: its files are read and checked."""
MISSED_SECONDS = 5.0
"""A stage that takes so long has to be made anew, though an earlier run made it: the cache was cleared since."""
OVER = 0.25
"""A stage that takes longer than ever, and does not tell its pace, is taken to need this share more."""
RISE_SHARE, RISE_SECONDS = 0.25, 10.0
"""A new estimate is shown, with the reason, where it exceeds the shown one by this share and these seconds. One
that is higher by less leaves the shown one standing."""
WHOLE_RUN = ""
"""The `stage` of an estimate that holds for the whole run."""


@dataclass(frozen=True)
class TimeLeft:
    """An estimate, or what is shown of it."""

    seconds: float | None
    """None where nothing is known yet."""
    stage: str
    """The stage that it is about; WHOLE_RUN where it is about all that is left of the run."""
    at: str = ""
    """The stage at work."""
    reason: str = ""
    """Why it is higher than what was shown before; empty where it is not."""
    raised_from: float = 0.0
    """What was shown before it was raised."""
    ran_out_at: str = ""
    """The stage at which what was shown was counted down to nothing; empty where it was not."""


def left(job: JobStatus, past: Sequence[PastRun], now: float, so_far: FirstResults | None = None) -> TimeLeft:
    """Return the estimate for a running run: of all that is left where known, else of the stage at work.

    `so_far` is what the run has found, which tells the sizes of its data.
    """
    unknown = TimeLeft(None, WHOLE_RUN)
    if job.current is None:
        return unknown
    try:
        settings = flat_settings(settings_from_dict(job.settings).model_dump())
    except BadSettings:
        return unknown
    sizes, name = sizes_of(settings, past, so_far), job.current.name
    cached = {stage.name for stage in job.stages if _in_cache(stage.name, settings, past)}
    if any(_took(stage, now) >= MISSED_SECONDS for stage in job.stages if stage.name in cached):
        cached = set()
    expected = {
        stage.name: CACHED_SECONDS
        if stage.name in cached
        else expected_seconds(stage.name, settings, sizes, past)
        for stage in job.stages
    }
    here = _rest(job.current, expected[name], now)
    waiting = [expected[stage.name] for stage in job.stages if stage.seconds is None and stage.name != name]
    known = [seconds for seconds in waiting if seconds is not None]
    if here is None:
        return TimeLeft(None, WHOLE_RUN, name)
    if len(known) < len(waiting):
        return TimeLeft(here, name, name)
    return TimeLeft(here + sum(known), WHOLE_RUN, name)


def _in_cache(stage: str, settings: Flat, past: Sequence[PastRun]) -> bool:
    """Return whether an earlier run left the stage's result in the cache."""
    return any(stage in run.seconds and same_result(stage, run.settings, settings) for run in past)


def _took(stage: StageStatus, now: float) -> float:
    """Return the seconds that a stage has taken so far."""
    if stage.seconds is not None:
        return stage.seconds
    return now - stage.since if stage.since else 0.0


def _rest(stage: StageStatus, expected: float | None, now: float) -> float | None:
    """Return the seconds left of the stage at work; None where neither earlier runs nor its pace tell them."""
    pace = stage.seconds_left(now)
    if expected is None:
        return pace
    if stage.done == 1:
        return 0.0
    ran = _took(stage, now)
    if ran <= expected:
        rest = expected - ran
        return rest if pace is None else (1 - stage.done) * rest + stage.done * pace
    if pace is not None:
        return pace
    return OVER * ran


def expected_seconds(stage: str, settings: Flat, sizes: Sizes, past: Sequence[PastRun]) -> float | None:
    """Return the seconds that making a stage of a run will take; None where no earlier run tells them."""
    timed = [run for run in past if stage in run.seconds]
    cost = cost_of(stage)
    work = cost.work(settings, sizes)
    if work is None:
        return None
    scaled = []
    for number, run in enumerate(timed):
        before = cost.work(run.settings, run.sizes)
        from_cache = _in_cache(stage, run.settings, timed[number + 1 :])
        if before is None or from_cache or cost.alike(run.settings) != cost.alike(settings):
            continue
        scaled.append((abs(math.log(work / before)), run.seconds[stage] * work / before))
    if not scaled:
        return None
    scaled.sort(key=lambda pair: pair[0])
    nearest = [seconds for distance, seconds in scaled[:NEAREST] if distance <= scaled[0][0] + AS_NEAR]
    return statistics.median(seconds for seconds in nearest if seconds >= FROM_CACHE * max(nearest))


def next_shown(before: TimeLeft | None, estimate: TimeLeft, passed: float = 0.0) -> TimeLeft:
    """Return what to show after `before`: the estimate where it is lower, or so much higher that it has to be said.

    Where nothing is known now, what was shown `passed` seconds ago is counted down, until nothing is left of it. An
    estimate after that is shown with its reason.

    >>> shown = next_shown(TimeLeft(46, WHOLE_RUN, "reviews"), TimeLeft(50, WHOLE_RUN, "reviews"))
    >>> shown.seconds, shown.reason
    (46, '')
    >>> next_shown(shown, TimeLeft(505, WHOLE_RUN, "reviews")).reason
    'the stage “reviews” takes longer than in earlier runs'
    >>> unknown = TimeLeft(None, WHOLE_RUN)
    >>> next_shown(shown, unknown, passed=6).seconds, next_shown(shown, unknown, passed=60).seconds
    (40, None)
    """
    if before and before.ran_out_at:
        return _after_nothing(before, estimate)
    if (
        before is None
        or before.seconds is None
        or before.stage not in (WHOLE_RUN, estimate.stage, estimate.at)
    ):
        # Nothing was shown, or of another stage: nothing that can be compared.
        return estimate
    if estimate.seconds is None:
        seconds_left = before.seconds - passed
        if seconds_left > 0:
            return replace(before, seconds=seconds_left, at=estimate.at)
        return replace(before, seconds=None, at=estimate.at, reason="", ran_out_at=estimate.at or before.at)
    if before.stage and not estimate.stage:
        if estimate.seconds <= before.seconds:
            return estimate
        return replace(estimate, reason="this is for the whole run", raised_from=before.seconds)
    if estimate.seconds > before.seconds * (1 + RISE_SHARE) + RISE_SECONDS:
        why = (
            "takes longer than in earlier runs"
            if estimate.stage == WHOLE_RUN
            else "goes slower than at first"
        )
        reason = f"the stage “{estimate.at}” {why}"
        return replace(estimate, reason=reason, raised_from=before.raised_from or before.seconds)
    seconds = min(estimate.seconds, before.seconds)
    if estimate.at != before.at or seconds <= before.raised_from:
        return replace(estimate, seconds=seconds)
    return replace(estimate, seconds=seconds, reason=before.reason, raised_from=before.raised_from)


def _after_nothing(before: TimeLeft, estimate: TimeLeft) -> TimeLeft:
    """Return what to show after nothing was left of what was shown: an estimate, where it is long with the reason."""
    if estimate.seconds is None:
        return replace(before, at=estimate.at)
    # Of another stage it says nothing of what ran out.
    is_of_another = before.stage not in (WHOLE_RUN, estimate.stage)
    if is_of_another or estimate.seconds <= RISE_SECONDS:
        return estimate
    if estimate.at == before.ran_out_at:
        return replace(estimate, reason=f"the stage “{estimate.at}” takes longer than expected")
    return replace(estimate, reason="an earlier stage took longer than expected")


def in_words(shown: TimeLeft) -> str:
    """Return the time left for people; it never falls in steps that a rounding could turn around.

    >>> in_words(TimeLeft(42.0, WHOLE_RUN)), in_words(TimeLeft(None, WHOLE_RUN))
    ('about 45 s left', 'no estimate yet')
    >>> in_words(TimeLeft(130.0, "reviews", "reviews"))
    'about 3 min left in this stage'
    """
    if shown.seconds is None:
        return "no estimate yet"
    where = "" if shown.stage == WHOLE_RUN else " in this stage"
    why = f": {shown.reason}" if shown.reason else ""
    return f"{_rounded_up(shown.seconds)} left{where}{why}"


def _rounded_up(seconds: float) -> str:
    # Always up, so that a number that falls is never shown as one that rises.
    if seconds < 5:
        return "a few seconds"
    if seconds <= 90:
        return f"about {5 * math.ceil(seconds / 5)} s"
    if seconds <= 90 * 60:
        return f"about {math.ceil(seconds / 60)} min"
    return f"about {math.ceil(seconds / 3600)} h"
