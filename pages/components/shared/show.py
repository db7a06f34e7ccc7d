"""A run's tables and charts on the page."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core import figures
from core.data.reviews.sources.tmdb.expiry import withheld
from core.errors import DamagedRun
from core.figures.grid.panels import FEWEST_REVIEWS, Page, panels
from core.figures.style import factor_colour
from core.results.tables import saved
from pages.components.shared.browser.chart_look import dressed
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, legend
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.text import errors

BARE = {"displayModeBar": False}
"""Plotly's settings of a chart without its toolbar."""
WITH_TOOLS = {
    "displayModeBar": True,
    "displaylogo": False,
    "toImageButtonOptions": {"width": 900, "scale": 2},
}
"""Plotly's settings of a chart with its toolbar. A saved picture is as wide on a phone as elsewhere."""


def table(run: Run, name: str, **rows: Any) -> pd.DataFrame:
    """Return a table of the run by its file name without extension; all rows, or those with `column=value`.

    Texts that TMDB's terms no longer allow to be kept are withheld.
    """
    if not run.folder.is_dir():
        # The run was deleted meanwhile; the rerun page says so.
        st.rerun()
    selected = table_at(run.folder / f"{name}.parquet", **rows)
    return withheld(selected) if name == "labelled_reviews" else selected


def table_at(path: Path, **rows: Any) -> pd.DataFrame:
    """Return a table of a run or of an artifact; all rows, or those with `column=value`."""
    with errors():
        try:
            return read_table(path, **rows)
        except FileNotFoundError as error:
            raise DamagedRun(f"the run has no table {path.name}; make it again", path.parent) from error


def read_table(path: Path, **rows: Any) -> pd.DataFrame:
    """Return a table as `table_at`, read once until its file changes; raises as `saved.read_table`."""
    return _read(str(path), saved.changed_at(path), rows)


def optional_table(run: Run, name: str) -> pd.DataFrame | None:
    """Return a table that older runs lack; None if it is missing."""
    return table(run, name) if has_table(run, name) else None


def has_table(run: Run, name: str) -> bool:
    """Return whether the run has a table, which older ones may lack."""
    # A link that leads nowhere is a damaged table, not a missing one.
    return os.path.lexists(run.folder / f"{name}.parquet")


@st.cache_data(show_spinner=False, max_entries=40)
def _read(path: str, changed: int, rows: dict[str, Any]) -> pd.DataFrame:
    return saved.read_table(Path(path), rows=rows)


def show_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    table: pd.DataFrame | None = None,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Draw a figure in the page's colours, and below it the switches of `switches`.

    `alt` describes the figure for screen readers.
    """
    st.plotly_chart(dressed(figure), key=key, theme=None, config=_config(key), alt=alt)
    switches(key, table, columns)


def switches(key: str, table: pd.DataFrame | None = None, columns: Mapping[str, Any] | None = None) -> None:
    """Draw the switches of one chart or of a few: for their numbers, if there is a table, and for Plotly's toolbar.

    The toolbar is hidden until then. `columns` configures the columns of the table.
    """
    with st.container(horizontal=True):
        is_table = table is not None and st.toggle("As a table", key=f"{key} as table", bind="query-params")
        _tools(key, "Save a picture, or zoom where a chart allows it.")
    if is_table:
        data_table(table, hide_index=True, key=f"{key} table", column_config=columns)


def _has_tools(key: str) -> bool:
    return bool(st.session_state.get(f"{key} tools"))


def _config(key: str) -> dict[str, Any]:
    """Return Plotly's settings of a chart with or without its toolbar, as the switch `key` says."""
    return WITH_TOOLS if _has_tools(key) else BARE


def _tools(key: str, use: str) -> None:
    """Draw the switch that shows the toolbar of the chart `key`."""
    st.toggle("Tools", key=f"{key} tools", help=use)


def click_on_chart(
    figure: go.Figure, key: str, alt: str, on_click: Callable[[], None], switched_by: str
) -> None:
    """Draw a figure and call `on_click` when a bar or a mark is clicked; the selection is in the session at `key`.

    `switched_by` is the key of its `switches`, which the page draws below it.
    """
    st.plotly_chart(
        dressed(figure, is_picked=True),
        key=key,
        theme=None,
        config=_config(switched_by),
        on_select=on_click,
        selection_mode="points",
        alt=alt,
    )


