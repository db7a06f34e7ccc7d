"""The precision of reading: asked for, or measured once and kept; features of two are never taken for one."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.errors import BadSettings
from core.language_model import precision, speed
from core.language_model.precision import VARIABLE, reading_precision
from core.pipeline.classifier import feature_folder
from core.pipeline.language_model import BUNDLED_ENCODER
from core.pipeline.stage import Stage
from core.progress import silent
from core.settings import preset
from core.store import Store


class Processor:
    """A made-up processor: how many times as fast it is in bfloat16, and how often that was measured."""

    def __init__(self, patch: pytest.MonkeyPatch, gain: float, made_for_it: bool = True) -> None:
        self.gain, self.measured = gain, 0
        patch.delenv(VARIABLE)
        patch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": made_for_it})
        patch.setattr(speed, "gain", self.measure)

    def measure(self, dtype: torch.dtype) -> float:
        self.measured += 1
        return self.gain


@pytest.mark.parametrize(
    ("gain", "made_for_it", "chosen"),
    [(2.0, True, "bfloat16"), (1.1, True, "float32-slots"), (2.0, False, "float32-slots")],
)
def test_the_faster_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, store: Store, gain: float, made_for_it: bool, chosen: str
) -> None:
    Processor(monkeypatch, gain, made_for_it)
    assert reading_precision(store) == chosen


def test_a_processor_is_measured_once(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    first = Processor(monkeypatch, 2.0)
    assert [reading_precision(store) for _ in range(3)] == ["bfloat16"] * 3
    first.gain = 1.0
    assert reading_precision(Store(store.root)) == "bfloat16" and first.measured == 1


def test_another_processor_is_measured_anew(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    first = Processor(monkeypatch, 2.0)
    assert reading_precision(store) == "bfloat16"
    first.gain = 1.0
    monkeypatch.setattr(precision, "processor", lambda: "an older one")
    assert reading_precision(store) == "float32-slots"


def test_measuring_leaves_the_number_of_threads_alone() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    assert speed.gain(torch.float32) > 0 and torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_who_asks_gets_it(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    Processor(monkeypatch, 2.0)
    monkeypatch.setenv(VARIABLE, "float32")
    assert reading_precision(store) == "float32"


def test_an_unknown_precision_is_refused(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setenv(VARIABLE, "float16")
    with pytest.raises(BadSettings, match="'float16'; choose one of float32, float32-slots, bfloat16"):
        reading_precision(store)


def test_features_of_two_precisions_are_two_artifacts(
    monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "artifact", lambda *key: store.home(*key[:3]))
    stage, folders = Stage(preset("quick"), store, silent), set()
    for name in ("float32", "float32-slots", "bfloat16"):
        monkeypatch.setenv(VARIABLE, name)
        folders.add(feature_folder(stage, tmp_path, BUNDLED_ENCODER))
    assert len(folders) == 3


def test_a_precision_that_is_known_loads_no_torch() -> None:
    code = "import sys, core.language_model.precision; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
