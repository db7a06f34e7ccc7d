"""What all fits have in common: the seed around them, the device, its precision, progress, checkpoints, and the
end on demand."""

import contextlib
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.progress import ProgressCallback
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.data.load import DataLoader
from fastai.optimizer import OptimWrapper
from fastai.torch_core import default_device

import core.training.threads  # noqa: F401 - sets their number
from core.errors import DegenerateResult, FactorscopeError
from core.progress import Report, Values
from core.training.checkpoint import load_checkpoint, load_optimiser, save_checkpoint

# fastai's Adam, in torch's fused implementation.
ADAM = partial(OptimWrapper, opt=partial(torch.optim.AdamW, betas=(0.9, 0.99), eps=1e-5, fused=True))
SOON = 20.0
"""Seconds from which on the time left is told."""
POINT_SECONDS = 5.0
"""Time between two points of the loss within an epoch."""


def device_name() -> str:
    """Name the device that fastai trains on here: "cuda", "mps" or "cpu"."""
    return str(default_device()).split(":")[0]


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from this seed inside, and put the global random states back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


class Batches(DataLoader):  # type: ignore[misc]
    """Cuts two tensors into batches, in a new order each epoch where asked to."""

    def __init__(
        self, inputs: torch.Tensor, targets: torch.Tensor, size: int, draws: torch.Generator | None
    ) -> None:
        super().__init__(range(len(targets)), bs=size, num_workers=0, device=inputs.device)
        self.inputs, self.targets, self.draws = inputs, targets, draws
        self.n_inp = 1

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        inputs, targets = self.inputs, self.targets
        if self.draws is not None:
            order = torch.randperm(len(targets), generator=self.draws).to(inputs.device)
            inputs, targets = inputs[order], targets[order]
        yield from zip(torch.split(inputs, self.bs), torch.split(targets, self.bs), strict=True)


class _Reporting(Callback):  # type: ignore[misc]
    """Reports each batch, and each epoch as a point of the stage's curves.

    On a loss that is not finite, or where the report raises, it ends the fit.
    """

    # After fastai's recorder has noted the epoch, and after its checkpoint is written.
    order = 90

    def __init__(
        self, report: Report, stage: str, start: float, end: float, names: tuple[str, ...], before: int
    ) -> None:
        self.report, self.stage, self.start, self.end = report, stage, start, end
        self.names, self.before = names, before
        self.error: FactorscopeError | None = None
        self.began, self.first = time.monotonic(), 0.0
        self.last_point = self.began

    def after_batch(self) -> None:
        # A pass over the ratings or reviews kept out takes about a tenth of an epoch.
        share = (self.iter + 1) / self.n_iter
        done = (self.epoch + (0.9 * share if self.training else 0.9 + 0.1 * share)) / self.n_epoch
        if not self.first:
            # A pace, and a mean of losses, begin with the first batch, whatever went before.
            self.first, self.last_point = done, time.monotonic()
        loss = float(self.learn.loss.detach())
        if self.training and not math.isfinite(loss):
            self._end(
                DegenerateResult(f"the loss of the {self.stage} became {loss}; choose a lower learning rate")
            )
        values = None
        if self.names and self.training and time.monotonic() - self.last_point >= POINT_SECONDS:
            # What the epoch will be noted with, as far as it has come.
            values = {"step": self.before + self.epoch + share, self.names[0]: float(self.learn.smooth_loss)}
        self._tell(done, f"loss {loss:.3f}{self._left(done)}", values)

    def after_epoch(self) -> None:
        rows = list(self.learn.recorder.values)
        # An epoch that was done before a cut is passed over.
        if self.names and rows and rows[-1]:
            values = {name: float(value) for name, value in zip(self.names, rows[-1], strict=False)}
            done = (self.epoch + 1) / self.n_epoch
            self._tell(done, "done", {"step": self.before + self.epoch + 1.0} | values)

    def _tell(self, done: float, message: str, values: Values | None) -> None:
        if values:
            self.last_point = time.monotonic()
        share = self.start + done * (self.end - self.start)
        try:
            self.report(self.stage, share, f"epoch {self.epoch + 1} of {self.n_epoch}, {message}", values)
        except FactorscopeError as error:
            self._end(error)

    def _end(self, error: FactorscopeError) -> NoReturn:
        # fastai rewrites the message of what passes through it, except for its own signals.
        self.error = error
        raise CancelFitException from error

    def _left(self, done: float) -> str:
        """Return how long this fit will take from here, once that can be told and is worth it."""
        ran = time.monotonic() - self.began
        if ran < SOON or done <= self.first:
            return ""
        left = ran * (1 - done) / (done - self.first)
        return f", {left / 60:.0f} min left" if left >= 90 else f", {left:.0f} s left"


