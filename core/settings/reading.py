"""Plain data, as a file or a form holds them -> checked settings."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from core.errors import BadSettings
from core.settings.stages import RunSettings


def settings_from_dict(data: Any) -> RunSettings:
    """Return the settings that `dataclasses.asdict` wrote, also after a detour through JSON (tuples as lists).

    A setting that is missing, since the file is older than the setting, gets its default, or what held for all
    runs before there was a choice: raw factors, films of any number of ratings, WikiText-103 or nothing to start
    from, probabilities as they came. Raises BadSettings that names the setting where one is unknown or its value is
    of another kind.

    >>> settings_from_dict({"seed": 7, "selection": {"exclude_factors": [0]}}).selection.exclude_factors
    (0,)
    """
    if isinstance(data, dict):
        selection = data.get("selection", {})
        data = {"form": "raw"} | data
        if isinstance(selection, dict):
            data["selection"] = {"least_ratings": 0} | selection
        classifier = data.get("classifier", {})
        if isinstance(classifier, dict) and classifier:
            data["classifier"] = {"calibrated": False} | classifier
        language = data.get("language_model", {})
        if isinstance(language, dict) and "pretrained" in language:
            start = "wikitext" if language["pretrained"] else "nothing"
            rest = {key: value for key, value in language.items() if key != "pretrained"}
            reads = "rated" if rest.get("max_reviews") else "all"
            data["language_model"] = {"start": start, "reads": reads} | rest
    settings: RunSettings = _checked(RunSettings, data, "settings")
    return settings


def with_changes(settings: RunSettings, changes: Mapping[str, Any]) -> RunSettings:
    """Return settings with some changed, by their full names; BadSettings as in `settings_from_dict`.

    A number of factors that is now said has no choice of form beside it, so the form is then the principal one.

    >>> with_changes(RunSettings(), {"selection.top": 3, "seed": 7}).selection.top
    3
    """
    data = asdict(settings)
    for name, value in changes.items():
        stage, _, field = name.rpartition(".")
        place = data[stage] if stage in data and isinstance(data[stage], dict) else data
        if stage and place is data:
            raise BadSettings(f"there is no setting called {name!r}; remove it")
        place[field] = value
    if data["form"] is None and data["factor_model"]["factors"] is not None:
        data["form"] = "principal"
    return settings_from_dict(data)


def _checked(kind: Any, value: Any, name: str) -> Any:
    """Return the value as the annotated kind: a dataclass here, a tuple, a choice, an optional or plain."""
    if isinstance(kind, type) and is_dataclass(kind):
        if not isinstance(value, dict):
            raise BadSettings(f"{name} is {value!r}; it should be a table of settings")
        kinds = get_type_hints(kind)
        if unknown := set(value) - set(kinds):
            raise BadSettings(f"{name} has no setting called {min(unknown, key=str)!r}; remove it")
        required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
        if missing := required - set(value):
            raise BadSettings(f"{name} lacks {min(missing)!r}; add it")
        return kind(**{key: _checked(kinds[key], part, f"{name}.{key}") for key, part in value.items()})
    origin, options = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_checked(options[0], part, f"{name}[{i}]") for i, part in enumerate(value))
    if origin is Literal and isinstance(value, str) and value in options:
        return value
    if origin in (Union, UnionType):
        if value is None and NoneType in options:
            return None
        return _checked(next(option for option in options if option is not NoneType), value, name)
    # True and False are whole numbers to Python, not to us; a float field may hold a whole number.
    plain = (int, float) if kind is float else kind
    if origin is None and isinstance(value, plain) and (kind is bool or not isinstance(value, bool)):
        return value
    wanted = f"one of {', '.join(options)}" if origin is Literal else getattr(kind, "__name__", str(kind))
    raise BadSettings(f"{name} is {value!r}; it should be {wanted}")
