"""Other films and labels of a finished run: read by heads on the features that the cache keeps."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.kept_artifacts import keep_artifacts
from support.small_run import SMALL

from core.errors import BadInput, BadSettings, DegenerateResult
from core.inference import labels
from core.inference.labels import grade_labels, read_labels
from core.pipeline import chain as pipeline
from core.progress import silent
from core.results.artifacts import artifacts_of
from core.results.run_record import read_record
from core.settings import SelectionSettings
from core.store import MANIFEST, Store


@pytest.fixture(scope="module")
def out(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labels") / "out"
    shutil.copytree(small_run, folder)
    return folder


@pytest.fixture(scope="module")
def cache(out: Path) -> Path:
    store = Store(out.parent / "cache")
    keep_artifacts(store, out)
    return store.root


def picked(out: Path, **changes: object) -> SelectionSettings:
    return read_record(out).run_settings.selection.replace(**changes)


def test_other_labels_are_read_and_graded_beside_label_frequencies(out: Path, cache: Path) -> None:
    selection = picked(out, top=2, rank_by=2)
    folder = Path(read_labels(out, cache, selection)["folder"])
    counts = pd.read_parquet(folder / "frequencies.parquet")
    about = json.loads((folder / "labels.json").read_text())
    assert counts.film_id.nunique() == 30 and sorted(counts.factor.unique()) == about["labels"]
    weights = pd.read_parquet(out / "factors.parquet").set_index("film_id").filter(like="weight_")
    predicted = counts.pivot(index="film_id", columns="factor", values="count")
    best = weights.loc[predicted.index].to_numpy()[:, about["labels"]].argmax(axis=1)
    assert (predicted.to_numpy().argmax(axis=1) == best).mean() > 0.6
    assert sum(about["base_rates"]) == pytest.approx(2) and len(about["thresholds"]) == len(about["labels"])
    grades = grade_labels(out, cache, selection)
    assert grades["lrap"] > grades["lrap_baseline"] and grades["lrap_gain_interval"][0] > 0
    assert grades["films"] == 30


def test_what_was_read_is_not_read_again(out: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    selection = picked(out, top=2, films=20)
    first = read_labels(out, cache, selection)
    monkeypatch.setattr(labels, "labelling_of", lambda *_: pytest.fail("read again"))
    assert read_labels(out, cache, selection) == first


def test_each_review_has_its_own_features_and_duplicates_are_left_out(out: Path, cache: Path) -> None:
    folder = Path(read_labels(out, cache, picked(out, top=2, films=20))["folder"])
    read = pd.read_parquet(folder / "reviews.parquet")
    assert "again" not in set(read.review_id) and not read.review_id.duplicated().any()
    assert len(np.load(folder / "logits.npy")) == len(read)


def test_what_cannot_be_read_is_said(out: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSettings, match="no film is left"):
        read_labels(out, cache, picked(out, exclude_factors=(0, 1, 2, 3)))
    with pytest.raises(DegenerateResult, match="same top factors"):
        read_labels(out, cache, picked(out, top=4))
    monkeypatch.setattr(labels, "MOST_LABELS", 500)
    with pytest.raises(BadInput, match="reviews with 4 labels each are too many to wait for"):
        read_labels(out, cache, picked(out, top=2, films=21))
    monkeypatch.setattr(labels, "MOST_REVIEWS", 10)
    with pytest.raises(BadInput, match=r"reviews are too many to wait for \(at most 10\)"):
        read_labels(out, cache, picked(out, top=2, films=21))


@pytest.mark.slow
def test_the_own_labels_of_a_run_are_read_as_the_run_read_them(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "cache"), tmp_path / "out"
    pipeline.run(SMALL, store, silent, out)
    record, columns = read_record(out), ["film_id", "review_id", "factor"]
    read = Path(read_labels(out, store.root, record.run_settings.selection)["folder"])
    of_run, again = (pd.read_parquet(at / "predictions.parquet").set_index(columns) for at in (out, read))
    assert len(of_run) > 500 and set(of_run.index) == set(again.index)
    again = again.loc[of_run.index]
    assert np.allclose(of_run.probability, again.probability, atol=1e-4)
    assert (of_run.predicted == again.predicted).mean() > 0.99
    about = json.loads((read / "labels.json").read_text())
    assert about["labels"] == record.classifier.labels
    assert np.allclose(about["thresholds"], record.classifier.thresholds, atol=1e-4)


def test_without_features_a_run_is_needed(out: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="start a run"):
        read_labels(out, tmp_path / "other cache", picked(out))
    store = Store(cache)
    assert artifacts_of(out, store) is not None
    for content in ("{", "[]", '{"reviews": "../../etc", "tokens": "x", "features": "y"}', '{"reviews": 3}'):
        (tmp_path / "artifacts.json").write_text(content)
        assert artifacts_of(tmp_path, store) is None


@pytest.mark.parametrize("name", ["features", "tokens"])
@pytest.mark.parametrize("harm", ["a bit", "cut", "gone", "cut, and the manifest"])
def test_damaged_features_are_never_read(
    name: str, harm: str, out: Path, cache: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "cache")
    shutil.copytree(cache, store.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("other-labels-*"))
    folders = artifacts_of(out, store)
    assert folders is not None
    path = {"features": folders.features / "features.npy", "tokens": folders.tokens / "reviews.parquet"}[name]
    content, manifest = path.read_bytes(), (path.parent / MANIFEST).read_bytes()
    if harm == "cut, and the manifest":
        (path.parent / MANIFEST).write_bytes(manifest[:-9])
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            content[:-9] if harm.startswith("cut") else content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
        )
    selection = picked(out, top=2, films=20)
    with pytest.raises(BadInput, match="start a run"):
        read_labels(out, store.root, selection)
    path.write_bytes(content)
    (path.parent / MANIFEST).write_bytes(manifest)
    assert Path(read_labels(out, store.root, selection)["folder"]).is_dir()
