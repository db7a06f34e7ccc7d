"""The report of a run: a self-contained page in which untrusted text is escaped."""

import pandas as pd
import pytest
from support.run_records import BEFORE

from core.results import report
from core.results.run_record import read_record
from core.results.verdict import VERDICTS

HOSTILE = "<img src=x onerror=alert(1)> & more"


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
    rows = report.TEMPLATES.from_string('{% from "table.html.j2" import table %}{{ table(rows) }}')
    text = rows.render(
        rows=pd.DataFrame({"name": ["a<b"], "count": [1234], "share": [-0.00001], "none": [None]})
    )
    assert "<td>a&lt;b</td>" in text and "<td>–</td>" in text
    assert '<td class="number">1,234</td>' in text and '<td class="number">0.000</td>' in text


def test_the_report_says_what_the_reviews_tell(page: str) -> None:
    for text in ("What the reviews tell", "TF-IDF, logistic regression", "Whether the probabilities hold"):
        assert text in page


def test_the_report_has_one_verdict_a_factor(page: str) -> None:
    assert sum(page.count(f"<td>{word}</td>") for word in VERDICTS) >= 4
    assert "Factors by number. " in page
    for older in (
        "<th>stability</th>",
        "<th>readability</th>",
        "<td>stable</td>",
        "<td>readable from reviews</td>",
    ):
        assert older not in page


def test_names_stand_in_the_report_before_its_charts(page: str) -> None:
    head = report.with_names(page, {1: "dark & sad"}).partition("<h2>")[0]
    assert head.rstrip().endswith("</p>") and "<li>factor 1: dark &amp; sad</li>" in head
    assert page.count(report.NAMES) == 1
