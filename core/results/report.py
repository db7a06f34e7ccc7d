"""A run's tables -> one HTML page that stands alone and opens offline.

Takes the tables and the record; gives the page's text. Review texts are left out of it.
"""

import json
from collections.abc import Mapping
from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly import io

from core import figures
from core.data.reviews.coverage import reason_counts, state_counts
from core.factors.top_factors import common_factors
from core.figures.style import template
from core.results.run_record import Readability, RunRecord
from core.results.score_tables import LABEL_COLUMNS, labels, readers
from core.results.sentences import (
    calibration_line,
    coverage_line,
    gain_line,
    graded_on,
    grouped,
    leak_line,
    readability_classes,
    readability_line,
    readability_summary,
    reader_line,
    reviews_line,
    stability_classes,
    stability_line,
    threshold_line,
)

NAMES = "<!-- names -->"
"""Where the names of factors go. They may be given later than the page is written."""
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1200px;
  margin: 2rem auto; padding: 0 1rem; color: #1d1d1f }
table { border-collapse: collapse; margin: 1rem 0; font-size: 14px }
td, th { padding: .25rem .7rem; text-align: left }
td { border-top: 1px solid #ddd } td.number { text-align: right; font-variant-numeric: tabular-nums }
h1, h2 { line-height: 1.2 } .note { color: #55555a } pre { overflow: auto; background: #f5f5f7; padding: 1rem }
.scroll { overflow-x: auto }
"""


def html(tables: dict[str, pd.DataFrame], record: RunRecord) -> str:
    """Return the page of a run: what it says, the grids, the tables, the settings, sources and licences.

    `tables` are those of the run's folder by file name.
    """
    ratings, reviews, dominating = record.ratings, record.reviews, record.dominating_factor
    model, classifier, readability = record.factor_model, record.classifier, record.readability
    stability_words = stability_classes(record.stability, model.factors)
    readability_words = readability_classes(readability, model.factors)
    parts = [
        "<h1>Factorscope report</h1>",
        f"<p>{_text(ratings.ratings)} ratings by {_text(ratings.users)} users of "
        f"{_text(ratings.films)} films ({_text(ratings.name)}) gave "
        f"{model.factors} factors; ratings kept out are predicted with an error (RMSE) of "
        f"{model.rmse_valid:.3f}, the means of films and users alone reach {model.rmse_means:.3f}.</p>",
        NAMES,
        f"<p>Stability of the factors between halves of the users: {_text(stability_line(record.stability))}.</p>",
        f"<p>{_text(reviews.reviews)} reviews of {reviews.films_with_reviews} films were read "
        f"({_text(reviews.title)}); {reviews.films_without} films looked at have none.</p>",
        f"<p>{_text(readability_summary(readability))} {_text(reader_line(readability))}</p>",
        f"<p>On {_text(graded_on(classifier))}, the classifier ranks the true factors with LRAP "
        f"{classifier.lrap:.3f} (1 is perfect); label frequencies alone reach {classifier.lrap_baseline:.3f}. "
        f"{_text(gain_line(classifier))}</p>",
    ]
    scripts: bool | str = True
    for name, heading in (
        ("frequencies", "Predicted factors, film by film"),
        ("frequencies_without_dominating", f"The same without the dominating factor ({dominating})"),
    ):
        if dominating is None and name != "frequencies":
            parts.append("<p>No factor is predicted, so none dominates.</p>")
            continue
        parts.append(f"<h2>{_text(heading)}</h2>")
        parts.append(
            '<p class="note">In how many of a film\'s reviews (number after the title) each factor is predicted. '
            "Full bars with a bold number: the film's own top factors; pale, hatched ones: others.</p>"
        )
        for figure in _grids(tables[name], tables["top_factors"]):
            parts.append(_drawn(figure, scripts))
            scripts = False
        if len(shown := tables[name]["factor"]):
            stable, readable = grouped(stability_words, shown), grouped(readability_words, shown)
            parts.append(f'<p class="note">Factors by number. {_text(stable)}. {_text(readable)}.</p>')
    parts += [
        "<h2>What the reviews tell</h2>",
        f"<p>{_text(readability_line(readability, model.factors).capitalize())}. LRAP with 95 % intervals, every "
        "review read by models that never saw its film:</p>",
    ]
    if isinstance(readability, Readability):
        parts += [
            _table(readers(readability)),
            _drawn(figures.readability([label.plain() for label in readability.per_label], {}), scripts),
            _table(
                _with_classes(labels(readability.per_label), stability_words, readability_words).rename(
                    columns=LABEL_COLUMNS
                )
            ),
        ]
    parts += [
        f"<p>{_text(leak_line(classifier))}</p>",
        "<h2>Whether the probabilities hold</h2>",
        f"<p>{_text(calibration_line(classifier))} {_text(threshold_line(classifier))}</p>",
    ]
    if classifier.reliability:
        parts.append(_drawn(figures.reliability(classifier.reliability.plain()), False))
    chosen, common = tables["chosen_films"], common_factors(tables["top_factors"]).head(20)
    coverage = coverage_line(reviews.coverage) if reviews.coverage else ""
    settings = {"settings": record.settings, "seed": record.seed, "versions": record.versions}
    parts += [
        "<h2>Of which films there are reviews</h2>",
        f"<p>{_text(coverage)} {_text(reviews_line(reviews))}</p>",
        _drawn(figures.films_by_state(state_counts(tables["coverage"])), False),
        _table(reason_counts(tables["coverage"])),
        "<h2>Films</h2>",
        _table(chosen.merge(_own_factors(tables["top_factors"]), on="film_id", how="left")),
        "<h2>Most common top factors</h2>",
        _table(_with_classes(common, stability_words, readability_words)),
        "<h2>Sources and licences</h2>",
        f"<p>Ratings: {_text(ratings.licence)} {_text(ratings.instead_of or '')}</p>",
        f"<p>Reviews: {_text(reviews.licence)}</p>",
        "<h2>Settings</h2>",
        f"<pre>{_text(json.dumps(settings, indent=2))}</pre>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Factorscope report</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def with_names(page: str, names: Mapping[int, str]) -> str:
    """Return the page of a run with the names that people gave to its factors; as it is where there are none.

    >>> with_names(f"<h1>Report</h1>{NAMES}", {3: "dark & sad"}).partition("<ul>")[2]
    '<li>factor 3: dark &amp; sad</li></ul>'
    """
    if not names:
        return page
    # Pages of older runs have no place for names.
    before, place, after = page.partition(NAMES if NAMES in page else "</h1>")
    rows = "".join(f"<li>factor {factor}: {_text(names[factor])}</li>" for factor in sorted(names))
    return f"{before}{place}<p>Names given to factors, each somebody's reading:</p><ul>{rows}</ul>{after}"


def _drawn(figure: go.Figure, scripts: bool | str) -> str:
    """Return a figure on white, with plotly's own script where the page has none yet."""
    figure.update_layout(template=template("plotly_white"))
    page: str = io.to_html(figure, full_html=False, include_plotlyjs=scripts)
    return page


def _grids(counts: pd.DataFrame, tops: pd.DataFrame) -> list[go.Figure]:
    """Return as many figures as the films need."""
    if counts.empty:
        return []
    films = counts.film_id.unique()
    pages = [films[i : i + figures.PANELS] for i in range(0, len(films), figures.PANELS)]
    return [
        figures.histogram_grid(figures.Histograms(counts[counts.film_id.isin(page)], tops)) for page in pages
    ]


def _own_factors(tops: pd.DataFrame) -> pd.DataFrame:
    """Return a row a film with its top factors in one cell, highest first."""
    ordered = tops.sort_values(["film_id", "rank"]).groupby("film_id").factor
    return ordered.agg(lambda f: ", ".join(map(str, f))).rename("top factors").reset_index()


def _with_classes(table: pd.DataFrame, stability: list[str], readability: list[str]) -> pd.DataFrame:
    """Return a table of factors with the words for each one's stability and readability class."""
    return table.assign(
        stability=table["factor"].map(dict(enumerate(stability))),
        readability=table["factor"].map(dict(enumerate(readability))),
    )


def _table(table: pd.DataFrame) -> str:
    """Return a table as HTML, every text in it escaped, fractions to three digits."""
    head = "".join(f"<th>{_text(c)}</th>" for c in table.columns)
    rows = ("".join(_cell(value) for value in row) for row in table.itertuples(index=False))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: object) -> str:
    if value is None or value != value:
        return "<td>–</td>"
    if isinstance(value, str):
        return f"<td>{_text(value)}</td>"
    return f'<td class="number">{f"{value:z.3f}" if isinstance(value, float) else _text(value)}</td>'


def _text(value: object) -> str:
    """Return a value as escaped text, whole numbers with thousands marked."""
    return escape(f"{value:,}" if isinstance(value, int) else str(value))
