"""The page Try a review: pasted, uploaded and hostile texts, read by a fake reader or by the real one."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support import pages
from support.language import long_sentences
from support.pages import charts, press, shown_text
from support.run_folders import RUN, add_run, change_record, set_verdicts, set_words

from core import figures
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.results.run_record import read_record
from core.results.verdict import verdicts
from core.store import Store
from pages.components.shared import reader
from pages.components.try_review.own_texts import FILE, FROM_FILE, LINES, ONE

PAGE = "pages/5_Try_a_review.py"
OTHER = "20261124-110000-abcd"
open_page = partial(pages.open_page, PAGE)


@pytest.fixture
def store(store: Store, small_run: Path) -> Store:
    """Return the store with two finished runs."""
    for run_id in (RUN, OTHER):
        add_run(store, run_id, out=small_run, name=f"run {run_id}")
    return store


@pytest.fixture
def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Return the page's questions, which a fake reader answers."""
    questions: list[tuple[str, list[str]]] = []

    def ask(run: Any, texts: list[str], what: str) -> dict[str, Any]:
        questions.append((what, texts))
        labels = run.record.classifier.labels
        readings = {"answers": [answer(labels, texts[0])], "film": film(labels, texts)}
        return {part: readings[part] for part in what.split(" and ")}

    monkeypatch.setattr("pages.components.shared.reader.ask", ask)
    return questions


@pytest.fixture(scope="module")
def real_reader() -> Iterator[None]:
    yield
    reader._process().end()


def answer(labels: list[int], text: str) -> dict[str, Any]:
    row = {"base_rate": 0.2, "threshold": 0.5, "name": "", "verdict": "shaky"}
    most = 0.3 if "dull" in text else 0.9
    return {
        "read": text,
        "words": 5,
        "unknown": ["zyzzyva"],
        "unknown_share": 0.2,
        "cut": False,
        "factors": [
            {"factor": k, "probability": most - 0.1 * k, "predicted": most - 0.1 * k >= 0.5} | row
            for k in labels
        ],
        "highlights": [
            {"factor": k, "start": 0, "end": 3, "word": text[:3], "effect": 0.5 - k, "fall": 0.1 - k / 5}
            for k in labels
        ],
    }


def film(labels: list[int], texts: list[str]) -> dict[str, Any]:
    number = {"value": 0.5, "low": -1.0, "high": 2.0}
    rmse = {"left_out": 1.0, "users_means": 1.1, "known": 0.9, "ratings": 50, "films": 20}
    return {
        "reviews": len(texts),
        "again": 0,
        "left_out": [],
        "words": 5 * len(texts),
        "unknown_share": 0.2,
        "known": 4 * len(texts),
        "cut": 0,
        "reading": [
            {
                "factor": k,
                "probability": 0.5,
                "low": 0.4,
                "high": 0.6,
                "base_rate": 0.2,
                "clear": True,
                "predicted": 1,
            }
            for k in labels
        ],
        "each": [{"text": row + 1, "words": 5, "predicted": []} for row in range(len(texts))],
        "bias": number | {"told": 0.5},
        "factors": [{"factor": k, "told": 0.3 - 0.2 * k} | number for k in range(4)],
        "nearest": [{"title": "<b>Near</b> *film*", "likeness": 0.5}],
        "expected": {"rating": 3.6, "error": 1.04, "rmse": rmse},
        "thin": [],
    }


def read(app: AppTest) -> AppTest:
    next(button for button in app.button if button.label.startswith("Read th")).click().run()
    assert not app.exception
    return app


def read_text(text: str, **query: str) -> AppTest:
    app = open_page(**query)
    app.text_area(key="review text").set_value(text)
    return read(app.run())


def upload(name: str, content: bytes) -> AppTest:
    app = open_page()
    app.segmented_control(key="given").set_value(FILE).run()
    app.file_uploader(key="file of reviews").set_value((name, content, "text/plain")).run()
    assert not app.exception
    return app


