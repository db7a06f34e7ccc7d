"""Figures: what is drawn, what is faint, and that no text from outside can act as HTML."""

import re
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core import figures
from core.figures.map import CLEAR, MOST_LABELS, MOST_POINTS
from core.figures.style import GREY
from core.results.tables import factors as profiles

BITES = "<b>Bold</b> <img src=x onerror=alert(1)>"
NAMES = {0: BITES}
STABILITY = {
    "factors": [{"stability": 0.8, "interval": [0.7, 0.9], "seeds": 0.99, "seeds_interval": [0.98, 1.0]}],
    "null": {"mean": 0.05, "high": 0.1},
    "stable_from": 0.7,
    "repeats": 5,
}
CHOSEN = {
    "factors": 1,
    "tried": 3,
    "correlations": [0.8, 0.3, 0.1],
    "shared": [0.2, 0.05, 0.01],
    "null_shared": 0.02,
}


def films(count: int = 6, intervals: bool = False) -> pd.DataFrame:
    weights = np.linspace(-2, 2, count)
    table = pd.DataFrame(
        {
            "film_id": range(count),
            "title": BITES,
            "weight_0": weights,
            "weight_1": weights[::-1],
            "ratings": 50,
        }
    )
    if intervals:
        for k in range(2):
            table = table.assign(
                **{f"{e}_{k}": table[f"weight_{k}"] + d for e, d in (("low", -1), ("high", 1))}
            )
    return table


def end(which: str, count: int = 6, intervals: bool = True) -> pd.DataFrame:
    ends = profiles.ends(films(count, intervals), 0, count, 100)
    return ends[ends.end == which]


def on_map(table: pd.DataFrame, genres: str = BITES) -> pd.DataFrame:
    return profiles.on_map(table, 0, 1).assign(genre=genres)


def found() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "factor": 0,
            "kind": ["genre", "genre", "year"],
            "name": [BITES, "War", "a decade later"],
            "films": [10, 20, 30],
            "effect": [1.0, 0.2, -0.5],
            "low": [0.5, -0.2, -0.8],
            "high": [1.5, 0.6, -0.2],
            "clear": [True, False, True],
        }
    )


def words() -> pd.DataFrame:
    rows = [
        ("high", BITES, False, 0.5, True),
        ("high", "bond", True, 0.2, False),
        ("low", "novel", False, -0.1, False),
        ("low", "love", False, -0.4, True),
    ]
    table = pd.DataFrame(rows, columns=["end", "word", "is_name", "effect", "certain"])
    return table.assign(low=table.effect - 0.1, high=table.effect + 0.1, films=20, share=0.1)


LABEL = {
    "average_precision": 0.5,
    "average_precision_interval": [0.4, 0.6],
    "chance": 0.2,
    "shuffled_average_precision": 0.25,
    "tfidf_average_precision": 0.45,
    "support": 40,
    "films": 10,
}
LABELS = [
    LABEL | {"factor": 1, "gain": 0.1, "readable": False},
    LABEL | {"factor": 0, "gain": 0.3, "readable": True},
    LABEL | {"factor": 2, "gain": 0.2, "readable": None, "average_precision_interval": None},
    # Never true, so there is nothing to draw.
    LABEL | {"factor": 3, "gain": None, "readable": None, "average_precision": None},
]
SAID = [
    {
        "low": 0.1,
        "high": 0.2,
        "predicted": 0.15,
        "observed": 0.3,
        "observed_low": 0.2,
        "observed_high": 0.4,
        "pairs": 90,
    }
]


