"""The whole record of a run."""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from core.results.run_record.base import PENDING, Part, Unmeasured, key
from core.results.run_record.data import RatingsRecord, ReviewsRecord
from core.results.run_record.factors import FactorModelRecord, Stability
from core.results.run_record.grades import ClassifierRecord, Readability
from core.results.run_record.placing import ColdStart
from core.results.run_record.texts import LanguageModelRecord
from core.results.run_record.words import WordsRecord
from core.settings import RunSettings, settings_from_dict


class PredictionCounts(Part):
    """The number of predictions (a factor of a review each), and the dominating factor's share."""

    predicted: int
    of_dominating: int
    share: float
    """Of the dominating factor."""


class DeviceRecord(Part):
    """Where a piece of work was done, and why."""

    work: str
    device: str
    """"cpu", "cuda" or "mps"."""
    reason: str


class _HasSettings:
    """A record with the settings of its run."""

    if TYPE_CHECKING:
        # Each record declares the field itself, since the order of the fields is that of the file.
        settings: dict[str, Any]

    @cached_property
    def run_settings(self) -> RunSettings:
        """The settings, with defaults for those that an older run lacks. Raises BadSettings where invalid."""
        return settings_from_dict(self.settings)


class RunRecord(_HasSettings, Part):
    """The results and settings of a run: `run.json`."""

    ratings: RatingsRecord
    factor_model: FactorModelRecord
    stability: Stability | Unmeasured
    reviews: ReviewsRecord
    language_model: LanguageModelRecord
    classifier: ClassifierRecord
    readability: Readability | Unmeasured
    cold_start: Annotated[ColdStart | Unmeasured, key("placing")]
    words: WordsRecord | Unmeasured
    suggested_names: list[str]
    """Of each factor, for both of its ends; empty in a run that predates them."""
    dominating_factor: int | None
    """None where nothing is predicted."""
    predictions: PredictionCounts
    settings: dict[str, Any]
    """As stored; an older run may lack some."""
    seed: int
    device: str | None
    """The GPU if one was used, else "cpu"; None where all artifacts came from the cache, and in an older run."""
    devices: tuple[DeviceRecord, ...]
    """Where each piece of work was done; none of what came from the cache, and none in a run that predates it."""
    versions: dict[str, str]
    seconds: float


class FirstResults(_HasSettings, Part):
    """What a run under way has found so far: `so_far.json`."""

    ratings: RatingsRecord
    factor_model: FactorModelRecord
    stability: Stability | Unmeasured = PENDING
    reviews: ReviewsRecord | None = None
    """None until the reviews are read."""
    readability: Readability | Unmeasured = PENDING
    words: WordsRecord | Unmeasured = PENDING
    suggested_names: list[str]
    dominating_factor: int | None = None
    predictions: PredictionCounts | None = None
    """None until the reviews are predicted."""
    settings: dict[str, Any]
