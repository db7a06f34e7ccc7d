"""Named settings: what a preset's name stands for, and how a user's picks change it."""

from typing import Any, Literal, get_args

from core.errors import BadSettings
from core.settings.stages import (
    ClassifierSettings,
    FactorModelSettings,
    LanguageModelSettings,
    Phase,
    RunSettings,
    SelectionSettings,
)

FACTOR_MODELS: dict[str, FactorModelSettings] = {
    "starter": FactorModelSettings(method="gibbs", factors=6),
    "article": FactorModelSettings(),
    "gpu": FactorModelSettings(),
    "fast": FactorModelSettings(epochs=6, weight_decay=0.3, least_steps=900),
    "accurate": FactorModelSettings(method="gibbs", factors=10),
    "stable": FactorModelSettings(method="gibbs", factors=None, burn_in=100, samples=100),
}
"""The factor model of each preset; `quick` has `fast`."""
Preset = Literal["starter", "quick", "article", "gpu", "fast", "accurate", "stable"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
FULL_LANGUAGE_MODEL = LanguageModelSettings(start="wikitext", reads="all")
"""The article's."""
GPU_LANGUAGE_MODEL = FULL_LANGUAGE_MODEL.replace(batch_size=160, frozen_rate=2.2e-2, rate=2.2e-3)
"""The article's in a quarter more streams; rates grow with the root of their number. A step's predictions, of 60,000
words at 160 x 80 places, take 3.1 GB in float32; with their logarithms, gradients and all else some 16 GB, by
calculation. Not yet tried on a GPU."""
SMALL_LANGUAGE_MODEL = LanguageModelSettings(
    embedding_size=200,
    hidden_size=400,
    layers=2,
    vocabulary=15_000,
    batch_size=64,
    sequence_length=72,
    frozen_epochs=0,
    epochs=4,
    rate=6e-3,
    sampled_words=2048,
)
"""A language model that a CPU trains; so was the bundled encoder made, but for 1,024 sampled words."""
SMALL_CLASSIFIER = ClassifierSettings(phases=())
"""The head alone, on a frozen encoder: seconds on a CPU."""
UNFREEZING = ClassifierSettings(
    batch_size=16, max_length=288, phases=(Phase(unfrozen=0, epochs=4, rate=5e-3),), head_first=True
)
"""After the head, the whole classifier: minutes on a CPU. A run has some hundred reviews, so small batches give it
enough steps; training through the last 288 words alone bounds the time that a long review takes."""


def preset(name: str, **changes: Any) -> RunSettings:
    """Return the settings of a preset with what the user picked: `factors`, a field of SelectionSettings,
    or `ratings`, `reviews`, `split`, `seed`, `form`, `device`, or `unfreeze` (whether the encoder trains too).
    A pick that is None leaves the preset's own.

    `quick` and `fast` are one; they, `starter`, `accurate` and `stable` have a small language model and differ in the
    factor model; where it has few factors, a film has two top factors. `starter` takes 100 films. `gpu` is `article`
    with a language model in larger batches, for a GPU with 24 GB.

    Raises BadSettings where a name is not known or a value out of range.

    >>> preset("quick", top=3, seed=7).selection.top
    3
    """
    if name not in PRESETS:
        raise BadSettings(f"preset is {name!r}; choose one of {', '.join(PRESETS)}")
    factor_model = FACTOR_MODELS["fast" if name == "quick" else name]
    if name in ("article", "gpu"):
        settings = RunSettings(
            preset=name,
            form="raw",
            selection=SelectionSettings(pass_over=False, least_ratings=0),
            language_model=FULL_LANGUAGE_MODEL if name == "article" else GPU_LANGUAGE_MODEL,
            classifier=ClassifierSettings(calibrated=False),
        )
    else:
        few = name in ("starter", "accurate", "stable")
        settings = RunSettings(
            preset=name,
            selection=SelectionSettings(top=2 if few else 5, films=100 if name == "starter" else 20),
            language_model=SMALL_LANGUAGE_MODEL.replace(start="bundled", epochs=0),
            classifier=SMALL_CLASSIFIER,
        )
    changes = {key: value for key, value in changes.items() if value is not None}
    if changes.pop("unfreeze", False) and not settings.classifier.phases:
        settings = settings.replace(classifier=UNFREEZING)
    form = None if name == "stable" and "factors" not in changes else settings.form
    selection = set(SelectionSettings.model_fields)
    whole = {"ratings", "reviews", "split", "seed", "form", "device"}
    if unknown := set(changes) - selection - whole - {"factors"}:
        raise BadSettings(f"there is no setting called {min(unknown)!r}")
    return settings.replace(
        factor_model=factor_model.replace(**{k: v for k, v in changes.items() if k == "factors"}),
        selection=settings.selection.replace(**{k: v for k, v in changes.items() if k in selection}),
        **({"form": form} | {k: v for k, v in changes.items() if k in whole}),
    )