ALL = {
    "ends": lambda: figures.films_of_end(end("highest"), 0, 3.0),
    "distribution": lambda: figures.distribution(
        profiles.distribution(films(), 0), 0, BITES, "unit", (BITES, 2.0, 1.0, 3.0)
    ),
    "associations": lambda: figures.associations(found(), 0, BITES, "unit"),
    "words": lambda: figures.words_of_end(words(), "high", 1.0, 0.3, "bond"),
    "decades": lambda: figures.decades(
        pd.DataFrame({"decade": [1990], "films": [9], "weight": [0.5], "low": [0.1], "high": [0.9]}),
        0,
        "unit",
    ),
    "stability": lambda: figures.stability(STABILITY["factors"][0], STABILITY),
    "film": lambda: figures.film_weights(profiles.of_film(films(), 1, [0]), BITES, NAMES, "unit"),
    "map": lambda: figures.factor_map(on_map(films()), (0, 1), NAMES, 3, range(6)),
    "common": lambda: figures.common_factors(
        pd.DataFrame({"factor": [0], "films": [3], "share": [0.5]}), NAMES, 6
    ),
    "choice": lambda: figures.choice(CHOSEN, 0.7, "stars"),
    "subspace": lambda: figures.subspace({"halves": [1.0, 0.9] * 8, "null": [0.3, 0.1] * 8}),
    "losses": lambda: figures.losses(pd.DataFrame({"train": [1.0], "valid": [1.0]}), "Loss", "unit", "epoch"),
    "probabilities": lambda: figures.probabilities_against_base(
        pd.DataFrame(
            {
                "factor": [0],
                "probability": [0.5],
                "base_rate": [0.4],
                "threshold": [0.6],
                "predicted": [False],
            }
        ),
        NAMES,
        {0: f"solid · {BITES}"},
    ),
    "readability": lambda: figures.readability(LABELS, NAMES),
    "reliability": lambda: figures.reliability({"before": SAID, "after": SAID}),
    "truth": lambda: figures.film_beside_truth(
        pd.DataFrame({"factor": [0], "theme": ["war"], "count": [2], "reviews": [3], "planted": [True]}),
        BITES,
        NAMES,
    ),
    "grid": lambda: figures.histogram_grid(
        figures.Histograms(
            pd.DataFrame({"film_id": [1], "title": [BITES], "reviews": [3], "factor": [0], "count": [2]}),
            pd.DataFrame({"film_id": [1], "factor": [0]}),
            names=NAMES,
        )
    ),
}


@pytest.mark.parametrize("name", ALL)
def test_the_title_of_an_axis_fits_beside_labels_on_a_telephone(name: str) -> None:
    layout = ALL[name]().layout
    names = [at for trace in ALL[name]().data if trace.y is not None for at in trace.y if isinstance(at, str)]
    has_labels = bool(names or layout.yaxis.ticktext)
    assert not has_labels or all(len(line) <= 28 for line in (layout.xaxis.title.text or "").split("<br>"))


@pytest.mark.parametrize("name", ALL)
def test_no_text_from_outside_acts_as_html(name: str) -> None:
    figure = ALL[name]()
    assert isinstance(figure, go.Figure)
    assert "<img" not in figure.to_json() and "\\u003cimg" not in figure.to_json()


@pytest.mark.parametrize(
    "name",
    [
        "distribution",
        "associations",
        "film",
        "map",
        "grid",
        "common",
        "readability",
        "probabilities",
    ],
)
def test_a_factor_bears_its_name(name: str) -> None:
    said = "".join(strings(ALL[name]().to_plotly_json())).replace("<br>", " ")
    assert "factor 0 · &lt;b&gt;Bold" in said


