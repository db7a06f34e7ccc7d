"""A run's factors as all pages show them: number, name, stability and readability."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.figures.style import factor_colour
from core.results.factor_names import read_names, shown_name
from core.results.factor_tables import with_names
from core.results.run_record import Readability, Stability, Unmeasured, WordsRecord
from core.results.score_tables import LABEL_COLUMNS
from core.results.sentences import (
    NOT_MEASURED,
    READABILITY_CLASSES,
    STABILITY_CLASSES,
    grouped,
    readability_classes,
    stability_classes,
)
from core.results.verdict import Verdict, verdicts
from core.settings import SelectionSettings
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import errors, plain

BADGES: dict[str, tuple[Literal["green", "orange", "gray", "blue"], str]] = {
    STABILITY_CLASSES["stable"]: ("green", ":material/check_circle:"),
    STABILITY_CLASSES["weak"]: ("orange", ":material/change_history:"),
    STABILITY_CLASSES["noise"]: ("gray", ":material/blur_on:"),
    NOT_MEASURED: ("blue", ":material/help:"),
    READABILITY_CLASSES[True]: ("green", ":material/chat:"),
    READABILITY_CLASSES[False]: ("gray", ":material/comments_disabled:"),
    READABILITY_CLASSES[None]: ("blue", ":material/help:"),
}
"""Colour and icon of each class of stability and readability; the word is always shown with them."""
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
    stability_words: list[str]
    """The stability class of each factor."""
    readability: Readability | Unmeasured
    readability_words: list[str]
    """The readability class of each factor."""
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

    def title(self, factor: int) -> str:
        """Return number and name as plain text: `factor 3 · dark thrillers`."""
        name = self.names.get(factor)
        return f"factor {factor}" + (f" · {name}" if name else "")

    def choice(self, factor: int) -> str:
        """Return number, name, stability and readability for a select box, as plain text.

        Example: `factor 3 · dark (weak, readable from reviews)`.
        """
        return f"{self.title(factor)} ({self.stability_words[factor]}, {self.readability_words[factor]})"

    def heading(self, factor: int) -> str:
        """Return number and name for a heading, as plain text."""
        return self.title(factor).replace("f", "F", 1)

    def marked(self, factor: int) -> str:
        """Return number, name and badges for a sentence in Markdown."""
        words = (self.stability_words[factor], self.readability_words[factor])
        badges = (f":{BADGES[word][0]}-badge[{BADGES[word][1]} {word}]" for word in words)
        return f"{plain(self.title(factor))} {' '.join(badges)}"

    def means_nothing(self, factor: int) -> str:
        """Return why nothing can be shown that a factor's films share; empty if something can."""
        if self.form == "raw":
            return (
                "This run shows its factors as the fit left them. Such a factor is one of many equivalent axes, "
                "so its films have nothing in common that can be shown. Of runs in the principal or varimax form, "
                "only the stable factors have."
            )
        if self.stability_words[factor] == STABILITY_CLASSES["noise"]:
            return (
                "This factor cannot be told from noise: its films have nothing in common that can be shown, "
                "however alike some may look."
            )
        return ""


def factors_of(run: FinishedRun) -> Factors:
    """Return a run's factors, with the names that people gave them."""
    record, model = run.record, run.record.factor_model
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
        verdicts=verdicts(record.stability, record.readability, model.factors),
        words=record.words,
        stability=record.stability,
        stability_words=stability_classes(record.stability, model.factors),
        readability=record.readability,
        readability_words=readability_classes(record.readability, model.factors),
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
    st.html(
        f'<span style="display: inline-block; width: .9em; height: .9em; border-radius: .2em; '
        f'background: {factor_colour(factor)}"></span>',
        width="content",
    )


def swatches(factors: Iterable[int]) -> list[str]:
    """Return swatches of the factors' colours as images for a column of a table."""
    return [
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>"
        f"<rect width='16' height='16' rx='3' fill='%23{factor_colour(factor).removeprefix('#')}'/></svg>"
        for factor in factors
    ]


def badges(about: Factors, factor: int) -> None:
    """Draw the stability and the readability of a factor side by side."""
    for word in (about.stability_words[factor], about.readability_words[factor]):
        colour, icon = BADGES[word]
        st.badge(word, color=colour, icon=icon)


def verdict_columns() -> dict[str, Any]:
    """Return the configuration of columns stability and readability, whose cells are lists of one word."""
    meant = {
        "stability": "whether other people's ratings lead to the same factor",
        "readability": "whether reviews of films that the classifier never saw tell the factor",
    }
    return {
        name: st.column_config.MultiselectColumn(
            name, options=list(BADGES), color=[colour for colour, _ in BADGES.values()], help=help
        )
        for name, help in meant.items()
    }


def label_columns() -> dict[str, Any]:
    """Return the configuration of the columns of the table that `grade_tables.labels` returns."""
    forms = {"factor": "%d", "support": "localized", "films": "localized", "base_rate": "percent"}
    forms["threshold"] = "percent"
    meant = {
        "chance": "average precision of guessing: the share of the reviews that carry the factor",
        "auc": "0.5 is guessing, 1 is perfect",
        "base_rate": "share of the reviews trained on",
        "threshold": "probability from which the factor counts as predicted",
    }
    numbers = {
        name: st.column_config.NumberColumn(title, format=forms.get(name, "%.3f"), help=meant.get(name))
        for name, title in LABEL_COLUMNS.items()
    }
    return numbers | verdict_columns()


def as_badges(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with stability and readability as lists of one word, as `verdict_columns` requires."""
    return table.assign(**{name: [[word] for word in table[name]] for name in ("stability", "readability")})


def interval_columns(*names: str) -> dict[str, Any]:
    """Return the configuration of the columns with the ends of intervals.

    The columns are `low` and `high` or, with prefixes, for instance `x_low` and `x_high`.
    """
    ends = {}
    for prefix in names or ("",):
        ends[f"{prefix}low"] = st.column_config.NumberColumn("95 % from", format="%.2f")
        ends[f"{prefix}high"] = st.column_config.NumberColumn("to", format="%.2f")
    return ends


def described(table: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return a table with names, stability and readability added after its column `factor`."""
    named = with_names(table, factors.names)
    at = named.columns.get_loc("name")
    named.insert(at + 1, "stability", [factors.stability_words[int(k)] for k in table.factor])
    named.insert(at + 2, "readability", [factors.readability_words[int(k)] for k in table.factor])
    named = as_badges(named)
    # If no factor has a name, the empty column is left out.
    return named if factors.names else named.drop(columns="name")


def legend(shown: Iterable[int], about: Factors) -> None:
    """Draw a legend of factors shown by number: names, if any, stability and readability."""
    factors = sorted(set(shown))
    names = [f"{factor}: {about.names[factor]}" for factor in factors if factor in about.names]
    if names:
        st.caption(plain("Names given to factors: " + "; ".join(names) + "."))
    if factors:
        st.caption(
            plain(
                f"Factors by number. {grouped(about.stability_words, factors)}. "
                f"{grouped(about.readability_words, factors)}."
            )
        )
