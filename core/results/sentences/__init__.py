"""A run's grades -> sentences that say whether its reviews tell the factors, the same on every screen.

stability    how far each factor repeats
readability  which factors reviews tell
lists        many factors in one line
grades       how well reviews are read, and what a probability means
reviews      of how many films there are some, how many are told twice, and in which languages they are
"""

from core.results.sentences.grades import (
    calibration_line,
    held_out,
    leak_line,
    threshold_line,
    unmoved_by_words,
    verdict,
)
from core.results.sentences.lists import grouped
from core.results.sentences.readability import (
    READABILITY,
    readability_line,
    readability_of,
    readability_told,
    readability_verdicts,
    reader_line,
)
from core.results.sentences.reviews import coverage_line, reviews_line, unread_line
from core.results.sentences.stability import VERDICTS, stability_line, stability_of, stability_verdicts

__all__ = [
    "READABILITY",
    "VERDICTS",
    "calibration_line",
    "coverage_line",
    "grouped",
    "held_out",
    "leak_line",
    "readability_line",
    "readability_of",
    "readability_told",
    "readability_verdicts",
    "reader_line",
    "reviews_line",
    "stability_line",
    "stability_of",
    "stability_verdicts",
    "threshold_line",
    "unmoved_by_words",
    "unread_line",
    "verdict",
]
