"""A run's factors as all pages show them: number, name and verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.figures.grid.legend import Entry, legend_entries
from core.figures.style import factor_colour, short
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING, SUGGESTED
from core.results.factor_names import read_names, shown_name
from core.results.run_record import PENDING, Readability, Stability, Unmeasured, WordsRecord
from core.results.sentences import grouped
from core.results.tables.factors import with_names
from core.results.tables.scores import LABEL_COLUMNS
from core.results.verdict import NO_CLASS, VERDICTS, WHAT_VERDICTS_MEAN, Verdict, VerdictWord, verdicts
from core.settings import SelectionSettings
from pages.components.shared.runs import Run
from pages.components.shared.text import errors, plain

BADGES: dict[VerdictWord, tuple[Literal["green", "orange", "gray"], str]] = {
    "solid": ("green", ":material/check_circle:"),
    "shaky": ("orange", ":material/change_history:"),
    "chance": ("gray", ":material/blur_on:"),
    "no class": ("gray", ":material/block:"),
}
"""Colour and icon of each verdict; the word is always shown with them."""
END_HEADINGS = {"high": ":material/arrow_upward: High end", "low": ":material/arrow_downward: Low end"}
"""End of a factor -> the heading of its column."""
ENTRY_WIDTH = 48
"""Most characters of a name in a legend."""
FEW_RATINGS = SelectionSettings().least_ratings
"""Ratings of a film below which its weights are uncertain."""


@dataclass(frozen=True)
class Factors:
    """A run's factors; an older run has some measurements missing."""

    count: int
    names: Mapping[int, str]
    """The name of each factor as shown: the given one, else the suggested one behind its mark."""
    given: Mapping[int, str]
    """Names that people gave, by factor."""
    suggested: list[str]
    """Suggested name of each factor; empty in an older run."""
    verdicts: list[Verdict]
    """The verdict on each factor."""
    words: WordsRecord | Unmeasured
    stability: Stability | Unmeasured
    readability: Readability | Unmeasured
    strengths: list[float] | None
    strength_unit: str
    form: str
    unit: str
    """Unit of a weight, for people."""
    difference: str
    """Unit of a difference between weights, for people."""
    scale: str
    """The units in a sentence."""
    least_ratings: int
    """Least ratings of a film to be selected for the run."""

    @property
    def verdict_words(self) -> list[VerdictWord]:
        """The word of the verdict on each factor."""
        return [verdict.word for verdict in self.verdicts]

    def title(self, factor: int) -> str:
        """Return number and name as plain text: `factor 3 · dark thrillers`."""
        name = self.names.get(factor)
        return f"factor {factor}" + (f" · {name}" if name else "")

    def choice(self, factor: int) -> str:
        """Return number, name and verdict for a select box, as plain text: `factor 3 · dark (shaky)`."""
        return f"{self.title(factor)} ({self.verdicts[factor].word})"

    def heading(self, factor: int) -> str:
        """Return number and name for a heading, as plain text."""
        return self.title(factor).replace("f", "F", 1)

    def marked(self, factor: int) -> str:
        """Return number, name and verdict for a sentence in Markdown."""
        colour, icon = BADGES[word := self.verdicts[factor].word]
        return f"{plain(self.title(factor))} :{colour}-badge[{icon} {word}]"

    def suggestion(self, factor: int) -> str:
        """Return the name suggested for a factor that nobody named, "" if there is none with a meaning."""
        suggested = self.suggested[factor] if self.suggested else NO_MEANING
        return "" if factor in self.given or suggested == NO_MEANING else suggested

    def means_nothing(self, factor: int) -> str:
        """Return why nothing can be shown that a factor's films share; empty if something can."""
        if self.verdicts[factor].word == NO_CLASS:
            return self.verdicts[factor].reason
        if self.form == "raw":
            return (
                "This run shows raw factors. A raw factor is one of many equivalent axes, so "
                "its films need not have anything in common. "
                "A run in the principal or varimax form can have solid factors."
            )
        if self.verdicts[factor].word == "chance":
            return (
                "This factor may be chance: other people's ratings lead to something else. "
                "Its films and words may go together in this run alone."
            )
        return ""


def factors_of(run: Run, given: Mapping[int, str] | None = None) -> Factors:
    """Return a run's factors, with the names that people gave them or that are suggested.

    `given` are those of people, read where they are None.
    """
    record, model = run.record, run.record.factor_model
    if given is None:
        with errors():
            given = read_names(run.folder)
    suggested = dict(enumerate(record.suggested_names))

    def shown(factor: int) -> str:
        return shown_name(given.get(factor), suggested.get(factor))

    return Factors(
        count=model.factors,
        names={factor: name for factor in range(model.factors) if (name := shown(factor))},
        given={factor: name for factor, name in given.items() if factor < model.factors},
        suggested=record.suggested_names,
        verdicts=verdicts(record),
        words=record.words,
        stability=record.stability,
        readability=record.readability,
        strengths=model.strengths,
        strength_unit="stars" if model.method == "gibbs" else "log-odds",
        form=model.form,
        unit="weight (no unit)" if model.form == "raw" else "weight (sd; 0: average film)",
        difference="weight (no unit)" if model.form == "raw" else "weight (sd)",
        scale="Weights have no unit in this run."
        if model.form == "raw"
        else "Weights are counted in standard deviations (sd) over all films; 0 is the average film.",
        least_ratings=record.run_settings.selection.least_ratings,
    )


