"""A run's tables and charts on the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core import figures
from core.data.reviews.sources.tmdb.expiry import withheld
from core.errors import BadInput
from core.results import factor_tables as profiles
from pages.components.shared.factors import FEW_RATINGS, Factors, interval_columns, legend
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import errors


def table(run: FinishedRun, name: str, **rows: Any) -> pd.DataFrame:
    """Return a table of the run by its file name without extension; all rows, or those with `column=value`.

    Texts that TMDB's terms no longer allow to be kept are withheld.
    """
    path = run.folder / f"{name}.parquet"
    with errors():
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError as error:
            if not (run.folder / "run.json").exists():
                # The run was deleted meanwhile; the rerun page says so.
                st.rerun()
            raise BadInput(f"the run has no table {path.name}; pick another run, or run it again") from error
    selected = _read(str(path), changed, [(column, "==", value) for column, value in rows.items()])
    return withheld(selected) if name == "labelled_reviews" else selected


def optional_table(run: FinishedRun, name: str) -> pd.DataFrame | None:
    """Return a table that older runs lack; None if it is missing."""
    return table(run, name) if (run.folder / f"{name}.parquet").exists() else None


@st.cache_data(show_spinner=False, max_entries=24)
def _read(path: str, changed: int, rows: list[tuple[str, str, Any]]) -> pd.DataFrame:
    return pd.read_parquet(Path(path), filters=rows or None)


def show_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    table: pd.DataFrame | None = None,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Draw a figure in the page's colours, and its numbers as a table behind a switch.

    `alt` describes the figure for screen readers; `columns` configures the columns of the table.
    """
    st.plotly_chart(figure, key=key, theme="streamlit", config={"displaylogo": False}, alt=alt)
    if table is not None:
        as_table(key, table, columns)


def as_table(key: str, table: pd.DataFrame, columns: Mapping[str, Any] | None = None) -> None:
    """Draw the switch that shows the numbers of the chart `key` as a table, and the table."""
    if st.toggle("As a table", key=f"{key} as table", bind="query-params"):
        st.dataframe(table, hide_index=True, key=f"{key} table", column_config=columns)


def click_on_chart(figure: go.Figure, key: str, alt: str, on_click: Callable[[], None]) -> None:
    """Draw a figure and call `on_click` when a bar or a mark is clicked; the selection is in the session at `key`."""
    st.plotly_chart(
        figure,
        key=key,
        theme="streamlit",
        config={"displaylogo": False},
        on_select=on_click,
        selection_mode="points",
        alt=alt,
    )


def select_on_chart(figure: go.Figure, key: str, alt: str) -> list[Any]:
    """Draw a figure with points to pick by box, lasso or click; return the first `customdata` of each."""
    event = st.plotly_chart(
        figure,
        key=key,
        theme="streamlit",
        config={"displaylogo": False, "scrollZoom": True},
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        alt=alt,
    )
    return [point["customdata"][0] for point in event["selection"]["points"] if point.get("customdata")]


def films_at_ends(about: Factors, factor: int, rated: pd.DataFrame, many: int, key: str) -> pd.DataFrame:
    """Draw `many` films at each end of a factor, of those with enough ratings; return their table."""
    ends = profiles.ends(rated, factor, many, profiles.enough_ratings(FEW_RATINGS, about.least_ratings))
    show_chart(
        figures.films_at_both_ends(ends, factor, about.names.get(factor, ""), about.unit, len(rated)),
        key,
        f"Bars: the films with the highest and with the lowest weight on factor {factor}",
        ends[[name for name in ends if name != "film_id" and ends[name].notna().any()]],
        interval_columns(),
    )
    return ends


def held_out_films(run: FinishedRun) -> set[Any]:
    """Return the ids of the films held out for testing; none if every film was, in cross-validation."""
    grade = run.record.classifier
    if grade.split != "films" or grade.folds:
        return set()
    labelled = table(run, "labelled_reviews")
    return set(labelled.film_id[labelled.held_out])


def grid(
    histograms: figures.Histograms,
    about: Factors,
    columns: int,
    key: str,
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
) -> None:
    """Draw the histograms in `columns` columns, and explain how to read them.

    `on_select` is called when a bar is clicked; the selection is in the session under `key`, and its
    `customdata` begin with the film's id, as text, and the factor.
    """
    counts = histograms.counts
    st.caption(
        "A panel is a film, with how many of its reviews were read; a bar says in "
        + ("what share" if histograms.shares else "how many")
        + " of them a factor is predicted. **Full bar, bold number**: one of the film's top factors by its "
        "ratings; if it is predicted in no review, the number stands alone. **Pale, hatched bar, plain number**: "
        "another factor. Colours repeat; the number tells the factor. "
        + (
            "“Held out”: the classifier never saw this film's reviews with their labels."
            if histograms.held_out
            else ""
        )
    )
    st.plotly_chart(
        figures.histogram_grid(histograms, columns),
        key=key,
        theme="streamlit",
        config={"displayModeBar": False},
        on_select=on_select,
        selection_mode="points",
        alt=f"{counts.film_id.nunique()} histograms, one a film: in how many reviews each factor is predicted",
    )
    legend(counts.factor, about)
