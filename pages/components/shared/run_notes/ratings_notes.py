"""What was merged, left out or assumed while a run's ratings were read."""

import pandas as pd
import streamlit as st

from core.formatting import counted
from core.results.sentences import ratings_line
from pages.components.shared.data_table import data_table
from pages.components.shared.runs import Run
from pages.components.shared.show import optional_table
from pages.components.shared.text import plain


def ratings_notes(run: Run) -> None:
    """Draw how the ratings were read, in a sentence, and the whole list behind a click; nothing without notes."""
    ratings = run.record.ratings
    line = ratings_line(ratings)
    if not line:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/rule: {plain(line)}", width="content")
        with st.popover("Show details", type="tertiary"):
            for some in ratings.left_out:
                st.markdown(f"- {counted(some.rows, 'row')} left out: {plain(some.why)}")
            for warning in ratings.warnings:
                st.markdown(f"- {plain(warning)}")
            if ratings.merged:
                _merged(run)


def _merged(run: Run) -> None:
    """Draw the ids that were read as one film."""
    films = optional_table(run, "films")
    titles = {} if films is None else dict(zip(films.film_id, films.title, strict=True))
    rows = [
        (titles.get(one.kept, ""), one.kept, ", ".join(one.others), one.why)
        for one in run.record.ratings.merged
    ]
    table = pd.DataFrame(rows, columns=["film", "id", "other ids", "why"])
    data_table(table, hide_index=True, key="merged films")