def swatch(factor: int) -> None:
    """Draw a swatch of a factor's colour, for use before its number."""
    st.html(f'<span class="swatch" style="background: {factor_colour(factor)}"></span>', width="content")


def swatches(factors: Iterable[int]) -> list[str]:
    """Return swatches of the factors' colours as images for a column of a table."""
    return [
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>"
        f"<rect width='16' height='16' rx='3' fill='%23{factor_colour(factor).removeprefix('#')}'/></svg>"
        for factor in factors
    ]


def verdict_badge(about: Factors, factor: int) -> None:
    """Draw the verdict on a factor, with its reason as help."""
    verdict = about.verdicts[factor]
    colour, icon = BADGES[verdict.word]
    st.badge(verdict.word, color=colour, icon=icon, help=verdict.reason)


def verdict_columns() -> dict[str, Any]:
    """Return the configuration of the column verdict, whose cells are lists of one word."""
    colours = [BADGES[word][0] for word in VERDICTS]
    return {
        "verdict": st.column_config.MultiselectColumn(
            options=VERDICTS, color=colours, width="small", help=WHAT_VERDICTS_MEAN
        )
    }


def label_columns() -> dict[str, Any]:
    """Return the configuration of the columns of the table that `tables.scores.labels` returns."""
    forms = {"factor": "%d", "support": "localized", "films": "localized", "base_rate": "percent"}
    forms["threshold"] = "percent"
    meant = {
        "chance": "average precision of guessing: the share of the reviews that carry the factor",
        "auc": "0.5 is guessing, 1 is perfect",
        "base_rate": "share of the training reviews",
        "threshold": "probability from which the factor counts as predicted",
    }
    numbers = {
        name: st.column_config.NumberColumn(title, format=forms.get(name, "%.3f"), help=meant.get(name))
        for name, title in LABEL_COLUMNS.items()
    }
    return numbers | verdict_columns()


def as_badges(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the verdicts as lists of one word, as `verdict_columns` requires."""
    return table.assign(verdict=[[word] for word in table.verdict])


def interval_columns(*names: str) -> dict[str, Any]:
    """Return the configuration of the columns with the ends of intervals.

    The columns are `low` and `high` or, with prefixes, for instance `x_low` and `x_high`.
    """
    ends = {}
    for prefix in names or ("",):
        ends[f"{prefix}low"] = st.column_config.NumberColumn("95% from", format="%.2f")
        ends[f"{prefix}high"] = st.column_config.NumberColumn("to", format="%.2f")
    return ends


def described(table: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return a table with names and verdicts added after its column `factor`."""
    named = with_names(table, factors.names)
    words = factors.verdict_words
    named.insert(named.columns.get_loc("name") + 1, "verdict", [words[int(k)] for k in table.factor])
    named = as_badges(named)
    # If no factor has a name, the empty column is left out.
    return named if factors.names else named.drop(columns="name")


def legend(shown: Iterable[int], about: Factors) -> None:
    """Draw a legend of the factors shown by number: the colour, name and verdict of each; of many, by verdict."""
    entries, others = legend_entries(shown, about.names, about.verdict_words)
    # While a run is under way, nothing is known to go into a verdict.
    is_checked = about.stability != PENDING
    if entries:
        spans = "".join(_entry(entry, is_checked) for entry in entries)
        st.html(f'<div class="factor-legend">{spans}</div>')
    which = "The others" if entries else "Factors"
    by_number = f"{which} by number. {grouped(about.verdict_words, others)}. " if others else ""
    suggested = any(entry.name.startswith(SUGGESTED) for entry in entries)
    mark = f"{SUGGESTED}{HOW_SUGGESTED}." if suggested else ""
    if by_number or mark:
        st.caption(plain(f"{by_number}{mark}"))


def _entry(entry: Entry, with_verdict: bool) -> str:
    """Return an entry of a legend as HTML; the whole name is shown by the pointer."""
    name = f" {short(entry.name, ENTRY_WIDTH)}" if entry.name else ""
    verdict = f" <small>· {entry.verdict}</small>" if with_verdict else ""
    return (
        f'<span title="{escape(entry.name)}"><i style="background: {factor_colour(entry.factor)}"></i>'
        f"<b>{entry.factor}</b>{name}{verdict}</span>"
    )
