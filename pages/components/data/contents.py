"""What a run would read of a user's file, in sentences: the counts, what is left out or joined, and the warnings."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.classification.labels import FEWEST_FILMS
from core.formatting import counted
from pages.components.shared.text import plain, sentence

MOST_MERGED = 5
"""Films named of those that are read as one."""


def show_contents(
    contents: Mapping[str, Any], films: pd.DataFrame | None, wanted: Collection[Any] = ()
) -> None:
    """Draw the `Contents` of a file; `wanted` are the films chosen for the run, which are counted for themselves."""
    st.success(plain(_counts(contents, films, wanted)), icon=":material/check:")
    lines = [f"{counted(some['rows'], 'row')} left out: {some['why']}." for some in contents["left_out"]]
    merged = contents["merged"]
    lines += [
        f"{some['kept']} and {', '.join(some['others'])} are read as one film: {some['why']}."
        for some in merged[:MOST_MERGED]
    ]
    if len(merged) > MOST_MERGED:
        lines.append(f"{len(merged) - MOST_MERGED:,} more films are read as one with others.")
    for line in lines:
        st.caption(plain(line))
    warnings = [*contents["warnings"]]
    if films is not None and contents["matched"] and contents["matched"] < FEWEST_FILMS:
        warnings.append(
            f"A run needs reviews of at least {FEWEST_FILMS} films. Add films, or read another source too"
        )
    if warnings:
        st.warning("  \n".join(plain(sentence(warning)) for warning in warnings), icon=":material/warning:")


def _counts(contents: Mapping[str, Any], films: pd.DataFrame | None, wanted: Collection[Any]) -> str:
    """Return how many rows are read, of how many films and by how many users."""
    if contents["reviews"] is None:
        low, high = contents["scale"]
        return (
            f"{counted(contents['users'], 'user')}, {counted(contents['films'], 'film')}, "
            f"{counted(contents['used'], 'rating')}, {low:g} to {high:g}."
        )
    if films is None:
        return (
            f"{counted(contents['reviews'], 'review')} of {counted(contents['films'], 'film')}. The run finds out "
            "which of these films are rated."
        )
    counts = (
        f"{counted(contents['used'], 'review')} of {contents['matched']:,} of the "
        f"{counted(len(films), 'rated film')}."
    )
    if wanted:
        chosen = len(set(wanted) & set(contents["films_with_reviews"]))
        counts += f" {chosen:,} of the {len(wanted):,} chosen films have reviews."
    return counts
