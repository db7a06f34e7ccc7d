"""What all fits have in common: the seed around them, the device, progress, and the end on demand."""

import contextlib
import math
import random
from collections.abc import Iterator

import numpy as np
import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.progress import ProgressCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.torch_core import default_device

import core.threads  # noqa: F401 - sets their number
from core.errors import DegenerateResult, FactorscopeError
from core.progress import Report


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


def own_draws(data: DataLoaders, seed: int) -> DataLoaders:
    """Let each loader shuffle by a generator of its own: threads beside a fit draw from Python's shared one."""
    for position, loader in enumerate(data.loaders):
        loader.rng = random.Random(seed + position)
    return data


class _Reporting(Callback):  # type: ignore[misc]
    """Reports each batch; on a loss that is not finite, or where the report raises, ends the fit."""

    def __init__(self, report: Report, stage: str, start: float, end: float) -> None:
        self.report, self.stage, self.start, self.end = report, stage, start, end
        self.error: FactorscopeError | None = None

    def after_batch(self) -> None:
        # A pass over the ratings or reviews kept out takes about a tenth of an epoch.
        share = (self.iter + 1) / self.n_iter
        done = (self.epoch + (0.9 * share if self.training else 0.9 + 0.1 * share)) / self.n_epoch
        loss = float(self.learn.loss.detach())
        try:
            if self.training and not math.isfinite(loss):
                raise DegenerateResult(
                    f"the loss of the {self.stage} became {loss}; choose a lower learning rate"
                )
            message = f"epoch {self.epoch + 1} of {self.n_epoch}, loss {loss:.3f}"
            self.report(self.stage, self.start + done * (self.end - self.start), message)
        except FactorscopeError as error:
            # fastai rewrites the message of what passes through it, except for its own signals.
            self.error = error
            raise CancelFitException from error


@contextlib.contextmanager
def reporting(
    learn: Learner, report: Report, stage: str, start: float = 0.0, end: float = 1.0
) -> Iterator[None]:
    """Report the fit inside as the part `start` to `end` of a stage, and raise what ended it early."""
    callback = _Reporting(report, stage, start, end)
    with learn.added_cbs(callback):
        yield
    if callback.error is not None:
        raise callback.error


def quiet(learn: Learner) -> Learner:
    """Give the learner without fastai's own progress bar and printed table, which pages cannot show."""
    learn.remove_cbs([cb for cb in learn.cbs if isinstance(cb, ProgressCallback)])
    learn.logger = lambda *_: None
    return learn
