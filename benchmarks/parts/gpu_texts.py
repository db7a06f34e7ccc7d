"""The parts of `benchmarks/gpu.py` about texts: the language model, its reading, and a whole run."""

import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import torch

from core.errors import Cancelled
from core.language_model.encoder import Encoder
from core.language_model.fine_tuning import Corpus, fine_tune
from core.language_model.precision import Precision
from core.language_model.tokens import Tokens
from core.pipeline.chain import run
from core.pipeline.language_model import BUNDLED_ENCODER
from core.progress import silent
from core.settings import FULL_LANGUAGE_MODEL, SMALL_LANGUAGE_MODEL, LanguageModelSettings, preset
from core.store import Store, read_json
from core.training.fit import FitContext
from parts.gpu_work import SEED, Bench, Figures, busy, difference, ratings, until, words
from parts.machine import seconds
from parts.synthetic_reviews import make


def resume(bench: Bench) -> Figures:
    """Train a language model in one go, and cut after an epoch: the largest difference of a weight."""
    tokens = words(bench.size(400, 60), 500)
    settings = SMALL_LANGUAGE_MODEL.replace(embedding_size=64, hidden_size=64, epochs=3, batch_size=16)
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = Path(folder) / "whole", Path(folder) / "cut"
        for each in (whole, cut):
            each.mkdir()
        fine_tune(Corpus(tokens), settings, FitContext(SEED, silent), whole)
        checkpoint = Path(folder) / "checkpoint"
        with suppress(Cancelled):
            fine_tune(Corpus(tokens), settings, FitContext(SEED, until("epoch 2 of"), checkpoint), cut)
        fine_tune(Corpus(tokens), settings, FitContext(SEED, silent, checkpoint), cut)
        return {
            "largest_difference": difference(whole, cut),
            "epochs": len(read_json(cut / "info.json")["losses"]),
        }


def same_seed_texts(bench: Bench) -> Figures:
    """Train the language model twice from one seed, by either loss: the largest difference of a weight."""
    figures: Figures = {}
    tokens = words(bench.size(400, 60), 500)
    for name, sampled in (("language model", None), ("language model, sampled words", 100)):
        settings = SMALL_LANGUAGE_MODEL.replace(
            embedding_size=64, hidden_size=64, epochs=1, batch_size=16, sampled_words=sampled
        )
        with tempfile.TemporaryDirectory() as folder:
            folders = [Path(folder) / each for each in ("once", "again")]
            for each in folders:
                each.mkdir()
                fine_tune(Corpus(tokens), settings, FitContext(SEED, silent), each)
            figures[name] = {"twice": difference(*folders)}
    return figures


def language_model(bench: Bench, size: str) -> Figures:
    """Words/s in training, the GPU's busy share and the perplexity after equal words, by number of streams."""
    model = FULL_LANGUAGE_MODEL if size == "full" else SMALL_LANGUAGE_MODEL
    usual = model.replace(start="nothing", vocabulary=20_000, frozen_epochs=0, epochs=2, frozen_rate=1e-3)
    if bench.small:
        usual = usual.replace(embedding_size=16, hidden_size=16)
    tokens = words(bench.size(8_000, 120), bench.size(20_000, 300))
    figures: Figures = {}
    for streams in (64, 128, 512)[: 3 if not bench.small else 1]:
        # The rate grows with the root of the batch.
        rate = usual.rate * (streams / usual.batch_size) ** 0.5
        figures[f"{streams} streams"] = _trained(
            tokens, usual.replace(batch_size=streams, rate=min(rate, 2e-2)), bench
        )
    return figures


def _trained(tokens: Tokens, settings: LanguageModelSettings, bench: Bench) -> Figures:
    held_out = np.arange(len(tokens)) % 20 == 0
    ends: list[float] = []

    def report(stage: str, done: float, message: str, values: Any = None) -> None:
        if "epoch" in message and values and "kept out" in values:
            ends.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder, busy(bench.device) as share:
        fine_tune(Corpus(tokens, held_out), settings, FitContext(SEED, report), Path(folder))
        info = read_json(Path(folder) / "info.json")
    # The first epoch starts the device.
    return {
        "words_per_s": info["tokens"] / (ends[-1] - ends[-2]),
        "busy": share(),
        "perplexity": info["perplexity"],
    }


def features(bench: Bench) -> Figures:
    """Reviews/s of the bundled encoder by precision, and the largest difference from float32 on the processor."""
    known = read_json(BUNDLED_ENCODER / "vocab.json")
    tokens = words(bench.size(20_000, 20), len(known), known)
    some = tokens.take(range(min(64, len(tokens))))
    exact = Encoder(BUNDLED_ENCODER).features(some, silent)
    figures: Figures = {}
    for precision in get_args(Precision):
        reader = Encoder(BUNDLED_ENCODER, device=torch.device(bench.device), precision=precision)
        apart = np.abs(reader.features(some, silent) - exact).max()
        with busy(bench.device) as share:
            took = seconds(partial(reader.features, tokens, silent))
        figures[precision] = {
            "reviews_per_s": len(tokens) / took,
            "busy": share(),
            "from_processor": float(apart),
        }
    return figures


def whole_run(bench: Bench) -> Figures:
    """Seconds of a whole run that reads 100,000 reviews, by stage, each piece of work where it is faster."""
    data, _ = ratings(bench.size(100_000, 2_000))
    asked = "auto" if bench.device != "cpu" else "cpu"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ratings_file = place / "ratings.csv"
        table = pd.DataFrame(
            {
                "user_id": data.user_ids[data.table.user],
                "title": data.films.title.to_numpy()[data.table.film],
                "rating": data.table.rating,
            }
        )
        table.to_csv(ratings_file, index=False)
        # Half of them are of films that nobody rated.
        rows = bench.size(200_000, 400)
        reviews = make(place, rows, data.films.title.tolist(), ["parquet"])["parquet"]
        settings = preset(
            "accurate",
            factors=6,
            ratings=str(ratings_file),
            reviews=str(reviews),
            films=bench.size(100, 10),
            device=asked,
        )
        times: dict[str, float] = {}

        def report(stage: str, done: float, message: str, values: Any = None) -> None:
            times.setdefault(stage, time.perf_counter())

        began = time.perf_counter()
        record = run(settings, Store(place / "cache"), report, place / "out")
        ends = [*list(times.values())[1:], time.perf_counter()]
        stages = {stage: end - at for (stage, at), end in zip(times.items(), ends, strict=True)}
        return {
            "seconds": time.perf_counter() - began,
            "reviews_of_rated_films": sum(record.reviews.by_source.values()),
            "stages": stages,
            "devices": [f"{each.work}: {each.device}" for each in record.devices],
        }
