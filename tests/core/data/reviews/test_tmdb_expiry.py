"""Texts of TMDB that are older than its terms allow."""

import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from support.fake_tmdb import keep_answer

from core.data.reviews.sources.tmdb.expiry import KEEP_SECONDS, forget_at_start, forget_everywhere, forget_old
from core.data.reviews.sources.tmdb.responses import ResponseStore
from core.data.reviews.sources.tmdb.source import TmdbReviews
from core.errors import StorageError
from core.progress import silent
from core.store import UNUSED_SECONDS, Store, shared_store

LONG_AGO = datetime.now(UTC) - timedelta(seconds=KEEP_SECONDS + 3600)


def artifact(store: Store, stage: str, table: pd.DataFrame, unused: float = UNUSED_SECONDS) -> Path:
    """Make an artifact that was last used so many seconds ago."""
    folder = store.artifact(stage, "1", {}, lambda to: table.to_parquet(to / "reviews.parquet"))
    then = time.time() - unused
    os.utime(folder, (then, then))
    return folder


def test_texts_older_than_the_terms_allow_are_deleted(store: Store) -> None:
    ids = pd.DataFrame({"review_id": ["lmrd-1", "tmdb-a"]})
    old, new = (ids.assign(fetched=when.isoformat()) for when in (LONG_AGO, datetime.now(UTC)))
    reviews, tokens = artifact(store, "reviews", old), artifact(store, "tokens", ids)
    others = [
        artifact(store, "lmrd", pd.DataFrame({"number": [1]})),
        artifact(store, "texts", old.head(1)),
        artifact(store, "placing", new),
    ]
    in_use = artifact(store, "used", old, unused=0)
    (artifact(store, "damaged", old) / "reviews.parquet").write_text("no Parquet")
    keep_answer(store, "old", KEEP_SECONDS + 60)
    keep_answer(store, "new")
    assert forget_old(store.root) == 3
    assert not reviews.exists() and not tokens.exists() and ResponseStore(store).names() == ["new"]
    assert all(folder.exists() for folder in [*others, in_use])


def test_without_old_texts_nothing_is_deleted(store: Store) -> None:
    ids = pd.DataFrame({"review_id": ["tmdb-a"]})
    fetched = artifact(store, "reviews", ids.assign(fetched=datetime.now(UTC).isoformat()))
    tokens, texts = artifact(store, "tokens", ids), artifact(store, "texts", ids)
    assert forget_old(store.root) == 0
    # What does not say when it was fetched counts from when it was made.
    os.utime(texts / "manifest.json", (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    TmdbReviews(store, silent)
    assert fetched.exists() and not texts.exists() and not tokens.exists()


def test_old_texts_are_deleted_where_caches_share_theirs(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forget_everywhere(store.root) == 0
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    ids = pd.DataFrame({"review_id": ["lmrd-1", "tmdb-a"]})
    old, new = (ids.assign(fetched=when.isoformat()) for when in (LONG_AGO, datetime.now(UTC)))
    kept = [artifact(store, "placing", new), artifact(store, "lmrd", pd.DataFrame({"number": [1]}))]
    damaged = artifact(store, "damaged", old)
    for table in (tmp_path / "shared" / damaged.name).glob("[0-9a-f]*"):
        table.write_text("no Parquet")
    shutil.rmtree(damaged)
    assert forget_everywhere(store.root) == 0
    gone = [artifact(store, "reviews", old), artifact(store, "tokens", ids)]
    shared = shared_store()
    assert shared is not None and len(shared.names()) == 5
    assert forget_everywhere(store.root) == 4
    assert shared.names() == sorted(folder.name for folder in [*kept, damaged])
    assert not any(folder.exists() or (tmp_path / "shared" / folder.name).exists() for folder in gone)


def test_a_shared_store_that_cannot_be_used_stops_nothing_but_a_removal(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = pd.DataFrame({"review_id": ["tmdb-a"]})
    old = artifact(store, "reviews", ids.assign(fetched=LONG_AGO.isoformat()))
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "file" / "shared"))
    TmdbReviews(store, silent)
    assert not caplog.messages and not old.exists()
    forget_at_start(store.root)
    assert "cannot be" in caplog.text
    with pytest.raises(StorageError):
        forget_everywhere(store.root, 0)


def test_a_copy_is_as_old_as_what_it_is_of(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens do not say when their texts were fetched, so they count from when they were made."""
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    ids = pd.DataFrame({"review_id": ["tmdb-a"]})
    name = artifact(store, "tokens", ids).name
    os.utime(tmp_path / "shared" / name / "manifest.json", (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    copy = artifact(Store(tmp_path / "other"), "tokens", ids)
    assert forget_old(tmp_path / "other") == 1 and not copy.exists()
