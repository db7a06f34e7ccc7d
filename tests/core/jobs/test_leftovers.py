"""A kill wherever files are written beside others leaves nothing that stays, and nothing else is touched."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core import jobs
from core.data.datasets import mirror
from core.jobs.leftovers import forget_leftovers
from core.output_folder import replacing
from core.pipeline.first_results import FirstFiles
from core.results.factor_names import write_names
from core.settings import preset
from core.store import OLD_SECONDS, Store, beside, write_json
from core.uploads import inspection, storage

RUN = "20261124-131502-ab12"
SETTINGS = preset("quick", ratings="planted", reviews="planted")


def killed(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def an_artifact(store: Store, run: Path) -> None:
    store.artifact("stage", "1", {}, killed)


def a_small_file(store: Store, run: Path) -> None:
    os.fsync = killed
    write_json(run / "progress.json", {})


def an_answer_of_a_source(store: Store, run: Path) -> None:
    (store.root / "sources" / "tmdb").mkdir(parents=True)
    os.fsync = killed
    write_json(store.root / "sources" / "tmdb" / "1.json", {})


def given_names(store: Store, run: Path) -> None:
    os.fsync = killed
    write_names(run / "out", {0: "mine"})


def files_of_a_run(store: Store, run: Path) -> None:
    with replacing(run / "out", "run.json") as work:
        (work / "run.json").write_text("{}")
        killed()


def first_results(store: Store, run: Path) -> None:
    class Record:
        def model_copy(self, update: dict[str, Any]) -> "Record":
            return self

    pd.DataFrame.to_parquet = lambda table, path, index: (path.write_text("half"), killed())  # type: ignore
    FirstFiles(run / "out", Record()).add({"films": pd.DataFrame()})  # type: ignore[arg-type]


def an_upload(store: Store, run: Path) -> None:
    shutil.copyfileobj = killed
    with Path(__file__).open("rb") as file:
        storage.keep_file("mine.csv", file, store.root / "uploads")


def a_check_of_an_upload(store: Store, run: Path) -> None:
    with inspection._on_disk(inspection.GivenFile("mine.csv", b"1"), store):
        killed()


def a_package(store: Store, run: Path) -> None:
    mirror._pip_download = killed
    mirror.from_mirror(mirror.RECBOLE, store.root / "datasets", lambda *_: None)


def a_checkpoint(store: Store, run: Path) -> None:
    path = store.unfinished("stage", "1", {})
    path.parent.mkdir()
    path.with_name(f"{beside(path.name)}part").write_text("half")
    killed()


def the_deletion_of_a_run(store: Store, run: Path) -> None:
    shutil.rmtree = killed  # type: ignore[assignment]
    jobs.delete(run.name, store)


@pytest.fixture
def run(store: Store) -> Path:
    folder = store.root / "runs" / RUN
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "run.json").write_text("{}")
    job = {"name": RUN, "created": 1.0, "attempt": 1, "settings": SETTINGS.model_dump()}
    write_json(folder / "job.json", job)
    write_json(folder / "out" / "describe.json", {})
    return folder


def names(store: Store) -> set[str]:
    """Return the files and folders of a cache, but for the index and locks."""
    paths = {str(path.relative_to(store.root)) for path in store.root.rglob("*")}
    return {path for path in paths if not path.startswith("index") and not path.endswith(".lock")}


@pytest.mark.parametrize(
    "write",
    [
        an_artifact,
        a_small_file,
        an_answer_of_a_source,
        given_names,
        files_of_a_run,
        first_results,
        an_upload,
        a_check_of_an_upload,
        a_package,
        a_checkpoint,
        the_deletion_of_a_run,
    ],
)
def test_what_a_kill_left_is_deleted(write: Callable[[Store, Path], None], store: Store, run: Path) -> None:
    kept = names(store)
    pid = os.fork()
    if not pid:
        try:
            write(store, run)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert [name for name in names(store) - kept if "/." in f"/{name}"]
    store.prune(10**9)
    forget_leftovers(store.root)
    made = {"uploads", "datasets", "unfinished", "sources", "sources/tmdb"}
    deleted = {name for name in kept if write is the_deletion_of_a_run and RUN in name}
    assert names(store) - made == kept - deleted


def test_what_is_written_now_and_what_is_not_ours_stays(store: Store, run: Path) -> None:
    (store.root / "datasets").mkdir()
    for name in ("datasets/ml-100k.zip.part", "damaged-1-jobs.sqlite", ".DS_Store", "runs/.Trash-1000"):
        (store.root / name).write_text("x")
    (run / f"{beside('job.json')}x").write_text("{}")
    (run / "out" / ".nfs000001").write_text("x")
    before = names(store)
    assert forget_leftovers(store.root) == 0 and names(store) == before
    long_ago = time.time() - OLD_SECONDS
    for name in before:
        os.utime(store.root / name, (long_ago, long_ago))
    old = {name for name in before if name.endswith((".part", ".sqlite", "-x"))}
    assert forget_leftovers(store.root) == 3 and names(store) == before - old


def test_what_older_versions_left_is_deleted_once_it_is_old(store: Store, run: Path) -> None:
    (store.root / "datasets" / ".mirror-x1_abcde").mkdir(parents=True)
    (run / "out" / ".writing-abcdefgh").mkdir()
    (run / "out" / ".writing-abcdefgh" / "half.parquet").write_text("half")
    (run / ".progress.json.k2_j4h6g").write_text("{")
    (run / ".writing-notes-of-mine").write_text("mine")
    before = names(store)
    assert forget_leftovers(store.root) == 0 and names(store) == before
    long_ago = time.time() - OLD_SECONDS
    for path in (*store.root.glob("datasets/.*"), *run.glob(".*"), *run.glob("out/.*")):
        os.utime(path, (long_ago, long_ago))
    assert forget_leftovers(store.root) == 3
    gone = (".mirror-x1_abcde", ".writing-abcdefgh", "half.parquet", ".progress.json.k2_j4h6g")
    assert names(store) == {name for name in before if not name.endswith(gone)}
