"""The parts of a record on scores: readability of the factors, and the run's classifier.

`core.classification.evaluation.evaluate` computes and describes the numbers.
"""

from typing import Annotated

from core.results.run_record.base import Interval, Losses, Part, absent_if_none, key


class Baseline(Part):
    """The scores of another reader on the same reviews, and the classifier's gain over it."""

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
    """`frequencies` and, where trained, `tfidf` and `shuffled`; empty in a run that predates them."""


class _Films(Part):
    films: int


# The file's order is that of the bases, the last one first.
class ScoresByFilm(Scores, _Films):
    """The same scores by film, and the number of films."""


class LabelGrade(Part):
    """The scores of one label; a number is None where it is undefined or the run predates it."""

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
    """Whether it beats chance and shuffled labels significantly; None where that was not measured."""
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
    """None where reviews were held out at random, and in a run that predates it."""
    per_label: list[LabelGrade]


class Readability(_Graded):
    """The scores of each factor on reviews of unseen films, in folds of whole films."""

    by_film: ScoresByFilm

    def of(self, factor: int) -> LabelGrade | None:
        """Return the scores of a factor; None where it is no label."""
        return next((label for label in self.per_label if label.factor == factor), None)


class CalibrationRecord(Part):
    """Slope and intercept of each label's calibration, on the scale of logits."""

    slope: list[float]
    intercept: list[float]


class ReliabilityRow(Part):
    """A group of probabilities, and the share of them that is true."""

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
    """Factors, in the order of the classifier's outputs."""
    split: str
    folds: int | None
    """None where one part of the reviews was held out, without cross-validation."""
    films_held_out: int
    reviews_held_out: int
    calibration: CalibrationRecord | None
    thresholds: list[float]
    """Of each label."""


class ClassifierRecord(_Graded, _HeldOut):
    """The run's classifier, and its scores on held-out reviews."""

    reliability: Annotated[Reliability | None, absent_if_none()] = None
    """None, like the error, where probabilities are not calibrated, or with too few films."""
    calibration_error: Annotated[CalibrationError | None, absent_if_none()] = None
    seconds: float
    losses: Losses
    leak: str
    """Whether the encoder had read reviews of held-out films, in words."""

    def base_rates(self) -> dict[int, float]:
        """Return each label's share of the training reviews."""
        return {label.factor: label.base_rate for label in self.per_label}
