"""What all parts of a record share, and the part that stands for a missing measurement."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Interval = tuple[float, float]
"""Low and high end of a 95% interval."""
Losses = list[dict[str, int | float]]
"""An entry an epoch or sweep: `train`, usually `valid`, optionally `epoch` and `accuracy`."""


def key(name: str) -> Any:
    """Return the definition of a field that has the key `name` in the file."""
    return Field(alias=name)


def absent_if_none() -> Any:
    """Return the definition of a field that is left out of the file where it is None."""
    return Field(exclude_if=lambda value: value is None)


class Part(BaseModel):
    """A part of a record: its fields are the keys of the file, in order; unknown keys are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        ser_json_inf_nan="constants",
    )

    def plain(self) -> dict[str, Any]:
        """Return the part as JSON-compatible values, under the file's keys."""
        return self.model_dump(mode="json", by_alias=True)


class Unmeasured(Part):
    """The reason in place of a part that a run could not measure.

    >>> Unmeasured(unmeasured="too few films").plain()
    {'unmeasured': 'too few films'}
    """

    unmeasured: str
    """The reason."""


PENDING = Unmeasured(unmeasured="not measured yet: the run is under way")
"""Stands for what a run has yet to measure."""
ENDED = Unmeasured(unmeasured="the run ended before")
"""Stands for what a run that failed or was cancelled did not come to."""

Measured = TypeVar("Measured", bound=Part)


def parsed(kind: type[Measured], data: Mapping[str, Any]) -> Measured | Unmeasured:
    """Return a part from plain data, or why it was not measured. Raises pydantic's ValidationError."""
    return (Unmeasured if "unmeasured" in data else kind).model_validate(data)
