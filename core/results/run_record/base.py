"""What all parts of a record share, and what stands in place of a part that was not measured."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Interval = tuple[float, float]
"""Low and high end of a 95 % interval."""
Losses = list[dict[str, int | float]]
"""An entry an epoch or sweep: `train`, mostly `valid`, maybe `epoch` and `accuracy`."""


def key(name: str) -> Any:
    """Return what gives a field another name in the file than in Python."""
    return Field(alias=name)


def absent_if_none() -> Any:
    """Return what leaves a field out of the file where it is None."""
    return Field(exclude_if=lambda value: value is None)


class Part(BaseModel):
    """A part of a record: its fields are the keys of the file, in the file's order; keys not known are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        ser_json_inf_nan="constants",
    )

    def plain(self) -> dict[str, Any]:
        """Return the part as JSON holds it, under the file's keys."""
        return self.model_dump(mode="json", by_alias=True)


class Unmeasured(Part):
    """Stands in place of what a run could not measure.

    >>> Unmeasured(unmeasured="too few films").plain()
    {'unmeasured': 'too few films'}
    """

    unmeasured: str
    """Why."""


Measured = TypeVar("Measured", bound=Part)


def parsed(kind: type[Measured], data: Mapping[str, Any]) -> Measured | Unmeasured:
    """Return a part from plain data, or why it was not measured; raises pydantic's ValidationError."""
    return (Unmeasured if "unmeasured" in data else kind).model_validate(data)
