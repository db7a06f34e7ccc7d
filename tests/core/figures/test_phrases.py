"""The phrases that moved a factor: for and against, each once, and harmless."""

import pandas as pd

from core.figures import phrases_that_moved
from core.figures.phrases import MANY_PHRASES


def test_phrases_for_it_stand_above_those_against_it_and_a_repeated_one_has_one_bar() -> None:
    rows = [("Secret Garden", 0.02), ("delight", -0.03), ("secret\ngarden", 0.01), ("cute", -0.01)]
    bars = phrases_that_moved(pd.DataFrame(rows, columns=["word", "fall"]), 3, "war ↔ music").data[0]
    figure = phrases_that_moved(pd.DataFrame(rows, columns=["word", "fall"]), 3, "war ↔ music")
    assert list(figure.layout.yaxis.ticktext) == ["Secret Garden (×2)", "cute", "delight"]
    assert [round(x, 6) for x in bars.x] == [3.0, -1.0, -3.0]
    assert list(bars.marker.pattern.shape) == ["", "/", "/"]
    assert figure.layout.title.text == "Phrases that moved factor 3 · war"
    assert figure.layout.xaxis.title.text == "points of probability<br>← against · for →"


def test_of_many_phrases_the_strongest_of_either_side_are_drawn() -> None:
    rows = [(f"for {at}", 0.1 - at / 100) for at in range(8)] + [("against", -0.001)]
    (bars,) = phrases_that_moved(pd.DataFrame(rows, columns=["word", "fall"]), 0, "").data
    assert len(bars.x) == MANY_PHRASES + 1


def test_a_hostile_phrase_cannot_act() -> None:
    moved = pd.DataFrame([("<b>ghost</b>", 0.1)], columns=["word", "fall"])
    figure = phrases_that_moved(moved, 0, "<i>x</i>")
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;ghost&lt;/b&gt;"]
    assert "<b>" not in str(figure.data[0].customdata) and "<i>" not in figure.layout.title.text
