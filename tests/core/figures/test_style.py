"""Colours that everybody can tell apart on the light page and on the dark one, and error bars."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest
from support.colours import contrast, linear, of_hex

from core.figures.style import FACTOR_COLOURS, error_bars

CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SEEN = {
    "by most": np.eye(3),
    "without red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0993], [-0.0039, -0.0481, 1.0520]],
    "without green": [[0.3673, 0.8607, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "without blue": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
# OKLab (Ottosson 2020).
CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
LAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]


@pytest.mark.parametrize(("eye", "least"), [(eye, 0.14 if eye == "by most" else 0.09) for eye in SEEN])
def test_any_two_factors_look_different(eye: str, least: float) -> None:
    seen = (np.array([linear(of_hex(c)) for c in FACTOR_COLOURS]) @ np.array(SEEN[eye]).T).clip(0, 1)
    lab = np.cbrt(seen @ np.array(CONES).T) @ np.array(LAB).T
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(lab, 2)) > least


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", FACTOR_COLOURS)
def test_each_colour_stands_out_from_the_page(colour: str, theme: str) -> None:
    page = tomllib.loads(CONFIG.read_text())["theme"][theme]["backgroundColor"]
    assert contrast(of_hex(page), of_hex(colour)) >= 3


def test_error_bars_reach_from_the_value_to_both_ends_and_are_never_negative() -> None:
    low, high = np.array([0.5, 2.5]), np.array([3.0, 3.0])
    bars = error_bars(np.array([1.0, 2.0]), (low, high), "#000000")
    assert bars["array"].tolist() == [2.0, 1.0] and bars["arrayminus"].tolist() == [0.5, 0.0]


def test_without_any_interval_no_error_bars_are_drawn() -> None:
    unknown = np.array([np.nan, np.nan])
    assert error_bars(np.array([1.0, 2.0]), (unknown, unknown), "#000000") == {"visible": False}
