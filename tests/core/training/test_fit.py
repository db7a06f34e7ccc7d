"""A fit that goes on after a cut: the scaler of mixed precision, and no GPU started for the processor."""

from pathlib import Path

import pytest
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.torch_core import default_device, defaults

from core.errors import Cancelled
from core.progress import Report, silent
from core.training.fit import ADAM, FitContext, Step, fit_in_steps, quiet, seeded
from core.training.reporting import Curves


class Scaling(Callback):  # type: ignore[misc]
    """Makes a scaler as fastai's mixed precision does, and doubles its scale each epoch."""

    order = 10

    def __init__(self) -> None:
        self.at_epochs: list[float] = []

    def before_fit(self) -> None:
        self.learn.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        self.learn.scaler.scale(torch.ones(1))

    def before_train(self) -> None:
        self.at_epochs.append(self.learn.scaler.get_scale())

    def after_train(self) -> None:
        self.learn.scaler.update(2 * self.learn.scaler.get_scale())


def scales(report: Report, file: Path) -> list[float]:
    """Return the scale at the beginning of each epoch of a fit of three epochs that goes on where `file` is."""
    data = torch.linspace(0, 1, 8)[:, None]
    rows = list(zip(data, 2 * data, strict=True))
    batches = [DataLoader(rows, bs=4, num_workers=0) for _ in range(2)]
    loaders = DataLoaders(*batches, device=torch.device("cpu"))
    learn = quiet(
        Learner(loaders, torch.nn.Linear(1, 1), loss_func=torch.nn.functional.mse_loss, opt_func=ADAM)
    )
    scaling = Scaling()
    learn.add_cb(scaling)
    fit_in_steps(learn, [Step(0, 3, 0.1)], FitContext(1, report, file), Curves("fit"))
    return scaling.at_epochs


def test_the_scaler_goes_on_where_it_stood(tmp_path: Path) -> None:
    def stopping(stage: str, done: float, message: str, values: object = None) -> None:
        if message.startswith("epoch 2 of"):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        scales(stopping, tmp_path / "cut")
    # Without its state it would begin at 4 again.
    assert scales(silent, tmp_path / "cut")[-2:] == [8, 16]
    assert scales(silent, tmp_path / "whole") == [4, 8, 16]


def test_fastai_asks_for_no_gpu_while_a_fit_is_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> int:
        raise AssertionError("this starts the GPU")

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.current_device", asked)
    with seeded(1):
        assert default_device() == torch.device("cpu")
    assert defaults.use_cuda is None
    with pytest.raises(AssertionError, match="starts the GPU"):
        default_device()
