"""The grid of histograms: its panels, on the page and as a picture."""

from xml.etree import ElementTree

import pandas as pd

from core.figures.grid import histogram_grid
from core.figures.grid_picture import grid_picture
from core.figures.panels import Histograms, panels
from core.figures.style import factor_colour

BITES = "<b>Bold</b> *$Film$* (.+) [x (1999)"
COUNTS = pd.DataFrame(
    {
        "film_id": [1, 1, 1, 2, 2, 2],
        "title": ["A"] * 3 + [BITES] * 3,
        "factor": [0, 1, 2] * 2,
        "count": [4, 2, 0, 0, 1, 0],
        "reviews": [4, 4, 4, 1, 1, 1],
    }
)
"""Of 4 reviews of film 1 all carry factor 0 and two factor 1; the only review of film 2 carries factor 1."""
TOPS = pd.DataFrame({"film_id": [1, 1, 2], "factor": [0, 2, 2], "rank": [1, 2, 1], "weight": [2.0, 1.0, 1.0]})


def test_top_factors_are_marked_also_where_none_is_predicted() -> None:
    (first, second), top = panels(Histograms(COUNTS, TOPS))
    assert [(bar.factor, bar.predicted, bar.is_top) for bar in first.bars] == [
        (0, 4, True),
        (1, 2, False),
        (2, 0, True),
    ]
    assert [bar.factor for bar, _ in first.numbers] == [0, 2, 1]
    assert {bar.factor: at for bar, at in second.numbers} == {1: 1, 2: 0}
    assert (first.subtitle, second.subtitle) == ("4 reviews", "1 review")
    assert top > 4


def test_shares_are_of_the_films_own_reviews() -> None:
    (first, second), top = panels(Histograms(COUNTS, TOPS, held_out={2}, shares=True))
    assert [bar.height for bar in first.bars] == [100, 50, 0]
    assert [bar.height for bar in second.bars] == [100, 0]
    assert second.subtitle == "1 review, held out" and top > 100


def test_numbers_do_not_cover_each_other_and_top_factors_keep_theirs() -> None:
    factors = range(50)
    counts = pd.DataFrame({"film_id": 1, "title": "A", "factor": factors, "count": 5, "reviews": 8})
    tops = pd.DataFrame({"film_id": 1, "factor": [10, 11, 12]})
    (panel,), _ = panels(Histograms(counts, tops))
    own = [(bar.factor, at) for bar, at in panel.numbers if bar.is_top]
    assert [factor for factor, _ in own] == [10, 11, 12]
    assert len({at for _, at in own}) == 3
    assert len(panel.numbers) < 8


def test_the_grid_marks_top_factors_by_more_than_colour_and_tells_what_was_clicked() -> None:
    figure = histogram_grid(Histograms(COUNTS, TOPS))
    (bars,) = figure.select_traces({"type": "bar"})
    assert list(bars.marker.pattern.shape)[:3] == ["", "/", ""]
    assert list(bars.marker.color)[:3] == [factor_colour(k) for k in range(3)]
    assert [row[:2] for row in bars.customdata][:3] == [["1", 0], ["1", 1], ["1", 2]]
    texts = [text for trace in figure.data if trace.type == "scatter" for text in trace.text or ()]
    assert {"<b>0</b>", "<b>2</b>", "1"} <= set(texts)


def test_panels_stand_beside_and_below_each_other_on_one_scale() -> None:
    films = pd.concat([COUNTS.assign(film_id=10 * k + COUNTS.film_id) for k in range(2)])
    (bars,) = histogram_grid(Histograms(films, TOPS), columns=2).select_traces({"type": "bar"})
    places = zip(bars.x, bars.base, bars.y, strict=True)
    where = {tuple(row[:2]): place for row, place in zip(bars.customdata, places, strict=True)}
    (left, up, high), (right, beside, _), (below, down, same) = (where[film, 1] for film in ("1", "2", "11"))
    assert right - left > 2 and up == beside == 0
    assert below == left and down < -high and same == high


def test_names_stand_below_each_column_and_whole_beside_the_pointer() -> None:
    names = {0: f"≈ {BITES} ↔ novel", 1: "no clear meaning", 2: "scary ↔ sweet"}
    figure = histogram_grid(Histograms(COUNTS, TOPS, names=names, verdicts=["solid", "chance", "shaky"]), 2)
    assert list(figure.layout.xaxis.ticktext) == ["≈ &lt;b&gt;Bold&lt;/b&gt;…", "scary"] * 2
    (bars,) = figure.select_traces({"type": "bar"})
    assert list(figure.layout.xaxis.tickvals) == [bars.x[0], bars.x[2], bars.x[0] + 4.04, bars.x[2] + 4.04]
    titles = [row[2] for row in bars.customdata]
    assert titles[0].endswith(" ↔ novel · solid") and titles[1:3] == [
        "factor 1 · no clear meaning · chance",
        "factor 2 · scary ↔ sweet · shaky",
    ]


def test_names_of_many_factors_stand_beside_the_pointer_alone() -> None:
    counts = pd.DataFrame({"film_id": 1, "title": "A", "factor": range(50), "count": 5, "reviews": 8})
    named = histogram_grid(Histograms(counts, TOPS, names=dict.fromkeys(range(50), "≈ war ↔ music")))
    plain = histogram_grid(Histograms(counts, TOPS))
    assert named.layout == plain.layout and not named.layout.xaxis.showticklabels
    (bars,) = named.select_traces({"type": "bar"})
    assert bars.customdata[49][2] == "factor 49 · ≈ war ↔ music"


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
