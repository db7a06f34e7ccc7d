"""What many tests need."""

import os
from pathlib import Path

import pytest
from support.small_run import SMALL

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.pipeline import chain as pipeline
from core.progress import silent
from core.store import Store

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "datasets"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a small run leaves in its folder; to be copied where a test changes it."""
    base = tmp_path_factory.mktemp("small")
    pipeline.run(SMALL, Store(base / "cache"), silent, base / "out")
    return base / "out"


@pytest.fixture
def datasets_dir(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data sets, set as FACTORSCOPE_DATA; skips where there is none."""
    folder = Path(os.environ.get("FACTORSCOPE_DATA") or BESIDE)
    if not (folder / "ml-100k.zip").exists():
        pytest.skip(f"no real data sets in {folder}; set FACTORSCOPE_DATA to their folder")
    monkeypatch.setenv("FACTORSCOPE_DATA", str(folder))
    return folder


@pytest.fixture
def real_ratings(datasets_dir: Path, store: Store) -> Ratings:
    """MovieLens 100K."""
    return read_ratings("ml-100k", store, silent)
