"""The best-supported factors of a run as cards: name, verdict, and the films and words of both ends."""

from typing import Any

import streamlit as st

from core.figures.style import shortened
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING, SUGGESTED
from core.results.describe import descriptions, words_without_names
from core.results.run_record import Unmeasured
from core.results.summary import HOW_CHOSEN, best_supported, why_none_is_supported
from pages.components.shared.factors import Factors, swatch, verdict_badge
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table
from pages.components.shared.text import plain

ENDS = {"high": ":material/arrow_upward: High end", "low": ":material/arrow_downward: Low end"}
FILMS, WORDS = 3, 5
"""Films and words of each end on a card."""
TITLE = 42
"""Most characters of a film's title on a card."""
CARD = 400
"""Least width of a card in pixels, if the page is as wide."""


def best_factors(run: FinishedRun, about: Factors) -> None:
    """Draw a card for each of the best-supported factors, or say why there is none."""
    st.subheader("What its factors mean", anchor=False)
    # Of factors as the fit left them none means anything by itself.
    best = [] if about.form == "raw" else best_supported(about.verdict_words, about.words, about.strengths)
    if not best:
        reason = (
            about.means_nothing(0)
            if about.form == "raw"
            else why_none_is_supported(about.verdict_words, about.words)
        )
        st.info(plain(reason), icon=":material/blur_on:")
        st.page_link("pages/1_Train.py", label="Train with the preset “stable”", icon=":material/tune:")
        return
    read = {name: optional_table(run, name) for name in ("factors", "words", "associations")}
    tables = {name: table for name, table in read.items() if table is not None}
    with st.grid(min_column_width=CARD):
        for row in descriptions(run.record, tables, about.given, best):
            with st.container(
                border=True, height="stretch", gap="small", key=f"card of factor {row['factor']}"
            ):
                _card(run, about, row)
    mark = f"{SUGGESTED}{HOW_SUGGESTED}. " if any(map(about.suggestion, best)) else ""
    meant = "" if isinstance(about.words, Unmeasured) else "Bold words exceed luck; grey ones may be luck. "
    st.caption(plain(f"{mark}{meant}{len(best)} of {about.count} factors, {HOW_CHOSEN}."))


def _card(run: FinishedRun, about: Factors, row: dict[str, Any]) -> None:
    factor = row["factor"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        swatch(factor)
        st.markdown(f"**{_title(about, factor)}**", width="content")
        verdict_badge(about, factor)
    for column, (end, title) in zip(st.columns(2), ENDS.items(), strict=True):
        with column:
            genre = f" :gray[· {plain(row[end]['genres'][0]['name'])}]" if row[end]["genres"] else ""
            st.markdown(f"**{title}**{genre}")
            films = [plain(shortened(title, TITLE)) for title in row[end]["films"][:FILMS]]
            st.markdown("  \n".join(films))
            if row["has_words"]:
                st.markdown(_words(row[end]))
    if not row["has_words"]:
        st.caption(plain(row["words"]))
    st.page_link(
        "pages/2_Factors.py",
        label=f"All about factor {factor}",
        icon=":material/tune:",
        query_params={"run": run.run_id, "factor": str(factor)},
    )


def _title(about: Factors, factor: int) -> str:
    """Return a factor's name in Markdown, its number where the name says nothing."""
    name = about.names.get(factor)
    if name == NO_MEANING:
        return f"{plain(f'Factor {factor} ·')} :gray[{NO_MEANING}]"
    return plain(name or about.heading(factor))


def _words(end: dict[str, Any]) -> str:
    """Return the strongest words of an end in Markdown: certain ones bold, others grey."""
    words = [
        f"**{plain(word['word'])}**" if word["certain"] else f":gray[{plain(word['word'])}]"
        for word in words_without_names(end, WORDS)
    ]
    return ", ".join(words) or ":gray[no words of its own]"
