"""A run's record: what `run.json` holds, as one typed object.

base      what all parts share, and what a part that was not measured is
data      ratings and reviews
factors   the factor model, and how stable its factors are
grades    how well reviews are read: readability and the classifier
texts     the language model
placing   how well films without ratings are placed by their reviews
record    the whole record
upgrade   what an older file lacks
file      from the file to the record
"""

from core.results.run_record.base import Interval, Part, Unmeasured, parsed
from core.results.run_record.data import Coverage, RatingsRecord, ReviewsRecord
from core.results.run_record.factors import (
    ChoiceOfFactors,
    FactorModelRecord,
    FactorStability,
    LinkRecord,
    Stability,
    Subspace,
)
from core.results.run_record.file import read_record
from core.results.run_record.grades import (
    Baseline,
    ClassifierRecord,
    LabelGrade,
    Readability,
    Reliability,
    ReliabilityRow,
    Scores,
)
from core.results.run_record.placing import ColdStart, FewReviews, RatingErrors
from core.results.run_record.record import PredictionCounts, RunRecord
from core.results.run_record.texts import LanguageModelRecord
from core.results.run_record.upgrade import OLDER

__all__ = [
    "OLDER",
    "Baseline",
    "ChoiceOfFactors",
    "ClassifierRecord",
    "ColdStart",
    "Coverage",
    "FactorModelRecord",
    "FactorStability",
    "FewReviews",
    "Interval",
    "LabelGrade",
    "LanguageModelRecord",
    "LinkRecord",
    "Part",
    "PredictionCounts",
    "RatingErrors",
    "RatingsRecord",
    "Readability",
    "Reliability",
    "ReliabilityRow",
    "ReviewsRecord",
    "RunRecord",
    "Scores",
    "Stability",
    "Subspace",
    "Unmeasured",
    "parsed",
    "read_record",
]
