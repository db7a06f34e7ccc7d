"""The parts of a record on how well reviews are read: readability of the factors, and the run's classifier.

What a number means is described by `core.classification.evaluation.evaluate`, which computes it.
"""

from typing import Annotated

from core.results.run_record.base import Interval, Losses, Part, absent_if_none, key


class Baseline(Part):
    """What another reader reaches on the same reviews, and the classifier's gain over it."""

    lrap: float
    lrap_gain: float
    lrap_gain_interval: Interval | None
    macro_ap: float | None
    macro_ap_gain: float | None
    macro_ap_gain_interval: Interval | None
    micro_ap: float | None
    micro_ap_gain: float | None
    micro_ap_gain_interval: Interval | None


class Scores(Part):
    """The classifier's scores over all labels; an interval is None with too few films."""

    lrap: float
    lrap_interval: Interval | None
    macro_ap: float | None
    macro_ap_interval: Interval | None
    micro_ap: float | None
    micro_ap_interval: Interval | None
    baselines: Annotated[dict[str, Baseline], key("rivals")]
    """`frequencies`, and, as far as they were trained, `tfidf` and `shuffled`; empty in a run older than them."""


class _Films(Part):
    films: int


# The file's order is that of the bases, the last one first.
class ScoresByFilm(Scores, _Films):
    """The same a film at a time, and how many films there are."""


class LabelGrade(Part):
    """How well one label is read; a number is None where it is not defined or the run is older than it."""

    factor: int
    base_rate: float
    threshold: float
    """Probability from which the label counts as predicted."""
    support: int
    """Reviews that carry it."""
    chance: float | None
    auc: float | None
    films: int | None
    """Films that carry it."""
    average_precision: float | None
    average_precision_interval: Interval | None
    gain: float | None
    """Over chance."""
    gain_interval: Interval | None
    readable: bool | None
    """Whether it beats chance and shuffled labels beyond doubt; None where that was not measured."""
    tfidf_average_precision: float | None
    tfidf_gain: float | None
    tfidf_gain_interval: Interval | None
    shuffled_average_precision: float | None
    shuffled_gain: float | None
    shuffled_gain_interval: Interval | None


class _Graded(Scores):
    lrap_baseline: float
    """LRAP of the label frequencies."""
    lrap_gain: float
    lrap_gain_interval: Interval | None
    by_film: Annotated[ScoresByFilm | None, absent_if_none()] = None
    """None where reviews were held out at random, and in a run older than it."""
    per_label: list[LabelGrade]


class Readability(_Graded):
    """How well each factor is read in reviews of films that the reader never saw, in folds of whole films."""

    by_film: ScoresByFilm

    def of(self, factor: int) -> LabelGrade | None:
        """Return the grade of a factor; None where it is no label."""
        return next((label for label in self.per_label if label.factor == factor), None)


class CalibrationRecord(Part):
    """Slope and intercept of each label's calibration, on the scale of logits."""

    slope: list[float]
    intercept: list[float]


class ReliabilityRow(Part):
    """A group of probabilities beside the share of them that came true."""

    low: float
    high: float
    predicted: float
    observed: float
    pairs: int
    observed_low: float
    observed_high: float


class Reliability(Part):
    """Groups of probabilities before and after calibration."""

    before: list[ReliabilityRow]
    after: list[ReliabilityRow]


class CalibrationError(Part):
    """Mean distance of a probability from the share that is true, before and after calibration."""

    before: float
    after: float


class _HeldOut(Part):
    labels: list[int]
    """Factors, a column of the classifier each."""
    split: str
    folds: int | None
    """None where one part of the reviews was held out, in place of each in its turn."""
    films_held_out: int
    reviews_held_out: int
    calibration: CalibrationRecord | None
    thresholds: list[float]
    """Of each label."""


class ClassifierRecord(_Graded, _HeldOut):
    """The run's classifier, and how well it reads the reviews held out."""

    reliability: Annotated[Reliability | None, absent_if_none()] = None
    """None, like the error, where probabilities are not calibrated, or too few films for it."""
    calibration_error: Annotated[CalibrationError | None, absent_if_none()] = None
    seconds: float
    losses: Losses
    leak: str
    """What the encoder had read of the films held out."""

    def base_rates(self) -> dict[int, float]:
        """Return each label's share of the reviews trained on."""
        return {label.factor: label.base_rate for label in self.per_label}
