"""A run's factors as every page shows them: number, name, and how stable they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.names import read_names
from core.profiles import with_names
from core.settings import SelectionSettings
from core.verdict import VERDICTS, stability_groups, stability_verdicts
from pages.frame.runs import FinishedRun
from pages.frame.text import errors, plain

NOT_MEASURED = "not measured"
BADGES = {
    VERDICTS["stable"]: ("green", ":material/check_circle:"),
    VERDICTS["weak"]: ("orange", ":material/change_history:"),
    VERDICTS["noise"]: ("gray", ":material/blur_on:"),
    NOT_MEASURED: ("blue", ":material/help:"),
}
"""How stable -> colour and sign; the word always stands beside them."""
FEW_RATINGS = SelectionSettings().least_ratings
"""A film with fewer ratings has weights that rest on little."""


@dataclass(frozen=True)
class Factors:
    """What is known of a run's factors, also of a run that is older than some of it."""

    count: int
    names: Mapping[int, str]
    """Those that people gave."""
    stability: dict[str, Any]
    """`stability` of the run's record."""
    verdicts: list[str]
    """How stable each is, in words."""
    strengths: list[float] | None
    strength_unit: str
    form: str
    unit: str
    """What a weight is counted in."""
    difference: str
    """What a difference between weights is counted in."""
    scale: str
    """The same in a sentence."""
    least_ratings: int
    """Ratings that a film needed to be chosen for the run."""

    def title(self, factor: int) -> str:
        """Give number and name for people, as plain text: `factor 3 · dark thrillers`."""
        name = self.names.get(factor)
        return f"factor {factor}" + (f" · {name}" if name else "")

    def choice(self, factor: int) -> str:
        """Give number, name and stability for a list to pick from, as plain text: `factor 3 · dark (weak)`."""
        return f"{self.title(factor)} ({self.verdicts[factor]})"

    def heading(self, factor: int) -> str:
        """Give number and name for the head of a section, as plain text."""
        return self.title(factor).replace("f", "F", 1)

    def marked(self, factor: int) -> str:
        """Give number, name and badge for a sentence in Markdown."""
        colour, icon = BADGES[self.verdicts[factor]]
        return f"{plain(self.title(factor))} :{colour}-badge[{icon} {self.verdicts[factor]}]"

    def means_nothing(self, factor: int) -> str:
        """Say why nothing can be shown that a factor's films share; empty where something can."""
        if self.form == "raw":
            return (
                "This run shows its factors as the fit left them. Such a factor is one of many equivalent axes, "
                "so its films have nothing in common that can be shown. Of runs in the principal or varimax form, "
                "only the stable factors have."
            )
        if self.verdicts[factor] == VERDICTS["noise"]:
            return (
                "This factor cannot be told from noise: its films have nothing in common that can be shown, "
                "however alike some may look."
            )
        return ""


def factors_of(run: FinishedRun) -> Factors:
    """Read what is known of a run's factors."""
    model = run.record["factor_model"]
    found = run.record["stability"]
    # The first runs had no forms, and no model but fastai's.
    form, method = model.get("form", "raw"), model.get("method", "dot-bias")
    with errors():
        names = read_names(run.folder)
    return Factors(
        count=model["factors"],
        names={factor: name for factor, name in names.items() if factor < model["factors"]},
        stability=found,
        verdicts=stability_verdicts(found, model["factors"]),
        strengths=model.get("strengths"),
        strength_unit="stars" if method == "gibbs" else "log-odds",
        form=form,
        unit="weight (no unit)" if form == "raw" else "weight (sd; 0: average film)",
        difference="weight (no unit)" if form == "raw" else "weight (sd)",
        scale="Weights have no unit in this run."
        if form == "raw"
        else "Weights are counted in standard deviations (sd) over all films; 0 is the average film.",
        least_ratings=run.record["settings"]["selection"].get("least_ratings", 0),
    )


def badge(verdict: str) -> None:
    """Draw how stable a factor is."""
    colour, icon = BADGES[verdict]
    st.badge(verdict, color=colour, icon=icon)


def stability_column() -> Any:
    """Give the column of a table that shows how stable factors are; its cells are lists of one word."""
    return st.column_config.MultiselectColumn(
        "stability",
        options=list(BADGES),
        color=[colour for colour, _ in BADGES.values()],
        help="whether other people's ratings lead to the same factor",
    )


def interval_columns(*names: str) -> dict[str, Any]:
    """Give the columns of a table that show the ends of intervals, named as `low`, `high` or, with a prefix each,
    `x_low`, `x_high`."""
    ends = {}
    for prefix in names or ("",):
        ends[f"{prefix}low"] = st.column_config.NumberColumn("95 % from", format="%.2f")
        ends[f"{prefix}high"] = st.column_config.NumberColumn("to", format="%.2f")
    return ends


def described(table: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Give a table that has a column `factor` with the factors' names and stability beside it."""
    known = with_names(table, factors.names)
    at = known.columns.get_loc("name")
    known.insert(at + 1, "stability", [[factors.verdicts[int(k)]] for k in table.factor])
    # While no factor has a name, an empty column would only raise questions.
    return known if factors.names else known.drop(columns="name")


def legend(shown: Iterable[int], about: Factors) -> None:
    """Draw what is known of the factors that are shown by number: their names, if any has one, and stability."""
    factors = sorted(set(shown))
    told = [f"{factor}: {about.names[factor]}" for factor in factors if factor in about.names]
    if told:
        st.caption(plain("Names given to factors: " + "; ".join(told) + "."))
    if factors:
        st.caption(
            plain(f"Stability of the factors. {stability_groups(about.verdicts, factors).capitalize()}.")
        )
