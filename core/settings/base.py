"""What all settings have in common: frozen, checked as they are made, and one wording of what is wrong with them."""

import re
from typing import Annotated, Any, ClassVar, Self, get_args

from annotated_types import Ge, Le
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from core.errors import BadSettings


def _as_given(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    check(value)
    return value


Number = Annotated[float, WrapValidator(_as_given)]
"""A float that may be given as a whole number and then stays one, since 1 and 1.0 make different cache keys."""
FromList = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
"""Beside a tuple: JSON has only lists."""
PYTHON_NAMES = {"string": "str"}
"""Where pydantic's name of a type is not Python's."""


class Settings(BaseModel):
    """Base of all settings: no value changes its type, no field is unknown, and no field changes later."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, revalidate_instances="always"
    )

    def replace(self, **changes: Any) -> Self:
        """Return the settings with some fields changed, checked again (`model_copy` does not check)."""
        return type(self)(**(dict(self) | changes))

    @classmethod
    def meaning(cls, name: str) -> str:
        """Return the sentence of a field, on one line; empty where it has none."""
        return " ".join((cls.model_fields[name].description or "").split())


class StageSettings(Settings):
    """Base of the settings of a stage, and of a run; raises BadSettings that names the value and the remedy."""

    stage: ClassVar[str] = ""
    """Name of the field of RunSettings that holds them; empty for RunSettings itself."""
    options: ClassVar[tuple[str, ...]] = ()
    """Fields that are named as their options of the command line."""

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise BadSettings(_sentence(cls, min(error.errors(), key=_first))) from None


def limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return the least and the highest value of a field, as they were written; None where there is none."""
    low = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
    high = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    return low, high  # type: ignore[return-value]


def _first(error: ErrorDetails) -> tuple[int, str]:
    """Return what puts the errors of a table in order: unknown names, missing ones, then values as they stand."""
    rank = {"extra_forbidden": 0, "invalid_key": 0, "missing": 1}.get(error["type"], 2)
    return rank, str(error["loc"][-1]) if rank < 2 else ""


def _sentence(kind: type[StageSettings], error: ErrorDetails) -> str:
    """Return what is wrong with one value, and what to do."""
    value, place = error["input"], error["loc"]
    path = _path(kind, place)
    match error["type"]:
        case "extra_forbidden" | "invalid_key":
            return f"{_path(kind, place[:-1])} has no setting called {place[-1]!r}; remove it"
        case "missing":
            return f"{_path(kind, place[:-1])} lacks {place[-1]!r}; add it"
        case "model_type":
            return f"{path} is {value!r}; it should be a table of settings"
        case "greater_than_equal" | "less_than_equal":
            return _out_of_range(kind, place, value)
        case "literal_error":
            return f"{path} is {value!r}; it should be one of " + ", ".join(
                re.findall(r"'([^']*)'", error["ctx"]["expected"])
            )
        case other:
            wanted = other.split("_")[0]
            return f"{path} is {value!r}; it should be {PYTHON_NAMES.get(wanted, wanted)}"


def _path(kind: type[StageSettings], place: tuple[int | str, ...]) -> str:
    """Return a setting's place in a run: `settings.classifier.phases[0].rate`."""
    parts = ((kind.stage,) if kind.stage else ()) + place
    return "settings" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _out_of_range(kind: type[StageSettings], place: tuple[int | str, ...], value: float) -> str:
    name, field = str(place[-1]), kind.model_fields[str(place[0])]
    of = f" of the {kind.stage.replace('_', ' ')}"
    if len(place) > 1:
        # A field of one of several settings in a tuple.
        field = get_args(field.annotation)[0].model_fields[name]
        of = f" of phase {int(place[1]) + 1} of the {kind.stage}"
    low, high = limits(field)
    if name in kind.options:
        return f"{name.replace('_', '-')} is {value}; choose a whole number from {low} to {high}"
    whole = "whole number" if isinstance(low, int) and isinstance(value, int) else "number"
    return f"{name.replace('_', ' ')}{of} is {value}; choose a {whole} from {low:,} to {high:,}"
