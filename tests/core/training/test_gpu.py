"""What only a GPU can show: the same seed gives the same numbers there, and a fit goes on after a cut."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from support.small_encoder import SMALL

from core.data.ratings.synthetic import synthetic_world
from core.errors import Cancelled
from core.factors.models import factor_model
from core.factors.models.incidence import by_row
from core.language_model import encoder as encoding
from core.language_model.fine_tuning import Corpus, fine_tune
from core.language_model.tokens import Tokens
from core.progress import silent
from core.settings import FactorModelSettings
from core.training.device import using
from core.training.fit import FitContext

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    # What has no deterministic form is told by torch, and shows here if it changes numbers.
    pytest.mark.filterwarnings("ignore:.*deterministic:UserWarning"),
]
GPU_TOLERANCE = 1e-5
"""How far features come out apart on a GPU; on a processor 1e-6."""


@pytest.mark.parametrize("method", ["dot-bias", "gibbs"])
def test_the_same_seed_gives_the_same_factors(method: str) -> None:
    ratings = synthetic_world(users=200, films=100).ratings
    settings = FactorModelSettings(method=method, factors=4, epochs=3, burn_in=5, samples=10, implicit=8)
    held_out = factor_model.hold_out(ratings, 0.2, 1)
    with using("cuda"):
        once, again = (factor_model.train(ratings, settings, 1, silent, held_out) for _ in range(2))
    with using("cpu"):
        here = factor_model.train(ratings, settings, 1, silent, held_out)
    assert once.films.equals(again.films)
    assert once.rmse_valid == pytest.approx(here.rmse_valid, abs=0.01)


def test_a_sum_over_ratings_is_the_same_each_time() -> None:
    draws = torch.Generator().manual_seed(1)
    user, film = (torch.randint(count, (100_000,), generator=draws).cuda() for count in (3000, 2000))
    dense = torch.randn(2000, 60, generator=draws).cuda()
    ratings = by_row(user, film, torch.rand(100_000, generator=draws).cuda(), 3000)
    first = ratings.weighted(dense)
    assert all(torch.equal(first, ratings.weighted(dense)) for _ in range(10))


@pytest.mark.parametrize("sampled", [None, 20])
def test_a_language_model_goes_on_after_a_cut(tokens: Tokens, tmp_path: Path, sampled: int | None) -> None:
    settings, file = SMALL.replace(epochs=3, sampled_words=sampled), tmp_path / "checkpoint"

    def stopping(stage: str, done: float, message: str, values: object = None) -> None:
        if message.startswith("epoch 3 of"):
            raise Cancelled("enough")

    folders = [tmp_path / name for name in ("whole", "again", "cut")]
    for folder in folders:
        folder.mkdir()
    whole, again, cut = folders
    with using("cuda"):
        fine_tune(Corpus(tokens), settings, FitContext(1, silent), whole)
        fine_tune(Corpus(tokens), settings, FitContext(1, silent), again)
        with pytest.raises(Cancelled):
            fine_tune(Corpus(tokens), settings, FitContext(1, stopping, file), cut)
        fine_tune(Corpus(tokens), settings, FitContext(1, silent, file), cut)
    expected = load_file(whole / "encoder.safetensors")
    for folder in (again, cut):
        weights = load_file(folder / "encoder.safetensors")
        assert all(torch.equal(weights[name], expected[name]) for name in expected)
        assert len(json.loads((folder / "info.json").read_text())["losses"]) == 3


def test_features_are_those_of_a_processor(tokens: Tokens, encoder: Path) -> None:
    some = tokens.take(range(30))
    there, here = (
        encoding.Encoder(encoder, device=torch.device(name)).features(some, silent)
        for name in ("cuda", "cpu")
    )
    assert np.abs(there - here).max() < GPU_TOLERANCE