def marked_text(app: AppTest) -> str:
    """Return the marked text, without the legend above it."""
    return next(str(e.proto.body) for e in app.get("html") if "marked-text" in str(e.proto.body)).partition(
        "</p>"
    )[2]


def test_an_empty_review_is_refused_in_a_sentence(asked: list[Any]) -> None:
    assert "There is no text yet" in shown_text(read(open_page())) and not asked


@pytest.mark.parametrize(("kind", "disabled"), [(ONE, False), (LINES, False), (FILE, True)])
def test_only_what_is_typed_can_be_read_before_it_arrived(
    kind: str, disabled: bool, asked: list[Any]
) -> None:
    assert open_page(given=kind).button(key="read").disabled == disabled


def test_one_review_is_answered(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    assert asked == [("answers and film", ["A rocket to a planet."])]
    assert len(charts(app)) == 3
    # The factor farthest above its base rate is shown first; another one can be picked.
    assert app.selectbox(key="moved picker").value == 0
    assert '<mark class="for"' in marked_text(app)
    app.selectbox(key="moved picker").select_index(1).run()
    assert '<mark class="against"' in marked_text(app)
    assert "moved" in app.query_params
    # Reading a second time asks again, other actions do not.
    assert len(asked) == 1


def test_beside_each_probability_stand_name_verdict_and_words_of_the_high_end(
    asked: list[Any], store: Store
) -> None:
    rows = [(0, "high", "<b>gore</b>", False, 0.5, True), (0, "high", "scary", False, 0.2, False)]
    set_words(store, rows, ["gore ↔ <i>novel</i>", "no clear meaning", "war ↔ music", "old ↔ new"])
    record = read_record(store.root / "runs" / RUN / "out")
    words = [verdict.word for verdict in verdicts(record)]
    app = read_text("A rocket to a planet.", run=RUN)
    labels = charts(app)[1]["data"][0]["y"]
    assert labels[0].startswith("factor 0 · ≈ gore<br>")
    assert labels[0].endswith(f"{words[0]} · &lt;b&gt;gore&lt;/b&gt;, scary</span>")
    assert [words[at] in label for at, label in enumerate(labels)] == [True] * len(labels)
    assert charts(app)[1]["data"][0]["hovertext"][0] == "factor 0 · ≈ gore ↔ &lt;i&gt;novel&lt;/i&gt;"
    assert app.selectbox(key="moved picker").options[0] == f"factor 0 · ≈ gore ↔ <i>novel</i> ({words[0]})"
    app.toggle(key="answer as table").set_value(True).run()
    row = app.dataframe[0].value.iloc[0]
    assert (row["name"], row.verdict, row.words) == (
        "≈ gore ↔ <i>novel</i>",
        [words[0]],
        "<b>gore</b>, scary",
    )


def test_words_that_may_be_luck_stand_beside_no_probability(asked: list[Any], store: Store) -> None:
    set_words(store, [(0, "high", "gore", False, 0.5, False)], ["no clear meaning"] * 4, has_words=False)
    app = read_text("A rocket to a planet.", run=RUN)
    assert "gore" not in str(charts(app)[1])


@pytest.mark.parametrize("example", ["A horror film", "Six reviews of one film"])
def test_sentences_are_short(example: str, asked: list[Any], store: Store) -> None:
    set_verdicts(store, "stable", True, run=RUN)
    app = press(open_page(run=RUN), example)
    assert long_sentences(app) == []


def test_each_factor_read_is_a_card_with_both_ends_films_and_a_sentence(
    asked: list[Any], store: Store
) -> None:
    set_verdicts(store, "stable", True, run=RUN)
    rows = [(0, "high", "gore", False, 0.5, True)]
    set_words(store, rows, ["gore ↔ <i>novel</i>", "no clear meaning", "war ↔ music", "old ↔ new"])
    app = read_text("A *rocket* to a planet.", run=RUN)
    labels = read_record(store.root / "runs" / RUN / "out").classifier.labels
    assert f"This review speaks of {len(labels)} factors" in shown_text(app)
    said = shown_text(app)
    assert "**Factor 0 · ≈ gore** ↔ :gray[<i>novel</i>]" in said
    assert "This review speaks of **gore**, the high end: **90%** likely, against 20% of all reviews." in said
    films = pd.read_parquet(store.root / "runs" / RUN / "out" / "factors.parquet")
    best = films[films.ratings >= 20].nlargest(3, "weight_0").title
    assert f"Films there: {' · '.join(best)}" in said
    # The effect of the only phrase is for factor 0, and against the others.
    assert said.count("Phrases for it: “A *”") == 1


def test_where_nothing_stands_out_the_page_says_so(asked: list[Any], store: Store) -> None:
    set_verdicts(store, "noise", True, run=RUN)
    app = read_text("A rocket to a planet.", run=RUN)
    assert "This review speaks of no factor above chance" in shown_text(app)
    assert "may be luck" in shown_text(app) and "Films there" not in shown_text(app)
    assert "they may be chance. So no review can count as speaking of a factor here." in shown_text(app)
    labels = [link.proto.label for link in app.get("page_link")]
    assert "Train another run" in labels and "Start a run on more reviews" not in labels
    set_verdicts(store, "stable", True, run=RUN)
    app = read_text("A dull film.", run=RUN)
    assert "No factor stands out from its base rate. Try a longer review" in shown_text(app)
    set_verdicts(store, "stable", False, run=RUN)
    app = read_text("A rocket to a planet.", run=RUN)
    assert "No factor of this run can be read from reviews" in shown_text(app)
    assert "Start a run on more reviews" in [link.proto.label for link in app.get("page_link")]


def test_factors_that_nobody_measured_are_no_evidence(asked: list[Any], store: Store) -> None:
    set_verdicts(store, "stable", None, run=RUN)
    app = read_text("A rocket to a planet.", run=RUN)
    assert "This review may speak of" in shown_text(app) and "Films there" not in shown_text(app)
    assert "This run did not test if reviews reveal that." in shown_text(app)
    assert long_sentences(app) == []
    reason = "not enough films: 3"
    change_record(store, RUN, readability={"unmeasured": reason})
    app = read_text("A rocket to a planet.", run=RUN)
    assert f"did not measure whether reviews reveal the factors: {reason}" in shown_text(app)


def test_a_click_on_an_example_fills_the_field_and_reads_it(asked: list[Any], store: Store) -> None:
    app = open_page(run=RUN)
    press(app, "A horror film")
    assert app.text_area(key="review text").value == asked[0][1][0]
    assert len(asked) == 1 and len(charts(app)) == 3
    app.selectbox(key="moved picker").select_index(1).run()
    press(app, "One of this run's reviews")
    reviews = pd.read_parquet(store.root / "runs" / RUN / "out" / "labelled_reviews.parquet").review
    assert asked[1][1][0] in {" ".join(review.split()) for review in reviews}
    # Another text begins with the factor that it speaks of most.
    assert app.selectbox(key="moved picker").value == 0
    app.run()
    assert len(asked) == 2


def test_a_run_without_reviews_that_can_be_shown_says_so(asked: list[Any], store: Store) -> None:
    path = store.root / "runs" / RUN / "out" / "labelled_reviews.parquet"
    pd.read_parquet(path).assign(review=WITHHELD).to_parquet(path)
    app = press(open_page(run=RUN), "One of this run's reviews")
    assert "has no reviews to show" in shown_text(app) and not asked


def test_several_reviews_are_one_film(asked: list[Any]) -> None:
    app = open_page()
    press(app, "Six reviews of one film")
    # A click on an example reads it too.
    assert app.segmented_control(key="given").value == LINES
    assert asked[0][0] == "film" and len(asked[0][1]) == 6
    assert "These 6 reviews speak of" in shown_text(app)
    assert app.metric[0].value == "6"
    app.selectbox(key="review looked at").select(3).run()
    assert asked[-1] == ("answers", [asked[0][1][3]])
    # Going back to a text that was read asks nothing.
    count = len(asked)
    app.selectbox(key="review looked at").select(0).run()
    assert len(asked) == count and not app.exception


def test_a_factor_that_reviews_do_not_tell_is_called_that_in_place_of_a_weight(asked: list[Any]) -> None:
    figure = charts(read_text("A rocket to a planet."))[2]
    notes = [
        note for note in figure["layout"]["annotations"] if note["text"] == "no better than the average film"
    ]
    # The explained variances are 0.3, 0.1, -0.1 and -0.3.
    assert len(notes) == 2
    diamonds = next(trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "diamond")
    assert len(diamonds["customdata"]) == 2


def test_nothing_explained_is_said_in_words_and_its_number_stands_behind_a_click(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    app.toggle(key="where it stands as table").set_value(True).run()
    shown = [table.value for table in app.dataframe if "told" in table.value]
    assert shown[0].told.tolist() == ["30%", "10%", "nothing", "nothing"]
    assert shown[1].factor.tolist() == [2, 3] and shown[1].told.round(2).tolist() == [-0.1, -0.3]


def test_a_chart_has_its_tools_only_if_asked_for(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    configs = [json.loads(chart.proto.config) for chart in app.get("plotly_chart")]
    assert [config["displayModeBar"] for config in configs] == [False] * 3
    app.toggle(key="answer tools").set_value(True).run()
    configs = [json.loads(chart.proto.config) for chart in app.get("plotly_chart")]
    assert [config["displayModeBar"] for config in configs] == [False, True, False]


def test_the_rating_is_that_of_the_user_in_the_address(asked: list[Any]) -> None:
    assert read_text("A rocket.", user="3").text_input(key="user").value == "3"
    app = read_text("A rocket.", user="no such user <b>")
    assert "is no user of this run. The average user is shown instead" in shown_text(app)
    rating = next(metric for metric in app.metric if metric.label == "Expected rating")
    assert rating.value == "3.6 ± 1.04"


def test_every_chart_has_a_table(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    before = len(app.dataframe)
    for key in ("answer as table", "where it stands as table", "moved as table"):
        app.toggle(key=key).set_value(True)
    app.run()
    assert not app.exception and len(app.dataframe) == before + 3


def test_what_was_typed_and_read_is_there_after_a_look_elsewhere(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    app.switch_page("pages/3_Reviews.py").run()
    app.switch_page(PAGE).run()
    assert app.text_area(key="review text").value == "A rocket to a planet."
    assert len(charts(app)) == 3 and not app.exception
    assert "text" not in "".join(app.query_params)


def test_another_text_leaves_the_answer_and_says_so(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    app.text_area(key="review text").set_value("Something else.").run()
    assert "The text has changed. Read it again" in shown_text(app) and len(charts(app)) == 3


def test_a_text_of_unknown_words_is_told_nothing_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(run: Any, texts: list[str], what: str) -> dict[str, Any]:
        labels = run.record.classifier.labels
        return {"answers": [answer(labels, texts[0])], "film": film(labels, texts) | {"known": 0}}

    monkeypatch.setattr("pages.components.shared.reader.ask", ask)
    set_verdicts(store, "stable", True, run=RUN)
    app = read_text("qwerty zxcv", run=RUN)
    assert "cannot say what the text speaks of" in shown_text(app)
    assert "speaks of factor" not in shown_text(app) and not charts(app) and not app.subheader


def test_a_film_that_is_picked_is_read_without_a_click(asked: list[Any]) -> None:
    app = upload("mine.csv", b"title,review\nA,One.\nB,Two.\nB,Three.\n")
    read(app)
    app.selectbox(key="film of the file").select("B").run()
    assert ("film", ["Two.", "Three."]) in asked and len(charts(app)) == 3
    assert "has changed. Read it again" not in shown_text(app)


def test_the_answer_to_another_kind_of_text_is_not_shown_with_a_film(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.")
    app.segmented_control(key="given").set_value(FILE).run()
    assert not charts(app) and "has changed. Read it again" not in shown_text(app)
    app.segmented_control(key="given").set_value(ONE).run()
    assert len(charts(app)) == 3 and len(asked) == 1


def test_another_run_does_not_pass_off_the_answer_as_its_own(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.", run=RUN)
    app.selectbox(key="run picker").select(OTHER).run()
    assert "Another run gave the last answer" in shown_text(app) and not charts(app)
    assert len(charts(read(app))) == 3


def test_a_factor_in_the_address_that_is_none_is_called_that(asked: list[Any]) -> None:
    app = read_text("A rocket to a planet.", moved="99")
    assert "is not a factor that this run's classifier reads" in shown_text(app)
    assert app.selectbox(key="moved picker").value == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda film: film.update(unmeasured="the encoder was trained further"),
            "cannot say where a film stands",
        ),
        (lambda film: film.update(expected={"unmeasured": "this run is older"}), "cannot say which rating"),
        (lambda film: film.update(left_out=[2, 5]), "Left out: texts 2, 5. They have no words"),
        (lambda film: film.update(cut=1), "Only its first 50,000 characters"),
        (lambda film: film.update(again=2), "2 reviews repeat others word for word. Each text counts once"),
    ],
)
def test_what_a_run_or_a_text_lacks_is_said(
    change: Callable[[dict[str, Any]], None], said: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(run: Any, texts: list[str], what: str) -> dict[str, Any]:
        labels = run.record.classifier.labels
        readings = {"answers": [answer(labels, texts[0])], "film": film(labels, texts)}
        change(readings["film"])
        return {part: readings[part] for part in what.split(" and ")}

    monkeypatch.setattr("pages.components.shared.reader.ask", ask)
    assert said in shown_text(read_text("A rocket to a planet."))


def test_a_run_without_its_users_knows_the_average_one_alone(asked: list[Any], store: Store) -> None:
    (store.root / "runs" / RUN / "out" / "users.parquet").unlink()
    app = read_text("A rocket to a planet.", run=RUN, user="3")
    assert len(charts(app)) == 3 and not app.exception
    assert "kept no users" in shown_text(app)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.txt", b"A rocket.\n\nA ghost in the cellar.\n"),
        ("mine.csv", b'film,Review\nx,"A rocket, red."\nx,A ghost.\n'),
        ("mine.jsonl", b'{"review": "A rocket."}\n{"review": "A ghost."}\n'),
    ],
)
def test_a_file_of_reviews_is_read_and_stays(name: str, content: bytes, asked: list[Any]) -> None:
    app = read(upload(name, content))
    assert len(asked[0][1]) == 2 and f"2 reviews in {name}" in shown_text(app)
    app.switch_page("pages/3_Reviews.py").run()
    app.switch_page(PAGE).run()
    assert app.session_state[FROM_FILE][0] == name and len(charts(app)) == 3


def test_of_a_table_of_several_films_one_is_read(asked: list[Any]) -> None:
    rows = (
        "title,year,review\nHeat,1995,One.\nB <b>,,Two.\nHeat,1995,Three.\nHeat (1986),1986,Four.\n,,Five.\n"
    )
    app = upload("mine.csv", rows.encode())
    film = app.selectbox(key="film of the file")
    assert film.options == [
        "Heat (1995) (2 reviews)",
        "B <b> (1 review)",
        "Heat (1986) (1 review)",
        "All films, read as one",
    ]
    read(app)
    assert ("film", ["One.", "Three."]) in asked
    app.selectbox(key="film of the file").select("B <b>").run()
    app.switch_page("pages/3_Reviews.py").run()
    app.switch_page(PAGE).run()
    assert app.selectbox(key="film of the file").value == "B <b>"
    read(app)
    assert ("answers and film", ["Two."]) in asked
    read(app.selectbox(key="film of the file").select("All films, read as one").run())
    assert ("film", ["One.", "Two.", "Three.", "Four.", "Five."]) in asked
    app.file_uploader(key="file of reviews").set_value(
        ("mine.csv", b"title,review\nA,One.\n,Two.\n", "")
    ).run()
    assert not app.exception and "2 reviews in mine.csv" in shown_text(app)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "not a text but binary data"),
        ("mine.csv", b"film,stars\nx,1\n", "has no column for the review"),
        ("mine.csv", b"", "is empty"),
        ("mine.exe", b"MZ\x00\x00", "binary data"),
        ("mine.txt", b" \n \n", "holds no text"),
        ("mine.parquet", b"PAR1 cut", "not a whole Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_line(
    name: str, content: bytes, said: str, asked: list[Any]
) -> None:
    app = upload(name, content)
    assert len(app.error) == 1 and said in app.error[0].value.replace("\\", "")


def test_of_ten_thousand_lines_the_first_five_hundred_are_read(asked: list[Any]) -> None:
    app = read(upload("mine.txt", "\n".join(f"Rocket {n}." for n in range(10_000)).encode()))
    assert len(asked[0][1]) == 500 and "The first 500 of them are read" in shown_text(app)


def test_names_of_factors_cannot_act_in_the_charts() -> None:
    names, strip = {0: "<b>Bold</b>"}, pd.DataFrame({"low": [0.0], "high": [1.0], "films": [2]})
    placed = pd.DataFrame([{"factor": 0, "value": 0.5, "low": 0.0, "high": 1.0, "told": 0.3}])
    read = pd.DataFrame(film([0], ["x"])["reading"])
    for figure in (
        figures.placed_on_factors(placed, {0: strip}, names, "sd"),
        figures.probabilities_against_base(read, names, {0: "solid · <b>"}, 6),
    ):
        assert "<b>" not in figure.to_json() and "&lt;b&gt;" in figure.to_json().replace(
            "\\u0026", "&"
        ).replace("\\u003c", "<").replace("\\u003e", ">")


@pytest.mark.usefixtures("store", "real_reader")
@pytest.mark.slow
class TestTheRealReader:
    """Tests through the real reader process."""

    @pytest.mark.parametrize("text", ["😀🎬👍", "<p></p><script>alert(1)</script>", "\x00\x07 … ?!"])
    def test_a_text_without_words_is_refused_in_a_sentence(self, text: str) -> None:
        app = read_text(text)
        assert len(app.error) == 1 and "no words in the text" in app.error[0].value

    def test_html_and_control_characters_of_a_review_cannot_act(self) -> None:
        app = read_text(
            "\u202eThe </div><img src=x onerror=alert(1)> film & <b the \x07 planet <i>shines</i>."
        )
        text = marked_text(app)
        assert "<img" not in text and "<b" not in text and "\u202e" not in text and "\x07" not in text
        assert text.count("</div>") == 1 and text.endswith("</div>")

    def test_a_few_words_of_another_language_are_thin_evidence(self) -> None:
        app = read_text("Une fusée vers une planet lointaine")
        assert "fewer than 20 words" in shown_text(app) and "can hardly read them" in shown_text(app)

    def test_of_a_word_that_it_does_not_know_it_tells_nothing(self) -> None:
        app = read_text("Fusée")
        assert "knows no word of this" in shown_text(app) and not charts(app)

    def test_of_a_very_long_text_the_beginning_is_read(self) -> None:
        app = read_text("a rocket to a planet " * 20_000)
        assert "Only its first 50,000 characters" in shown_text(app)
        assert int(app.metric[1].value.replace(",", "")) < 13_000

    def test_six_reviews_are_placed(self) -> None:
        app = open_page()
        press(app, "Six reviews of one film")
        # The small run's classifier knows no phrase of the review that is shown first, so none has a bar.
        assert len(charts(app)) == 2 and "No phrase moved the probability" in shown_text(app)
        nearest = next(table.value for table in app.dataframe if "likeness" in table.value)
        assert app.metric[0].value == "6" and len(nearest) == 10
