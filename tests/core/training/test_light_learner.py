"""A LightLearner calls what fastai's Learner calls, and nothing else."""

import pytest
import torch
from fastai.callback.core import Callback, CancelBatchException
from fastai.callback.schedule import Learner
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader

from core.training.fit import quiet
from core.training.light_learner import LightLearner


class Noting(Callback):  # type: ignore[misc]
    """Notes the events that it takes; passes over the second batch."""

    order = 70

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def before_fit(self) -> None:
        self.seen.append("before_fit")

    def before_batch(self) -> None:
        self.seen.append(f"before_batch {self.training}")
        if self.iter == 1:
            raise CancelBatchException

    def after_cancel_batch(self) -> None:
        self.seen.append("after_cancel_batch")

    def after_batch(self) -> None:
        self.seen.append("after_batch")


class Later(Noting):
    """Comes after Noting, of training batches alone."""

    order, run_valid = 80, False


def fitted(kind: type[Learner]) -> tuple[list[str], torch.Tensor]:
    torch.manual_seed(0)
    inputs, seen = torch.randn(12, 3), []
    rows = list(zip(inputs, inputs[:, :1], strict=True))
    batches = [DataLoader(rows, bs=4, num_workers=0) for _ in range(2)]
    learn = quiet(kind(DataLoaders(*batches), torch.nn.Linear(3, 1), loss_func=torch.nn.functional.mse_loss))
    # Added in the other order.
    learn.fit_one_cycle(2, 0.1, cbs=[Later(seen), Noting(seen)])
    learn.fit(1, cbs=Noting(seen))
    return seen, learn.model.weight.detach()


@pytest.mark.filterwarnings("ignore:You are shadowing")
def test_the_same_events_in_the_same_order() -> None:
    seen, weight = fitted(LightLearner)
    expected, expected_weight = fitted(Learner)
    assert seen == expected and len(seen) > 30
    assert torch.equal(weight, expected_weight)
