"""The folder of a run as one zip archive, and its name."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.run_folders import LONG_NAME, add_recorded_run

from core import jobs
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.errors import BadInput, StorageError
from core.jobs.export import zipped
from core.settings import (
    preset,
)
from core.store import Store

ONE, TWO = "20261124-120000-aaa1", "20261124-120000-aaa2"


SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


def test_a_zip_holds_the_whole_files_of_one_run_alone(store: Store, tmp_path: Path) -> None:
    add_recorded_run(store, ONE, SETTINGS)
    add_recorded_run(store, TWO, SETTINGS)
    out = jobs.run_folder(ONE, store)
    (out / "classifier").mkdir()
    (out / "classifier" / "vocab.json").write_text("[]")
    (out / ".1-files-x").mkdir()
    (out / ".1-files-x" / "half.parquet").write_text("half")
    (out / "link.json").symlink_to(tmp_path)
    (store.root / "uploads").mkdir()
    (store.root / "uploads" / "mine.csv").write_text("secret")
    with zipped(ONE, store) as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [f"{ONE}/classifier/vocab.json", f"{ONE}/run.json"]
        assert json.loads(archive.read(f"{ONE}/run.json"))["seed"] == 42
    with pytest.raises(BadInput, match="no files"):
        zipped("20261124-120000-aaa9", store)


def test_texts_that_nobody_may_keep_are_not_in_the_zip(store: Store) -> None:
    add_recorded_run(store, ONE, SETTINGS)
    old = {"review": "Nobody may keep this.", "source": "tmdb", "fetched": "2020-01-01T00:00:00+00:00"}
    reviews = pd.DataFrame([old, {**old, "review": "Mine.", "source": "mine.csv"}])
    reviews.to_parquet(jobs.run_folder(ONE, store) / "labelled_reviews.parquet")
    with zipped(ONE, store) as file, zipfile.ZipFile(file) as archive:
        content = archive.read(f"{ONE}/labelled_reviews.parquet")
    assert pd.read_parquet(io.BytesIO(content)).review.tolist() == [WITHHELD, "Mine."]


def test_a_full_disk_is_said_and_leaves_the_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_recorded_run(store, ONE, SETTINGS, name="before")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.job_status.write_json", full)
    with pytest.raises(StorageError, match="full"):
        jobs.rename(ONE, "after", store)
    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(StorageError, match="full"):
        zipped(ONE, store)
    assert jobs.status(ONE, store).name == "before"


def test_a_name_of_any_kind_is_one_short_line(store: Store) -> None:
    add_recorded_run(store, ONE, SETTINGS, name=LONG_NAME)
    assert len(jobs.status(ONE, store).name) <= 80
    jobs.rename(ONE, " my\n run ", store)
    assert jobs.status(ONE, store).name == "my run"
    jobs.rename(ONE, "  ", store)
    assert jobs.status(ONE, store).name == ONE
    with pytest.raises(BadInput):
        jobs.rename(TWO, "x", store)
