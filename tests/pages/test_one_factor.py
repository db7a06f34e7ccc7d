"""The page Factors, one factor: its words, names, verdict, films and reviews."""

import json
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Expander
from support.factor_pages import SUGGESTED, click, download_labels, factor_page, has_heading, html
from support.pages import charts, in_order, open_page, press, query_value, shown_text
from support.run_folders import HOSTILE, RUN, add_run, change_record, set_verdicts, set_words

from core.errors import CannotAnswer
from core.results.factor_names import read_names
from core.store import Store
from pages.components.shared.runs import open_run


def words_chart(app: AppTest) -> list[str]:
    """Return the labels of the charts of words, high end first, without marks of certain words and of names."""
    drawn = [chart for chart in charts(app) if "the reviews that contain it" in json.dumps(chart)]
    notes = [note for chart in drawn for note in chart["layout"]["annotations"]]
    return [re.sub("</?[bi]>", "", note["text"]) for note in notes if note.get("xanchor") == "left"]


PARTS = [
    "**High:**",
    "High end: films**",
    "Low end: films**",
    "High end: words**",
    "Low end: words**",
    "Genres and decades",
    "Reviews that speak most of this factor",
    "Test it",
    "Similar factors",
    "How do we know?",
]
"""What a factor's page shows, from its meaning to its statistics."""


@pytest.mark.parametrize("factor", [0, 1])
def test_the_page_leads_from_meaning_over_evidence_to_statistics(factor: int, with_words: Store) -> None:
    texts = [
        str(part.label if isinstance(part, Expander) else getattr(part, "value", ""))
        for part in in_order(factor_page(factor).main)
    ]
    found = [part for text in texts for part in PARTS if part in text]
    # Factor 1 has words of its low end alone, which stand at their place.
    assert found == PARTS


def test_the_words_of_both_ends_are_drawn_and_names_only_if_asked_for(with_words: Store) -> None:
    app = factor_page()
    assert words_chart(app) == ["zebra", "unheard of"] == app.selectbox(key="word picker").options
    assert "the bound of luck, 0.30" in shown_text(app)
    assert "50%" not in shown_text(app)
    assert "50%" in shown_text(factor_page(know="true"))
    app.toggle(key="word_names").set_value(True).run()
    assert words_chart(app) == ["bold", "zebra", "unheard of"]
    app.toggle(key="words as table").set_value(True).run()
    assert app.dataframe[-1].value.word.tolist() == ["bold", "zebra", "unheard of"]


def test_a_word_picked_shows_the_reviews_that_hold_it_marked_and_escaped(with_words: Store) -> None:
    app = factor_page()
    assert "<mark>" not in html(app)
    app.selectbox(key="word picker").select("zebra").run()
    assert query_value(app, "word") == "zebra"
    held = re.findall(r"(\d+) of (\d+) reviews of films on this side contain “zebra”", shown_text(app))
    assert sum(int(holding) for holding, _ in held) == 8 and sum(int(of) for _, of in held) == 240
    assert len(held) == 2 and "0" in dict(held)
    assert f"**{HOSTILE}** · weight" in shown_text(app)
    assert html(app).count("<mark>zebra</mark>") == 1
    assert "&lt;img" in html(app) and "<img" not in html(app)
    assert "<mark>zebra</mark>" in html(factor_page(word="zebra"))


def test_a_word_that_no_review_of_the_run_holds_says_why(with_words: Store) -> None:
    app = factor_page(word="unheard of")
    assert "None of the 240 reviews kept with this run contains “unheard of”" in shown_text(app)


def test_a_word_of_another_factor_is_let_go(with_words: Store) -> None:
    app = factor_page(word="zebra")
    app.selectbox(key="factor picker").select(1).run()
    assert not app.exception
    assert app.selectbox(key="word picker").value is None and "<mark>" not in html(app)
    assert "word" not in app.query_params


def test_a_hostile_word_is_text(with_words: Store) -> None:
    app = factor_page(1, word=HOSTILE)
    assert not app.exception
    assert "&lt;img" in "".join(words_chart(app)) or "…" in "".join(words_chart(app))
    drawn = [element.value for kind in ("markdown", "caption", "info") for element in getattr(app, kind)]
    assert not any("<img" in text and "\\<img" not in text for text in drawn)
    assert "<img" not in html(app) + json.dumps(charts(app))


