"""The results of a run under way, as they are written and read."""

from pathlib import Path

import pandas as pd
import pytest
from support.run_records import run_record
from support.small_run import SMALL

from core.pipeline import chain
from core.pipeline.first_results import FirstFiles
from core.results.run_record import PENDING, FirstResults, read_first_results, read_record
from core.store import Store


def test_what_is_found_is_written_table_by_table_and_read_back(tmp_path: Path) -> None:
    whole = run_record()
    assert read_first_results(tmp_path) is None
    first = FirstFiles(
        tmp_path,
        FirstResults(
            ratings=whole.ratings,
            factor_model=whole.factor_model,
            suggested_names=["a ↔ b"],
            settings=whole.settings,
        ),
    )
    first.add({"factors": pd.DataFrame({"film_id": ["01"], "weight_0": [0.5]})})
    early = read_first_results(tmp_path)
    assert early is not None and early.suggested_names == ["a ↔ b"]
    assert early.words == early.stability == PENDING and early.predictions is early.reviews is None
    assert pd.read_parquet(tmp_path / "factors.parquet").film_id.tolist() == ["01"]
    first.add({}, words=whole.words, reviews=whole.reviews, predictions=whole.predictions)
    later = read_first_results(tmp_path)
    assert later is not None and later.suggested_names == ["a ↔ b"]
    assert (later.words, later.reviews, later.predictions) == (whole.words, whole.reviews, whole.predictions)
    assert later.stability == PENDING and later.run_settings == whole.run_settings
    # Nothing half-written lies beside them.
    assert {path.name for path in tmp_path.iterdir()} == {"factors.parquet", "so_far.json"}


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = run_record()
    record = FirstResults(
        ratings=whole.ratings, factor_model=whole.factor_model, suggested_names=[], settings=whole.settings
    )
    FirstFiles(None, record).add({"factors": pd.DataFrame({"film_id": ["01"]})})
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_read_counts_as_nothing_found(tmp_path: Path) -> None:
    for damaged in ("{", "[]", '{"ratings": 1}', ""):
        (tmp_path / "so_far.json").write_text(damaged)
        assert read_first_results(tmp_path) is None


@pytest.mark.slow
def test_the_chain_writes_what_it_finds_before_the_next_stage_begins(store: Store, tmp_path: Path) -> None:
    """The factors once the model is trained, words with the reviews, then predictions, then grades."""
    out = tmp_path / "run"
    found_at: dict[str, set[str]] = {}

    def note(stage: str, done: float, message: str, values: object = None) -> None:
        if stage in found_at:
            return
        early = read_first_results(out)
        parts = ("words", "reviews", "predictions", "readability", "stability")
        found = {part for part in parts if early and getattr(early, part) not in (None, PENDING)}
        found_at[stage] = found | {path.stem for path in out.glob("*.parquet")}

    chain.run(SMALL, store, note, out, as_found=True)
    factors = {"factors", "films", "associations"}
    reviews = {"reviews", "words", "top_factors", "chosen_films"}
    predictions = {"predictions", "labelled_reviews", "frequencies"}
    grades = {"readability"}
    assert found_at["factor model"] == set()
    assert found_at["top factors"] == found_at["words"] == factors
    assert found_at["language model"] == found_at["frequencies"] == factors | reviews
    assert found_at["evaluation"] == factors | reviews | predictions
    assert found_at["placing"] == found_at["report"] == factors | reviews | predictions | grades
    # The last stage, stability, is in the whole record, which takes the place of what was found so far.
    assert read_first_results(out) is None and read_record(out).stability != PENDING
