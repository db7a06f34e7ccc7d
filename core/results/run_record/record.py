"""The whole record of a run."""

from functools import cached_property
from typing import Annotated, Any

from core.results.run_record.base import Part, Unmeasured, key
from core.results.run_record.data import RatingsRecord, ReviewsRecord
from core.results.run_record.factors import FactorModelRecord, Stability
from core.results.run_record.grades import ClassifierRecord, Readability
from core.results.run_record.placing import ColdStart
from core.results.run_record.texts import LanguageModelRecord
from core.settings import RunSettings, settings_from_dict


class PredictionCounts(Part):
    """How many predictions there are (a factor of a review each), and the dominating factor's part."""

    predicted: int
    of_dominating: int
    share: float
    """Of the dominating factor."""


class RunRecord(Part):
    """What a run found, with its settings: `run.json`."""

    ratings: RatingsRecord
    factor_model: FactorModelRecord
    stability: Stability | Unmeasured
    reviews: ReviewsRecord
    language_model: LanguageModelRecord
    classifier: ClassifierRecord
    readability: Readability | Unmeasured
    cold_start: Annotated[ColdStart | Unmeasured, key("placing")]
    dominating_factor: int | None
    """None where nothing is predicted."""
    predictions: PredictionCounts
    settings: dict[str, Any]
    """As they were written; an older run may lack some."""
    seed: int
    device: str | None
    """None where all came from the cache, and in a run older than it."""
    versions: dict[str, str]
    seconds: float

    @cached_property
    def run_settings(self) -> RunSettings:
        """The settings, what an older run lacks filled in; BadSettings where they cannot be read."""
        return settings_from_dict(self.settings)