def strings(value: Any) -> list[str]:
    """Return all texts of a figure."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list | tuple | np.ndarray):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_bars_whose_interval_holds_zero_are_faint_and_hatched_and_films_of_few_ratings_marked() -> None:
    figure = figures.films_of_end(end("highest", 10), 0, 3.0)
    bars, rows = figure.data
    at_zero = [weight < 1 for weight in bars.x]
    assert any(at_zero) and not all(at_zero)
    assert [shape == "/" for shape in bars.marker.pattern.shape] == at_zero
    assert [opacity < 0.5 for opacity in bars.marker.opacity] == at_zero
    assert [label.startswith("†") for label in labels_of(figure)] == [True] * 5
    assert [key for key, _ in rows.customdata] == [9, 8, 7, 6, 5]


def labels_of(figure: go.Figure) -> list[str]:
    """Return the labels of rows, which stand at the left."""
    return [note.text for note in figure.layout.annotations if note.xanchor == "left"]


def test_without_intervals_bars_are_full_and_have_no_whiskers() -> None:
    bars, _ = figures.films_of_end(end("highest", intervals=False), 0, 3.0).data
    assert set(bars.marker.opacity) == {1} and bars.error_x.visible is False


def test_the_low_end_reaches_to_the_right_too_the_lowest_film_first_with_its_own_number() -> None:
    figure = figures.films_of_end(end("lowest"), 0, 3.0)
    bars, rows = figure.data
    assert list(bars.x) == sorted(bars.x, reverse=True) and bars.x[0] == 2
    assert [key for key, _ in rows.customdata] == [0, 1, 2]
    numbers = [note.text for note in figure.layout.annotations if note.xanchor == "right"]
    assert numbers[0] == "-2.00"
    assert figure.layout.xaxis.range == figures.films_of_end(end("highest"), 0, 3.0).layout.xaxis.range


def test_films_of_one_title_keep_a_row_each_which_answers_a_click_as_a_whole() -> None:
    bars, rows = ALL["ends"]().data
    assert len(set(bars.y)) == len(set(rows.y)) == 3
    tops, bottoms = rows.y - np.array(rows.width) / 2, rows.y + np.array(rows.width) / 2
    assert tops[1:].tolist() == pytest.approx(bottoms[:-1].tolist())
    assert all(top < bar < bottom for top, bar, bottom in zip(tops, bars.y, bottoms, strict=True))


def test_long_titles_wrap_and_are_never_cut() -> None:
    title = "Night Flier or The Film with the Longest Title That Was Ever Printed on a Poster (1997)"
    figure = figures.films_of_end(end("highest").assign(title=title, few=False), 0, 3.0)
    assert labels_of(figure)[0].replace("<br>", " ") == title and "<br>" in labels_of(figure)[0]
    assert figure.layout.height > ALL["ends"]().layout.height


def test_a_small_histogram_has_the_high_end_on_the_left_and_both_ends_in_full_colour() -> None:
    # Three of four films are low.
    weights = np.r_[np.full(75, -1.0), np.full(25, 1.0)]
    bars = bars_of(figures.small_histogram(weights, 0))
    assert len(bars) == 24 and bars[0][0] * 3 == pytest.approx(bars[23][0], abs=0.2)
    even = bars_of(figures.small_histogram(np.linspace(-1, 1, 480), 1))
    assert [even[k][1] for k in (0, 1, 22, 23)] == [1] * 4 and {even[k][1] for k in range(4, 20)} == {0.35}
    assert len(bars_of(figures.small_histogram(np.ones(3), 2))) == 24


def bars_of(histogram: str) -> dict[int, tuple[float, float]]:
    """Return height and opacity of each bar of a small histogram, by its place from the left."""
    paths = re.findall(r'<path d="([^"]*)"(?: opacity="([\d.]+)")?', unquote(histogram))
    return {
        int(at): (float(height), float(opacity or 1))
        for path, opacity in paths
        for at, height in re.findall(r"M(\d+) \d+v-([\d.]+)", path)
    }


def test_decades_whose_interval_holds_zero_are_faint() -> None:
    table = pd.DataFrame({"decade": [1980, 1990], "films": 9, "weight": 0.5, "low": [0.1, -0.1], "high": 0.9})
    (bars,) = figures.decades(table, 0, "unit").data
    assert list(bars.x) == ["1980s", "1990s"] and list(bars.marker.pattern.shape) == ["", "/"]


def test_clear_associations_are_filled_and_the_others_hollow() -> None:
    clear, other = ALL["associations"]().data
    assert (clear.marker.symbol, list(clear.x)) == ("circle", [1.0, -0.5])
    assert (other.marker.symbol, list(other.x)) == ("circle-open", [0.2])


def test_words_of_an_end_begin_with_the_strongest_and_uncertain_ones_are_faint_and_hatched() -> None:
    high, low = (figures.words_of_end(words(), which, 1.0, 0.3) for which in ("high", "low"))
    assert [key for key, _ in high.data[1].customdata] == [0, 1]
    assert [key for key, _ in low.data[1].customdata] == [3, 2]
    # Both ends reach to the right, in different colours.
    assert list(high.data[0].x) == [0.5, 0.2] and list(low.data[0].x) == [0.4, 0.1]
    assert high.data[0].marker.color != low.data[0].marker.color
    assert [list(figure.data[0].marker.pattern.shape) for figure in (high, low)] == [["", "/"], ["", "/"]]
    assert high.data[0].marker.opacity[0] > high.data[0].marker.opacity[1]


def test_words_are_told_apart_without_colour_and_stand_beside_the_bound_of_luck() -> None:
    figure = ALL["words"]()
    assert labels_of(figure)[0].startswith("<b>&lt;b&gt;") and labels_of(figure)[1] == "<i>bond</i>"
    assert [shape.x0 for shape in figure.layout.shapes] == [0.3]
    assert list(figure.data[0].marker.line.width) == [0, 3]
    assert not figures.words_of_end(words(), "high", 1.0, None).layout.shapes


def test_an_end_without_words_is_drawn_empty() -> None:
    assert len(figures.words_of_end(words().head(1), "low", 1.0, 0.3).data[0].x) == 0


def test_the_map_marks_the_film_picked_above_its_own_point() -> None:
    points, marked = ALL["map"]().data
    assert len(points.x) == 6 and len(marked.x) == 1
    assert marked.x[0] == points.x[3] and points.customdata[3][0] == 3
    assert sum(bool(note.showarrow) for note in ALL["map"]().layout.annotations) == 1
    assert len(figures.factor_map(on_map(films()), (0, 1), NAMES, "none such").data[1].x) == 0


def test_genres_have_colours_and_the_other_ones_are_grey_below_them() -> None:
    points = on_map(films()).assign(genre=["War", "other", "Drama", "War", "War", "Drama"])
    traces = figures.factor_map(points, (0, 1), NAMES).data[:-1]
    assert [trace.name for trace in traces] == ["other", "Drama", "War"]
    assert len({trace.marker.color for trace in traces}) == 3 and traces[0].marker.color == GREY
    assert [len(trace.x) for trace in traces] == [1, 2, 3]


def test_titles_at_the_rim_cover_neither_points_nor_each_other() -> None:
    def anchors(*points: tuple[float, float], titles: int = 1) -> list[tuple[str, str]]:
        # Far off, two corners set the scale: on a telephone a title is as wide as 6, and as high as 0.9.
        table = pd.DataFrame([*points, (-10, -10), (10, 10)], columns=["weight_0", "weight_1"], dtype=float)
        table = table.assign(film_id=range(len(table)), title="Heat (1995)", ratings=50)
        notes = figures.factor_map(on_map(table), (0, 1), NAMES, rim=range(titles)).layout.annotations
        return [(note.xanchor, note.yanchor) for note in notes]

    film, above, below = (-1, 0), (-1, 0.7), (-1, -0.7)
    assert anchors(film) == [("left", "middle")]
    assert anchors((1, 0)) == [("right", "middle")]
    assert anchors(film, (3, 0.3)) == [("left", "top")]
    assert anchors(film, (3, 0)) == [("center", "bottom")]
    assert anchors(film, (3, 0), above, below) == [("right", "middle")]
    assert anchors(film, (3, 0), above, below, (-3, 0)) == []
    assert anchors(film, (-1, 0.6), titles=2) == [("left", "middle"), ("left", "bottom")]
    assert len(anchors(*((-1, height) for height in range(-9, 9)), titles=18)) == MOST_LABELS


def test_films_that_may_be_nothing_on_both_factors_are_faint_on_the_map() -> None:
    points = on_map(films(5, intervals=True))
    assert points.doubtful.tolist() == [False, True, True, True, False]
    drawn = figures.factor_map(points, (0, 1), NAMES, 2).data[0]
    assert [opacity < 0.5 for opacity in drawn.marker.opacity] == points.doubtful.tolist()
    assert drawn.customdata[0][3:] == [" (95% interval -3.00 to -1.00)", " (95% interval 1.00 to 3.00)"]


def test_without_intervals_no_film_on_the_map_is_faint() -> None:
    drawn = ALL["map"]().data[0]
    assert set(drawn.marker.opacity) == {CLEAR}
    assert drawn.customdata[0][3:] == ["", ""]


def test_a_film_of_many_factors_keeps_the_numbers_of_its_top_factors() -> None:
    rows = pd.DataFrame(
        {"factor": range(50), "weight": 1.0, "low": np.nan, "high": np.nan, "doubtful": False}
    )
    axis = figures.film_weights(rows.assign(own=rows.factor == 31), "A", {}, "unit").layout.xaxis
    assert "<b>31</b><br>top" in axis.ticktext and len(axis.tickvals) < 15


def test_readable_factors_bear_the_name_of_their_high_end_whole() -> None:
    figure = figures.readability(LABELS, {0: "≈ documentary ↔ action, popcorn"})
    assert "<b>factor 0 · ≈ documentary</b>" in figure.layout.yaxis.ticktext


def test_losses_look_alike_while_a_run_is_under_way_and_after_it() -> None:
    values = {"trained on": 1.0, "kept out": 0.9, "means": 0.8}
    before = figures.curves([{"step": 1.0, **values}], {"means"}, "epoch", "loss")
    table = pd.DataFrame({"train": [1.0], "valid": [0.9]})
    after = figures.losses(table, "Loss", "unit", "epoch", ("means", 0.8))
    assert [trace.line.color for trace in before.data] == [trace.line.color for trace in after.data]
    assert [trace.line.dash for trace in before.data] == [trace.line.dash for trace in after.data]


def test_ten_dimensions_beside_those_of_shuffled_tastes() -> None:
    halves, null = ALL["subspace"]().data
    assert len(halves.x) == len(null.x) == 10
    assert "shuffled" in null.name


def test_only_a_large_map_is_drawn_by_webgl() -> None:
    points = on_map(films(MOST_POINTS + 1))
    assert figures.factor_map(points, (0, 1), {}).data[0].type == "scattergl"
    assert figures.factor_map(points.head(MOST_POINTS), (0, 1), {}).data[0].type == "scatter"


def test_directions_that_were_kept_are_filled() -> None:
    assert ALL["choice"]().data[0].marker.symbol == ("circle", "circle-open", "circle-open")


def test_readable_factors_are_filled_bold_and_the_largest_gain_is_first() -> None:
    figure = ALL["readability"]()
    shown = {trace.name: list(trace.y) for trace in figure.data}
    assert shown["readable"] == [0] and shown["not readable"] == [2]
    assert shown["not measured"] == [1] and shown["chance"] == [0, 1, 2]
    symbols = {trace.name: trace.marker.symbol for trace in figure.data}
    assert symbols["readable"] == "circle" and symbols["not readable"] == "circle-open"
    assert [label.startswith("<b>") for label in figure.layout.yaxis.ticktext] == [True, False, False]


def test_a_run_without_rivals_draws_none() -> None:
    alone = {"shuffled_average_precision": None, "tfidf_average_precision": None, "readable": None}
    figure = figures.readability([label | alone for label in LABELS], {})
    assert {trace.name for trace in figure.data if trace.showlegend} == {"chance", "not measured"}


def test_reliability_stands_beside_the_diagonal_in_percent() -> None:
    diagonal, before, after = ALL["reliability"]().data
    assert list(diagonal.x) == list(diagonal.y) == [0, 100]
    assert list(before.x) == [15] and list(before.y) == [30] and after.error_y.array[0] == pytest.approx(10)
    assert after.customdata[0].tolist() == [10, 20, 20, 40, 90]
