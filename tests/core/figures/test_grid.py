"""The grid of histograms: its panels, on the page and as a picture."""

from xml.etree import ElementTree

import pandas as pd
from support.counted_films import BITES, COUNTS, TOPS

from core.figures.grid.histograms import BOLD, DIM, NORMAL, histogram_grid
from core.figures.grid.panels import APART, OTHER, Histograms, panels
from core.figures.grid.picture import grid_picture
from core.figures.style import GREY, PALE, factor_colour


def test_top_factors_are_marked_also_where_none_is_predicted() -> None:
    page = panels(Histograms(COUNTS, TOPS))
    first, second = page.panels
    assert [(bar.factor, bar.predicted, bar.is_top) for bar in first.bars] == [
        (0, 4, True),
        (1, 2, False),
        (2, 0, True),
    ]
    assert first.ticks == [(0, "0", True), (1, "1", False), (2, "2", True)]
    assert [tick.text for tick in second.ticks if tick.is_top] == ["2"]
    assert second.subtitle == "1 review, too few to say much"
    assert page.top > 4 and page.shared == page.factors == [0, 1, 2]


def test_shares_are_of_the_films_own_reviews() -> None:
    page = panels(Histograms(COUNTS, TOPS, held_out={2}, shares=True))
    first, second = page.panels
    assert [bar.height for bar in first.bars] == [100, 50, 0]
    assert [bar.height for bar in second.bars] == [100, 0]
    assert second.subtitle.endswith("held out") and page.top > 100


MANY = pd.DataFrame(
    {"film_id": 1, "title": "A", "factor": range(50), "count": [*range(40), *[0] * 10], "reviews": 60}
)
"""Fifty factors; factor k is predicted in k of 60 reviews, the last ten in none."""


def test_of_many_factors_a_panel_has_its_own_and_the_most_predicted_and_sums_the_others() -> None:
    tops = pd.DataFrame({"film_id": 1, "factor": [3, 10, 45]})
    page = panels(Histograms(MANY, tops, shares=True))
    (panel,) = page.panels
    own = [3, 10, *range(32, 40), 45]
    assert [tick.text for tick in panel.ticks] == [*map(str, own), "other"] and not page.shared
    assert page.factors == own
    *bars, other = panel.bars
    assert [bar.factor for bar in bars if bar.is_top] == [3, 10, 45]
    # 39 others: 0 to 31 without 3 and 10, and nine that nothing predicts.
    assert (other.factor, other.predicted, other.height, panel.others) == (
        OTHER,
        sum(range(32)) - 13,
        100,
        39,
    )
    (drawn,) = histogram_grid(Histograms(MANY, tops)).select_traces({"type": "bar"})
    assert drawn.customdata[-1][2:4] == ["39 other factors, summed", "483 predictions in 60 reviews"]


def test_a_panel_has_room_for_all_of_its_top_factors() -> None:
    tops = pd.DataFrame({"film_id": 1, "factor": range(20)})
    page = panels(Histograms(MANY, tops))
    assert page.places == 21 + APART and [bar.factor for bar in page.panels[0].bars] == [*range(20), OTHER]


def test_films_with_few_reviews_are_dimmed() -> None:
    counts = pd.concat([COUNTS, MANY.head(3).assign(film_id=3, count=1, reviews=5)])
    (bars,) = histogram_grid(Histograms(counts, TOPS)).select_traces({"type": "bar"})
    opacity = {tuple(row[:2]): value for row, value in zip(bars.customdata, bars.marker.opacity, strict=True)}
    assert opacity["1", 0] == DIM and opacity["3", 0] == PALE
    titles = {
        note.text: note.font.color for note in histogram_grid(Histograms(counts, TOPS)).layout.annotations
    }
    assert [colour for text, colour in titles.items() if "too few to say much" in text] == [GREY, GREY]


def test_before_reviews_are_read_top_factors_are_outlines_of_all_reviews() -> None:
    histograms = Histograms(COUNTS.assign(count=0), TOPS, shares=True, is_read=False)
    (bars,) = histogram_grid(histograms).select_traces({"type": "bar"})
    assert [row[:2] for row in bars.customdata] == [["1", 0], ["1", 2], ["2", 2]] and set(bars.y) == {100}
    assert list(bars.marker.line.color) == [factor_colour(k) for k in (0, 2, 2)]
    assert bars.customdata[0][3] == "its 4 reviews not read yet"


