"""How the table of `dot_bias_model` is moved: by AdamW, as torch has it, at the rates of fastai's schedule.

`EachAtItsPace` moves the rows of several models, each at the rate of its own progress. `RowsInTurn` moves only the
rows of a batch, where a step would otherwise cost more for the rows that it has no ratings of.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import partial

import torch
from fastai.callback.core import Callback, CancelValidException
from fastai.optimizer import OptimWrapper
from torch.optim.adamw import adamw

from core.factors.models.dot_bias_model import DotBias, RatingsOfEach
from core.training.light_learner import LightLearner

SQUARES = 0.99
"""How slowly the mean of the squared gradients follows."""
STABLE = 1e-5
"""Added to its root. Both are fastai's."""
ROWS_AT_ONCE = 1 << 16
"""Rows that catch up at a time, where all do."""


class _Steps(torch.optim.Optimizer):
    """What both ways share: the state beside the table, and the settings that the schedule changes."""

    def __init__(self, params: Iterable[torch.Tensor], lr: float) -> None:
        super().__init__(params, {"lr": lr, "betas": (0.9, SQUARES), "weight_decay": 0.0})
        self.group = self.param_groups[0]
        self.table: torch.Tensor = self.group["params"][0]
        self.mean, self.square = torch.zeros_like(self.table), torch.zeros_like(self.table)

    def adam(
        self, tables: list[list[torch.Tensor]], steps: list[torch.Tensor], rate: float, momentum: float
    ) -> None:
        """Move weights by gradients; `tables` has lists of weights, gradients, their means and squares."""
        weights, gradients, means, squares = tables
        adamw(
            weights,
            gradients,
            means,
            squares,
            [],
            steps,
            fused=True,
            amsgrad=False,
            beta1=momentum,
            beta2=SQUARES,
            lr=rate,
            weight_decay=self.group["weight_decay"],
            eps=STABLE,
            maximize=False,
        )


