"""Which device a piece of work is done on."""

from pathlib import Path

import pytest
import torch

from core.errors import BadSettings
from core.training.device import MISSING, chosen, device_for, on_one, refuse_missing, using
from core.training.device_rule import FIGURES, Choice, Figures, Work, choose, round_number

FEW, MANY = (Work("factor model", "dot-bias", ratings) for ratings in (100_000, 25_000_000))


def test_a_gpu_gains_where_its_line_crosses_the_processors() -> None:
    # The processor takes a second for ten, the GPU starts in three seconds and then takes half a second.
    figures = Figures("ratings", ((0, 0.0, 3.0), (100, 10.0, 8.0)))
    assert figures.gains_from == 60
    assert Figures("ratings").gains_from is None
    assert Figures("ratings", ((0, 0.0, 3.0), (100, 10.0, 20.0))).gains_from is None


def test_what_was_measured_decides() -> None:
    assert choose(FEW, "auto", "cuda").device == "cpu"
    assert choose(MANY, "auto", "cuda").device == "cuda"
    gibbs = [Work("factor model", "gibbs", ratings) for ratings in (100_000, 25_000_000)]
    assert [choose(work, "auto", "cuda").device for work in gibbs] == ["cpu", "cuda"]
    head = Work("classifier's head", "head", 10**9, "reviews")
    assert choose(head, "auto", "cuda").device == "cpu"
    # The article's language model, and a text of a few thousand words.
    words = [Work("language model", "text training", count, "words", 28e6) for count in (23e6, 5e3)]
    assert [choose(work, "auto", "cuda").device for work in words] == ["cuda", "cpu"]


def test_the_document_has_the_sizes_that_the_figures_give() -> None:
    text = (Path(__file__).parents[3] / "docs" / "gpu.md").read_text(encoding="utf-8")
    sizes = {
        "ratings": [Work("", "dot-bias", 1).gains_from, Work("", "gibbs", 1).gains_from],
        "words": [Work("", "text training", 1, "words", each).gains_from for each in (2.2e6, 28e6)],
        "reviews": [(Work("", "text reading", 1, "words", 1.44e6).gains_from or 0) / 240],
    }
    for unit, of_unit in sizes.items():
        assert all(f"| {round_number(size)} {unit} |" in text for size in of_unit if size)


@pytest.mark.parametrize("kind", FIGURES)
def test_no_processor_is_left_where_there_is_no_gpu(kind: str) -> None:
    choice = choose(Work("it", kind, 1e12), "auto", None)  # type: ignore[arg-type]
    assert (choice.device, choice.reason) == ("cpu", "this machine has no GPU")


def test_a_user_may_choose_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose(FEW, "cuda", None) == Choice("factor model", "cuda", "you asked for it")
    monkeypatch.setattr("core.training.device.gpu_kind", lambda: "cuda")
    with using("cpu"):
        assert device_for(MANY).type == "cpu"
    with using("auto"):
        assert device_for(MANY).type == "cuda"


def test_each_choice_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.device.gpu_kind", lambda: "cuda")
    assert chosen() == []
    with using("auto"):
        device_for(FEW), device_for(FEW), device_for(MANY)
        assert [choice.device for choice in chosen()] == ["cpu", "cuda"]
    assert chosen() == []


def test_parts_of_a_work_are_done_where_the_whole_of_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.device.gpu_kind", lambda: "cuda")
    with using("auto"):
        with on_one(Work("stability", "dot-bias", 25_000_000)) as device:
            assert device_for(FEW) == device and device.type == "cuda"
        assert [(choice.work, choice.device) for choice in chosen()] == [("stability", "cuda")]
        assert device_for(FEW).type == "cpu"


def test_the_limit_of_the_bayesian_model_follows_from_its_sweeps() -> None:
    # 220 sweeps of 0.0095 and 0.051 s; on the GPU of 0.0065 and, on the line to 0.4 s over 25 million, 0.0207 s.
    small, large = 220 * 0.0095 - (5 + 220 * 0.0065), 220 * 0.051 - (5 + 220 * 0.0207)
    crossing = 100_000 + 900_000 * small / (small - large)
    assert Work("", "gibbs", 1).gains_from == pytest.approx(crossing, rel=0.01)


def test_a_gpu_with_too_little_memory_is_no_fault_of_ours() -> None:
    with (
        pytest.raises(BadSettings, match="smaller batches, another preset, or the device cpu"),
        using("cuda"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(RuntimeError, match="another"), using("cuda"):
        raise RuntimeError("another")


def test_a_method_that_nobody_measured_stays_on_the_processor() -> None:
    own = Work("factor model", "alternating", 10**9)  # type: ignore[arg-type]
    assert choose(own, "auto", "cuda").device == "cpu"


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.device.gpu_kind", lambda: None)
    with pytest.raises(BadSettings, match=MISSING):
        refuse_missing("cuda")
    refuse_missing("auto"), refuse_missing("cpu")


@pytest.mark.parametrize("kind", ["dot-bias", "gibbs"])
@pytest.mark.parametrize("ratings", [80_000, 25_000_000])
@pytest.mark.parametrize("asked", ["auto", "cpu", "cuda"])
@pytest.mark.parametrize("gpu", ["cuda", "mps", None])
def test_the_reason_is_a_short_sentence(kind: str, ratings: int, asked: str, gpu: str | None) -> None:
    choice = choose(Work("factor model", kind, ratings), asked, gpu)  # type: ignore[arg-type]
    assert len(choice.sentence.split()) <= 20 and choice.sentence.endswith(".")