def select_on_chart(figure: go.Figure, key: str, alt: str, on_select: Callable[[], None]) -> list[Any]:
    """Draw a figure with points to pick by click, or by box and lasso; return the first `customdata` of each.

    `on_select` is called when the selection changes; it is in the session at `key`. The tools are hidden until a
    switch below asks for them.
    """
    has_tools = _has_tools(key)
    # While a drag draws a box, Streamlit ignores clicks; a map that a drag moves would hold up a finger that scrolls.
    figure.update_layout(dragmode="select" if has_tools else "pan")
    figure.update_xaxes(fixedrange=not has_tools).update_yaxes(fixedrange=not has_tools)
    event = st.plotly_chart(
        dressed(figure, is_picked=True),
        key=key,
        theme=None,
        config=_config(key) | {"scrollZoom": has_tools},
        on_select=on_select,
        selection_mode=("points", "box", "lasso"),
        alt=alt,
    )
    _tools(key, "Pick several points by box or lasso, zoom, or save a picture.")
    return [point["customdata"][0] for point in event["selection"]["points"] if point.get("customdata")]


def held_out_films(run: FinishedRun) -> set[str]:
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
    """Draw the histograms in `columns` columns, their legend, and how to read them.

    `on_select` is called when a bar is clicked; the selection is in the session under `key`, and its
    `customdata` begin with the film's id, as text, and the factor.
    """
    page, figure = _drawn(histograms, columns, on_select != "ignore")
    # In a container, so that the chart keeps its place however many lines the legend has.
    with st.container():
        st.caption(
            f"A bar shows in {'what share' if histograms.shares else 'how many'} of a film's reviews a factor's "
            "high end is read. Full bars are the film's top factors by ratings."
            if histograms.is_read
            else "Outlines are a film's top factors by ratings. Results from its reviews follow."
        )
        legend(page.factors, about)
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=_config("grid"),
        on_select=on_select,
        selection_mode="points",
        alt=f"{len(page.panels)} histograms, one per film: "
        + ("in how many reviews each factor is predicted" if histograms.is_read else "its top factors"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("How to read it", icon=":material/help:"):
            st.markdown(how_to_read(histograms, page))
        _tools("grid", "Save a picture.")


def _content(histograms: figures.Histograms) -> tuple[Any, ...]:
    """Return what differs between two grids."""
    tops = histograms.tops[histograms.tops.film_id.isin(histograms.counts.film_id)]
    parts = vars(histograms) | {"tops": tops[["film_id", "factor"]], "held_out": sorted(histograms.held_out)}
    return tuple(parts.values())


# Somebody who returns to a page, or looks at the same run, needs no other figure.
@st.cache_resource(show_spinner=False, max_entries=24, hash_funcs={figures.Histograms: _content})
def _drawn(histograms: figures.Histograms, columns: int, is_picked: bool) -> tuple[Page, go.Figure]:
    return panels(histograms), dressed(figures.histogram_grid(histograms, columns), is_picked)


def how_to_read(histograms: figures.Histograms, page: Page) -> str:
    """Return, as a list in Markdown, what a panel and its bars mean."""
    parts = [
        "Each panel is a film. Its bars show in "
        + ("what share" if histograms.shares else "how many")
        + " of its reviews a factor is predicted.",
        "**Full bar, bold number**: one of the film's top factors, by its ratings."
        if histograms.is_read
        else "**Outline, bold number**: one of the film's top factors, by its ratings.",
        "**Pale, hatched bar, plain number**: another factor.",
        "A bold number without a bar: no review speaks of this top factor.",
        "Colours repeat, so identify a factor by its number."
        if len({factor_colour(factor) for factor in page.factors}) < len(page.factors)
        else "",
        "" if page.shared else "The grey bar sums all factors without a bar here. It is cut at the top.",
        f"Dimmed: the film has fewer than {FEWEST_REVIEWS} reviews."
        if any(panel.has_few_reviews for panel in page.panels)
        else "",
        "“Held out”: the classifier never saw the labels of this film's reviews."
        if histograms.held_out
        else "",
    ]
    return "\n".join(f"- {part}" for part in parts if part)
