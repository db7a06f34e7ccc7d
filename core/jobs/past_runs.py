"""The finished runs of a cache folder -> what they took, stage by stage, with their settings and sizes.

Takes the folders of runs, returns plain values. What a run to come will take is left to `time_left`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput
from core.jobs.job_status import JobStatus, run_folder, runs
from core.jobs.progress_file import StageStatus
from core.jobs.stage_costs import Flat, Sizes, same_result
from core.results.run_record import FirstResults, RunRecord, read_record
from core.settings import DEFAULT_DATA
from core.settings.changes import flat, plain_lists, preset_of
from core.store import Store

MOST_RUNS = 30
"""Most earlier runs that count, the newest."""
DEFAULTS = {"ratings": "ml-100k", "reviews": "sample"}
"""What the default data nearly always are."""


@dataclass(frozen=True)
class PastRun:
    """A finished run."""

    folder: Path
    """Folder of its results."""
    preset: str
    settings: Flat
    """Without the preset's name, which decides no result."""
    sizes: Sizes
    films: int
    """Films whose reviews were read."""
    seconds: Mapping[str, float]
    """By stage."""


_past: dict[str, tuple[float, PastRun | None]] = {}
"""Folder of a finished run -> time of its record, and what it says; None for one that cannot be read."""


def past_runs(store: Store) -> list[PastRun]:
    """Return the newest finished runs that can be read, newest first."""
    finished = [job for job in runs(store) if job.state == "done"][:MOST_RUNS]
    past = [_past_run(job, run_folder(job.run_id, store)) for job in finished]
    return [run for run in past if run is not None]


def _past_run(job: JobStatus, folder: Path) -> PastRun | None:
    try:
        changed = (folder / "run.json").stat().st_mtime
    except OSError:
        return None
    known = _past.get(str(folder))
    if known is None or known[0] != changed:
        try:
            known = changed, past_run(folder, job.stages, read_record(folder))
        except BadInput:
            known = changed, None
        _past[str(folder)] = known
    return known[1]


def past_run(folder: Path, stages: Sequence[StageStatus], record: RunRecord) -> PastRun:
    """Return a finished run from its progress and its record."""
    return PastRun(
        folder=folder,
        preset=preset_of(record.run_settings),
        settings=flat_settings(record.run_settings.model_dump()),
        sizes=_sizes(record),
        films=record.reviews.films_with_reviews,
        seconds={stage.name: stage.seconds for stage in stages if stage.seconds is not None},
    )


def flat_settings(settings: Mapping[str, object]) -> Flat:
    """Return settings by full name, such that two runs with the same ones make the same results."""
    values = {name: plain_lists(value) for name, value in flat(settings).items()}
    for name, usual in DEFAULTS.items():
        if values.get(name) == DEFAULT_DATA:
            values[name] = usual
    # Named anew, a preset with the same numbers makes the same run.
    values.pop("preset", None)
    return values


def _sizes(record: RunRecord | FirstResults) -> Sizes:
    ratings, factors, reviews = record.ratings.ratings, record.factor_model.factors, record.reviews
    if reviews is None:
        return Sizes(ratings, factors)
    known = reviews.coverage.reviews if reviews.coverage else sum(reviews.by_source.values())
    return Sizes(ratings, factors, known or None, reviews.reviews)


def full_seconds(run: PastRun, older: Sequence[PastRun]) -> float:
    """Return what a run would have taken without the stages that older runs left in the cache."""
    return sum(
        max(
            [seconds]
            + [
                other.seconds[stage]
                for other in older
                if stage in other.seconds and same_result(stage, other.settings, run.settings)
            ]
        )
        for stage, seconds in run.seconds.items()
    )


def sizes_of(settings: Flat, past: Sequence[PastRun], so_far: FirstResults | None = None) -> Sizes:
    """Return the sizes of a run's data, as far as earlier runs with the same data tell them, or what it found."""
    own = Sizes() if so_far is None else _sizes(so_far)
    same_ratings = [run for run in past if run.settings["ratings"] == settings["ratings"]]
    same_data = [run for run in same_ratings if run.settings["reviews"] == settings["reviews"]]
    factors = settings["factor_model.factors"]
    if factors is None and same_ratings:
        # The number that is chosen depends on the ratings more than on anything else.
        chosen = [run for run in same_ratings if run.settings["factor_model.factors"] is None]
        factors = chosen[0].sizes.factors if chosen else settings["stability.most_factors"]
    labelled = None
    if same_data and same_data[0].films:
        a_film = (same_data[0].sizes.labelled or 0) / same_data[0].films
        labelled = round(a_film * settings["selection.films"])
        if same_data[0].sizes.reviews:
            labelled = min(labelled, same_data[0].sizes.reviews)
    return Sizes(
        ratings=own.ratings or (same_ratings[0].sizes.ratings if same_ratings else None),
        factors=own.factors or factors,
        reviews=own.reviews or (same_data[0].sizes.reviews if same_data else None),
        labelled=own.labelled or labelled,
    )
