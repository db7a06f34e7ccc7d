"""The factors of one run beside the most similar ones of other runs; a click opens a factor."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import FactorscopeError
from core.factors.top_factors import enough_rated
from core.formatting import counted
from core.results.factor_names import FEWEST_FILMS, legible_names
from core.results.matched_factors import matched_factors, same_model
from core.store import Store
from pages.components.shared.browser.address import picked, picker
from pages.components.shared.factors import FEW_RATINGS, Factors, factors_of
from pages.components.shared.runs import open_run
from pages.components.shared.show import read_table
from pages.components.shared.text import plain


@dataclass(frozen=True)
class Opened:
    """A ticked run that can be read."""

    title: str
    about: Factors
    films: pd.DataFrame


def matched(titles: Mapping[str, str], store: Store) -> None:
    """Draw the factors of one of the runs, and the most similar factor of each other run; `titles` is by id."""
    first = picked("of", list(titles), next(iter(titles)), "one of the ticked runs")
    picker("Factors of", "of", list(titles), first, format_func=titles.__getitem__)
    opened = {run_id: run for run_id, title in titles.items() if (run := _opened(run_id, title, store))}
    if first not in opened:
        st.info("The factors of this run cannot be read. Pick another one.")
        return
    one = opened[first]
    columns = {
        one.title: [_link(first, factor, one.about.title(factor)) for factor in range(one.about.count)]
    }
    luck, apart, same = [], [], []
    beyond_luck = np.zeros(one.about.count, bool)
    for run_id, other in opened.items():
        if run_id == first:
            continue
        if same_model(one.films, other.films):
            same.append(other.title)
            continue
        matches = matched_factors(one.films, other.films)
        if matches.empty:
            apart.append(other.title)
            continue
        luck.append(matches.luck.iloc[0])
        beyond_luck |= (matches.correlation.abs() > matches.luck).to_numpy()
        columns[other.title] = [
            f"{row.correlation:+z.2f} "
            + (
                _link(run_id, int(row.match), other.about.title(int(row.match)))
                if abs(row.correlation) > row.luck
                else "none, this may be luck"
            )
            for row in matches.itertuples()
        ]
    if luck:
        table = pd.DataFrame(columns).rename(columns={title: plain(title) for title in columns})
        if beyond_luck.any():
            st.table(table[beyond_luck], hide_index=True)
        if alone := int((~beyond_luck).sum()):
            with st.expander(f"{counted(alone, 'factor')} without a match beyond luck"):
                st.table(table[~beyond_luck], hide_index=True)
        st.caption(
            "The number is the correlation of the films' weights, from -1 to +1. "
            f"The best pair of unrelated factors reaches {max(luck):.2f}. "
            "A minus sign means the same taste with its ends swapped. A click on a factor opens it."
        )
    if same:
        st.markdown(plain(f"These have the same factor model, and so the same factors: {'; '.join(same)}."))
    if apart:
        st.caption(plain(f"Too few films in common, less than {FEWEST_FILMS}: {'; '.join(apart)}."))


def _link(run_id: str, factor: int, title: str) -> str:
    """Return a factor as a link to its page, in Markdown."""
    return f"[{plain(title)}](Factors?run={run_id}&factor={factor})"


def _opened(run_id: str, title: str, store: Store) -> Opened | None:
    """Return a run with its factors and films; None if they cannot be read."""
    try:
        run = open_run(run_id, store)
        films = read_table(run.folder / "factors.parquet")
    except (FactorscopeError, OSError):
        return None
    return Opened(title, factors_of(run, legible_names(run.folder)), enough_rated(films, FEW_RATINGS))
