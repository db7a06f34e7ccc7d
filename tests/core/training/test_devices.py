"""Every training and reading on a device other than the processor, handed in: no tensor is left behind.

The device is a pretended one that computes on the processor, so what comes out can be compared: of texts with a
whole training there, since a processor may train in bfloat16.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.pretend_device import PRETEND, LeftBehind, PretendDevice
from support.small_encoder import SMALL

from core.classification import classifier
from core.classification.head import train_heads
from core.classification.prediction_shards import logits_of_all
from core.classification.predictor import Predictor
from core.data.ratings.synthetic import synthetic_world
from core.errors import Cancelled
from core.factors.models import dot_bias, factor_model
from core.factors.models.base import split
from core.language_model import encoder as encoding
from core.language_model.feature_shards import reading_work
from core.language_model.fine_tuning import Corpus, fine_tune
from core.language_model.precision import Precision
from core.language_model.tokens import Tokens
from core.language_model.weights import load_encoder
from core.progress import Report, silent
from core.settings import ClassifierSettings, FactorModelSettings, LanguageModelSettings, Phase
from core.shards.shard_store import ShardStore
from core.store import Store
from core.training import checkpoint
from core.training.device import device_for, using
from core.training.device_rule import Work
from core.training.fit import FitContext

ALL_WORDS = SMALL.replace(sampled_words=None, epochs=2)
SAMPLED = SMALL.replace(sampled_words=20, epochs=2)
UNFREEZING = ClassifierSettings(
    batch_size=16, phases=(Phase(unfrozen=1, epochs=1, rate=1e-2), Phase(unfrozen=0, epochs=2, rate=1e-2))
)


@pytest.fixture
def device() -> Iterator[PretendDevice]:
    """The pretend device, which all work is asked to be done on; something must have been done there."""
    with PretendDevice() as device, using(str(PRETEND)):
        yield device
    assert device.operations


# Factor models.


def trained(settings: FactorModelSettings) -> factor_model.FactorModel:
    ratings = synthetic_world(users=40, films=30).ratings
    held_out = factor_model.hold_out(ratings, 0.2, 1)
    return factor_model.train(ratings, settings, 1, silent, held_out)


MODELS = {
    "dot-bias": FactorModelSettings(factors=3, epochs=2),
    "gibbs": FactorModelSettings(method="gibbs", factors=3, burn_in=2, samples=3, implicit=0),
    "gibbs, implicit feedback": FactorModelSettings(
        method="gibbs", factors=3, burn_in=2, samples=3, implicit=4
    ),
}


@pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS)
def test_a_factor_model(settings: FactorModelSettings, device: PretendDevice) -> None:
    films = trained(settings).films
    with using("cpu"):
        expected = trained(settings).films
    # The sampler adds in another order there.
    assert np.allclose(films.filter(like="weight_"), expected.filter(like="weight_"), atol=1e-3)


def test_a_large_factor_model(device: PretendDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its steps move the rows of a batch alone."""
    monkeypatch.setattr(dot_bias, "IN_CACHE", 0)
    test_a_factor_model(MODELS["dot-bias"], device)


@pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS)
def test_factor_models_that_train_together(settings: FactorModelSettings, device: PretendDevice) -> None:
    ratings = synthetic_world(users=40, films=30).ratings
    splits = [split(ratings, factor_model.hold_out(ratings, share, 1)) for share in (0.2, 0.4)]
    fits = factor_model.fit_all(splits, settings, [1, 2], silent)
    with using("cpu"):
        expected = factor_model.fit_all(splits, settings, [1, 2], silent)
    assert all(
        np.allclose(one.films, other.films, atol=1e-3) for one, other in zip(fits, expected, strict=True)
    )


# Heads and whole classifiers.


def test_heads_side_by_side(device: PretendDevice) -> None:
    features = np.random.default_rng(0).normal(size=(60, 36)).astype(np.float32)
    trains = np.arange(60) % 3 != np.arange(3)[:, None]
    data = features, features[:, :2] > 0, trains
    heads = train_heads(*data, ClassifierSettings(batch_size=16), FitContext(0, silent))
    with using("cpu"):
        expected = train_heads(*data, ClassifierSettings(batch_size=16), FitContext(0, silent))
    assert same(heads[2], expected[2])


def unfrozen(tokens: Tokens, encoder: Path, report: Report, file: Path) -> classifier.Weights:
    even = np.arange(len(tokens)) % 2 == 0
    reviews = classifier.LabelledTokens(
        tokens, np.stack([even, ~even], axis=1), np.arange(len(tokens)) % 5 == 0
    )
    return classifier.train(reviews, encoder, None, UNFREEZING, FitContext(1, report, file))[0]


def test_a_classifier_goes_on_after_a_cut(
    tokens: Tokens, encoder: Path, tmp_path: Path, device: PretendDevice
) -> None:
    some = tokens.take(range(60))
    with pytest.raises(Cancelled):
        unfrozen(some, encoder, until("epoch 2 of 2"), tmp_path / "cut")
    gone_on = unfrozen(some, encoder, silent, tmp_path / "cut")
    assert same(gone_on, unfrozen(some, encoder, silent, tmp_path / "whole"))


# The language model.


@pytest.mark.parametrize("settings", [ALL_WORDS, SAMPLED], ids=["all words", "sampled words"])
def test_a_language_model_goes_on_after_a_cut(
    tokens: Tokens, tmp_path: Path, device: PretendDevice, settings: LanguageModelSettings
) -> None:
    gone_on, whole = tmp_path / "gone on", tmp_path / "whole"
    for folder in (gone_on, whole):
        folder.mkdir()
    file = tmp_path / "checkpoint"
    with pytest.raises(Cancelled):
        fine_tune(Corpus(tokens), settings, FitContext(1, until("epoch 2 of"), file), gone_on)
    fine_tune(Corpus(tokens), settings, FitContext(1, silent, file), gone_on)
    fine_tune(Corpus(tokens), settings, FitContext(1, silent), whole)
    assert same(load_encoder(gone_on)[0], load_encoder(whole)[0])


