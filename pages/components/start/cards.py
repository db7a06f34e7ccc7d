"""The factors of a run as cards: name, histogram, verdict, and the films and words of both ends."""

from typing import Any

import streamlit as st

from core.factors.top_factors import enough_rated, weights_of
from core.figures.cards import small_histogram
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING, SUGGESTED
from core.results.describe import words_without_names
from core.results.run_record import PENDING, Unmeasured
from core.results.sentences import readability_of, stability_of, words_of
from core.results.sentences.summary import by_evidence
from core.results.verdict import may_be_luck
from pages.components.shared.described import described
from pages.components.shared.factors import END_HEADINGS, Factors, swatch, verdict_badge
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.show import table
from pages.components.shared.text import film_title, plain

FILMS, GENRES, WORDS = 3, 2, 5
"""Films, genres and words of each end on a card."""
MOST_CARDS, MOST_LINES = 8, 12
"""Most cards, and most lines of factors of chance; the page Factors has the others."""
CARD = 340
"""Least width of a card in pixels, if the page is as wide."""


def factor_cards(run: Run, about: Factors) -> None:
    """Draw a card for each factor that is not of chance, the best-supported first, and fold away the others."""
    order = by_evidence(about.verdict_words, about.words, about.strengths)
    # Of factors as the fit left them none means anything by itself, nor of a model that has not learnt.
    carded = [] if about.form == "raw" else [k for k in order if not may_be_luck(about.verdict_words[k])]
    folded = [k for k in order if about.verdict_words[k] == "chance"] if about.form != "raw" else []
    shown = (*carded[:MOST_CARDS], *folded[:MOST_LINES])
    by_factor = {row["factor"]: row for row in described(run, about, shown)}
    weights = weights_of(enough_rated(table(run, "factors"), about.least_ratings))
    with st.grid(min_column_width=CARD):
        for factor in carded[:MOST_CARDS]:
            with st.container(border=True, height="stretch", gap="small", key=f"card of factor {factor}"):
                _head(about, factor)
                st.html(small_histogram(weights[:, factor], factor))
                _ends(about, by_factor[factor])
                _foot(run, about, factor)
    if len(carded) > MOST_CARDS:
        _link(run, f"{len(carded) - MOST_CARDS} more on the page Factors")
    if folded:
        _of_chance(run, about, folded, by_factor)
    _key(about, [*carded[:MOST_CARDS], *folded])


def _head(about: Factors, factor: int) -> None:
    """Draw name and verdict."""
    key = f"head of factor {factor}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        swatch(factor)
        st.markdown(f":gray[{factor}] **{_title(about, factor)}**", width="content")
        if about.stability == PENDING:
            st.badge("not checked yet", color="gray", icon=":material/hourglass_empty:")
        else:
            verdict_badge(about, factor)


def _foot(run: Run, about: Factors, factor: int) -> None:
    """Draw the way to the factor and, behind a click, what the verdict rests on."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if isinstance(run, FinishedRun):
            _link(run, f"All about factor {factor}", factor)
        if about.stability == PENDING:
            return
        with st.popover("How sure?", type="tertiary", key=f"how sure is factor {factor}"):
            grounds = {
                f"Verdict: {about.verdicts[factor].word}.": about.verdicts[factor].reason,
                "Do its films repeat?": stability_of(about.stability, factor),
                "Do reviews tell it?": readability_of(about.readability, factor),
                "Are its words more than luck?": words_of(about.words, factor),
            }
            st.markdown("\n\n".join(f"**{asked}** {plain(ground)}" for asked, ground in grounds.items()))


def _ends(about: Factors, row: dict[str, Any]) -> None:
    """Draw the films and the words of both ends, the high end on the left as in the histogram."""
    for column, (end, title) in zip(st.columns(2), END_HEADINGS.items(), strict=True):
        with column:
            genres = ", ".join(genre["name"] for genre in row[end]["genres"][:GENRES])
            films = [film_title(title) for title in row[end]["films"][:FILMS]]
            lines = [f"**{title}**", *([f":gray[{plain(genres)}]"] if genres else []), *films]
            words = f"\n\n:material/chat: {_words(row[end])}" if row["has_words"] else ""
            st.markdown("  \n".join(lines) + words)
    if about.words == PENDING:
        st.caption(":material/hourglass_empty: Its words follow as soon as reviews are read.")
    elif isinstance(about.words, Unmeasured):
        st.caption(plain(f"No words: {about.words.unmeasured}."))
    elif not row["has_words"]:
        st.caption(":material/chat: Reviews show no words of its own.")


def _of_chance(run: Run, about: Factors, factors: list[int], by_factor: dict[int, dict[str, Any]]) -> None:
    """Draw the factors of chance, folded away, a line each."""
    many = len(factors)
    with st.expander(f"{many} {'is' if many == 1 else 'are'} chance: other people's ratings lead elsewhere"):
        for factor in factors[:MOST_LINES]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                swatch(factor)
                ends = (film_title(by_factor[factor][end]["films"][0]) for end in END_HEADINGS)
                st.markdown(
                    f":gray[{factor}] **{_title(about, factor)}** :gray[{' ↔ '.join(ends)}]",
                    width="content",
                )
        _link(run, "All factors" if many <= MOST_LINES else f"All factors, with {many - MOST_LINES} more")


def _key(about: Factors, factors: list[int]) -> None:
    """Draw what the signs of the cards mean."""
    mark = f"{SUGGESTED}{HOW_SUGGESTED}. " if any(map(about.suggestion, factors)) else ""
    meant = "" if isinstance(about.words, Unmeasured) else "Bold words exceed luck; grey ones may be luck. "
    st.caption(
        plain(
            f"{mark}{meant}A histogram counts the films, those of the high end on the left. "
            "Each factor keeps its number and colour."
        )
    )


def _link(run: Run, label: str, factor: int | None = None) -> None:
    st.page_link(
        "pages/2_Factors.py",
        label=label,
        icon=":material/tune:",
        query_params={"run": run.run_id} | ({} if factor is None else {"factor": str(factor)}),
    )


def _title(about: Factors, factor: int) -> str:
    """Return a factor's name in Markdown, its number where it has none."""
    name = about.names.get(factor)
    return f":gray[{NO_MEANING}]" if name == NO_MEANING else plain(name or about.heading(factor))


def _words(end: dict[str, Any]) -> str:
    """Return the strongest words of an end in Markdown: certain ones bold, others grey."""
    words = [
        f"**{plain(word['word'])}**" if word["certain"] else f":gray[{plain(word['word'])}]"
        for word in words_without_names(end, WORDS)
    ]
    return ", ".join(words) or ":gray[no words of its own]"