def test_a_factor_without_any_word_says_so(with_words: Store) -> None:
    app = factor_page(2)
    assert "No word goes with this factor" in shown_text(app)
    assert not [box for box in app.selectbox if box.key == "word picker"]


def test_words_no_stronger_than_luck_are_called_that(with_run: Store) -> None:
    set_words(with_run, [(0, "high", "zebra", False, 0.2, False)], SUGGESTED, has_words=False)
    app = factor_page(know="true")
    assert "no stronger than luck" in shown_text(app) and "No words beyond luck" in shown_text(app)


def test_words_that_were_not_measured_say_why(with_words: Store) -> None:
    reason = "not enough films to say: 3 films with at least 20 ratings have reviews, and 16 are needed"
    change_record(with_words, RUN, words={"unmeasured": reason})
    pd.DataFrame(columns=["factor", "word"]).to_parquet(
        with_words.root / "runs" / RUN / "out" / "words.parquet", index=False
    )
    app = factor_page()
    assert f"This run did not look for this factor's words: {reason}." in [
        info.value.replace("\\", "") for info in app.info
    ]
    assert not [box for box in app.selectbox if box.key == "word picker"]
    assert "Words (CSV)" not in download_labels(with_words)


def test_a_suggested_name_looks_like_one_and_is_accepted_by_one_click(with_words: Store) -> None:
    app = factor_page()
    assert any(f"≈ {SUGGESTED[0]}" in heading.value.replace("\\", "") for heading in app.subheader)
    assert "suggested from its words, genres, years and films" in shown_text(app)
    assert [field.value for field in app.text_input if field.label == "Name"] == [SUGGESTED[0]]
    press(app, "Accept")
    assert read_names(with_words.root / "runs" / RUN / "out") == {0: SUGGESTED[0]}
    assert not any("≈" in heading.value for heading in app.subheader)
    assert "Accept" not in [button.label for button in app.button]
    assert "The name is suggested" not in shown_text(app)


def test_a_suggested_name_is_edited_and_an_empty_one_brings_it_back(with_words: Store) -> None:
    out = with_words.root / "runs" / RUN / "out"
    app = factor_page(2)
    name = next(field for field in app.text_input if field.label == "Name")
    name.set_value("war films")
    press(app, "Save the name")
    assert read_names(out) == {2: "war films"}
    next(field for field in app.text_input if field.label == "Name").set_value("")
    press(app, "Save the name")
    assert read_names(out) == {} and any("≈ war ↔ love" in heading.value for heading in app.subheader)


def test_a_factor_without_a_clear_meaning_looks_it_and_has_nothing_to_accept(with_words: Store) -> None:
    app = factor_page(1)
    assert any(heading.value == "Factor 1 · :gray[no clear meaning]" for heading in app.subheader)
    assert "Accept" not in [button.label for button in app.button]
    assert [field.value for field in app.text_input if field.label == "Name"] == [""]


@pytest.mark.parametrize(
    ("stability_class", "readable", "verdict"),
    [("stable", True, "solid"), ("weak", True, "shaky"), ("noise", True, "chance")],
)
def test_the_verdict_opens_its_reason_and_the_measurements(
    stability_class: str, readable: bool, verdict: str, with_words: Store
) -> None:
    set_verdicts(with_words, stability_class, readable)
    app = factor_page()
    assert "-badge[:material/" in shown_text(app) and f"{verdict}] Other people's ratings" in shown_text(app)
    assert ("may be chance" in shown_text(app)) == (verdict == "chance")
    # The measurements stand behind one click.
    for measured in ("two halves", "Average precision", "exceeds the bound of luck"):
        assert measured not in shown_text(app)
    app = factor_page(know="true")
    inside = shown_text(app)
    for measured in ("two halves", "recision", "shuffled labels", "exceeds the bound of luck"):
        assert measured in inside
    titles = [json.dumps(chart["layout"].get("title", "")) for chart in charts(app)]
    assert any("How far it repeats" in title for title in titles)
    assert any("Genres and years" in title for title in titles)


def test_films_of_both_ends_stand_side_by_side_and_one_opens(with_run: Store) -> None:
    app = factor_page(1, many="10")
    ends = [chart for chart in charts(app) if "all about this film" in json.dumps(chart)]
    assert [len(chart["data"][1]["customdata"]) for chart in ends] == [10, 10]
    assert "&lt;b&gt;Bold" in json.dumps(ends) or HOSTILE not in json.dumps(ends)
    open_by_callback(app, film=ends[0]["data"][1]["customdata"][0][0])


