"""What the grid shows: the films and labels of the run, or others, with what was read of them or before that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import streamlit as st

from core.classification.frequencies import dominating_factor, without_factor
from core.data.reviews.sources.tmdb.expiry import withheld
from core.results.artifacts import Artifacts, Labelling, distinct_reviews, labelling_of
from core.results.tables.saved import changed_at, read_table
from core.settings import SelectionSettings
from core.store import read_json
from pages.components.shared.runs import FinishedRun, UnfinishedRun
from pages.components.shared.show import held_out_films, table, table_at


@dataclass(frozen=True)
class LabelFacts:
    """What a probability of a label stands beside."""

    threshold: float
    base_rate: float


@dataclass(frozen=True)
class Shown:
    """Films, their labels, and what is predicted of their reviews."""

    tops: pd.DataFrame
    """Top factors of all films."""
    counts: pd.DataFrame
    """A table of frequencies; all counts are 0 where the reviews are not read yet."""
    labels: Mapping[int, LabelFacts]
    """Of each label; empty where the reviews are not read yet, or the run is not done."""
    predictions: Path | None
    """The table of predictions; None where the reviews are not read yet."""
    texts: Path
    """The table with the texts of the reviews."""
    held_out: set[str]
    is_own: bool
    """Whether these are the run's own films and labels."""
    by_folds: bool
    """Whether each film was read by a classifier that never saw it."""
    key: str
    """Differs for all that differs in the tables."""

    @property
    def is_read(self) -> bool:
        """Whether the reviews were read for these labels."""
        return self.predictions is not None

    @property
    def dominating(self) -> int | None:
        """The factor that is predicted most often."""
        return dominating_factor(self.counts)

    def counts_without(self, factor: int | None) -> pd.DataFrame:
        """Return the frequencies, those of one factor left out."""
        return self.counts if factor is None else without_factor(self.counts, factor)

    def reviews_of(self, film_id: str, factor: int, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return the film's reviews with the factor's probability in each, in descending order."""
        assert self.predictions is not None
        predictions = table_at(self.predictions, film_id=film_id, factor=factor)
        texts = withheld(table_at(self.texts, film_id=film_id))
        with_texts = predictions[["review_id", "probability", "predicted"]].merge(
            texts[[name for name in columns if name in texts]], on="review_id"
        )
        return with_texts.sort_values("probability", ascending=False, kind="stable")


def own_labels(run: FinishedRun) -> Shown:
    """Return the run's own films and labels."""
    grade = run.record.classifier
    return Shown(
        table(run, "top_factors"),
        table(run, "frequencies"),
        {label.factor: LabelFacts(label.threshold, label.base_rate) for label in grade.per_label},
        run.folder / "predictions.parquet",
        run.folder / "labelled_reviews.parquet",
        held_out_films(run),
        is_own=True,
        by_folds=bool(grade.folds),
        key=f"{run.folder} {(run.folder / 'run.json').stat().st_mtime_ns}",
    )


def labels_so_far(run: UnfinishedRun) -> Shown:
    """Return the films and labels of a run that is not done, but has predictions."""
    return Shown(
        table(run, "top_factors"),
        table(run, "frequencies"),
        {},
        run.folder / "predictions.parquet",
        run.folder / "labelled_reviews.parquet",
        set(),
        is_own=True,
        by_folds=False,
        key=f"{run.folder} {run.written}",
    )


def other_labels(run: FinishedRun, artifacts: Artifacts, selection: SelectionSettings) -> Shown:
    """Return the films and labels of a selection, before their reviews are read.

    Raises the errors of `labelling_of`.
    """
    factors = run.folder / "factors.parquet"
    labelling = _labelling(str(factors), changed_at(factors), str(artifacts.reviews), selection)
    films = labelling.reviews.groupby(["film_id", "title"], sort=False).size().rename("reviews").reset_index()
    counts = films.merge(pd.DataFrame({"factor": labelling.labels}), how="cross").assign(count=0)
    counts = counts[["film_id", "title", "factor", "count", "reviews"]]
    texts = artifacts.reviews / "reviews.parquet"
    key = f"{factors} {selection.model_dump_json()}"
    return Shown(labelling.tops, counts, {}, None, texts, set(), is_own=False, by_folds=True, key=key)


def with_predictions(shown: Shown, folder: Path) -> Shown:
    """Return the same films and labels with what was read of them, in the folder that the reader answered."""
    about = read_json(folder / "labels.json")
    facts = zip(about["labels"], about["thresholds"], about["base_rates"], strict=True)
    return replace(
        shown,
        counts=table_at(folder / "frequencies.parquet"),
        labels={factor: LabelFacts(threshold, rate) for factor, threshold, rate in facts},
        predictions=folder / "predictions.parquet",
        key=str(folder),
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _labelling(factors: str, changed: int, reviews_at: str, selection: SelectionSettings) -> Labelling:
    return labelling_of(read_table(Path(factors)), _reviews(reviews_at), selection)


@st.cache_resource(show_spinner=False, max_entries=4)
def _reviews(reviews_at: str) -> pd.DataFrame:
    return distinct_reviews(Path(reviews_at))
