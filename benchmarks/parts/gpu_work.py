"""What the parts of `benchmarks/gpu.py` share: made-up data, how busy a GPU is, how far two encoders are apart."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_ratings
from core.errors import Cancelled
from core.factors.models.factor_model import hold_out
from core.language_model.tokens import Tokens
from core.progress import Report

SEED = 42
WORDS_A_REVIEW = 240
Figures = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """Where and how large a part is measured."""

    device: str
    small: bool
    """Sizes that take a second on a processor, to try the script; their figures say nothing."""

    def size(self, usual: int, small: int) -> int:
        return small if self.small else usual


def ratings(count: int, share: float = 0.1) -> tuple[Ratings, np.ndarray]:
    """Return made-up ratings in the proportions of MovieLens, and a mask of those held out."""
    users, films = max(60, count // 150), max(60, min(59_000, count // 270))
    data = synthetic_ratings(factors=10, films=films, users=users, ratings=count, noise=0.8, seed=SEED)[0]
    return data, hold_out(data, share, SEED)


def words(reviews: int, vocabulary: int, names: list[str] | None = None) -> Tokens:
    """Return made-up reviews; half of the words follow from the one before, so that there is something to learn."""
    draws = np.random.default_rng(SEED)
    rank = draws.zipf(1.3, (reviews, WORDS_A_REVIEW)) % vocabulary
    for place in range(1, WORDS_A_REVIEW):
        follows = draws.random(reviews) < 0.5
        rank[follows, place] = (rank[follows, place - 1] * 7919 + 3) % vocabulary
    offsets = np.arange(reviews + 1, dtype=np.int64) * WORDS_A_REVIEW
    return Tokens(
        rank.astype(np.int32).ravel(), offsets, names or [f"word{number}" for number in range(vocabulary)]
    )


@contextmanager
def busy(device: str) -> Iterator[Callable[[], float | None]]:
    """Yield a function that gives the mean share of the time inside in which the GPU computed; None without one."""
    shares: list[float] = []
    over = threading.Event()

    def look() -> None:
        command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not over.wait(0.25):
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
            shares.extend(float(each) / 100 for each in said[:1] if each.isdecimal())

    looking = device == "cuda" and shutil.which("nvidia-smi") is not None
    thread = threading.Thread(target=look, daemon=True)
    if looking:
        thread.start()
    yield lambda: float(np.mean(shares)) if shares else None
    over.set()
    if looking:
        thread.join()


def until(message: str) -> Report:
    def report(stage: str, done: float, said: str, values: Any = None) -> None:
        if message in said:
            raise Cancelled("enough")

    return report


def difference(one: Path, other: Path) -> float:
    """Return the largest difference between the weights of two encoders."""
    first, second = (load_file(folder / "encoder.safetensors") for folder in (one, other))
    return max(float((first[name].float() - second[name].float()).abs().max()) for name in first)
