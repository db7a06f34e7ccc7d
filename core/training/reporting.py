"""Reports a fit as it trains: its progress, the points of its loss curves, and its end before time."""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.learner import AvgSmoothLoss, Learner
from fastai.torch_core import maybe_gather, to_detach

from core.errors import DegenerateResult, FactorscopeError
from core.progress import Report, Values
from core.training.precision import leave_lower_precision

POINT_SECONDS = 5.0
"""Time between two points of the loss within an epoch."""
GPU_STEPS = 25
"""Batches on a GPU between two looks at the loss, for each of which it must finish all that it was given. A batch of
`fast` may hold many steps."""


@dataclass(frozen=True)
class Curves:
    """The stage that a fit is reported as, and the curves that its epochs draw."""

    stage: str
    lines: tuple[str, ...] = ()
    """Names for people of the values that fastai records each epoch: training loss, validation loss, metrics. The
    first so many are drawn."""
    epochs_before: int = 0
    """Epochs of earlier fits on the same curves."""


@contextlib.contextmanager
def reporting(learn: Learner, report: Report, curves: Curves) -> Iterator[None]:
    """Report the fit inside, and raise what ended it early: an error of the report, or a loss that is not finite."""
    callback = _Reporting(report, curves)
    learn.recorder.smooth_loss.__class__ = _SmoothLoss
    # What fastai's metrics add up stays on the device too.
    learn.to_detach = partial(to_detach, cpu=False)
    try:
        with learn.added_cbs(callback):
            yield
    finally:
        del learn.to_detach
        leave_lower_precision(learn)
    if callback.error is not None:
        raise callback.error


class _SmoothLoss(AvgSmoothLoss):  # type: ignore[misc]
    """fastai's smoothed training loss, added up on the device of the loss: fastai's own waits for it at each step."""

    def accumulate(self, learn: Learner) -> None:
        self.count += 1
        loss, before = maybe_gather(learn.loss.detach().mean()), torch.as_tensor(self.val)
        self.val: torch.Tensor = torch.lerp(loss, before.to(loss), self.beta)


class _Reporting(Callback):  # type: ignore[misc]
    """Reports each batch (on a GPU each of GPU_STEPS, and the last), and each epoch as a point of the curves.

    Ends the fit where the loss is not finite or the report raises.
    """

    # After fastai's recorder has noted the epoch, and after its checkpoint is written.
    order = 90

    def __init__(self, report: Report, curves: Curves) -> None:
        self.report, self.curves = report, curves
        self.error: FactorscopeError | None = None
        self.last_point = time.monotonic()
        self.has_begun = False

    def after_batch(self) -> None:
        batches = self.iter + 1
        if self.learn.loss.device.type != "cpu" and batches % GPU_STEPS and batches != self.n_iter:
            return
        # A validation pass takes about a tenth of an epoch.
        share = batches / self.n_iter
        done = (self.epoch + (0.9 * share if self.training else 0.9 + 0.1 * share)) / self.n_epoch
        if not self.has_begun:
            # Points count from the first batch of this fit, whatever was done before.
            self.has_begun, self.last_point = True, time.monotonic()
        # That of all processes, so that all of them end where it is not finite.
        loss = float(maybe_gather(self.learn.loss.detach().mean()))
        if self.training and not math.isfinite(loss):
            self._end(
                DegenerateResult(
                    f"the loss of the {self.curves.stage} became {loss}; choose a lower learning rate"
                )
            )
        values = None
        if self.curves.lines and self.training and time.monotonic() - self.last_point >= POINT_SECONDS:
            # The training loss that the recorder will note for this epoch, as far as it has come.
            step = self.curves.epochs_before + self.epoch + share
            values = {"step": step, self.curves.lines[0]: float(self.learn.smooth_loss)}
        self._report(done, f"loss {loss:.3f}", values)

    def after_epoch(self) -> None:
        recorded = list(self.learn.recorder.values)
        # An epoch that was trained before an interruption is skipped, and has no values.
        if self.curves.lines and recorded and recorded[-1]:
            step = {"step": self.curves.epochs_before + self.epoch + 1.0}
            values = {
                line: float(value) for line, value in zip(self.curves.lines, recorded[-1], strict=False)
            }
            self._report((self.epoch + 1) / self.n_epoch, "done", step | values)

    def _report(self, done: float, message: str, values: Values | None) -> None:
        if values:
            self.last_point = time.monotonic()
        try:
            self.report(
                self.curves.stage, done, f"epoch {self.epoch + 1} of {self.n_epoch}, {message}", values
            )
        except FactorscopeError as error:
            self._end(error)

    def _end(self, error: FactorscopeError) -> NoReturn:
        # fastai rewrites the message of any exception that passes through it, except for its own signals.
        self.error = error
        raise CancelFitException from error
