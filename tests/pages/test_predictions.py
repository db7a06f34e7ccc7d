"""The page Predictions: filtered and sorted films, marked bars, the reviews behind one, and downloads."""

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support import pages
from support.pages import charts, legend, query_value, shown_text
from support.run_folders import RUN, set_words, with_title

from core.errors import CannotAnswer
from core.figures.style import shortened
from core.results.factor_names import write_names
from core.results.run_record import read_record
from core.results.verdict import verdicts
from core.store import Store
from pages.components.predictions import behind
from pages.components.shared.marking import moved

open_page = partial(pages.open_page, "pages/4_Predictions.py")
HOSTILE = "<b>Bold</b> *$Film$* (.+) [x (1999)"


@pytest.fixture(scope="module")
def finished(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small run's results; its first film's title has signs of Markdown and regular expressions."""
    return with_title(small_run, tmp_path_factory.mktemp("predictions") / "out", HOSTILE)


@pytest.fixture
def run(with_run: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of a finished run that the page shows; a fake reader answers."""
    monkeypatch.setattr(moved, "ask", read)
    return with_run.root / "runs" / RUN / "out"


def read(run: Any, texts: list[str], what: str) -> dict[str, Any]:
    """Answer in place of the reader: in each text the first letter raises each factor."""
    rows = [{"factor": k, "start": 0, "end": 1, "word": texts[0][0], "effect": 1.0} for k in range(4)]
    return {"answers": [{"highlights": rows, "unknown": []}]}


def titles(app: AppTest) -> list[str]:
    """Return the titles of the grid's panels."""
    layout = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]
    return [note["text"].partition("</b>")[0].removeprefix("<b>") for note in layout["annotations"]]


def test_order_filter_and_page_stand_in_the_link(run: Path) -> None:
    app = open_page()
    assert len(titles(app)) == 24
    app.selectbox(key="order picker").select("title").run()
    assert query_value(app, "order") == "title" and query_value(app, "genre") == "all"
    linked = open_page(order="title", page="2", bars="shares", without="true")
    assert not app.exception and "in the link" not in shown_text(linked)
    assert len(titles(linked)) == 6
    assert titles(app) + titles(linked) == sorted(titles(app) + titles(linked))
    figure = json.loads(linked.get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["yaxis"]["title"]["text"] == "% of reviews"
    dominating = json.loads((run / "run.json").read_text())["dominating_factor"]
    (bars,) = (trace for trace in figure["data"] if trace["type"] == "bar")
    assert dominating not in {row[1] for row in bars["customdata"]}


def test_another_order_or_filter_begins_at_the_first_page(run: Path) -> None:
    app = open_page(page="2")
    app.text_input(key="title").set_value("film").run()
    assert not app.exception and query_value(app, "page") == "1"
    app = open_page(page="2")
    app.selectbox(key="order picker").select("agreement").run()
    assert query_value(app, "page") == "1"
    assert "Baseline" in shown_text(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"page": "999"}, "“999” in the link is not a page of these films"),
        ({"order": "<b>"}, "“<b>” in the link is not an order of films"),
        ({"genre": "nonsense"}, "“nonsense” in the link is not a genre"),
        ({"bars": "x"}, "“x” in the link is not what a bar can show"),
        ({"film": "no such", "factor": "1"}, "This run has no such film"),
        ({"film": "1", "factor": "99"}, "This run has no such film"),
    ],
)
def test_nonsense_in_the_link_is_called_that_and_the_films_are_shown(
    query: dict[str, str], said: str, run: Path
) -> None:
    app = open_page(**query)
    assert said in shown_text(app)
    assert len(titles(app)) == 24 and not app.error


def test_a_title_is_looked_for_as_it_stands_and_shown_as_it_stands(run: Path) -> None:
    assert titles(open_page(title="(.+) [X")) == ["&lt;b&gt;Bold&lt;/b&gt; *$Film$* (.+) [x…"]
    app = open_page(title=".*")
    assert "No film of this run matches" in shown_text(app)
    assert not app.get("plotly_chart")


def test_a_link_opens_the_reviews_behind_a_bar(run: Path) -> None:
    counts = pd.read_parquet(run / "frequencies.parquet")
    bar = counts[(counts.film_id == counts.film_id.iloc[0]) & (counts["count"] > 0)].iloc[0]
    app = open_page(film=str(bar.film_id), factor=str(bar.factor))
    assert not app.error
    assert f"Predicted in **{bar['count']} of {bar.reviews}** reviews" in shown_text(app)
    assert HOSTILE in shown_text(app)
    assert "trained the same way, which never saw the film" in shown_text(app)
    texts = [str(element.proto.body) for element in app.get("html")]
    drawn = [text for text in texts if "marked-text" in text and 'title="+1.000"' in text]
    assert len(drawn) == min(int(bar["count"]), behind.A_PAGE)
    # Sorted by descending probability.
    said = [line for line in shown_text(app).splitlines() if "· predicted ·" in line]
    shares = [float(line.split("%")[0].removeprefix("**")) for line in said]
    assert shares == sorted(shares, reverse=True) and len(shares) == len(drawn)


def test_a_bar_is_opened_without_a_mouse(run: Path) -> None:
    app = open_page()
    film, factor = app.selectbox(key="behind film").value, app.selectbox(key="behind factor").value
    next(button for button in app.button if button.label == "Read the reviews").click().run()
    assert not app.exception
    assert (query_value(app, "film"), query_value(app, "factor")) == (str(film), str(factor))
    assert "Probability: how likely it is that the review carries the factor" in shown_text(app)


