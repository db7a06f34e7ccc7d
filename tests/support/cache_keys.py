"""The cache keys of a run without any training: a store that records keys and makes up artifacts."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from support.run_records import plain_record

from core.meaning.words import TYPES
from core.progress import Report, silent
from core.settings import RunSettings, preset, with_changes
from core.store import Store

Work = Callable[[RunSettings, Store, Report, Path], object]
"""A function of `core.pipeline` that works by settings: a run, or a language model alone."""
PLANTED = {"ratings": "planted", "reviews": "planted"}
SMALL_LSTM = {"embedding_size": 16, "hidden_size": 16, "epochs": 1}


def _trained(**language_model: Any) -> RunSettings:
    """Return the settings of a quick run whose language model is trained on reviews."""
    changes = {f"language_model.{name}": value for name, value in language_model.items()}
    return with_changes(preset("quick", **PLANTED), changes)


RUNS: dict[str, RunSettings] = {
    "quick": preset("quick", **PLANTED),
    "quick, raw": preset("quick", form="raw", **PLANTED),
    "quick, varimax": preset("quick", form="varimax", **PLANTED),
    "quick, films and labels": preset(
        "quick", factors=12, top=3, films=7, rank_by=2, exclude_factors=(1,), seed=7, **PLANTED
    ),
    "quick, some films": preset("quick", only=("3", "4", "5", "6", "7", "8"), **PLANTED),
    "quick, random split": preset("quick", split="random", **PLANTED),
    "quick, unfreeze": preset("quick", unfreeze=True, **PLANTED),
    "quick, on the processor": preset("quick", device="cpu", **PLANTED),
    "quick, default data": preset("quick", ratings="default", reviews="default"),
    "fast": preset("fast", **PLANTED),
    "fast, unfreeze, random split": preset("fast", unfreeze=True, split="random", **PLANTED),
    "accurate": preset("accurate", **PLANTED),
    "accurate, varimax": preset("accurate", form="varimax", **PLANTED),
    "accurate, unfreeze": preset("accurate", unfreeze=True, **PLANTED),
    "stable": preset("stable", **PLANTED),
    "stable, varimax": preset("stable", form="varimax", **PLANTED),
    "stable, 3 factors": preset("stable", factors=3, **PLANTED),
    "stable, unfreeze": preset("stable", unfreeze=True, **PLANTED),
    "article": preset("article", **PLANTED),
    "article, principal": preset("article", form="principal", **PLANTED),
    "quick, bundled encoder trained on": _trained(epochs=1),
    "quick, trained on unrated": _trained(start="nothing", reads="unrated", **SMALL_LSTM),
    "quick, trained on all": _trained(start="nothing", reads="all", frozen_epochs=1, **SMALL_LSTM),
    "quick, trained on few": _trained(start="nothing", max_reviews=200, sampled_words=None, **SMALL_LSTM),
}
"""Settings of runs that together cover all stages and presets."""
LANGUAGE_MODELS: dict[str, RunSettings] = {
    "language model, unrated": _trained(start="wikitext", reads="unrated", epochs=1),
    "language model, all": _trained(start="nothing", reads="all", epochs=1),
}
"""Settings of language models that are trained alone."""


class Enough(Exception):
    """Raised when all wanted keys are recorded."""


class RecordingStore(Store):
    """Records each requested key, and fills the artifact with the minimum that the next stage reads."""

    def __init__(self, root: Path, films: pd.DataFrame) -> None:
        super().__init__(root)
        self.films = films
        """The rated films: film_id and title."""
        self.keys: list[str] = []
        self._inside_stability = False

    def artifact(
        self, stage: str, version: str, inputs: dict[str, Any], build: Callable[[Path], object]
    ) -> Path:
        home = self.home(stage, version, inputs)
        self.keys.append(home.name)
        if self._inside_stability:
            raise Enough
        home.mkdir(exist_ok=True)
        made_up = {
            "factor-model": self._factors,
            "factors": self._factors,
            "resamples": self._resamples,
            "tokens": self._tokens,
            "language-model": self._encoder,
            "classifier": self._classifier,
            "grades": self._grades,
            "words": self._words,
        }
        if stage in made_up:
            made_up[stage](home, inputs)
        elif stage in ("reviews", "texts"):
            # These stages train nothing, and their artifacts serve all runs on these data.
            if not (home / "reviews.parquet").exists():
                build(home)
        elif stage == "stability":
            self._stability(home, build)
            raise Enough
        elif stage == "readings":
            self._readings = home
        elif stage == "placing":
            _write(home / "placing.json", {"unmeasured": "made up"})
        return home

    def unfinished(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        path = super().unfinished(stage, version, inputs)
        self.keys.append(f"unfinished {path.name}")
        return path

    def _factors(self, folder: Path, inputs: dict[str, Any]) -> None:
        count = inputs["settings"]["factors"] if "settings" in inputs else self._count
        self._count = count
        place = np.arange(len(self.films))
        weights = {f"weight_{k}": (place + 5) * (k + 2) ** 2 * 7919 % 1009 / 1000 for k in range(count)}
        table = self.films[["film_id", "title"]].assign(**weights, bias=0.0, ratings=50 + place)
        table.to_parquet(folder / "factors.parquet")
        users = {f"weight_{k}": [0.1, -0.1] for k in range(count)}
        pd.DataFrame({"user_id": [1, 2], **users, "bias": 0.0}).to_parquet(folder / "users.parquet")
        link = {"offset": 3.5, "squash": None}
        info = {
            "rmse_valid": 1.0,
            "rmse_means": 1.0,
            "rmse_gain_interval": None,
            "seconds": 0.0,
            "losses": [],
            "link": link,
        }
        _write(folder / "info.json", info | {"strengths": [1.0] * count})

    def _resamples(self, folder: Path, inputs: dict[str, Any]) -> None:
        """Write four factors that all halves share, and none in the permuted ratings."""
        draws = np.random.default_rng(1)
        shared = draws.normal(size=(len(self.films), 4)) * [4, 3, 2, 1]
        sides = {"whole": shared, "null": draws.normal(size=shared.shape)}
        for i in range(inputs["how"]["repeats"]):
            for j in range(2):
                sides[f"half-{i}-{j}"] = shared + 0.01 * draws.normal(size=shared.shape)
                sides[f"null-{i}-{j}"] = 0.01 * draws.normal(size=shared.shape)
        for name, films in sides.items():
            np.save(folder / f"{name}-films.npy", films)
            np.save(folder / f"{name}-root.npy", np.eye(4))
        np.save(folder / "compared.npy", np.ones(len(self.films), dtype=bool))
        np.save(folder / "users.npy", np.array(400))

    def _stability(self, folder: Path, build: Callable[[Path], object]) -> None:
        self._inside_stability = True
        with suppress(Enough):
            build(folder)
        self._inside_stability = False
        _write(folder / "stability.json", {"unmeasured": "made up"})

    def _tokens(self, folder: Path, inputs: dict[str, Any]) -> None:
        reviews = pd.read_parquet(folder.parent / inputs["reviews"] / "reviews.parquet")
        reviews[["review_id"]].to_parquet(folder / "reviews.parquet")

    def _encoder(self, folder: Path, inputs: dict[str, Any]) -> None:
        (folder / "encoder.safetensors").write_bytes(b"made up")
        _write(folder / "vocab.json", [])
        info = {"perplexity": 100.0, "perplexity_unigram": 200.0}
        _write(folder / "info.json", info | {"trained_on": inputs["about"]})

    def _classifier(self, folder: Path, inputs: dict[str, Any]) -> None:
        shape = len(inputs["rows"]), len(inputs["names"])
        logits = np.random.default_rng(2).normal(size=shape).astype(np.float32)
        for home in (folder, self._readings):
            np.save(home / "logits.npy", logits)

    def _grades(self, folder: Path, inputs: dict[str, Any]) -> None:
        _write(folder / "classifier.json", {"lrap": 0.5, "lrap_baseline": 0.4})
        _write(folder / "readability.json", plain_record()["readability"])

    def _words(self, folder: Path, inputs: dict[str, Any]) -> None:
        table = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
        table.to_parquet(folder / "words.parquet")
        _write(folder / "words.json", {"unmeasured": "made up"})


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def all_keys(
    run: Work, train_language_model: Work, films: pd.DataFrame, folder: Path
) -> dict[str, list[str]]:
    """Return the sorted keys of each case; the two functions are those of `core.pipeline`.

    The pretrained weights are made up and written to `folder`, so FACTORSCOPE_DATA must be `folder`.
    """
    (folder / "wt103-fwd.tgz").write_bytes(b"made up")
    keys = {}
    for cases, work in ((RUNS, run), (LANGUAGE_MODELS, train_language_model)):
        for number, (name, settings) in enumerate(cases.items()):
            store = RecordingStore(folder / "cache", films)
            with suppress(Enough):
                work(settings, store, silent, folder / f"{len(cases)}-{number}")
            keys[name] = sorted(store.keys)
    return keys
