"""What many tests need."""

import os
from pathlib import Path

import pytest
from support.once import made_once
from support.small_run import SMALL
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.data.reviews.registry import open_source
from core.pipeline import chain as pipeline
from core.progress import silent
from core.store import MANIFEST, Store

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "datasets"
pytest.register_assert_rewrite("contracts")
# The same features on every machine; the other precisions have tests of their own.
os.environ.setdefault("FACTORSCOPE_PRECISION", "float32")
BROWSER = Path(__file__).parent / "browser"


class FileScheduling(LoadFileScheduling):
    """One worker runs all tests of a file, which share fixtures.

    The browser tests share a server, so one worker runs all of them but those of sources, which have their own.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        shared = file.startswith("tests/browser/") and not file.endswith("test_browser_sources.py")
        return "browser" if shared else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileScheduling:
    """Replace the scheduler that `--dist loadfile` names."""
    return FileScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser tests and the files that train, which take longest."""
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    for item in items:
        if item.path.is_relative_to(BROWSER):
            item.add_marker("browser")
    items.sort(key=lambda item: (not item.get_closest_marker("browser"), item.path not in slow_files))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs a GPU where there is none."""
    if item.get_closest_marker("gpu"):
        # Not at the top: torch takes seconds, and most tests do without.
        import torch

        if not torch.cuda.is_available():
            pytest.skip("no GPU of CUDA on this machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers the tests named in the call take: none for single files and tests."""
    if all("::" in name or name.endswith(".py") for name in config.args):
        return 0
    # The workers inherit it; several threads in each would only get in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # The two groups of browser tests mostly wait.
    browser_groups = 0 if config.option.markexpr else 2
    return (os.cpu_count() or 1) + browser_groups


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a small run, without their digests; to be copied where a test changes it."""
    cache = Store(tmp_path_factory.mktemp("small") / "cache")

    def make(out: Path) -> None:
        pipeline.run(SMALL, cache, silent, out)
        (out / MANIFEST).unlink()

    return made_once(tmp_path_factory, "small-run", make)


@pytest.fixture
def datasets_dir(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data sets, set as FACTORSCOPE_DATA; skips where there is none."""
    folder = Path(os.environ.get("FACTORSCOPE_DATA") or BESIDE)
    if not (folder / "ml-100k.zip").exists():
        pytest.skip(f"no real data sets in {folder}; set FACTORSCOPE_DATA to their folder")
    monkeypatch.setenv("FACTORSCOPE_DATA", str(folder))
    return folder


@pytest.fixture
def lmrd_cache(datasets_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A cache in which the Large Movie Review Dataset was unpacked once for all tests; skips where there is none."""
    if not (datasets_dir / "aclImdb_v1.tar.gz").exists():
        pytest.skip(f"no Large Movie Review Dataset in {datasets_dir}")
    return Store(made_once(tmp_path_factory, "lmrd", lambda out: open_source("lmrd", Store(out), silent)))


@pytest.fixture
def real_ratings(datasets_dir: Path, store: Store) -> Ratings:
    """MovieLens 100K."""
    return read_ratings("ml-100k", store, silent)
