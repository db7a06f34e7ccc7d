"""What the cards of presets say of errors and costs was measured, and stands in the documents."""

import re
from pathlib import Path

import pytest

from pages.components.shared.presets import CARDS

ROOT = Path(__file__).parents[2]
MEASURED = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "results.md", *sorted((ROOT / "benchmarks").glob("*.md")))
)
"""All documents with measured figures."""
ROWS = {
    "starter": "| starter: 6 Bayesian factors | {} | 0.954 |",
    "quick": "| quick: 50 factors by fastai, 20 films | {} | 0.954 |",
    "accurate": "| 10 Bayesian factors | {} | 0.954 |",
    "stable": "| stable | {} |",
    "article": "| article, 50 raw factors | {} |",
}
"""Beginning of the row with a preset's error, all of the same fifth of MovieLens 100K."""


@pytest.mark.parametrize("name", CARDS)
def test_each_figure_of_a_card_was_measured(name: str) -> None:
    card = CARDS[name]
    text = f"{card.gives} {card.measured} {card.warning}"
    errors = re.findall(r"error is ([\d.]+) stars; the means of films and users reach 0\.954\.", text)
    assert [ROWS[name].format(error) in MEASURED for error in errors] == [True] * (name in ROWS)
    for seconds in re.findall(r"[\d.]+ s\b", text):
        assert re.search(rf"(?<![\d.]){re.escape(seconds)}\b", MEASURED), seconds
    # No other figure than these errors and seconds, and no time in words but hours, as the documents say.
    rest = re.sub(r"[\d.]+ s\b|[\d.]+ stars|0\.954", "", text)
    assert not re.search(r"\d\.\d|minute", rest)
