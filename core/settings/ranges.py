"""Which values of the settings make sense, so that nonsense is refused before any work begins."""

from typing import TYPE_CHECKING, Any

from core.errors import BadSettings

if TYPE_CHECKING:
    from core.settings.stages import RunSettings

MANY = 10**6
MOST = 10**9
RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "factor_model": {
        "valid_share": (0.001, 0.9),
        "epochs": (1, 10_000),
        "batch_size": (1, MOST),
        "most_steps": (1, MOST),
        "learning_rate": (1e-8, 10),
        "weight_decay": (0, 100),
        "burn_in": (0, MANY),
        "samples": (1, MANY),
        "settled": (0, MANY),
        "implicit": (0, 10_000),
    },
    "stability": {
        "repeats": (2, 1000),
        "seeds": (2, 1000),
        "burn_in": (0, MANY),
        "samples": (1, MANY),
        "least_ratings": (1, MANY),
        "films_a_factor": (1, 1000),
        "stable_from": (0, 1),
        "most_factors": (1, 1000),
        "most_ratings": (1, MOST),
    },
    "language_model": {
        "embedding_size": (1, 10_000),
        "hidden_size": (1, 10_000),
        "layers": (1, 20),
        "vocabulary": (1, MANY),
        "min_frequency": (1, MANY),
        # Of the dropouts that it scales, the largest is a quarter here and a half in the classifier.
        "drop_mult": (0, 3),
        "batch_size": (1, MANY),
        "sequence_length": (1, 10_000),
        "frozen_epochs": (0, 1000),
        "frozen_rate": (1e-8, 10),
        "epochs": (0, 1000),
        "rate": (1e-8, 10),
        "max_reviews": (2, MOST),
        "sampled_words": (1, MANY),
    },
    "classifier": {
        "drop_mult": (0, 1.9),
        "batch_size": (2, MANY),
        "sequence_length": (1, 10_000),
        "max_length": (1, MANY),
        "head_epochs": (1, 10_000),
        "head_rate": (1e-8, 10),
        "head_decay": (0, 1000),
        "folds": (2, 1000),
        "valid_share": (0.001, 0.9),
        "threshold": (0, 1),
    },
}
"""Least and highest value of each setting of a stage; a setting that may be None is then not asked."""
PHASE: dict[str, tuple[float, float]] = {"unfrozen": (0, 20), "epochs": (1, 1000), "rate": (1e-8, 10)}
"""The same of a phase of unfreezing."""


def check_ranges(settings: "RunSettings") -> None:
    """Raise BadSettings that names the first setting whose value is out of its range, or not a number."""
    for stage, ranges in RANGES.items():
        of = f" of the {stage.replace('_', ' ')}"
        _check(getattr(settings, stage), ranges, of)
    for number, phase in enumerate(settings.classifier.phases):
        _check(phase, PHASE, f" of phase {number + 1} of the classifier")


def _check(part: Any, ranges: dict[str, tuple[float, float]], of: str) -> None:
    for name, (low, high) in ranges.items():
        value = getattr(part, name)
        # What is not a number is in no range.
        if value is not None and not low <= value <= high:
            kind = "whole number" if isinstance(low, int) and isinstance(value, int) else "number"
            raise BadSettings(
                f"{name.replace('_', ' ')}{of} is {value}; choose a {kind} from {low:,} to {high:,}"
            )
