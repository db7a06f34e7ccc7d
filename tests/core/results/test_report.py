"""The report of a run, which stands alone."""

from pathlib import Path

from core.results import report


def test_names_stand_in_the_report_before_its_charts(small_run: Path) -> None:
    page = (small_run / "report.html").read_text(encoding="utf-8")
    head = report.with_names(page, {1: "dark & sad"}).partition("<h2>")[0]
    assert head.endswith("</p>") and "<li>factor 1: dark &amp; sad</li>" in head
    assert page.count(report.NAMES) == 1


def test_the_report_says_what_the_reviews_tell(small_run: Path) -> None:
    page = (small_run / "report.html").read_text(encoding="utf-8")
    for said in ("What the reviews tell", "TF-IDF, logistic regression", "Whether the probabilities hold"):
        assert said in page
    assert page.count("<td>readable from reviews</td>") + page.count("<td>not readable from reviews</td>") > 0
