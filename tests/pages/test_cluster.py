"""The pages where a database of several machines has the queue: they need none to show runs, and tell its faults."""

import pytest
from support.language import long_sentences
from support.pages import open_page, press, shown_text
from support.ports import free_port
from support.run_folders import RUN, add_recorded_run

from core import jobs
from core.settings import preset
from core.store import Store

WAITING = "20261124-120000-aaa9"


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTORSCOPE_DATABASE", f"postgresql://me:s3cr3t@127.0.0.1:{free_port()}/jobs")


def test_runs_are_shown_without_the_database_and_a_start_tells_of_it(
    with_run: Store, unreachable: None
) -> None:
    app = open_page("pages/1_Train.py", preset="quick")
    assert not app.error and not app.exception and "Device" not in shown_text(app)
    press(app, "Start the run")
    (error,) = app.error
    assert "The database jobs at 127" in error.value.replace("\\", "") and "s3cr3t" not in error.value
    assert long_sentences(app, "") == []
    assert [job.run_id for job in jobs.runs(with_run)] == [RUN]


def test_a_run_that_no_worker_takes_up_says_so(with_run: Store, unreachable: None) -> None:
    add_recorded_run(with_run, WAITING, preset("quick"), state="waiting")
    app = open_page("pages/1_Train.py")
    assert any("and none is there; start one by" in bar.text for bar in app.get("progress"))
    assert long_sentences(app, "") == []
