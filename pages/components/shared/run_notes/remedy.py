"""Why no factor of a run holds up, with the button or the link that does better."""

import streamlit as st

from core.results.run_record import FirstResults, RunRecord
from core.results.sentences.run_headline import Remedy, why_nothing_holds
from core.settings import RunSettings, preset
from core.store import Store
from pages.components.shared.runs import offer
from pages.components.shared.text import plain

BUTTONS: dict[Remedy, str] = {
    "starter": "Try six factors on the same data",
    "accurate": "Run the preset Accurate on the same data",
}
"""Label of the button of each remedy that is a run."""
LARGER = {"ml-100k": 100_000, "ml-25m": 25_000_095}
"""Name of a data set -> the number of ratings below which a run is sent to it."""


def why_and_remedy(record: RunRecord | FirstResults, store: Store, heading: str = "") -> None:
    """Draw, below the heading, why no factor holds up, and what does better."""
    why = why_nothing_holds(record)
    bold = f"**{plain(heading)}** " if heading else ""
    st.info(f"{bold}{plain(why.reason)}", icon=":material/blur_on:")
    if why.remedy == "data":
        larger = [name for name, ratings in LARGER.items() if record.ratings.ratings < ratings]
        if larger:
            st.page_link(
                "pages/1_Train.py",
                label="Train on more ratings",
                icon=":material/database:",
                query_params={"part": "New run", "ratings": larger[0]},
            )
        return
    offer(store, BUTTONS[why.remedy], _settings(record, why.remedy), why.remedy)


def _settings(record: RunRecord | FirstResults, remedy: Remedy) -> RunSettings:
    """Return the settings of the remedy on the data of a run, with no more factors than the run has."""
    settings, factors = record.run_settings, record.factor_model.factors
    offered = preset(remedy, ratings=settings.ratings, reviews=settings.reviews)
    usual = offered.factor_model.factors or factors
    few = factors if offered.selection.top <= factors < usual else None
    return preset(remedy, ratings=settings.ratings, reviews=settings.reviews, factors=few)
