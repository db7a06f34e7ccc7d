"""Changed settings: read from plain data, changed by full name, compared with a preset or another run, named."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from core.errors import BadSettings
from core.settings.presets import PRESETS, preset
from core.settings.stages import RunSettings


def settings_from_dict(data: Any) -> RunSettings:
    """Return the settings that `model_dump` gave, also after a detour through JSON (tuples as lists).

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
    return RunSettings.model_validate(data)


def with_changes(settings: RunSettings, changes: Mapping[str, Any]) -> RunSettings:
    """Return settings with some changed, by their full names; BadSettings as in `settings_from_dict`.

    Where the number of factors is now given, there is no choice of form, so the form is then the principal one.

    >>> with_changes(RunSettings(), {"selection.top": 3, "seed": 7}).selection.top
    3
    """
    data = settings.model_dump()
    for name, value in changes.items():
        stage, _, field = name.rpartition(".")
        place = data[stage] if stage in data and isinstance(data[stage], dict) else data
        if stage and place is data:
            raise BadSettings(f"there is no setting called {name!r}; remove it")
        place[field] = value
    if data["form"] is None and data["factor_model"]["factors"] is not None:
        data["form"] = "principal"
    return settings_from_dict(data)


def preset_of(settings: RunSettings) -> str:
    """Return the preset that settings began from, by the name under which it is offered.

    >>> preset_of(RunSettings(preset="fast"))
    'quick'
    """
    return settings.preset if settings.preset in PRESETS and settings.preset != "fast" else "quick"


def changes(settings: RunSettings) -> dict[str, tuple[Any, Any]]:
    """Return what differs from the run's preset: by setting, its value and the preset's. Data are no change."""
    usual, values = (flat(each.model_dump()) for each in (preset(preset_of(settings)), settings))
    data = ("ratings", "reviews", "preset")
    return {
        name: (value, usual[name])
        for name, value in values.items()
        if name not in data and plain_lists(value) != plain_lists(usual[name])
    }


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> "pd.DataFrame":
    """Return the settings in which two runs differ, as text: setting, first, second; "none" where one lacks it."""
    # Importing pandas takes longer than a line of help may, which has no use for it.
    import pandas as pd

    one, two = flat(first), flat(second)
    rows = [
        (label_of(name), text_of(one.get(name)), text_of(two.get(name)))
        for name in dict.fromkeys([*one, *two])
        if plain_lists(one.get(name)) != plain_lists(two.get(name))
    ]
    return pd.DataFrame(rows, columns=["setting", "first", "second"])


def flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested settings by one name each.

    >>> flat({"seed": 7, "selection": {"top": 3}})
    {'seed': 7, 'selection.top': 3}
    """
    values: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            values |= flat(value, f"{before}{name}.")
        else:
            values[f"{before}{name}"] = value
    return values


LABELS = {
    "factor_model.factors": "number of factors",
    "selection.top": "top factors per film (FACTORS)",
    "selection.films": "films",
}
"""Names for people of the settings that have one of their own."""


def label_of(name: str) -> str:
    """Return a setting's name for people.

    >>> label_of("factor_model.batch_size"), label_of("seed"), label_of("factor_model.factors")
    ('batch size (factor model)', 'seed', 'number of factors')
    """
    if name in LABELS:
        return LABELS[name]
    stage, _, field = name.rpartition(".")
    return (f"{field} ({stage})" if stage else field).replace("_", " ")


def text_of(value: Any) -> str:
    """Return a setting's value for people.

    >>> text_of(None), text_of(True), text_of((1, 2)), text_of([{"unfrozen": 0, "epochs": 4, "rate": 0.005}])
    ('none', 'yes', '1, 2', 'all layers for 4 epochs at 0.005')
    """
    if value is None or (isinstance(value, list | tuple) and not value):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(text_of(part) for part in value)
    if isinstance(value, Mapping):
        layers = f"{value['unfrozen']} from the head" if value["unfrozen"] else "all layers"
        return f"{layers} for {value['epochs']} epochs at {value['rate']:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def plain_lists(value: Any) -> Any:
    """Make tuples and lists alike, since JSON has only one of them."""
    return [plain_lists(part) for part in value] if isinstance(value, list | tuple) else value