def open_by_callback(app: AppTest, film: int) -> None:
    """Check that the tab of a film opens by the link that a click on the film makes."""
    opened = open_page("pages/2_Factors.py", film=str(film), view="Film")
    assert opened.selectbox(key="film picker").value == film


def test_the_reviews_that_speak_of_it_have_the_certain_words_marked(with_run: Store) -> None:
    set_words(with_run, [(0, "high", "saloon", False, 0.5, True)], SUGGESTED)
    app = factor_page(0)
    base = open_run(RUN, with_run).record.classifier.base_rates()[0]
    assert f"the base rate is {base:.0%}" in shown_text(app)
    assert "Marked: certain words and phrases of the high end" in shown_text(app)
    assert "<mark>saloon</mark>" in html(app)
    assert "Mark the phrases that moved the classifier" not in [toggle.label for toggle in app.toggle]
    assert "<img" not in html(app)


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "No word is certain."), (["unheard"], "None of these reviews contains a certain")],
)
def test_phrases_that_moved_the_classifier_are_marked_where_no_certain_word_stands(
    words: list[str], said: str, with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(run: object, texts: list[str], outputs: str) -> dict[str, object]:
        asked.extend(texts)
        if len(asked) > 5:
            raise CannotAnswer("the process ended; try again")
        effects = ((0, 0, 4, 2.0), (1, 5, 9, 1.0))
        rows = [{"factor": k, "start": start, "end": end, "effect": e} for k, start, end, e in effects]
        return {"answers": [{"highlights": rows, "unknown": []}]}

    monkeypatch.setattr("pages.components.shared.marking.moved.ask", ask)
    set_words(with_run, [(0, "high", word, False, 0.5, True) for word in words], SUGGESTED)
    app = factor_page(0)
    assert said in shown_text(app) and not asked and "<mark" not in html(app)
    (switch,) = (toggle for toggle in app.toggle if toggle.label.startswith("Mark the phrases"))
    switch.set_value(True).run()
    assert not app.exception and len(asked) == 5 and len(set(asked)) == 5
    # Of the legend, and a phrase of each review.
    assert html(app).count('<mark class="for"') == 1 + 5
    for text in asked:
        assert f">{text[:4]}<sup>+</sup></mark>{text[4:9]}" in html(app)
    # Another factor does not ask by itself, and says what goes wrong.
    label = open_run(RUN, with_run).record.classifier.labels[-1]
    app.selectbox(key="factor picker").select(label).run()
    assert len(asked) == 5
    reviews = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "labelled_reviews.parquet")
    (switch,) = (toggle for toggle in app.toggle if toggle.label.startswith("Mark the phrases"))
    switch.set_value(True).run()
    assert "The phrases cannot be marked. The process ended" in shown_text(app)
    assert reviews.review.isin([text.value for text in app.text]).any() and "Similar factors" in shown_text(
        app
    )


def test_a_phrase_is_marked_as_a_whole(with_run: Store) -> None:
    path = with_run.root / "runs" / RUN / "out" / "labelled_reviews.parquet"
    reviews = pd.read_parquet(path)
    reviews.assign(review="A horror  film, and a film.").to_parquet(path)
    rows = [(0, "high", "horror film", False, 0.5, True), (0, "high", "film", False, 0.4, True)]
    set_words(with_run, rows, SUGGESTED)
    assert "<mark>horror  film</mark>, and a <mark>film</mark>" in html(factor_page(0))


@pytest.mark.parametrize(
    ("readable", "doubt"),
    [
        (True, ""),
        (False, "do not reveal this factor, so these may"),
        (None, "This run did not test if reviews reveal this factor"),
    ],
)
def test_reviews_of_a_factor_that_reviews_do_not_tell_have_a_caveat(
    readable: bool | None, doubt: str, with_run: Store
) -> None:
    set_verdicts(with_run, "stable", readable)
    label = open_run(RUN, with_run).record.classifier.labels[0]
    said = shown_text(factor_page(label))
    assert doubt in said and ("these may speak of something else" in said) == bool(doubt)


def reading(factor: int, probability: float, predicted: bool) -> dict[str, object]:
    """Return what the reader says of a text: of one factor."""
    row = {
        "factor": factor,
        "probability": probability,
        "base_rate": 0.25,
        "threshold": 0.5,
        "predicted": predicted,
    }
    moved = [{"factor": factor, "start": 2, "end": 7, "effect": 1.5, "word": "zebra"}]
    return {"answers": [{"read": f"A zebra {HOSTILE}", "factors": [row], "highlights": moved, "unknown": []}]}


