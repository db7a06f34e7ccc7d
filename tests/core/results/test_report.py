"""The report of a run: a self-contained page in which untrusted text is escaped."""

from typing import Any

import pandas as pd
import pytest
from support.run_records import BEFORE, words_record, words_table

from core.results import report
from core.results.describe import descriptions
from core.results.report.page import NAMES as PLACE_OF_NAMES
from core.results.report.page import TEMPLATES
from core.results.run_record import Stability, Unmeasured, WordsRecord, read_record
from core.results.verdict import VERDICTS

HOSTILE = "<img src=x onerror=alert(1)> & more"
NAMES = ["war ↔ music", f"{HOSTILE} ↔ novel", "no clear meaning", "old ↔ new"]


@pytest.fixture(scope="module")
def page() -> str:
    """The report of a small run, whose first film and whose ratings have a hostile name."""
    tables = {path.stem: pd.read_parquet(path) for path in BEFORE.glob("*.parquet")}
    first = tables["chosen_films"].film_id.iloc[0]
    for name in ("chosen_films", "frequencies", "frequencies_without_dominating"):
        table = tables[name]
        table.loc[table.film_id == first, "title"] = HOSTILE
    record = read_record(BEFORE)
    ratings = record.ratings.model_copy(update={"name": HOSTILE, "licence": HOSTILE})
    return report.html(tables, record.model_copy(update={"ratings": ratings}))


def test_texts_from_outside_are_escaped(page: str) -> None:
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt; &amp; more") >= 3


def test_plotlys_script_is_in_the_page_once(page: str) -> None:
    # The script alone has more than four million characters.
    assert page.count("plotly-graph-div") >= 3 and 4_000_000 < len(page) < 8_000_000


def test_numbers_have_three_digits_and_thousands_are_marked() -> None:
    rows = TEMPLATES.from_string('{% from "table.html.j2" import table %}{{ table(rows) }}')
    text = rows.render(
        rows=pd.DataFrame({"name": ["a<b"], "count": [1234], "share": [-0.00001], "none": [None]})
    )
    assert "<td>a&lt;b</td>" in text and "<td>–</td>" in text
    assert '<td class="number">1,234</td>' in text and '<td class="number">0.000</td>' in text


def test_the_report_says_what_the_reviews_tell(page: str) -> None:
    for text in (
        "What the reviews reveal",
        "TF-IDF, logistic regression",
        "Can the probabilities be trusted?",
    ):
        assert text in page
    # Its first LRAP is the one that is explained.
    assert page[page.index("LRAP") :].startswith("LRAP says how high a review")


def test_the_report_has_one_verdict_a_factor(page: str) -> None:
    assert sum(page.count(f"<td>{word}</td>") for word in VERDICTS) >= 4
    assert page.count('<p class="legend">') == 2
    for older in (
        "<th>stability</th>",
        "<th>readability</th>",
        "<td>stable</td>",
        "<td>readable from reviews</td>",
    ):
        assert older not in page


def test_bars_are_shares_of_a_films_reviews_as_on_the_pages(page: str) -> None:
    # Two grids of two pages each.
    assert page.count("A bar shows in what share of a film's reviews a factor is predicted.") == 2
    assert page.count('"text":"% of reviews"') == 4 and '"text":"reviews"' not in page


def test_names_stand_in_the_report_before_its_charts(page: str) -> None:
    head = report.with_names(page, {1: "dark & sad"}).partition("<h2>")[0]
    assert head.rstrip().endswith("</p>") and "<li>factor 1: dark &amp; sad</li>" in head
    assert page.count(PLACE_OF_NAMES) == 1


class TestWhatTheFactorsMean:
    """The section on what the factors mean."""

    @staticmethod
    def section(**changes: Any) -> str:
        """The section in the report of a small run, as it stands on the page."""
        tables = {path.stem: pd.read_parquet(path) for path in BEFORE.glob("*.parquet")}
        words = words_record([True, True, False, True], high=HOSTILE)
        record = read_record(BEFORE).model_copy(update={"words": words, "suggested_names": NAMES} | changes)
        if isinstance(record.words, WordsRecord):
            tables["words"] = words_table(record.words)
        page = report.html(tables, record)
        return page.partition("<h2>What the factors mean</h2>")[2].partition("<h2>")[0]

    def test_each_factor_has_a_block_with_name_verdict_films_words_and_genres(self) -> None:
        section, record = self.section(), read_record(BEFORE)
        blocks = section.split('<section class="factor">')[1:]
        tables = {name: pd.read_parquet(BEFORE / f"{name}.parquet") for name in ("factors", "associations")}
        rows = {row["factor"]: row for row in descriptions(record, tables, {}, range(4))}
        assert len(blocks) == record.factor_model.factors == 4
        for block in blocks:
            row = rows[int(block.partition("</span>Factor ")[2].split()[0])]
            assert f'<span class="verdict {row["verdict"]}">{row["verdict"]}</span>' in block
            for end in ("high", "low"):
                assert f"<p>{' · '.join(row[end]['films'])}</p>" in block
            assert row["reason"].replace("'", "&#39;") in block
            assert "<h4>High end" in block and "<h4>Low end" in block
        assert "≈ war ↔ music" in section and "no clear meaning" in section and "≈ no clear" not in section

    def test_certain_words_are_bold_others_pale_and_names_apart(self) -> None:
        section = self.section()
        assert (
            section.count("<b>novel</b>") == 3 and section.count('<span class="maybe">novel too</span>') == 3
        )
        assert section.count("Names: Bond") == 8
        assert "No words beyond luck" in section

    def test_words_and_names_are_escaped(self) -> None:
        section = self.section()
        assert "<img" not in section and section.count("&lt;img src=x onerror=alert(1)&gt; &amp; more") >= 3

    def test_factors_that_may_be_chance_are_folded(self) -> None:
        stability = read_record(BEFORE).stability
        assert isinstance(stability, Stability)
        rows = [row.model_copy(update={"stability_class": "noise"}) for row in stability.factors]
        section = self.section(stability=stability.model_copy(update={"factors": rows}))
        assert "4 of 4 factors may be chance" in section
        assert '<section class="factor">' not in section.partition("<details>")[0]

    def test_where_words_were_not_looked_for_the_reason_stands_there(self) -> None:
        section = self.section(words=Unmeasured(unmeasured="not enough films to say"), suggested_names=[])
        assert "Not enough films to say" in section and "≈" not in section and "novel" not in section
        assert section.count('<section class="factor">') == 4