@contextlib.contextmanager
def reporting(
    learn: Learner,
    report: Report,
    stage: str,
    start: float = 0.0,
    end: float = 1.0,
    names: tuple[str, ...] = (),
    before: int = 0,
) -> Iterator[None]:
    """Report the fit inside as the part `start` to `end` of a stage, and raise what ended it early.

    `names` are the lines that each epoch's values draw, `before` how many epochs went before this fit.
    """
    callback = _Reporting(report, stage, start, end, names, before)
    try:
        with learn.added_cbs(callback):
            yield
    finally:
        # Where a batch fails, what follows must not go on in lower precision.
        for lower in learn.cbs.filter(lambda cb: isinstance(cb, BFloat16)):
            lower.within.close()
    if callback.error is not None:
        raise callback.error


def quiet(learn: Learner) -> Learner:
    """Return the learner without fastai's own progress bar and printed table, which pages cannot show."""
    learn.remove_cbs([cb for cb in learn.cbs if isinstance(cb, ProgressCallback)])
    learn.logger = lambda *_: None
    return learn


@dataclass(frozen=True)
class Step:
    """A part of a fit with its own schedule."""

    unfrozen: int
    """Layer groups that train, counted from the head; 0 stands for all."""
    epochs: int
    rate: float | slice
    """Highest learning rate; a slice spreads it over the layer groups."""


def fit_in_steps(
    learn: Learner,
    steps: list[Step],
    names: tuple[str, ...],
    seed: int,
    report: Report,
    stage: str,
    checkpoint: Path | None = None,
    lines: tuple[str, ...] = (),
    earlier: int = 0,
) -> list[dict[str, float]]:
    """Fit step by step, each by its one cycle; give the values of each epoch under `names`.

    `lines` are their names for people, of the curves that begin after `earlier` epochs.
    With a `checkpoint` it is written after each epoch, and a fit that was cut off goes on from there: random
    draws depend on the seed and the epoch alone, so on a CPU the result is that of a fit without a cut.
    """
    found = load_checkpoint(checkpoint, learn) if checkpoint else None
    done, kept = found or ({}, {})
    rows: list[list[float]] = done.get("rows", [])
    total = sum(step.epochs for step in steps)
    before = 0
    for number, step in enumerate(steps):
        first = done["epochs"] if done and number == done["step"] else 0
        if number >= done.get("step", 0) and first < step.epochs:
            learn.freeze_to(-step.unfrozen)
            load_optimiser(kept if first else {}, learn)
            keeping = _Epochs(seed, number, rows, checkpoint)
            share = before / total, (before + step.epochs) / total
            with reporting(learn, report, stage, *share, lines, earlier + before):
                learn.fit_one_cycle(step.epochs, step.rate, cbs=keeping, start_epoch=first)
        before += step.epochs
    return [dict(zip(names, row, strict=False)) for row in rows]


class _Epochs(Callback):  # type: ignore[misc]
    """Begins each epoch from draws of its own, and keeps what each gave."""

    # After fastai's recorder has noted the epoch, and after epochs that are skipped were.
    order = 80

    def __init__(self, seed: int, step: int, rows: list[list[float]], checkpoint: Path | None) -> None:
        self.seed, self.step, self.rows, self.checkpoint = seed, step, rows, checkpoint

    def before_epoch(self) -> None:
        own = int(np.random.default_rng([self.seed, self.step, self.epoch]).integers(2**31))
        torch.manual_seed(own)
        # fastai's loader of sorted texts draws from here.
        np.random.seed(own)
        self.learn.recorder.smooth_loss.reset()
        for loader in self.dls.loaders:
            loader.rng = random.Random(own)
            loader.epoch = 1000 * self.step + self.epoch

    def after_epoch(self) -> None:
        values = list(self.learn.recorder.values)
        if not values or not values[-1]:
            return
        self.rows.append([float(value) for value in values[-1]])
        if self.checkpoint is not None:
            done: dict[str, Any] = {"step": self.step, "epochs": self.epoch + 1, "rows": self.rows}
            save_checkpoint(self.checkpoint, self.learn, done)


class BFloat16(Callback):  # type: ignore[misc]
    """Multiplies matrices in bfloat16 while it trains; weights and losses stay in float32."""

    run_valid = False

    def __init__(self) -> None:
        self.within = contextlib.ExitStack()

    def before_batch(self) -> None:
        self.within.enter_context(torch.autocast("cpu", torch.bfloat16))

    def after_loss(self) -> None:
        self.within.close()


def lower_precision(learn: Learner) -> Learner:
    """Let the learner train in mixed precision where the device is made for it: CUDA, or a CPU with bfloat16."""
    if device_name() == "cuda":
        learn.to_fp16()
    elif device_name() == "cpu" and (
        torch.cpu.get_capabilities().get("amx_bf16") or torch.cpu.get_capabilities().get("avx512_bf16")
    ):
        learn.add_cb(BFloat16())
    return learn
