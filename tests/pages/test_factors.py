"""The page Factors."""

import json
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.pages import charts, open_page, press, query_value, shown_text
from support.run_folders import HOSTILE, RUN, add_run, change_record, set_words

from core.errors import CannotAnswer
from core.results import factor_tables as profiles
from core.results.factor_names import read_names, write_names
from core.results.verdict import VERDICTS
from core.store import Store
from pages.components.factors.downloads import with_both_names
from pages.components.shared.factors import factors_of
from pages.components.shared.runs import open_run

VIEWS = ["Factor", "All factors", "Film", "Map", "Model", "Names and downloads"]


def test_a_factor_and_a_film_open_by_link(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = open_page("pages/2_Factors.py", factor="2", film=str(film.film_id))
    assert not app.exception and "in the link" not in shown_text(app)
    assert has_heading(app, 2)
    app = open_page("pages/2_Factors.py", film=str(film.film_id), view="Film")
    assert app.selectbox(key="film picker").value == film.film_id
    assert any(film.title in json.dumps(chart) for chart in charts(app))


def has_heading(app: AppTest, factor: int) -> bool:
    return any(heading.value.split(" · ")[0] == f"Factor {factor}" for heading in app.subheader)


@pytest.mark.parametrize(
    ("name", "value"), [("factor", "4"), ("factor", "-1"), ("factor", "<b>"), ("film", "no")]
)
def test_a_link_to_a_factor_or_film_that_is_not_here_says_so(name: str, value: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", **{name: value})
    assert not app.exception
    assert f"is not a {name} of this run" in app.warning[0].value
    assert charts(app)


def test_what_was_picked_stays_in_the_address(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py")
    app.selectbox(key="factor picker").select(3).run()
    assert app.query_params["factor"] in ("3", ["3"])
    assert has_heading(app, 3)


def test_a_similar_factor_opens_by_its_button(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", factor="1")
    similar = next(button for button in app.button if button.key and button.key.startswith("alike"))
    similar.click().run()
    assert has_heading(app, int(similar.key.split()[1]))


def test_films_of_few_ratings_are_left_out_until_asked_for(with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", least="1000000")
    assert not app.exception
    assert "Fewer than two films have 1,000,000 ratings" in shown_text(app)
    app.number_input(key="least").set_value(0).run()
    assert charts(app)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_factors_shows_its_main_thing(view: str, with_run: Store) -> None:
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    main = {
        "Factor": lambda: "Similar factors" in shown_text(app),
        "All factors": lambda: "**High:**" in shown_text(app),
        "Film": lambda: len(charts(app)) == 1 and "weights rest on" in shown_text(app),
        "Map": lambda: len(charts(app)) == 1 and "lasso" in shown_text(app),
        "Model": lambda: "RMSE" in str(app.metric) and "a space of factors" in shown_text(app),
        "Names and downloads": lambda: "No other run has named factors" in shown_text(app),
    }
    assert main[view]()


def test_a_factor_is_picked_by_number_name_and_verdict(with_run: Store) -> None:
    write_names(with_run.root / "runs" / RUN / "out", {1: "dark thrillers"})
    app = open_page("pages/2_Factors.py", view="Map")
    for name in ("factor", "across", "up"):
        named = app.selectbox(key=f"{name} picker").options[1]
        assert named in [f"factor 1 · dark thrillers ({word})" for word in VERDICTS]


def test_weights_have_intervals_only_where_the_model_has_a_posterior(with_run: Store) -> None:
    path = with_run.root / "runs" / RUN / "out" / "factors.parquet"
    films = pd.read_parquet(path)
    assert not {"low_0", "high_0"} & set(films)
    assert not {"low", "high"} & set(coverage())
    for view in VIEWS:
        assert "95 % interval" not in everything(view)
    for k in range(4):
        films[f"low_{k}"], films[f"high_{k}"] = films[f"weight_{k}"] - 1, films[f"weight_{k}"] + 1
    films.to_parquet(path)
    assert {"low", "high"} <= set(coverage())
    for view in ("Factor", "Film", "Map"):
        assert "95 % interval" in everything(view)
    assert {"low", "high"} <= set(open_page("pages/2_Factors.py", view="Film").dataframe[0].value)
    assert "Faint" in shown_text(open_page("pages/2_Factors.py", view="Map"))


def coverage() -> list[str]:
    return list(open_page("pages/3_Reviews.py", show="Coverage").dataframe[-1].value)


def everything(view: str) -> str:
    """Return the charts and text of a view of the factors, without stability, readability and words."""
    app = open_page("pages/2_Factors.py", view=view, know="true")
    assert not app.exception and not app.error
    said = [
        line
        for line in shown_text(app).splitlines()
        if "halvings" not in line and "eadab" not in line and "decade" not in line
    ]
    drawn = [chart for chart in charts(app) if not re.search("correlation|Decades", json.dumps(chart))]
    return "\n".join(said) + json.dumps(drawn, ensure_ascii=False)


def test_names_are_taken_over_from_a_run_with_the_same_factors(with_run: Store) -> None:
    other = "20261124-130000-abcd"
    add_run(with_run, other, out=with_run.root / "runs" / RUN / "out", name="named before")
    write_names(with_run.root / "runs" / other / "out", {2: "dark thrillers"})
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    next(button for button in app.button if button.label == "Take over 1 name").click().run()
    assert not app.exception
    assert read_names(with_run.root / "runs" / RUN / "out") == {2: "dark thrillers"}


WORDS = [
    (0, "high", "zebra", False, 0.5, True),
    (0, "high", "bold", True, 0.6, True),
    (0, "low", "unheard of", False, -0.2, False),
    (1, "low", HOSTILE, False, -0.4, True),
]
SUGGESTED = ["zebras ↔ <b>older</b> films", "no clear meaning", "war ↔ love", "a ↔ b"]


@pytest.fixture
def with_words(with_run: Store) -> Store:
    """Return the store whose run has WORDS; all reviews of one of its films are about a zebra."""
    set_words(with_run, WORDS, SUGGESTED)
    return with_run


def factor_page(factor: int = 0, **query: str) -> AppTest:
    app = open_page("pages/2_Factors.py", factor=str(factor), **query)
    assert not app.error
    return app


def words_chart(app: AppTest) -> list[str]:
    """Return the labels of the charts of words, high end first, without marks of certain words and of names."""
    drawn = [chart for chart in charts(app) if "the reviews that hold it" in json.dumps(chart)]
    notes = [note for chart in drawn for note in chart["layout"]["annotations"]]
    return [re.sub("</?[bi]>", "", note["text"]) for note in notes if note.get("xanchor") == "left"]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_the_words_of_both_ends_are_drawn_and_names_only_if_asked_for(with_words: Store) -> None:
    app = factor_page()
    assert words_chart(app) == ["zebra", "unheard of"] == app.selectbox(key="word picker").options
    assert "the bound of luck, 0.30" in shown_text(app)
    assert "50 %" not in shown_text(app)
    assert "50 %" in shown_text(factor_page(know="true"))
    app.toggle(key="word_names").set_value(True).run()
    assert words_chart(app) == ["bold", "zebra", "unheard of"]
    app.toggle(key="words as table").set_value(True).run()
    assert app.dataframe[-1].value.word.tolist() == ["bold", "zebra", "unheard of"]


def test_a_word_picked_shows_the_reviews_that_hold_it_marked_and_escaped(with_words: Store) -> None:
    app = factor_page()
    assert "<mark>" not in html(app)
    app.selectbox(key="word picker").select("zebra").run()
    assert query_value(app, "word") == "zebra"
    held = re.findall(r"(\d+) of (\d+) reviews of films on this side hold “zebra”", shown_text(app))
    assert sum(int(holding) for holding, _ in held) == 8 and sum(int(of) for _, of in held) == 240
    assert len(held) == 2 and "0" in dict(held)
    assert f"**{HOSTILE}** · weight" in shown_text(app)
    assert html(app).count("<mark>zebra</mark>") == 1
    assert "&lt;img" in html(app) and "<img" not in html(app)
    assert "<mark>zebra</mark>" in html(factor_page(word="zebra"))


def test_a_word_that_no_review_of_the_run_holds_says_why(with_words: Store) -> None:
    app = factor_page(word="unheard of")
    assert "None of the 240 reviews kept with this run holds “unheard of”" in shown_text(app)


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
    assert "no stronger than luck" in shown_text(app) and "No words of its own" in shown_text(app)


def test_words_that_were_not_measured_say_why(with_words: Store) -> None:
    reason = "not enough films to say: 3 films with at least 20 ratings have reviews, and 16 are needed"
    change_record(with_words, RUN, words={"unmeasured": reason})
    pd.DataFrame(columns=["factor", "word"]).to_parquet(
        with_words.root / "runs" / RUN / "out" / "words.parquet", index=False
    )
    app = factor_page()
    assert f"This run did not look for its words: {reason}." in [
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
    record = json.loads((with_words.root / "runs" / RUN / "out" / "run.json").read_text())
    record["stability"]["factors"][0]["verdict"] = stability_class
    for row in record["readability"]["per_label"]:
        row["readable"] = readable
    change_record(with_words, RUN, stability=record["stability"], readability=record["readability"])
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


def download_labels(store: Store) -> list[str]:
    app = open_page("pages/2_Factors.py", view="Names and downloads")
    return [button.proto.label for button in app.get("download_button")]


def test_words_weights_factors_and_names_are_downloaded(with_words: Store) -> None:
    assert download_labels(with_words) == [
        "Weights (CSV)",
        "Weights (Parquet)",
        "Factors (CSV)",
        "Words (CSV)",
        "Words (Parquet)",
        "Names (JSON)",
    ]


def test_the_factors_file_tells_given_names_from_suggested_ones(with_words: Store) -> None:
    write_names(with_words.root / "runs" / RUN / "out", {2: "war films"})
    about = factors_of(open_run(RUN, with_words))
    films = pd.DataFrame({"title": ["A", "B"], **{f"weight_{k}": [0.0, 1.0] for k in range(4)}})
    file = with_both_names(profiles.overview(films, about.verdict_words, None, about.names), about)
    assert list(file)[:4] == ["factor", "name", "suggested", "verdict"]
    assert file["name"].tolist() == ["", "", "war films", ""] and file.suggested.tolist() == SUGGESTED
    assert set(file.verdict) <= set(VERDICTS)


def click(app: AppTest, key: str) -> AppTest:
    """Press the button with this key, and return the page."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_buttons_lead_to_the_factors_before_and_after(with_run: Store) -> None:
    app = factor_page(0)
    assert app.button(key="previous factor").disabled
    click(app, "next factor")
    assert has_heading(app, 1) and query_value(app, "factor") == "1"
    assert has_heading(click(app, "previous factor"), 0)
    assert factor_page(3).button(key="next factor").disabled
    shortcuts = [
        button.proto.shortcut for button in app.button if button.key in ("previous factor", "next factor")
    ]
    assert shortcuts == ["p", "n"]


def test_the_next_factor_is_shown_in_the_tab_that_is_open(with_run: Store) -> None:
    app = factor_page(1, view="Map")
    click(app, "next factor")
    assert app.selectbox(key="across picker").value == 2 and query_value(app, "view") == "Map"


def test_the_page_opens_with_the_best_factor_and_what_it_is_about(with_words: Store) -> None:
    app = open_page("pages/2_Factors.py")
    about = factors_of(open_run(RUN, with_words))
    assert has_heading(app, profiles.listed(about.verdict_words, about.strengths)[0])
    head = [line for line in shown_text(factor_page(0)).splitlines() if line.startswith("**High:**")]
    assert len(head) == 1 and "reviews say “zebra”." in head[0]


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


def test_the_reviews_that_speak_of_it_have_the_certain_words_marked(with_words: Store) -> None:
    app = factor_page(0)
    base = open_run(RUN, with_words).record.classifier.base_rates()[0]
    assert f"the base rate is {base:.0%}" in shown_text(app)
    assert "Marked: certain words of the high end" in shown_text(app)
    assert "No word is certain, so none is marked" in shown_text(factor_page(2))
    assert "<img" not in html(app)


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
    assert "None has enough films in common" in shown_text(app)
    (out / "factors.parquet").unlink()
    assert "None has enough films in common" in shown_text(open_page("pages/2_Factors.py", run=RUN))


def test_the_measurements_of_a_factor_are_in_a_table_one_click_away(with_run: Store) -> None:
    app = factor_page(1, view="All factors")
    assert not app.dataframe
    app.toggle(key="factors_as_table").set_value(True).run()
    shown = app.dataframe[0].value
    assert {"stability", "chance_stability", "average_precision", "chance_precision", "strength"} <= set(
        shown
    )
    assert len(shown) == 4 and shown.films.map(len).tolist() == [20] * 4


def test_factors_of_chance_are_folded_away(with_words: Store) -> None:
    record = json.loads((with_words.root / "runs" / RUN / "out" / "run.json").read_text())
    for row in record["stability"]["factors"]:
        row["verdict"] = "noise" if row["factor"] in (0, 2) else "weak"
    change_record(with_words, RUN, stability=record["stability"])
    app = factor_page(1, view="All factors")
    opening = [button.key for button in app.button if button.key and button.key.startswith("open factor")]
    assert sorted(opening) == ["open factor 1", "open factor 3"]
    assert [block.label for block in app.expander] == ["2 that may be chance"]
    click(app, "open factor 3")
    assert has_heading(app, 3)


def test_rows_say_what_both_ends_are_about_as_text(with_words: Store) -> None:
    said = shown_text(factor_page(0, view="All factors"))
    assert "reviews say “zebra”" in said and "no clear meaning" in said
    drawn = [element.value for element in factor_page(1, view="All factors").markdown]
    assert not any("<b>" in text and "\\<b" not in text for text in drawn)


def test_the_map_opens_on_the_factor_picked_unless_the_link_says_otherwise(with_run: Store) -> None:
    strengths = open_run(RUN, with_run).record.factor_model.strengths
    about = factors_of(open_run(RUN, with_run))
    best = next(k for k in profiles.listed(about.verdict_words, strengths) if k != 2)
    app = factor_page(2, view="Map")
    assert [app.selectbox(key=f"{axis} picker").value for axis in ("across", "up")] == [2, best]
    app.selectbox(key="factor picker").select(1).run()
    assert app.selectbox(key="across picker").value == 1
    app = factor_page(2, view="Map", across="3", up="0")
    assert [app.selectbox(key=f"{axis} picker").value for axis in ("across", "up")] == [3, 0]


def test_the_map_is_coloured_by_genre_and_without_genres_all_are_other(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    genres = [trace.get("name") for trace in charts(factor_page(0, view="Map"))[0]["data"][:-1]]
    assert 2 <= len(genres) <= 9
    (out / "films.parquet").unlink()
    (chart,) = charts(factor_page(0, view="Map"))
    assert [trace.get("name") for trace in chart["data"][:-1]] == ["other"]


def test_a_film_of_the_map_opens_by_its_button(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = factor_page(0, view="Map", film=str(film.film_id), least="0")
    click(app, "film from map")
    assert query_value(app, "view") == "Film" and query_value(app, "film") == str(film.film_id)


def test_the_reviews_behind_a_bar_of_a_film_open_by_link(with_run: Store) -> None:
    counts = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "frequencies.parquet").iloc[0]
    app = open_page("pages/2_Factors.py", view="Film", film=str(counts.film_id), behind=str(counts.factor))
    assert not app.exception and "Predicted in" in shown_text(app)
    app = open_page("pages/2_Factors.py", view="Film", film=str(counts.film_id), behind="<b>")
    assert "Predicted in" not in shown_text(app) and "behind" not in app.query_params


def test_a_film_that_was_not_read_says_so(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    read = set(pd.read_parquet(out / "frequencies.parquet").film_id)
    films = pd.read_parquet(out / "factors.parquet")
    other = next(film for film in films.film_id if film not in read)
    app = open_page("pages/2_Factors.py", view="Film", film=str(other))
    assert "This run read no review of the film" in shown_text(app)


def with_factors(store: Store, count: int) -> None:
    """Give a run so many factors: copies of its own, or fewer of them."""
    out = store.root / "runs" / RUN / "out"
    films = pd.read_parquet(out / "factors.parquet")
    weights = {f"weight_{k}": films[f"weight_{k % 4}"] for k in range(count)}
    films.drop(columns=[f"weight_{k}" for k in range(4)]).assign(**weights).to_parquet(
        out / "factors.parquet"
    )
    for name in ("top_factors", "associations", "frequencies", "predictions"):
        rows = pd.read_parquet(out / f"{name}.parquet")
        rows[rows.factor < count].to_parquet(out / f"{name}.parquet")
    record = json.loads((out / "run.json").read_text())
    model = record["factor_model"] | {"factors": count}
    model["strengths"] = [(model["strengths"] or [1.0] * 4)[k % 4] for k in range(count)]
    stability = record["stability"]
    stability["factors"] = [stability["factors"][k % 4] | {"factor": k} for k in range(count)]
    grades = {}
    for part in ("readability", "classifier"):
        grades[part] = record[part] | {
            "per_label": [row for row in record[part]["per_label"] if row["factor"] < count]
        }
    change_record(
        store, RUN, factor_model=model, stability=stability, words=None, suggested_names=None, **grades
    )


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("view", VIEWS)
def test_one_factor_and_fifty_are_shown(view: str, count: int, with_run: Store) -> None:
    with_factors(with_run, count)
    app = open_page("pages/2_Factors.py", view=view, know="true", factors_as_table="true")
    assert not app.exception and not app.error
    assert len(app.selectbox(key="factor picker").options) == count
    if count == 1 and view == "Factor":
        assert app.button(key="previous factor").disabled and app.button(key="next factor").disabled
        assert "It is the only one" in shown_text(app)
