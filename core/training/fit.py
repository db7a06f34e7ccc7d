"""The loop that all fits of fastai's share: seeds, the steps of a schedule, and going on after an interruption."""

import contextlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.callback.progress import ProgressCallback
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.optimizer import OptimWrapper
from fastai.torch_core import defaults

import core.training.threads  # noqa: F401 - imported for its effect: it sets how many threads torch uses
from core.progress import Report, part
from core.training.checkpoint import load_checkpoint, load_optimiser, save_checkpoint
from core.training.processes import file_of_first, place
from core.training.reporting import Curves, reporting

# fastai's Adam, in torch's fused implementation.
ADAM = partial(OptimWrapper, opt=partial(torch.optim.AdamW, betas=(0.9, 0.99), eps=1e-5, fused=True))
PROCESSOR = torch.device("cpu")
_inside: list[bool | None] = []
"""For each fit under way, what fastai was told about GPUs before the first."""
_INSIDE_LOCK = threading.Lock()
EPOCH_VALUES = ("train", "valid", "accuracy")
"""Names of the values that fastai records each epoch: the two losses, and the first metric where there is one."""


@dataclass(frozen=True)
class FitContext:
    """What a fit is given besides its data and its settings."""

    seed: int
    report: Report
    checkpoint: Path | None = None
    """File that holds the state after the last epoch, from which an interrupted fit goes on; None writes none."""


@dataclass(frozen=True)
class Step:
    """A part of a fit with its own one-cycle schedule."""

    unfrozen: int
    """Layer groups that train, counted from the head; 0 stands for all."""
    epochs: int
    rate: float | slice
    """Highest learning rate; a slice spreads it over the layer groups."""


@contextlib.contextmanager
def seeded(seed: int, device: torch.device = PROCESSOR) -> Iterator[None]:
    """Seed the global random states of Python, numpy and torch inside, and restore them afterwards.

    The fit inside is on the device: on CUDA the same seed gives the same numbers, on the processor no GPU starts.
    """
    python_state, numpy_state = random.getstate(), np.random.get_state()
    gpus = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus, device_type="cuda"), fastai_on(device):
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)


@contextlib.contextmanager
def fastai_on(device: torch.device) -> Iterator[None]:
    """Let CUDA add in one order inside; on the processor, keep fastai from asking for a GPU, which starts it.

    Several fits may be inside at once, in threads; the last to leave restores what was before.
    """
    with _INSIDE_LOCK:
        _inside.append(defaults.use_cuda if not _inside else _inside[0])
        if device.type == "cpu":
            defaults.use_cuda = False
        elif device.type == "cuda":
            # What has no such algorithm is used all the same. New memory needs no filling: nothing reads it
            # unwritten.
            torch.use_deterministic_algorithms(True, warn_only=True)
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        with _INSIDE_LOCK:
            before = _inside.pop()
            if not _inside:
                defaults.use_cuda = before
                # Asked first: torch loads its compiler to set this, which takes seconds.
                if torch.are_deterministic_algorithms_enabled():
                    torch.use_deterministic_algorithms(False)


def quiet(learn: Learner) -> Learner:
    """Return the learner without fastai's own progress bar and printed table, which pages cannot show."""
    learn.remove_cbs([cb for cb in learn.cbs if isinstance(cb, ProgressCallback)])
    learn.logger = lambda *_: None
    return learn


@contextlib.contextmanager
def in_all_processes(learn: Learner) -> Iterator[None]:
    """Let the learner train in all processes that were joined; each one's batches are its share already."""
    if place().processes == 1:
        yield
        return
    import fastai.distributed  # noqa: F401 - not at the top: it loads Accelerate, and gives learners `distrib_ctx`

    with learn.distrib_ctx(sync_bn=False, cpu=learn.dls.device.type == "cpu"):
        # fastai would deal out the batches of a loader in turn, and streams would lose their state.
        learn.distributed_trainer._wrap_dl = lambda loader: loader
        yield


def fit_in_steps(
    learn: Learner, steps: list[Step], context: FitContext, curves: Curves
) -> list[dict[str, float]]:
    """Fit step by step, each by its own one-cycle schedule; return the EPOCH_VALUES of each epoch.

    With a checkpoint, its file is written after each epoch, and an interrupted fit goes on from there: random draws
    depend on the seed and the epoch alone, so on a CPU the result is that of an uninterrupted fit.
    """
    # First, since the optimiser's state goes to where the weights are.
    learn.model.to(learn.dls.device)
    loaded = None
    if context.checkpoint:
        with file_of_first(context.checkpoint) as checkpoint:
            loaded = load_checkpoint(checkpoint, learn)
    progress, optimiser_state = loaded or ({}, {})
    rows: list[list[float]] = progress.get("rows", [])
    total = sum(step.epochs for step in steps)
    before = 0
    for number, step in enumerate(steps):
        first = progress["epochs"] if progress and number == progress["step"] else 0
        if number >= progress.get("step", 0) and first < step.epochs:
            learn.freeze_to(-step.unfrozen)
            load_optimiser(optimiser_state if first else {}, learn)
            epochs = _Epochs(context, number, rows, progress.get("scaler") if first else None)
            report = part(context.report, before / total, (before + step.epochs) / total)
            with reporting(learn, report, Curves(curves.stage, curves.lines, curves.epochs_before + before)):
                learn.fit_one_cycle(step.epochs, step.rate, cbs=epochs, start_epoch=first)
        before += step.epochs
    return [dict(zip(EPOCH_VALUES, row, strict=False)) for row in rows]


class _Epochs(Callback):  # type: ignore[misc]
    """Seeds each epoch by itself, records its values and writes the checkpoint."""

    # After fastai's recorder has noted the epoch, and after the epochs to skip were skipped.
    order = 80

    def __init__(
        self, context: FitContext, step: int, rows: list[list[float]], scaler: dict[str, Any] | None
    ) -> None:
        self.seed, self.checkpoint = context.seed, context.checkpoint
        self.step, self.rows, self.scaler_state = step, rows, scaler

    def before_fit(self) -> None:
        # Mixed precision made its scaler a moment ago; it goes on where it stood. Another device may have none.
        if self.scaler_state and (scaler := getattr(self.learn, "scaler", None)) is not None:
            scaler.load_state_dict(self.scaler_state)

    def before_epoch(self) -> None:
        # Each process drops and samples for itself, since it reads what the others do not.
        rank = place().rank
        draws = [self.seed, self.step, self.epoch, *([rank] if rank else [])]
        seed = int(np.random.default_rng(draws).integers(2**31))
        torch.manual_seed(seed)
        # fastai's loader of sorted texts draws from here.
        np.random.seed(seed)
        self.learn.recorder.smooth_loss.reset()
        for loader in self.dls.loaders:
            loader.rng = random.Random(seed)
            loader.epoch = 1000 * self.step + self.epoch

    def after_epoch(self) -> None:
        recorded = list(self.learn.recorder.values)
        if not recorded or not recorded[-1]:
            return
        self.rows.append([float(value) for value in recorded[-1]])
        if self.checkpoint is not None and place().rank == 0:
            progress: dict[str, Any] = {"step": self.step, "epochs": self.epoch + 1, "rows": self.rows}
            if (scaler := getattr(self.learn, "scaler", None)) is not None:
                progress["scaler"] = scaler.state_dict()
            save_checkpoint(self.checkpoint, self.learn, progress)
