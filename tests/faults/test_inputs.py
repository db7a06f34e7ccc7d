"""Bad files at each entry: a sentence and exit 2, or they are read; no traceback, no hanging, little memory."""

import resource
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.data.ratings.dataset import Ratings
from core.errors import BadInput, FactorscopeError
from core.pipeline.stage import Stage
from core.results.run_record import FactorModelRecord
from core.store import Store
from faults.campaign import Row
from faults.forks import ForkedModule, Forks, forks
from faults.inputs import given_file, given_path

pytestmark = [pytest.mark.slow, pytest.mark.faults]
LIMIT_SECONDS, PATIENCE = 90, 900
"""Processor time that reading may take; and the time after which a process hangs, whatever else runs beside it."""
BEGINNINGS = (
    *("core.__main__", "core.pipeline.chain", "core.inference.predict", "core.uploads.inspection"),
    *("core.inference.uploaded_texts", "scipy.stats", "faults.small:keep_made_up_data"),
)
READ = "the campaign goes no further"
"""Sentence in place of what would follow where a file was read."""
ENTRIES = {
    "check --ratings": "ratings",
    "check --reviews": "reviews",
    "run --ratings": "ratings",
    "run --reviews": "reviews",
    "predict --file": "reviews",
    "first rows of an upload": "ratings",
    "contents of an upload": "reviews",
    "an upload of Try a review": "reviews",
}
"""Entry -> what is given there."""


@pytest.fixture(scope="module")
def origin_without_training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """The means to start processes, which are small."""
    with forks(tmp_path_factory.mktemp("forks"), *BEGINNINGS) as started:
        yield started


@pytest.mark.parametrize("entry", ENTRIES)
def test_bad_inputs_are_refused_in_a_sentence(
    entry: str, origin_without_training: Forks, tmp_path: Path
) -> None:
    row, refused = Row(f"bad inputs: {entry}"), 0
    cache = tmp_path / "cache"
    # The two forms of an entry share its 200.
    all_ = 100 if entry.startswith(("check", "first", "contents")) else 200
    for name, rng in row.cases(few=all_ // 10, all_=all_):
        folder = tmp_path / "given"
        folder.mkdir()
        if "upload" in entry:
            named, content = given_file(rng, ENTRIES[entry])
            path = folder / named
            path.write_bytes(content)
        else:
            path = given_path(rng, ENTRIES[entry], folder)
        case = f"{name}, {path.name[:40]}"
        fork = origin_without_training.start(
            f"{__name__}:give", entry, str(path), str(tmp_path / "out"), FACTORSCOPE_CACHE=str(cache)
        )
        limit = threading.Timer(PATIENCE, fork.kill)
        limit.start()
        ended = fork.wait()
        limit.cancel()
        last = ended.err.strip().rpartition("\n")[2]
        if ended.code not in (0, 2):
            row.lost.append(f"{case}: it ended with {ended.code}: {ended.err[-1500:]}")
        elif ended.code == 2 and not last.startswith("factorscope: "):
            row.lost.append(f"{case}: no sentence but {last!r}")
        row.saw(case, ended.err)
        row.megabytes = max(row.megabytes, ended.megabytes)
        refused += ended.code == 2 and READ not in last
        row.note = f"{refused:,} refused"
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)


def give(entry: str, path: str, out: str) -> int:
    """Give a file at an entry, as users do; go no further once it was read."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))
    from core.__main__ import main

    def stop(*_: object, **__: object) -> None:
        raise BadInput(READ)

    from core.inference import predict
    from core.pipeline import chain

    predict.read_run = stop  # type: ignore[assignment]
    if entry == "run --ratings":
        chain.settle_factors = stop  # type: ignore[assignment]
        return main(["run", "--ratings", path, "--reviews", "planted", "--out", out])
    if entry == "run --reviews":
        # Training takes longer than all the rest, and reading asks nothing of it.
        chain.factor_folder = drawn_factors  # type: ignore[assignment]
        chain.factor_model_part = lambda *_: FactorModelRecord.model_construct()  # type: ignore[assignment]
        chain.token_folder = stop  # type: ignore[assignment]
        from core.cli import runs
        from faults.small import SETTINGS

        runs.preset = lambda *_, **__: SETTINGS.replace(reviews=path)  # type: ignore[assignment]
        return main(["run", "--out", out])
    if entry == "predict --file":
        return main(["predict", "--run", out, "--file", path])
    if entry.startswith("check"):
        return main([*entry.split(), path])
    return _upload(entry, Path(path))


def drawn_factors(stage: Stage, ratings: Ratings) -> Path:
    """Return a folder as of a trained model, whose weights are random."""
    weights = np.random.default_rng(0).normal(size=(len(ratings.films), 4))
    table = ratings.films[["film_id", "title"]].assign(bias=0.0, ratings=50)
    table[[f"weight_{factor}" for factor in range(4)]] = weights
    folder = stage.store.root / "drawn"
    folder.mkdir(exist_ok=True)
    table.to_parquet(folder / "factors.parquet")
    return folder


def _upload(entry: str, path: Path) -> int:
    """Return the exit status of what a page does with an upload, whose sentence goes to standard error."""
    from core import child_process
    from core.inference.uploaded_texts import uploaded_reviews
    from core.paths import cache_dir
    from core.uploads.inspection import GivenFile, inspect

    # A process that imports the libraries anew takes most of the time.
    child_process.subprocess.Popen = ForkedModule  # type: ignore[misc,assignment,attr-defined]
    store = Store(cache_dir())
    try:
        if entry == "an upload of Try a review":
            uploaded_reviews(path.name, path.read_bytes(), store.root)
        else:
            holds = "ratings" if ENTRIES[entry] == "ratings" else "reviews"
            aspect = "first rows" if entry.startswith("first rows") else "contents"
            inspect(aspect, GivenFile(path.name, path.read_bytes()), holds, store)  # type: ignore[arg-type]
    except FactorscopeError as error:
        print(f"factorscope: {error}", file=sys.stderr)
        return 2
    return 0
