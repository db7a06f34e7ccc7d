"""Every number that a run depends on, and where its data lie.

The same objects feed the training and the cache keys, so a changed number can never meet an old result.
In reading order:

    ranges    which values make sense
    stages    the settings of each stage and of a run
    meanings  what each setting means, from the sentences in stages
    presets   what a preset's name stands for
    reading   plain data -> checked settings
"""

import os
from pathlib import Path

from core.settings.meanings import meanings
from core.settings.presets import FACTOR_MODELS, FULL_LANGUAGE_MODEL, PRESETS, SMALL_LANGUAGE_MODEL, preset
from core.settings.reading import settings_from_dict, with_changes
from core.settings.stages import (
    FORMS,
    SPLITS,
    ClassifierSettings,
    FactorModelSettings,
    Form,
    LanguageModelSettings,
    Phase,
    RunSettings,
    SelectionSettings,
    StabilitySettings,
)

__all__ = [
    "CACHE_BYTES",
    "DEFAULT_DATA",
    "FACTOR_MODELS",
    "FORMS",
    "FULL_LANGUAGE_MODEL",
    "PRESETS",
    "SMALL_LANGUAGE_MODEL",
    "SPLITS",
    "ClassifierSettings",
    "FactorModelSettings",
    "Form",
    "LanguageModelSettings",
    "Phase",
    "RunSettings",
    "SelectionSettings",
    "StabilitySettings",
    "cache_dir",
    "data_dir",
    "meanings",
    "preset",
    "settings_from_dict",
    "with_changes",
]

CACHE_BYTES = 20 * 10**9
"""Bytes of artifacts that the cache may hold; a worker that starts deletes the longest unused beyond."""
DEFAULT_DATA = "default"
"""MovieLens 100K with the sample reviews; the planted world where MovieLens cannot be had."""


def data_dir() -> Path | None:
    """Folder where the user keeps data sets (environment FACTORSCOPE_DATA), or None."""
    value = os.environ.get("FACTORSCOPE_DATA")
    return Path(value).expanduser() if value else None


def cache_dir() -> Path:
    """Folder of all that is computed and fetched (environment FACTORSCOPE_CACHE, else ./cache)."""
    return Path(os.environ.get("FACTORSCOPE_CACHE") or "cache").expanduser().resolve()
