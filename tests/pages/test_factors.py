"""The page Factors."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.pages import charts, open_page, press, query_value, shown_text
from support.run_folders import HOSTILE, RUN, add_run, change_record, set_words

from core.results import factor_tables as profiles
from core.results.factor_names import read_names, write_names
from core.results.verdict import VERDICTS
from core.store import Store
from pages.components.factors.downloads import with_both_names
from pages.components.shared.factors import factors_of
from pages.components.shared.runs import open_run

VIEWS = ["Factor", "Film", "Map", "Model", "Names and downloads"]


def test_a_factor_and_a_film_open_by_link(with_run: Store) -> None:
    film = pd.read_parquet(with_run.root / "runs" / RUN / "out" / "factors.parquet").iloc[5]
    app = open_page("pages/2_Factors.py", factor="2", film=str(film.film_id))
    assert not app.exception and "in the link" not in shown_text(app)
    assert has_heading(app, 2)
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
        "Factor": lambda: "Most similar factors" in shown_text(app),
        "Film": lambda: len(charts(app)) == 1 and "weights rest on" in shown_text(app),
        "Map": lambda: len(charts(app)) == 1 and "lasso" in shown_text(app),
        "Model": lambda: "RMSE" in str(app.metric) and "principal angles" in shown_text(app),
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
    assert {"low", "high"} <= set(open_page("pages/2_Factors.py", view="Film").dataframe[1].value)
    assert "Faint" in shown_text(open_page("pages/2_Factors.py", view="Map"))


def coverage() -> list[str]:
    return list(open_page("pages/3_Reviews.py").dataframe[-1].value)


def everything(view: str) -> str:
    """Return the charts and text of a view of the factors, without stability, readability and words."""
    app = open_page("pages/2_Factors.py", view=view)
    assert not app.exception and not app.error
    said = [
        line
        for line in shown_text(app).splitlines()
        if "over random halvings" not in line and "eadab" not in line
    ]
    drawn = [chart for chart in charts(app) if "Words of both ends" not in json.dumps(chart)]
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
    """Return the labels of the chart of words, without marks of certain words and of names."""
    (chart,) = [chart for chart in charts(app) if "Words of both ends" in json.dumps(chart)]
    return [
        label.replace("<b>", "").replace("</b>", "").replace("<i>", "").replace("</i>", "")
        for label in chart["layout"]["yaxis"]["ticktext"]
    ]


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_the_words_of_both_ends_are_drawn_and_names_only_if_asked_for(with_words: Store) -> None:
    app = factor_page()
    assert words_chart(app) == ["zebra", "unheard of"] == app.selectbox(key="word picker").options
    assert "the bound of luck, 0.30" in shown_text(app)
    assert "On other films 75 % of its words keep their side (by chance 50 %)" in shown_text(app)
    app.toggle(key="word_names").set_value(True).run()
    assert words_chart(app) == ["bold", "zebra", "unheard of"]
    app.toggle(key="words as table").set_value(True).run()
    assert app.dataframe[-1].value.word.tolist() == ["bold", "zebra", "unheard of"]


def test_a_word_picked_shows_the_reviews_that_hold_it_marked_and_escaped(with_words: Store) -> None:
    app = factor_page()
    assert "<mark>" not in html(app)
    app.selectbox(key="word picker").select("zebra").run()
    assert query_value(app, "word") == "zebra"
    assert "8 of 240 reviews of the films chosen for this run hold “zebra”" in shown_text(app)
    assert f"**{HOSTILE}** · weight" in shown_text(app)
    assert html(app).count("<mark>zebra</mark>") == 1
    assert "&lt;img" in html(app) and "<img" not in html(app)
    assert "<mark>zebra</mark>" in html(factor_page(word="zebra"))


def test_a_word_that_no_review_of_the_run_holds_says_why(with_words: Store) -> None:
    app = factor_page(word="unheard of")
    assert "None of the 240 reviews of the films chosen for this run holds “unheard of”" in shown_text(app)


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
    app = factor_page()
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
    (popover,) = [block for block in app.get("popover") if verdict in block.proto.popover.label]
    inside = "\n".join(str(e.value) for kind in (popover.markdown, popover.caption) for e in kind)
    assert "How sure?" in inside and "tell it" in inside
    assert "halves of the users" in inside and "Average precision" in inside
    assert "exceeds the bound of luck" in inside
    assert len(popover.get("plotly_chart")) == 1
    # None of it stands outside.
    assert shown_text(app).count("exceeds the bound of luck") == 1
    assert ("may be chance" in shown_text(app)) == (verdict == "chance")


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
