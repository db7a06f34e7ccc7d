"""Settings -> what differs from a preset, or between two runs, and how settings are named to people."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from core.settings import PRESETS, RunSettings, preset


def preset_of(settings: RunSettings) -> str:
    """Return the preset that settings began from, by the name under which it is offered.

    >>> preset_of(RunSettings(preset="fast"))
    'quick'
    """
    return settings.preset if settings.preset in PRESETS and settings.preset != "fast" else "quick"


def changes(settings: RunSettings) -> dict[str, tuple[Any, Any]]:
    """Return what differs from the run's preset: by setting, its value and the preset's. Data are no change."""
    own, now = (flat(asdict(each)) for each in (preset(preset_of(settings)), settings))
    data = ("ratings", "reviews", "preset")
    return {
        name: (value, own[name])
        for name, value in now.items()
        if name not in data and plain_lists(value) != plain_lists(own[name])
    }


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    """Return the settings in which two runs differ, as text: setting, first, second; "none" where one lacks it."""
    one, two = flat(first), flat(second)
    rows = [
        (label_of(name), said(one.get(name)), said(two.get(name)))
        for name in dict.fromkeys([*one, *two])
        if plain_lists(one.get(name)) != plain_lists(two.get(name))
    ]
    return pd.DataFrame(rows, columns=["setting", "first", "second"])


def flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested settings by one name each.

    >>> flat({"seed": 7, "selection": {"top": 3}})
    {'seed': 7, 'selection.top': 3}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def label_of(name: str) -> str:
    """Return a setting's name for people.

    >>> label_of("factor_model.batch_size"), label_of("seed")
    ('batch size (factor model)', 'seed')
    """
    stage, _, field = name.rpartition(".")
    return (f"{field} ({stage})" if stage else field).replace("_", " ")


def said(value: Any) -> str:
    """Return a setting's value for people.

    >>> said(None), said(True), said((1, 2)), said([{"unfrozen": 0, "epochs": 4, "rate": 0.005}])
    ('none', 'yes', '1, 2', 'all layers for 4 epochs at 0.005')
    """
    if value is None or (isinstance(value, list | tuple) and not value):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(said(part) for part in value)
    if isinstance(value, Mapping):
        layers = f"{value['unfrozen']} from the head" if value["unfrozen"] else "all layers"
        return f"{layers} for {value['epochs']} epochs at {value['rate']:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def plain_lists(value: Any) -> Any:
    """Make tuples and lists alike, since JSON has only one of them."""
    return [plain_lists(part) for part in value] if isinstance(value, list | tuple) else value
