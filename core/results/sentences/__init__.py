"""A run's record -> sentences, the same on every screen.

stability    the stability of factors
readability  which factors reviews reveal
lists        many factors in one line
grades       scores of the classifier, and the meaning of a probability
ratings      what was merged, left out or assumed while the ratings were read
reviews      coverage of films, duplicates and languages of reviews
words        what is known of factors' words
devices      where the work was done, and why
run_headline what a run found, in one headline, and why nothing holds up
summary      a run in five paragraphs, and its factors in the order of their evidence
"""

from core.results.sentences.devices import devices_line
from core.results.sentences.grades import (
    WHAT_LRAP_IS,
    calibration_line,
    gain_line,
    graded_on,
    grades_line,
    leak_line,
    threshold_line,
    unmoved_by_words,
)
from core.results.sentences.lists import grouped
from core.results.sentences.ratings import ratings_line
from core.results.sentences.readability import (
    factors_that_are_read,
    readability_line,
    readability_of,
    readability_summary,
    reader_line,
)
from core.results.sentences.reviews import coverage_line, provenance_line, reviews_line, unread_line
from core.results.sentences.stability import (
    stability_line,
    stability_of,
)
from core.results.sentences.words import high_words, words_line, words_of

__all__ = [
    "WHAT_LRAP_IS",
    "calibration_line",
    "coverage_line",
    "devices_line",
    "factors_that_are_read",
    "gain_line",
    "graded_on",
    "grades_line",
    "grouped",
    "high_words",
    "leak_line",
    "provenance_line",
    "ratings_line",
    "readability_line",
    "readability_of",
    "readability_summary",
    "reader_line",
    "reviews_line",
    "stability_line",
    "stability_of",
    "threshold_line",
    "unmoved_by_words",
    "unread_line",
    "words_line",
    "words_of",
]
