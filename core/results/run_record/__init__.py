"""A run's record: the content of `run.json` as one typed object.

base      what all parts share, and the part that stands for a missing measurement
data      ratings and reviews
factors   the factor model, and the stability of its factors
grades    scores of the readings: readability and the classifier
texts     the language model
words     what goes with each factor in the reviews
placing   accuracy of the cold start
record    the whole record
upgrade   fills what an older file lacks
file      from the file to the record
"""

from core.results.run_record.base import ENDED, PENDING, Interval, Part, Unmeasured, parsed
from core.results.run_record.data import Coverage, RatingsRecord, ReviewsRecord
from core.results.run_record.factors import (
    ChoiceOfFactors,
    FactorModelRecord,
    FactorStability,
    LinkRecord,
    Stability,
    Subspace,
)
from core.results.run_record.file import SO_FAR, read_first_results, read_record
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
from core.results.run_record.record import DeviceRecord, FirstResults, PredictionCounts, RunRecord
from core.results.run_record.texts import LanguageModelRecord
from core.results.run_record.upgrade import OLDER
from core.results.run_record.words import WordEffect, WordsOfFactor, WordsRecord

__all__ = [
    "ENDED",
    "OLDER",
    "PENDING",
    "SO_FAR",
    "Baseline",
    "ChoiceOfFactors",
    "ClassifierRecord",
    "ColdStart",
    "Coverage",
    "DeviceRecord",
    "FactorModelRecord",
    "FactorStability",
    "FewReviews",
    "FirstResults",
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
    "WordEffect",
    "WordsOfFactor",
    "WordsRecord",
    "parsed",
    "read_first_results",
    "read_record",
]