@pytest.mark.parametrize(
    ("precision", "far"), [("float32", 1e-6), ("float32-slots", 1e-6), ("bfloat16", 1e-2)]
)
def test_an_encoder_reads(
    tokens: Tokens, encoder: Path, device: PretendDevice, precision: Precision, far: float
) -> None:
    chosen = device_for(reading_work(encoder, tokens))
    assert chosen == PRETEND
    there = encoding.Encoder(encoder, device=chosen, precision=precision)
    here = encoding.Encoder(encoder)
    some = tokens.take(range(9))
    assert np.allclose(there.features(some, silent), here.features(some, silent), atol=far)
    text = some.numbered(there.vocabulary)[0]
    parts = [(1, 2), (2, 5)]
    without = there.without(there.trace(text), parts)
    assert np.allclose(without, here.without(here.trace(text), parts), atol=1e-6)


def test_a_trained_classifier_predicts(
    random_classifier: Any, tokens: Tokens, device: PretendDevice, store: Store
) -> None:
    some, predictor = tokens.take(range(9)), Predictor(random_classifier.folder)
    work = Work("reading of the reviews", "text reading", len(some.numbers), "words", 1)
    shard_store = ShardStore(store, "classifier", "1", {})
    there = logits_of_all(predictor, work, some, shard_store, silent)
    assert np.allclose(there, predictor.read(predictor.features(some)), atol=1e-6)


# That these tests would see it.


def test_a_tensor_left_on_the_processor_is_refused() -> None:
    with PretendDevice():
        there, here = torch.ones(3, device=PRETEND), torch.ones(3)
        model = torch.nn.Linear(3, 3).to(PRETEND)
        for mixing in (
            lambda: there + here,
            lambda: here.mul_(there),
            lambda: torch.cat([there, here]),
            lambda: model(here),
            lambda: here[there.long()],
            lambda: there.__setitem__(torch.tensor([0, 1]), here[:2]),
            lambda: torch.randn(3, device=PRETEND, generator=torch.Generator()),
            there.numpy,
        ):
            with pytest.raises(LeftBehind):
                mixing()


def test_threads_know_the_device_too() -> None:
    """A thread that does not would load torch's module of it, which there is none of."""
    with PretendDevice(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: torch.ones(2, device=PRETEND).device).result() == PRETEND
    with ThreadPoolExecutor(1) as pool, pytest.raises(ModuleNotFoundError, match="privateuseone"):
        pool.submit(lambda: torch.ones(2, device=PRETEND)).result()


def test_what_a_gpu_allows_is_allowed() -> None:
    with PretendDevice():
        there = torch.arange(3.0, device=PRETEND)
        assert (there * torch.tensor(2.0)).device == PRETEND
        assert there[torch.tensor([2, 0])].tolist() == [2, 0]
        assert torch.zeros(3).copy_(there).numpy().tolist() == there.cpu().numpy().tolist() == [0, 1, 2]
        assert there.to(torch.float64).device == torch.zeros_like(there).device == PRETEND
        assert there.cpu().device.type == torch.ones(1).device.type == "cpu"


def test_a_state_of_the_optimiser_left_on_the_processor_is_refused(
    tokens: Tokens, tmp_path: Path, device: PretendDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "checkpoint"
    with pytest.raises(Cancelled):
        fine_tune(Corpus(tokens), SAMPLED, FitContext(1, until("epoch 2 of"), file), tmp_path)

    def load_optimiser(state: dict[str, torch.Tensor], learn: Any) -> None:
        for number, weight in enumerate(learn.model.parameters()):
            learn.opt.opt.state[weight] = {key: state[f"{number}.{key}"] for key in checkpoint.STATE}

    monkeypatch.setattr("core.training.fit.load_optimiser", load_optimiser)
    with pytest.raises(LeftBehind, match="_fused_adamw_"):
        fine_tune(Corpus(tokens), SAMPLED, FitContext(1, silent, file), tmp_path)


def test_a_device_that_is_asked_for_is_taken_whatever_the_size() -> None:
    with using(str(PRETEND)):
        assert device_for(Work("factor model", "dot-bias", 10)) == PRETEND


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(torch.allclose(one[name], other[name], atol=1e-5) for name in other)


def until(message: str) -> Report:
    """Return a report that ends the work at this message."""

    def report(stage: str, done: float, said: str, values: object = None) -> None:
        if message in said:
            raise Cancelled("enough")

    return report


class Waits(PretendDevice):
    """Counts what a GPU must be waited for: each look at its numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: Counter[str] = Counter()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name in LOOKS and self.is_there(args[0]):
            self.looks[name] += 1
        return super().__torch_function__(func, types, args, kwargs)


LOOKS = ("item", "__float__", "__int__", "__bool__", "__index__", "tolist", "cpu", "nonzero", "numpy")


def test_a_step_of_the_language_model_waits_for_nothing(tokens: Tokens, tmp_path: Path) -> None:
    looks = []
    for epochs in (1, 2):
        with Waits() as device, using(str(PRETEND)):
            fine_tune(Corpus(tokens), SAMPLED.replace(epochs=epochs), FitContext(1, silent), tmp_path)
        looks.append(device.looks.total())
    # An epoch has 21 steps. Its last is looked at, as are the last batch held out and four values of the epoch.
    assert looks[1] - looks[0] == 6
