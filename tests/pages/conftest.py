"""A cache folder with or without a run, in which pages start no processes."""

from pathlib import Path

import pytest
from support.factor_pages import SUGGESTED, WORDS
from support.run_folders import HOSTILE, RUN, add_run, set_words, with_title

from core import jobs
from core.settings import RunSettings
from core.store import Store

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignore warnings of Streamlit and its server about their own code."""
    for item in items:
        if item.path.is_relative_to(HERE):
            for category in ("DeprecationWarning", "ResourceWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{category}"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return an empty store of the pages, which start neither runs nor readers; no data sets, no key."""
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    for name in ("FACTORSCOPE_DATA", "FACTORSCOPE_TMDB", "TMDB_API_KEY", "TMDB_PERMISSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: "")
    monkeypatch.setattr("pages.components.shared.reader.warm_reader", lambda run: None)
    return Store(tmp_path / "cache")


@pytest.fixture
def started(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[RunSettings]:
    """Return the settings of the runs that a page would start; it shows the newest run instead."""
    requested: list[RunSettings] = []

    def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
        requested.append(settings)
        return next((job.run_id for job in jobs.runs(store)), RUN)

    monkeypatch.setattr(jobs, "start", start)
    return requested


@pytest.fixture(scope="session")
def finished(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small run's results; a film has a hostile title, and hostile reviews about a zebra."""
    return with_title(small_run, tmp_path_factory.mktemp("pages") / "out", HOSTILE, f"A zebra of {HOSTILE}")


@pytest.fixture
def with_run(store: Store, finished: Path) -> Store:
    """Return the store with one finished run, `RUN`."""
    add_run(store, out=finished)
    return store


@pytest.fixture
def with_words(with_run: Store) -> Store:
    """Return the store whose run has WORDS; all reviews of one of its films are about a zebra."""
    set_words(with_run, WORDS, SUGGESTED)
    return with_run
