"""The parts of `benchmarks/gpu.py` about ratings: factor models and their sums over ratings."""

import time
from functools import partial

import numpy as np
import torch

from core.factors.models.factor_model import train
from core.factors.models.incidence import by_row
from core.progress import silent
from core.settings import FACTOR_MODELS
from core.training.device import using
from parts.gpu_work import SEED, Bench, Figures, ratings
from parts.machine import seconds


def start(bench: Bench) -> Figures:
    """Seconds until the device has computed its first product and decomposition, in a fresh process."""
    began = time.perf_counter()
    square = torch.ones(512, 512, device=bench.device) + 1000 * torch.eye(512, device=bench.device)
    float(torch.linalg.cholesky(square @ square.T).sum())
    return {"seconds": time.perf_counter() - began}


def same_seed_ratings(bench: Bench) -> Figures:
    """Train each model twice from one seed: the largest difference of a weight, and of one from the processor's."""
    figures: Figures = {}
    data, held_out = ratings(bench.size(100_000, 2_000))
    for name in ("fast", "accurate"):
        settings = FACTOR_MODELS[name].replace(factors=6)
        if bench.small:
            settings = settings.replace(epochs=1, least_steps=0, burn_in=2, samples=2, implicit=4)
        weights = [
            train(data, settings, SEED, silent, held_out).films.filter(like="weight_").to_numpy()
            for _ in range(2)
        ]
        with using("cpu"):
            here = train(data, settings, SEED, silent, held_out).films.filter(like="weight_").to_numpy()
        figures[name] = {
            "twice": float(np.abs(weights[0] - weights[1]).max()),
            "from_processor": float(np.abs(weights[0] - here).max()),
        }
    return figures


def products(bench: Bench) -> Figures:
    """Sums over ratings of Gibbs: torch's sparse product and ours, seconds and the difference of three calls."""
    data, _ = ratings(bench.size(10_000_000, 2_000))
    width = 77
    user, film = (
        torch.as_tensor(data.table[name].to_numpy().astype(np.int64), device=bench.device)
        for name in ("user", "film")
    )
    ones = torch.ones(len(user), device=bench.device)
    users, films = len(data.user_ids), len(data.films)
    figures: Figures = {}
    for name, rows, columns, shape in (
        ("users", user, film, (users, films)),
        ("films", film, user, (films, users)),
    ):
        seen = by_row(rows, columns, ones, shape[0])
        sparse = torch.sparse_csr_tensor(seen.ends, seen.columns, seen.value, size=shape)
        dense = torch.randn(shape[1], width, device=bench.device)
        for way, product in (("torch", partial(torch.matmul, sparse)), ("ours", seen.summed)):
            first = product(dense)
            began = time.perf_counter()
            again = [product(dense) for _ in range(3)]
            largest = max(float((each - first).abs().max()) for each in again)
            took = (time.perf_counter() - began) / 3
            figures[f"{name}, {way}"] = {"seconds": took, "twice": largest}
    return figures


def factor_models(bench: Bench, count: int, processor: bool) -> Figures:
    """Seconds a pass and a sweep on the device and, where asked for, on the processor: what the rule rests on."""
    data, held_out = ratings(bench.size(count, 2_000), 0.001)
    fast = FACTOR_MODELS["fast"].replace(least_steps=0)
    accurate = FACTOR_MODELS["accurate"].replace(burn_in=0)
    kinds = {
        "dot-bias": lambda passes: fast.replace(epochs=passes),
        "gibbs": lambda sweeps: accurate.replace(samples=sweeps),
    }
    figures: Figures = {"ratings": len(data.table)}
    for device in (bench.device, "cpu") if processor else (bench.device,):
        with using(device):
            for kind, settings in kinds.items():
                # The first fit starts the device, and each has its preparations, which the difference leaves out.
                times = [
                    seconds(partial(train, data, settings(count), SEED, silent, held_out))
                    for count in (1, 1, 3)
                ]
                figures[f"{kind}, {device}"] = {"seconds": (times[2] - times[1]) / 2, "first_fit": times[0]}
    return figures
