"""Downloads of the histograms: a picture of those on the page, and the counts of all films."""

from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from core.figures import Histograms
from core.results.tables.factors import with_names
from core.results.tables.spreadsheets import csv_for_spreadsheets
from pages.components.shared.runs import FinishedRun


def downloads(
    run: FinishedRun, histograms: Histograms, counts: pd.DataFrame, without: int | None, is_own: bool
) -> None:
    """Draw the download buttons of the histograms on this page, and of the counts of all films.

    The name of a file states the factor that is left out, and whether films and labels are not the run's own.
    """
    left_out = ("" if is_own else "-other-labels") + (
        f"-without-factor-{without}" if without is not None else ""
    )
    kinds: tuple[Literal["png", "svg"], ...] = ("png", "svg")
    with st.container(horizontal=True):
        for kind in kinds:
            st.download_button(
                f"Figure ({kind.upper()})",
                partial(_picture, histograms, run.run_id, kind),
                f"histograms-{run.run_id}{left_out}.{kind}",
                on_click="ignore",
                disabled=histograms.counts.empty,
                help="the films of this page",
            )
        for name, ending, content in (
            ("CSV", "csv", lambda: csv_for_spreadsheets(_named(counts, histograms))),
            ("Parquet", "parquet", lambda: _named(counts, histograms).to_parquet(index=False)),
        ):
            st.download_button(
                f"Counts ({name})",
                content,
                f"frequencies-{run.run_id}{left_out}.{ending}",
                on_click="ignore",
                help="all films of the run",
            )


def _named(counts: pd.DataFrame, histograms: Histograms) -> pd.DataFrame:
    return with_names(counts, histograms.names)


def _picture(histograms: Histograms, run_id: str, kind: Literal["png", "svg"]) -> bytes:
    # Imported on the click, since it loads matplotlib.
    from core.figures.grid.picture import grid_picture

    caption = (
        f"Full bars, bold numbers: the film's top factors; pale, hatched: others. Factorscope, run {run_id}."
    )
    return grid_picture(histograms, kind, caption)