def test_a_pasted_text_says_how_much_of_the_factor_is_read_in_it(
    with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_verdicts(with_run, "stable", True)
    asked: list[list[str]] = []
    label = open_run(RUN, with_run).record.classifier.labels[-1]

    def ask(run: object, texts: list[str], outputs: str) -> dict[str, object]:
        asked.append(texts)
        return reading(label, 0.75, predicted=True)

    monkeypatch.setattr("pages.components.factors.trial.ask", ask)
    app = factor_page(label)
    assert not app.metric
    press(app, "Read it")
    assert "There is no text yet" in shown_text(app) and not asked
    app.text_area(key="text for a factor").set_value("A zebra.")
    press(app, "Read it")
    assert asked == [["A zebra."]]
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("Probability of this factor", "75%"),
        ("Base rate", "25%"),
    ]
    assert "The text speaks of this factor." in shown_text(app)
    assert 'class="for"' in html(app) and "<img" not in html(app)


@pytest.mark.parametrize(
    ("stability_class", "readable", "probability", "said"),
    [
        ("noise", True, 0.75, "above the base rate, but that may be luck"),
        ("stable", False, 0.75, "above the base rate, but that may be luck"),
        ("stable", True, 0.3, "above the base rate, but that may be luck"),
        ("stable", None, 0.75, "This run did not test if reviews reveal this factor"),
        ("stable", True, 0.2, "The text speaks no more of this factor"),
    ],
)
def test_a_pasted_text_has_to_pass_the_same_bar_as_on_the_page_try_a_review(
    stability_class: str,
    readable: bool | None,
    probability: float,
    said: str,
    with_run: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_verdicts(with_run, stability_class, readable)
    label = open_run(RUN, with_run).record.classifier.labels[-1]
    monkeypatch.setattr(
        "pages.components.factors.trial.ask", lambda *_: reading(label, probability, predicted=True)
    )
    app = factor_page(label)
    app.text_area(key="text for a factor").set_value("A zebra.")
    press(app, "Read it")
    assert said in shown_text(app) and "The text speaks of this factor." not in shown_text(app)


def test_a_reader_that_fails_says_so_and_the_page_stays(
    with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(run: object, texts: list[str], outputs: str) -> dict[str, object]:
        raise CannotAnswer("the reader is busy with many reviews; try again in a minute")

    monkeypatch.setattr("pages.components.factors.trial.ask", ask)
    app = factor_page(open_run(RUN, with_run).record.classifier.labels[0])
    app.text_area(key="text for a factor").set_value("A zebra.")
    next(button for button in app.button if button.label == "Read it").click().run()
    assert "The reader is busy" in app.error[0].value and "Similar factors" in shown_text(app)


def test_a_similar_factor_opens_by_its_button(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", factor="1")
    similar = next(button for button in app.button if button.key and button.key.startswith("alike"))
    similar.click().run()
    assert has_heading(app, int(similar.key.split()[1]))


def test_the_most_similar_factor_of_another_run_opens_in_that_run(with_run: Store) -> None:
    other = "20261124-110000-abcd"
    add_run(with_run, other, out=with_run.root / "runs" / RUN / "out", name="run *two*")
    app = open_page("pages/2_Factors.py", run=RUN, factor="2")
    button = app.button(key=f"alike {other}")
    assert "factor 2" in button.label.replace("\\", "") and "1.00" in button.label.replace("\\", "")
    click(app, f"alike {other}")
    assert query_value(app, "run") == other and has_heading(app, 2)
    assert "in the link" not in shown_text(app)


def test_other_runs_without_common_films_or_without_tables_are_passed_over(with_run: Store) -> None:
    other = "20261124-110000-abcd"
    out = add_run(with_run, other, out=with_run.root / "runs" / RUN / "out") / "out"
    films = pd.read_parquet(out / "factors.parquet")
    films.assign(title=[f"T{k}" for k in range(len(films))]).to_parquet(out / "factors.parquet")
    app = open_page("pages/2_Factors.py", run=RUN)
    assert "No other run has enough films in common" in shown_text(app)
    (out / "factors.parquet").unlink()
    assert "No other run has enough films in common" in shown_text(open_page("pages/2_Factors.py", run=RUN))
