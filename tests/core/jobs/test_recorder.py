"""The recorder: progress and curves of a running run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.run_folders import add_recorded_run

from core import jobs
from core.jobs.job_status import cancel_file
from core.jobs.recorder import MOST_POINTS, Recorder, with_point
from core.jobs.worker import Workplace, perform
from core.progress import Report
from core.settings import RunSettings, preset
from core.store import Store, shared_store
from core.store.store_errors import Away

ONE, TWO = "20261124-120000-aaa1", "20261124-120000-aaa2"


SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


def test_a_long_curve_is_thinned_and_leaves_no_gap_and_each_kind_of_point() -> None:
    points: list[dict[str, float]] = []
    for step in range(1, 3001):
        points = with_point(points, {"step": step / 100, "trained on": 1.0})
        if step % 1000 == 0:
            points = with_point(points, {"step": step / 100, "kept out": 1.0})
    within = [point["step"] for point in points if "trained on" in point]
    gaps = [after - before for before, after in zip(within, within[1:], strict=False)]
    assert len(within) <= MOST_POINTS and within[0] == 0.01
    assert max(gaps) < 0.01 * within[-1]
    assert [point["step"] for point in points if "kept out" in point] == [10, 20, 30]


def test_a_recorder_keeps_the_curves_of_each_stage(store: Store) -> None:
    add_recorded_run(store, ONE, SETTINGS, state="cancelled")
    folder = store.root / "runs" / ONE
    recorder = Recorder(folder, 2, ("first", "second"))
    recorder("first", 0.5, "at work", {"step": 1, "trained on": 0.5})
    recorder("first", 1, "is built", {"step": 2, "trained on": 0.4})
    recorder("second", 1, "nothing to draw")
    recorder.finish("done")
    (folder / "job.json").write_text(
        json.dumps(json.loads((folder / "job.json").read_text()) | {"attempt": 2})
    )
    first, second = jobs.status(ONE, store).stages
    assert first.curve == ({"step": 1, "trained on": 0.5}, {"step": 2, "trained on": 0.4})
    assert second.curve == ()
    # An attempt that finds the stage in the cache reports no points, and the old curve stays.
    again = Recorder(folder, 3, ("first", "second"))
    again("first", 1, "is built")
    again.finish("done")
    assert len(jobs.job_status.curves_of(folder)["first"]) == 2


def test_a_run_that_is_cancelled_does_not_wait_for_a_silent_store(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    add_recorded_run(store, ONE, SETTINGS, state="running")
    shared, asked = shared_store(), []

    def silent(folder: Path) -> None:
        asked.append(folder.name)
        cancel_file(store.root / "runs" / ONE, 1).touch()
        raise Away("it does not answer")

    def chain(settings: RunSettings, store: Store, report: Report, out: Path) -> None:
        store.artifact("squares", "1", {"of": 3}, lambda to: (to / "n").write_text("9"))

    monkeypatch.setattr(shared, "push", silent)
    assert perform(ONE, 1, Workplace(store, chain, ("first",), 1)) == "cancelled"
    # What was finished before is kept.
    assert asked == [path.name for path in (store.root / "artifacts").iterdir()]


def test_the_time_left_of_a_stage_goes_by_its_pace() -> None:
    stage = jobs.StageStatus("first", 0.25, "", None, began=100.0)
    assert stage.seconds_left(110.0) == pytest.approx(30.0)
    assert stage.seconds_left(101.0) is None
    # A tenth of it is too little, unless it took a minute.
    assert replace(stage, done=0.1).seconds_left(110.0) is None
    assert replace(stage, done=0.1).seconds_left(160.0) == pytest.approx(540.0)
    # What was done before does not count.
    assert replace(stage, done_before=0.05).seconds_left(110.0) == pytest.approx(37.5)
    assert replace(stage, began=None).seconds_left(110.0) is None
