"""The factors of a run as cards: name, histogram, verdict, and the films and words of both ends."""

from pathlib import Path
from typing import Any

import streamlit as st
from markupsafe import Markup

from core.factors.top_factors import enough_rated, weights_of
from core.figures.cards import small_histogram
from core.figures.style import factor_colour, shortened
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING, SUGGESTED
from core.results.describe import words_without_names
from core.results.run_record import PENDING, Unmeasured
from core.results.sentences import readability_of, stability_of, words_of
from core.results.sentences.summary import by_evidence
from core.results.verdict import may_be_luck
from core.templates import templates_in
from pages.components.shared.described import described
from pages.components.shared.factors import BADGES, END_HEADINGS, Factors
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.show import table
from pages.components.shared.text import LONGEST_TITLE, plain

FILMS, GENRES, WORDS = 3, 2, 5
"""Films, genres and words of each end on a card."""
MOST_CARDS, MOST_LINES = 8, 12
"""Most cards, and most lines of factors of chance; the page Factors has the others."""
CARD = 340
"""Least width of a card in pixels, if the page is as wide."""
DRAWN: Any = templates_in(Path(__file__).parent).get_template("cards.html").module
"""What draws cards and lines of factors as HTML."""


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
                histogram = Markup(small_histogram(weights[:, factor], factor))
                row = by_factor[factor]
                st.html(
                    DRAWN.card(
                        _named(about, factor), _badge(about, factor), histogram, _ends(row), _note(about, row)
                    )
                )
                _foot(run, about, factor)
    if len(carded) > MOST_CARDS:
        _link(run, f"{len(carded) - MOST_CARDS} more on the page Factors")
    if folded:
        _of_chance(run, about, folded, by_factor)
    if carded or folded:
        _key(about, carded[:MOST_CARDS], folded)


def _named(about: Factors, factor: int) -> dict[str, Any]:
    """Return what names a factor: its colour, number and name, or its number again where it has none."""
    name = about.names.get(factor)
    return {
        "colour": factor_colour(factor),
        "number": factor,
        "name": name or about.heading(factor),
        "is_nameless": name == NO_MEANING,
    }


def _badge(about: Factors, factor: int) -> dict[str, str]:
    """Return word, reason, colour and icon of a verdict."""
    if about.stability == PENDING:
        return {
            "word": "not checked yet",
            "reason": "",
            "colour": "gray",
            "icon": ":material/hourglass_empty:",
        }
    verdict = about.verdicts[factor]
    colour, icon = BADGES[verdict.word]
    return {"word": verdict.word, "reason": verdict.reason, "colour": colour, "icon": icon}


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
                "Do reviews reveal it?": readability_of(about.readability, factor),
                "Are its words more than luck?": words_of(about.words, factor),
            }
            st.markdown("\n\n".join(f"**{asked}** {plain(ground)}" for asked, ground in grounds.items()))


def _ends(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return heading, films and words of both ends, the high end on the left as in the histogram."""
    ends = []
    for end, marked_heading in END_HEADINGS.items():
        icon, heading = marked_heading.split(" ", 1)
        ends.append(
            {
                "icon": icon,
                "heading": heading,
                "genres": ", ".join(genre["name"] for genre in row[end]["genres"][:GENRES]),
                "films": [shortened(title, LONGEST_TITLE) for title in row[end]["films"][:FILMS]],
                "words": words_without_names(row[end], WORDS) if row["has_words"] else None,
            }
        )
    return ends


def _note(about: Factors, row: dict[str, Any]) -> dict[str, str] | None:
    """Return why a factor has no words, None where it has some."""
    if about.words == PENDING:
        return {"icon": ":material/hourglass_empty:", "text": "Its words follow as soon as reviews are read."}
    if isinstance(about.words, Unmeasured):
        return {"icon": ":material/info:", "text": f"No words: {about.words.unmeasured}."}
    return (
        None
        if row["has_words"]
        else {"icon": ":material/chat:", "text": "Reviews show no words beyond luck."}
    )


def _of_chance(run: Run, about: Factors, factors: list[int], by_factor: dict[int, dict[str, Any]]) -> None:
    """Draw the factors of chance, folded away, a line each."""
    many = len(factors)
    with st.expander(
        f"{many} {'is' if many == 1 else 'are'} chance: other people's ratings lead to other factors"
    ):
        named = [
            _named(about, factor)
            | {
                "films": " ↔ ".join(
                    shortened(by_factor[factor][end]["films"][0], LONGEST_TITLE) for end in END_HEADINGS
                )
            }
            for factor in factors[:MOST_LINES]
        ]
        st.html(DRAWN.lines(named))
        _link(run, "All factors" if many <= MOST_LINES else f"All factors, with {many - MOST_LINES} more")


def _key(about: Factors, carded: list[int], folded: list[int]) -> None:
    """Draw what the signs of the cards mean, and of the lines of factors of chance."""
    meant = []
    if any(map(about.suggestion, [*carded, *folded])):
        meant.append(f"{SUGGESTED}{HOW_SUGGESTED}.")
    if not isinstance(about.words, Unmeasured) and any(about.words.factors[k].has_words for k in carded):
        meant.append("Words exceed luck together, bold ones also alone.")
    if carded:
        meant.append("A histogram counts the films, with the high end on the left.")
    st.caption(plain(" ".join([*meant, "Each factor keeps its number and colour."])))


def _link(run: Run, label: str, factor: int | None = None) -> None:
    st.page_link(
        "pages/2_Factors.py",
        label=label,
        icon=":material/tune:",
        query_params={"run": run.run_id} | ({} if factor is None else {"factor": str(factor)}),
    )
