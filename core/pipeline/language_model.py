"""Reviews -> the encoder that reads them: the bundled one, or one fine-tuned in this run or an earlier one.

Modules that load torch or fastai are imported only inside the functions that train, since that takes seconds
and a run that finds all artifacts in the cache needs neither.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from core.data.datasets.find import find
from core.data.ratings.dataset import Ratings
from core.data.reviews.registry import open_source
from core.data.reviews.sources.base import ReviewSource
from core.errors import BadInput, BadSettings
from core.output_folder import replacing
from core.pipeline.data import read_data
from core.pipeline.reviews import review_folder, text_folder, token_folder
from core.pipeline.stage import Stage
from core.progress import Report, part
from core.settings import RunSettings
from core.store import Store, copy_folder, read_json, write_json
from core.training.device import refuse_missing, using
from core.training.processes import in_turn, of_first, place

BUNDLED_ENCODER = Path(__file__).parents[1] / "language_model" / "bundled"
"""The encoder that comes with the project, in the form in which training writes one."""
TRAINED = "language model"
"""Name under which the first of several processes says which encoder they train."""
FILMS = {
    "rated": "those of {}",
    "unrated": "all but those of {}",
    "all": "all that the source has",
}
"""`LanguageModelSettings.reads` -> the films whose reviews a language model is trained on, for people."""


def train_language_model(settings: RunSettings, store: Store, report: Report, out: Path) -> dict[str, Any]:
    """Fine-tune an encoder on reviews alone, copy it into `out`, and return its info.json.

    In several processes all but the first call `help_to_train` instead. BadSettings where the device that the
    settings ask for is not here.
    """
    encoder = help_to_train(settings, store, report)
    with replacing(out, "encoder.safetensors") as work:
        copy_folder(encoder, work)
    info: dict[str, Any] = read_json(encoder / "info.json")
    return info


def help_to_train(settings: RunSettings, store: Store, report: Report) -> Path:
    """Fine-tune an encoder on reviews alone; return its folder, which the first of several processes fills."""
    refuse_missing(settings.device)
    with in_turn():
        stage, ratings, _ = read_data(Stage(settings, store, report))
        names = stage.settings
        source = open_source(names.reviews, store, stage.reporting_as("reviews"), names.ratings)
    with using(settings.device):
        return encoder_folder(stage, ratings, source)


def encoder_folder(stage: Stage, ratings: Ratings, source: ReviewSource) -> Path:
    """Return the folder of the encoder, with encoder.safetensors, vocab.json and info.json.

    It is the bundled one where the settings start from it and have no epochs. Raises DataNotFound where
    pretrained weights are not available, BadSettings where the source has no test part to hold out.
    """
    settings = stage.settings.language_model
    if not settings.epochs and not settings.frozen_epochs and settings.start == "bundled":
        return BUNDLED_ENCODER
    with in_turn():
        start = _start(stage)
        if settings.reads == "rated":
            texts_at = review_folder(stage, ratings, source)
        else:
            texts_at = text_folder(stage, source, ratings if settings.reads == "unrated" else None)
        tokens_at = token_folder(stage, texts_at, "language model")
    held_out = _test_part(texts_at, source) if settings.held_out == "test" else None
    trained_on = {
        "source": source.name,
        "title": source.title,
        "films": FILMS[settings.reads].format(ratings.name),
        "ratings": stage.settings.ratings,
        "reads": settings.reads,
    }
    if start == BUNDLED_ENCODER:
        trained_on["before"] = read_json(start / "info.json")["trained_on"]
    return _fine_tuned_folder(stage, tokens_at, start, held_out, trained_on)


def _start(stage: Stage) -> Path | None:
    """Return the weights that training starts from; None where it starts from nothing."""
    start = stage.settings.language_model.start
    if start == "wikitext":
        # First, so that missing weights are reported before the long work.
        stage.report("language model", 0.0, "looking for the pretrained weights")
        return find("wt103", stage.store, stage.reporting_as("language model"))
    return BUNDLED_ENCODER if start == "bundled" else None


def encoder_digests(encoder: Path, store: Store) -> list[str]:
    """Return the digests of an encoder's weights and vocabulary, or of the archive of both."""
    if encoder.is_file():
        return [store.file_digest(encoder)]
    return [store.file_digest(encoder / name) for name in ("encoder.safetensors", "vocab.json")]


def _test_part(texts_at: Path, source: ReviewSource) -> np.ndarray:
    """Mark the texts in the test part of the source."""
    texts = pq.ParquetFile(texts_at / "reviews.parquet")
    test = texts.read(["test"]).to_pandas().test if "test" in texts.schema_arrow.names else None
    if test is None or test.isna().all():
        raise BadSettings(f"{source.title} keeps no part for tests; hold out a tenth at random")
    # Of several sources, one may have such a part and another may not.
    return np.asarray(test.eq(True).fillna(False).to_numpy(bool))


def _fine_tuned_folder(
    stage: Stage, tokens_at: Path, start: Path | None, held_out: np.ndarray | None, trained_on: dict[str, Any]
) -> Path:
    """Return the folder of an encoder fine-tuned from `start`; an interrupted fit resumes at its last epoch.

    `held_out` marks the texts on which the perplexity is measured (None: a tenth at random).
    """
    inputs = {
        "tokens": tokens_at.name,
        "settings": stage.settings.language_model.model_dump(),
        "held_out": None if held_out is None else np.flatnonzero(held_out).tolist(),
        "start": None if start is None else encoder_digests(start, stage.store),
        "about": trained_on,
        "seed": stage.settings.seed,
    }
    checkpoint = stage.checkpoint("language-model", inputs)

    def train(folder: Path) -> None:
        from core.language_model.fine_tuning import Corpus, fine_tune
        from core.language_model.tokens import Tokens
        from core.training.fit import FitContext

        fine_tune(
            Corpus(Tokens.load(tokens_at), held_out),
            stage.settings.language_model,
            FitContext(stage.settings.seed, part(stage.report, 0.3, 1.0), checkpoint),
            folder,
            start,
        )

    if place().rank:
        return _with_the_first(stage, checkpoint, train)

    def build(folder: Path) -> None:
        began = time.monotonic()
        of_first(TRAINED, checkpoint.stem)
        train(folder)
        info = read_json(folder / "info.json")
        info |= {"seconds": time.monotonic() - began, "trained_on": trained_on}
        write_json(folder / "info.json", info)

    folder = stage.artifact("language-model", inputs, build)
    # Where it was in the cache, the others need not train either.
    of_first(TRAINED, "")
    checkpoint.unlink(missing_ok=True)
    info = read_json(folder / "info.json")
    stage.report(
        "language model",
        1.0,
        f"perplexity {info['perplexity']:.0f}, by word counts alone {info['perplexity_unigram']:.0f}",
    )
    return folder


def _with_the_first(stage: Stage, checkpoint: Path, train: Callable[[Path], None]) -> Path:
    """Train where the first process does, of which this is another; return the folder that the first fills."""
    first = of_first(TRAINED, checkpoint.stem)
    if first and first != checkpoint.stem:
        raise BadInput(
            "the processes do not read the same reviews; give all machines the same files and versions"
        )
    if first:
        train(checkpoint.parent)
    return stage.store.root / "artifacts" / checkpoint.stem
