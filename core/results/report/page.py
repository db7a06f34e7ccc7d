"""A run's tables -> one self-contained HTML page that opens offline.

Takes the tables and the record; returns the page's text. Review texts are left out of it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly import io

from core import figures
from core.data.reviews.coverage import reason_counts, state_counts
from core.factors.top_factors import common_factors
from core.figures.style import LOOK
from core.results.report.factors import ReportFactors, meaning
from core.results.run_record import ClassifierRecord, Readability, ReviewsRecord, RunRecord
from core.results.sentences import (
    WHAT_LRAP_IS,
    calibration_line,
    coverage_line,
    gain_line,
    graded_on,
    leak_line,
    ratings_line,
    readability_line,
    readability_summary,
    reader_line,
    reviews_line,
    stability_line,
    threshold_line,
)
from core.results.sentences.run_headline import not_learnt
from core.results.tables.films import named_tops
from core.results.tables.scores import LABEL_COLUMNS, labels, readers
from core.templates import templates_in

NAMES = "<!-- names -->"
"""Placeholder for the names of factors, which may be given after the page was written."""
TEMPLATES = templates_in(Path(__file__).with_name("templates"))
TEMPLATES.filters |= {"number": "{:,}".format, "fraction": "{:z.3f}".format}


def html(tables: Mapping[str, pd.DataFrame], record: RunRecord) -> str:
    """Return the page of a run: its summary, the grids, the tables, the settings, sources and licences.

    `tables` are those of the run's folder by file name.
    """
    charts, factors = _Charts(), ReportFactors.of(record)
    # The first chart of the page includes plotly's script, so charts are drawn in the page's order.
    return TEMPLATES.get_template("report.html.j2").render(
        names=Markup(NAMES),
        not_learnt=not_learnt(record),
        ratings=record.ratings,
        how_read=ratings_line(record.ratings),
        reviews=record.reviews,
        model=record.factor_model,
        classifier=record.classifier,
        stability=stability_line(record.stability),
        meaning=meaning(tables, record, factors),
        grids=_grids(tables, record, factors, charts),
        readability=_readability(record, factors, charts),
        grade=_grade(record.classifier, charts),
        coverage=_coverage(tables["coverage"], record.reviews, charts),
        films=tables["chosen_films"].merge(
            named_tops(tables["top_factors"], factors.names).rename("top factors"), on="film_id", how="left"
        ),
        common=factors.described(common_factors(tables["top_factors"]).head(20)),
        settings=json.dumps(
            {"settings": record.settings, "seed": record.seed, "versions": record.versions}, indent=2
        ),
    )


def with_names(page: str, names: Mapping[int, str]) -> str:
    """Return the page of a run with the names of its factors; unchanged where there are none.

    >>> with_names(f"<h1>Report</h1>{NAMES}", {3: "dark & sad"}).partition("<ul>")[2]
    '<li>factor 3: dark &amp; sad</li></ul>'
    """
    if not names:
        return page
    # Pages of older runs have no placeholder for names.
    before, place, after = page.partition(NAMES if NAMES in page else "</h1>")
    listed = TEMPLATES.get_template("names.html.j2").render(names=names)
    return f"{before}{place}{listed}{after}"


class _Charts:
    """Figures as HTML on white; the first one includes plotly's script."""

    def __init__(self) -> None:
        self.first = True
        layout = LOOK["layout"] | {"annotationdefaults": LOOK["annotation"]}
        look = go.layout.Template(data={"bar": [LOOK["bar"]]}, layout=layout)
        self.template = io.templates.merge_templates("plotly_white", look).to_plotly_json()

    def draw(self, figure: go.Figure) -> Markup:
        """Return a figure as HTML."""
        drawn = figure.to_plotly_json()
        # Put in as it is: plotly would copy and check it anew in each chart, which takes longer than to draw.
        drawn["layout"]["template"] = self.template
        page = io.to_html(drawn, full_html=False, include_plotlyjs=self.first, validate=False)
        self.first = False
        return Markup(page)


def _grids(
    tables: Mapping[str, pd.DataFrame], record: RunRecord, factors: ReportFactors, charts: _Charts
) -> list[dict[str, Any]]:
    """Return the grids of all films, and the same without the dominating factor if there is one."""
    grids = [("Predicted factors, film by film", tables["frequencies"])]
    if record.dominating_factor is not None:
        heading = f"The same without the dominating {factors.title(record.dominating_factor)}"
        grids.append((heading, tables["frequencies_without_dominating"]))
    return [
        {
            "heading": heading,
            "charts": [charts.draw(figure) for figure in _grid_pages(counts, tables["top_factors"], factors)],
            "legend": factors.legend(counts.factor),
        }
        for heading, counts in grids
    ]


def _grid_pages(counts: pd.DataFrame, tops: pd.DataFrame, factors: ReportFactors) -> list[go.Figure]:
    """Return one figure for every PANELS films."""
    films = counts.film_id.unique()
    pages = [films[i : i + figures.PANELS] for i in range(0, len(films), figures.PANELS)]
    return [
        figures.histogram_grid(
            figures.Histograms(
                counts[counts.film_id.isin(page)],
                tops,
                shares=True,
                names=factors.names,
                verdicts=factors.words,
            )
        )
        for page in pages
    ]


def _readability(record: RunRecord, factors: ReportFactors, charts: _Charts) -> dict[str, Any]:
    readability = record.readability
    measured = None
    if isinstance(readability, Readability):
        measured = {
            "readers": readers(readability),
            "chart": charts.draw(
                figures.readability([label.plain() for label in readability.per_label], factors.names)
            ),
            "labels": factors.described(labels(readability.per_label)).rename(columns=LABEL_COLUMNS),
        }
    return {
        "summary": readability_summary(readability),
        "what_lrap_is": WHAT_LRAP_IS,
        "reader": reader_line(readability),
        "line": readability_line(readability, record.factor_model.factors),
        "measured": measured,
    }


def _grade(classifier: ClassifierRecord, charts: _Charts) -> dict[str, Any]:
    curve = classifier.reliability
    return {
        "graded_on": graded_on(classifier),
        "gain": gain_line(classifier),
        "leak": leak_line(classifier),
        "calibration": calibration_line(classifier),
        "threshold": threshold_line(classifier),
        "chart": charts.draw(figures.reliability(curve.plain())) if curve else None,
    }


def _coverage(coverage: pd.DataFrame, reviews: ReviewsRecord, charts: _Charts) -> dict[str, Any]:
    return {
        "line": coverage_line(reviews.coverage) if reviews.coverage else "",
        "reviews": reviews_line(reviews),
        "chart": charts.draw(figures.films_by_state(state_counts(coverage))),
        "reasons": reason_counts(coverage),
    }