def test_the_grid_marks_top_factors_by_more_than_colour_and_tells_what_was_clicked() -> None:
    figure = histogram_grid(Histograms(COUNTS, TOPS))
    (bars,) = figure.select_traces({"type": "bar"})
    assert list(bars.marker.pattern.shape)[:3] == ["", "/", ""]
    assert list(bars.marker.color)[:3] == [factor_colour(k) for k in range(3)]
    assert [row[:2] for row in bars.customdata][:3] == [["1", 0], ["1", 1], ["1", 2]]
    (numbers,) = figure.select_traces({"mode": "text"})
    weights = list(zip(numbers.text, numbers.textfont.weight, strict=True))
    assert weights[:3] == [("0", BOLD), ("1", NORMAL), ("2", BOLD)]


def test_panels_stand_beside_and_below_each_other_on_one_scale() -> None:
    films = pd.concat([COUNTS.assign(film_id=10 * k + COUNTS.film_id) for k in range(2)])
    (bars,) = histogram_grid(Histograms(films, TOPS), columns=2).select_traces({"type": "bar"})
    places = zip(bars.x, bars.base, bars.y, strict=True)
    where = {tuple(row[:2]): place for row, place in zip(bars.customdata, places, strict=True)}
    (left, up, high), (right, beside, _), (below, down, same) = (where[film, 1] for film in ("1", "2", "11"))
    assert right - left > 2 and up == beside == 0
    assert below == left and down < -high and same == high


def test_names_stand_whole_beside_the_pointer() -> None:
    names = {0: f"≈ {BITES} ↔ novel", 1: "no clear meaning", 2: "scary ↔ sweet"}
    figure = histogram_grid(Histograms(COUNTS, TOPS, names=names, verdicts=["solid", "chance", "shaky"]), 2)
    (bars,) = figure.select_traces({"type": "bar"})
    titles = [row[2] for row in bars.customdata]
    assert titles[0].endswith(" ↔ novel · solid") and titles[1:3] == [
        "factor 1 · no clear meaning · chance",
        "factor 2 · scary ↔ sweet · shaky",
    ]


def test_names_of_many_factors_stand_beside_the_pointer_alone() -> None:
    named = histogram_grid(Histograms(MANY, TOPS, names=dict.fromkeys(range(50), "≈ war ↔ music")))
    plain = histogram_grid(Histograms(MANY, TOPS))
    assert named.layout == plain.layout and not named.layout.xaxis.showticklabels
    (bars,) = named.select_traces({"type": "bar"})
    assert bars.customdata[5][2] == "factor 34 · ≈ war ↔ music"


def test_the_picture_sums_other_factors_too() -> None:
    written = grid_picture(Histograms(MANY, TOPS), "svg", "x").decode()
    assert "<!-- other -->" in written and "<!-- 39 -->" in written and "<!-- 21 -->" not in written


def test_the_picture_has_a_legend_where_factors_have_names() -> None:
    names = {0: BITES, 1: "≈ war ↔ music"}
    svg = grid_picture(
        Histograms(COUNTS, TOPS, names=names, verdicts=["solid", "shaky", "chance"]), "svg", "x"
    )
    written = svg.decode()
    # Matplotlib draws letters as outlines, and writes each text in a comment beside them.
    assert "<!-- 1  ≈ war ↔ music · shaky -->" in written and "<!-- 2  " not in written
    assert written.count("<!-- ■ -->") == 2
    assert "■" not in grid_picture(Histograms(COUNTS, TOPS), "svg", "x").decode()


def test_the_picture_has_a_panel_a_film_and_something_in_it() -> None:
    png = grid_picture(Histograms(COUNTS, TOPS), "png", "caption")
    assert png.startswith(b"\x89PNG") and len(png) > 5000
    svg = ElementTree.fromstring(grid_picture(Histograms(COUNTS, TOPS), "svg", "caption"))
    groups = [group.get("id", "") for group in svg.iter("{http://www.w3.org/2000/svg}g")]
    assert sum(name.startswith("axes_") for name in groups) == 2
    empty = grid_picture(Histograms(COUNTS.assign(count=0), TOPS.head(0)), "png", "caption")
    assert len(empty) < len(png)