class EachAtItsPace(_Steps):
    """AdamW for the rows of several models; those of a model that waits for the others do not move."""

    def __init__(self, params: Iterable[torch.Tensor], lr: float, rows: list[slice]) -> None:
        super().__init__(params, lr)
        self.gradient = torch.zeros_like(self.table)
        tables = (self.table.data, self.gradient, self.mean, self.square)
        self.of_each = [[table[of_one] for table in tables] for of_one in rows]
        self.steps = [torch.zeros((), device=self.table.device) for _ in rows]
        self.paces: list[tuple[int, list[tuple[float, float, list[int]]]]] = []
        """Of each step of a batch its ratings, and rates and momenta with the models that move by them."""

    @torch.no_grad()
    def move(self, model: DotBias, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Move the models of `paces` by each step of a batch; return the mean loss."""
        losses, sizes = [], [size for size, _ in self.paces]
        each = zip(*(torch.split(part, sizes, -1) for part in batch), strict=True)
        for step, (_, paces) in zip(each, self.paces, strict=True):
            loss, rows, values = model.gradient(*step)
            self.gradient.zero_().index_add_(0, rows, values)
            for rate, momentum, models in paces:
                tables = [[self.of_each[number][kind] for number in models] for kind in range(4)]
                self.adam(tables, [self.steps[number] for number in models], rate, momentum)
            losses.append(loss)
        return torch.stack(losses).mean()


class OwnPaces(Callback):  # type: ignore[misc]
    """Tells `EachAtItsPace` the rate and momentum of each model, which the schedule has for its own progress."""

    # After the schedule, which sets those of the first of a batch's steps alone.
    order, run_valid = 61, False

    def __init__(self, batches: RatingsOfEach) -> None:
        self.batches, self.steps = batches, [len(pieces) for pieces in batches.pieces]

    def before_batch(self) -> None:
        # By way of `learn`: fastai finds its attributes in a callback too, but slowly.
        steps = self.batches.batches[self.learn.iter]
        self.learn.opt.opt.paces = [(self.batches.size(step), self._paces(step)) for step in steps]

    def _paces(self, step: int) -> list[tuple[float, float, list[int]]]:
        learn, moving = self.learn, defaultdict(list)
        for model, steps in enumerate(self.steps):
            if step < steps:
                moving[steps].append(model)
        paces = []
        for steps, models in moving.items():
            done = (learn.epoch + step / steps) / learn.n_epoch
            rate, momentum = (learn.param_scheduler.scheds[name](done) for name in ("lr", "mom"))
            paces.append((float(rate[0]), float(momentum), models))
        return paces


class RowsInTurn(_Steps):
    """AdamW for the rows of a batch; a row that was left out catches up before it is looked at.

    While a row has no gradients, its weights go on along the mean of the earlier ones, which fades. In place of a
    step at a time, it goes the whole way at the rate where it stopped. The means fade, and weights decay, exactly.
    """

    def begin(self, steps: int) -> None:
        """Make room for what each step of the fit leaves behind."""
        device = self.table.device
        self.count, self.steps = 0, torch.zeros((), device=device)
        self.seen = torch.zeros(len(self.table), dtype=torch.int64, device=device)
        """The steps that each row has made or caught up with."""
        self.place = torch.zeros_like(self.seen)
        """Where a row stands among those of the batch."""
        self.rates, self.momenta = (torch.zeros(steps + 1, device=device) for _ in range(2))
        # Logarithms of what is left, after each step, of a weight as it decays and of a mean as it fades.
        self.decay, self.fading = (
            torch.zeros(steps + 1, dtype=torch.float64, device=device) for _ in range(2)
        )

    @torch.no_grad()
    def look_at(self, rows: torch.Tensor) -> None:
        """Let the rows of a batch catch up."""
        touched = torch.zeros_like(self.seen, dtype=torch.bool)
        touched[rows.reshape(-1).long()] = True
        self.rows = touched.nonzero()[:, 0]
        # This step's, which a row may have to catch up with later.
        rate, momentum = self.group["lr"], self.group["betas"][0]
        self.rates[self.count], self.momenta[self.count] = rate, momentum
        self.decay[self.count + 1] = self.decay[self.count] + math.log1p(-rate * self.group["weight_decay"])
        self.fading[self.count + 1] = self.fading[self.count] + math.log(momentum)
        self.now = self._caught_up(self.rows)
        self.table[self.rows] = self.now[0]

    @torch.no_grad()
    def move(self, model: DotBias, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Move the rows of a batch, which is one step; return the loss."""
        self.look_at(batch[0])
        loss, rows, values = model.gradient(*batch)
        self.place[self.rows] = torch.arange(len(self.rows), device=self.place.device)
        weights, mean, square = self.now
        gradient = torch.zeros_like(weights).index_add_(0, self.place[rows], values)
        tables = [[weights], [gradient], [mean], [square]]
        self.adam(tables, [self.steps], self.group["lr"], self.group["betas"][0])
        self.count += 1
        self._put(self.rows, self.now)
        return loss

    @torch.no_grad()
    def catch_up(self) -> None:
        """Let all rows catch up."""
        for rows in torch.split(torch.arange(len(self.seen), device=self.seen.device), ROWS_AT_ONCE):
            self._put(rows, self._caught_up(rows))

    def _put(self, rows: torch.Tensor, tables: tuple[torch.Tensor, ...]) -> None:
        for table, values in zip((self.table, self.mean, self.square), tables, strict=True):
            table[rows] = values
        self.seen[rows] = self.count

    def _caught_up(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return weights, means and squares of rows as they are after all steps so far."""
        weights, mean, square = (
            table.index_select(0, rows) for table in (self.table, self.mean, self.square)
        )
        seen = self.seen[rows]
        missed = (self.count - seen).float()
        momentum = self.momenta[seen]
        left = torch.exp(self.fading[self.count] - self.fading[seen]).float()
        way = self.rates[seen] * momentum * (1 - left) / (1 - momentum) / (1 - momentum ** (seen + 1))
        # The root of the squares shrinks too, the more slowly; as it is midway, where the mean has faded.
        midway = torch.minimum(missed, 1 / (1 - momentum)) / 2
        root = SQUARES ** (midway / 2) / (1 - SQUARES ** (seen + 1).float()).sqrt()
        weights.mul_(torch.exp(self.decay[self.count] - self.decay[seen]).float()[:, None])
        weights.addcdiv_(mean * way[:, None], square.sqrt().mul_(root[:, None]).add_(STABLE), value=-1)
        return weights, mean.mul_(left[:, None]), square.mul_((SQUARES**missed)[:, None])


class CatchesUp(Callback):  # type: ignore[misc]
    """Lets the rows of `RowsInTurn` catch up before others look at them."""

    def before_fit(self) -> None:
        self.opt.opt.begin(self.n_epoch * len(self.dls.train))

    def after_train(self) -> None:
        self.opt.opt.catch_up()


class InSteps(LightLearner):
    """A Learner whose batches are moved by the optimiser itself, a step or several each."""

    def _do_one_batch(self) -> None:
        if self.training:
            self.loss = self.opt.opt.move(self.model, (*self.xb, *self.yb))
        else:
            super()._do_one_batch()


class Unvalidated(Callback):  # type: ignore[misc]
    """Passes over validation where no ratings are held out."""

    def before_validate(self) -> None:
        raise CancelValidException


def each_at_its_pace(rows: list[slice]) -> partial[OptimWrapper]:
    """Return what makes the optimiser of several models, whose rows are given."""
    return partial(OptimWrapper, opt=partial(EachAtItsPace, rows=rows))


ROWS_IN_TURN = partial(OptimWrapper, opt=RowsInTurn)
