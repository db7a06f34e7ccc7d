"""Figures: what is drawn, what is faint, and that no text from outside can act as HTML."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core import figures
from core.figures.films import MOST_POINTS
from core.results import factor_tables as profiles

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
    "ends": lambda: figures.films_at_both_ends(
        profiles.ends(films(intervals=True), 0, 3, 100), 0, BITES, "unit", 6
    ),
    "distribution": lambda: figures.distribution(
        profiles.distribution(films(), 0), 0, BITES, "unit", (BITES, 2.0, 1.0, 3.0)
    ),
    "associations": lambda: figures.associations(found(), 0, BITES, "unit"),
    "words": lambda: figures.words_at_both_ends(words(), 0, BITES, 0.3, "love"),
    "stability": lambda: figures.stability(STABILITY["factors"][0], STABILITY),
    "film": lambda: figures.film_weights(profiles.of_film(films(), 1, [0]), BITES, NAMES, "unit"),
    "map": lambda: figures.factor_map(profiles.on_map(films(), 0, 1), (0, 1), NAMES, "unit", 3),
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
def test_no_text_from_outside_acts_as_html(name: str) -> None:
    figure = ALL[name]()
    assert isinstance(figure, go.Figure)
    assert "<img" not in figure.to_json() and "\\u003cimg" not in figure.to_json()


@pytest.mark.parametrize(
    "name",
    [
        "ends",
        "distribution",
        "associations",
        "words",
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
    (bars,) = ALL["ends"]().data
    at_zero = [abs(weight) < 1 for weight in bars.x]
    assert any(at_zero) and not all(at_zero)
    assert [shape == "/" for shape in bars.marker.pattern.shape] == at_zero
    assert [opacity < 0.5 for opacity in bars.marker.opacity] == at_zero
    assert all(label.startswith("†") for label in ALL["ends"]().layout.yaxis.ticktext)


def test_without_intervals_bars_are_full_and_have_no_whiskers() -> None:
    (bars,) = figures.films_at_both_ends(profiles.ends(films(), 0, 3, 0), 0, "", "unit", 6).data
    assert set(bars.marker.opacity) == {1} and bars.error_x.visible is False


def test_films_of_one_title_keep_a_row_each() -> None:
    (bars,) = ALL["ends"]().data
    assert len(set(bars.y)) == 6


def test_clear_associations_are_filled_and_the_others_hollow() -> None:
    clear, other = ALL["associations"]().data
    assert (clear.marker.symbol, list(clear.x)) == ("circle", [1.0, -0.5])
    assert (other.marker.symbol, list(other.x)) == ("circle-open", [0.2])


def test_words_reach_to_their_end_and_uncertain_ones_are_faint_and_hatched() -> None:
    figure = ALL["words"]()
    shown = [(trace.customdata[0][0], trace.x[0], trace.marker.color) for trace in figure.data]
    assert [row for row, _, _ in shown] == [0, 1, 3, 2]
    assert [effect > 0 for _, effect, _ in shown] == [True, True, False, False]
    assert shown[0][2] == shown[1][2] != shown[2][2] == shown[3][2]
    assert [trace.marker.pattern.shape[0] for trace in figure.data] == ["", "/", "", "/"]
    assert figure.data[0].marker.opacity[0] > figure.data[1].marker.opacity[0]
    # After a click nothing else fades.
    assert all(trace.unselected.marker.opacity == trace.marker.opacity[0] for trace in figure.data)


def test_words_are_told_apart_without_colour_and_stand_beside_the_bound_of_luck() -> None:
    figure = ALL["words"]()
    labels = figure.layout.yaxis.ticktext
    assert labels[0].startswith("<b>&lt;b&gt;") and labels[1:] == ("<i>bond</i>", "novel", "<b>love</b>")
    assert [shape.x0 for shape in figure.layout.shapes] == [0.3, -0.3]
    assert "bound of luck 0.30" in [note.text for note in figure.layout.annotations]
    assert [trace.marker.line.width[0] for trace in figure.data] == [0, 0, 3, 0]
    low, high = figure.layout.xaxis.range
    assert high == -low > 0.6


def test_one_end_alone_is_drawn() -> None:
    figure = figures.words_at_both_ends(words().head(1), 0, "", 0.9)
    assert [len(trace.x) for trace in figure.data] == [1, 0, 0, 0]
    assert figure.layout.xaxis.range[1] > 0.9


def test_the_map_marks_and_labels_the_film_picked() -> None:
    figure = ALL["map"]()
    assert [len(trace.x) for trace in figure.data] == [5, 1]
    assert figure.data[1].customdata[0][0] == 3
    assert len(figure.layout.annotations) == 1


def test_films_that_may_be_nothing_on_both_factors_are_faint_on_the_map() -> None:
    points = profiles.on_map(films(5, intervals=True), 0, 1)
    assert points.doubtful.tolist() == [False, True, True, True, False]
    (others, marked) = figures.factor_map(points, (0, 1), NAMES, "unit", 2).data
    assert [opacity < 0.5 for opacity in others.marker.opacity] == [False, True, True, False]
    assert list(marked.marker.opacity) == [0.5]
    assert others.customdata[0][3:] == [" (95 % interval -3.00 to -1.00)", " (95 % interval 1.00 to 3.00)"]


def test_without_intervals_no_film_on_the_map_is_faint() -> None:
    (others, marked) = ALL["map"]().data
    assert set(others.marker.opacity) == {0.5} and list(marked.marker.opacity) == [1]
    assert others.customdata[0][3:] == ["", ""]


def test_ten_dimensions_beside_those_of_shuffled_tastes() -> None:
    halves, null = ALL["subspace"]().data
    assert len(halves.x) == len(null.x) == 10
    assert "shuffled" in null.name


def test_only_a_large_map_is_drawn_by_webgl() -> None:
    points = profiles.on_map(films(MOST_POINTS + 1), 0, 1)
    assert figures.factor_map(points, (0, 1), {}, "unit").data[0].type == "scattergl"
    assert figures.factor_map(points.head(MOST_POINTS), (0, 1), {}, "unit").data[0].type == "scatter"


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
