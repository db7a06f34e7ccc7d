"""Every number that a run depends on.

The same objects feed the training, the cache keys, the record, the pages and the command line, so a changed
number can never meet an old result. In reading order:

    base      what all settings have in common, and the wording of what is wrong with a value
    stages    the settings of each stage and of a run: default, range, unit and meaning of each field
    presets   what a preset's name stands for
    changes   settings from plain data, changed settings, and what differs
"""

from core.settings.base import Number, Settings, limits
from core.settings.changes import settings_from_dict, with_changes
from core.settings.presets import (
    FACTOR_MODELS,
    FULL_LANGUAGE_MODEL,
    GPU_LANGUAGE_MODEL,
    PRESETS,
    SMALL_LANGUAGE_MODEL,
    Preset,
    preset,
)
from core.settings.stages import (
    DEFAULT_DATA,
    ClassifierSettings,
    Device,
    FactorModelSettings,
    Form,
    HeldOut,
    LanguageModelSettings,
    Phase,
    Reads,
    RunSettings,
    SelectionSettings,
    Split,
    StabilitySettings,
    Start,
)

__all__ = [
    "DEFAULT_DATA",
    "FACTOR_MODELS",
    "FULL_LANGUAGE_MODEL",
    "GPU_LANGUAGE_MODEL",
    "PRESETS",
    "SMALL_LANGUAGE_MODEL",
    "ClassifierSettings",
    "Device",
    "FactorModelSettings",
    "Form",
    "HeldOut",
    "LanguageModelSettings",
    "Number",
    "Phase",
    "Preset",
    "Reads",
    "RunSettings",
    "SelectionSettings",
    "Settings",
    "Split",
    "StabilitySettings",
    "Start",
    "limits",
    "preset",
    "settings_from_dict",
    "with_changes",
]
