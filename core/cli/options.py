"""Options that several verbs share, and options derived from the settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from core.settings import (
    FULL_LANGUAGE_MODEL,
    GPU_LANGUAGE_MODEL,
    PRESETS,
    SMALL_LANGUAGE_MODEL,
    LanguageModelSettings,
    RunSettings,
    limits,
    preset,
)
from core.settings.changes import flat, text_of

Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]
RunFolder = Annotated[str, typer.Option("--run", metavar="DIR", help="folder of a run")]
OF_RUNS: dict[str, dict[str, Any]] = {
    name: flat(preset(name).model_dump()) for name in PRESETS if name != "fast"
}
"""For each preset, its settings by full name; `fast` is the same as `quick`."""
OF_LANGUAGE_MODELS = {
    "quick": flat({"language_model": SMALL_LANGUAGE_MODEL.model_dump()}),
    "article": flat({"language_model": FULL_LANGUAGE_MODEL.model_dump()}),
    "gpu": flat({"language_model": GPU_LANGUAGE_MODEL.model_dump()}),
}


def whole_number(text: str) -> int:
    """Return the number in a text. Raise a usage error that names the text if it is not a whole number."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"invalid int value: {text!r}") from None


def folder(text: str) -> Path:
    """Return the folder in a text. Raise a usage error if it names none, since "" would be the one of the command."""
    if not text.strip():
        raise typer.BadParameter("it names no folder; write one")
    return Path(text)


def option(flag: str, metavar: str | None = None, *, help: str, kind: Any = str) -> Any:
    """Return an option whose help text is complete, with the default; `kind` is the type of its values."""
    parser = whole_number if int in (kind, *get_args(kind)) else folder if kind is Path else None
    return typer.Option(flag, metavar=metavar, help=help, show_default=False, parser=parser)


def setting(name: str, flag: str, metavar: str | None = None, presets: Mapping[str, Any] = OF_RUNS) -> Any:
    """Return the option of a setting by its full name; meaning, range and default come from the settings.

    `presets` has, for each preset, the settings by full name; if it is empty, the option has no default.
    """
    stage, _, field = name.rpartition(".")
    kind: Any = RunSettings.model_fields[stage].annotation if stage else RunSettings
    low, high = limits(kind.model_fields[field])
    texts = [kind.meaning(field).replace("`", "")]
    if low is not None and high is not None:
        texts.append(f"From {low:,} to {high:,}.")
    if presets:
        texts.append(f"Default: {defaults(name, presets)}.")
    return option(flag, metavar, help=" ".join(texts), kind=kind.model_fields[field].annotation)


def language(name: str, flag: str, metavar: str | None = None) -> Any:
    """Return the option of a setting of a language model that is trained alone."""
    assert name in LanguageModelSettings.model_fields
    return setting(f"language_model.{name}", flag, metavar, OF_LANGUAGE_MODELS)


def defaults(name: str, presets: Mapping[str, Any]) -> str:
    """Return the default of a setting, and the defaults of presets that differ.

    >>> defaults("selection.top", OF_RUNS)
    '5; starter 2; accurate 2; stable 2'
    """
    usual = presets["quick"][name]
    others = [f"{kind} {text_of(values[name])}" for kind, values in presets.items() if values[name] != usual]
    return "; ".join([text_of(usual), *others])


def exactly_one(context: typer.Context, **options: object) -> None:
    """Raise a usage error unless exactly one of these options is given."""
    given = [f"--{name}" for name, value in options.items() if value not in (None, False)]
    if not given:
        context.fail(f"one of the options {' '.join(f'--{name}' for name in options)} is required")
    if len(given) > 1:
        context.fail(f"option {given[1]}: not allowed with option {given[0]}")