def test_texts_are_shown_where_their_words_cannot_be_marked(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise CannotAnswer("the process ended; try again")

    monkeypatch.setattr(moved, "ask", fail)
    first = pd.read_parquet(run / "frequencies.parquet").sort_values("count").iloc[-1]
    app = open_page(film=str(first.film_id), factor=str(first.factor))
    assert "The phrases cannot be marked. The process ended" in shown_text(app)
    assert sum("marked-text" in str(element.proto.body) for element in app.get("html")) > 1


def test_a_wiped_table_of_predictions_is_said_in_a_sentence(run: Path) -> None:
    (run / "predictions.parquet").unlink()
    assert len(titles(open_page())) == 24
    first = pd.read_parquet(run / "frequencies.parquet").iloc[0]
    app = open_page(film=str(first.film_id), factor=str(first.factor))
    assert "no table predictions.parquet" in shown_text(app)


def test_one_film_with_one_review_is_shown(run: Path) -> None:
    for name in ("frequencies", "frequencies_without_dominating"):
        table = pd.read_parquet(run / f"{name}.parquet")
        table = table[table.film_id == table.film_id.iloc[0]]
        table.assign(count=table["count"].clip(upper=1), reviews=1).to_parquet(run / f"{name}.parquet")
    app = open_page(order="agreement")
    assert len(titles(app)) == 1 and "Mean over 1 film:" in shown_text(app)


def test_the_numbers_stand_in_a_table(run: Path) -> None:
    app = open_page()
    app.toggle(key="grid as table").set_value(True).run()
    assert not app.exception
    numbers = app.dataframe[0].value
    assert {"title", "factor", "count", "share", "own", "verdict"} <= set(numbers)
    assert numbers.film_id.nunique() == 24


def test_files_say_in_their_names_what_is_left_out(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, data, name, *_, **__: offered.update({name: data})
    )
    open_page()
    open_page(without="true")
    dominating = json.loads((run / "run.json").read_text())["dominating_factor"]
    left_out = f"{RUN}-without-factor-{dominating}"
    assert {f"histograms-{left_out}.svg", f"frequencies-{RUN}.csv", f"frequencies-{left_out}.parquet"} <= set(
        offered
    )
    assert offered[f"histograms-{RUN}.png"]().startswith(b"\x89PNG")
    factors = pd.read_csv(io.StringIO(offered[f"frequencies-{left_out}.csv"]())).factor
    assert len(factors) > 0 and dominating not in set(factors)


def test_names_stand_in_the_legend_beside_the_pointer_and_in_files(
    run: Path, with_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_words(with_run, [], [f"{HOSTILE} ↔ novel", "no clear meaning", "war ↔ music", "old ↔ new"])
    write_names(run, {2: "battles ↔ <i>songs</i>"})
    offered = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, data, name, *_, **__: offered.update({name: data})
    )
    app = open_page()
    record = read_record(run)
    words = [verdict.word for verdict in verdicts(record)]
    names = [f"≈ {HOSTILE} ↔ novel", "no clear meaning", "battles ↔ <i>songs</i>", "≈ old ↔ new"]
    shown = pd.read_parquet(run / "frequencies.parquet").factor.unique().tolist()
    assert legend(app) == [f"{k} {shortened(names[k], 48)} · {words[k]}" for k in sorted(shown)]
    assert "<i>songs" not in str([element.proto.body for element in app.get("html")])
    assert "suggested from its words, genres, years and films" in shown_text(app)
    figure = charts(app)[0]
    (bars,) = (trace for trace in figure["data"] if trace["type"] == "bar")
    titles = {row[1]: row[2] for row in bars["customdata"]}
    assert titles[3] == f"factor 3 · ≈ old ↔ new · {words[3]}"
    table = pd.read_csv(io.StringIO(offered[f"frequencies-{RUN}.csv"]()))
    assert all(name == names[factor] for factor, name in zip(table.factor, table["name"], strict=True))
    page = offered[f"factorscope-{RUN}.html"]()
    assert "<li>factor 2: battles ↔ &lt;i&gt;songs&lt;/i&gt;</li>" in page and "<li>factor 3" not in page


def test_predictions_turn_pages_filter_and_leave_out_the_dominating_factor(with_run: Store) -> None:
    app = open_page()
    assert len(panel_titles(app)) == 24
    app.text_input(key="title").set_value("FILM 01").run()
    assert 0 < len(panel_titles(app)) < 24 and all("film 01" in title for title in panel_titles(app))
    app.text_input(key="title").set_value("no such film").run()
    assert not charts(app) and "No film of this run" in shown_text(app)
    record = json.loads((with_run.root / "runs" / RUN / "out" / "run.json").read_text())
    app.text_input(key="title").set_value("").run()
    app.toggle(key="without").set_value(True).run()
    assert not app.exception
    (bars,) = (trace for trace in charts(app)[0]["data"] if trace["type"] == "bar")
    assert record["dominating_factor"] not in {row[1] for row in bars["customdata"]}


def panel_titles(app: AppTest) -> list[str]:
    return [note["text"] for note in charts(app)[0]["layout"]["annotations"]]
