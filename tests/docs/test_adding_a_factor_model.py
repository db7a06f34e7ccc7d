"""The fitting method in docs/adding-a-factor-model.md works as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.data.ratings.synthetic import synthetic_ratings
from core.factors.models.factor_model import METHODS, FactorModel, hold_out, train
from core.progress import silent
from core.settings import FactorModelSettings

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-factor-model.md"


@pytest.fixture
def method(monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's method under a name of its own."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("least_squares")
    exec(code, vars(module))
    monkeypatch.setitem(sys.modules, "least_squares", module)
    monkeypatch.setitem(METHODS, "least-squares", "least_squares")
    return "least-squares"


def test_it_predicts_ratings_better_than_means_and_repeats_with_its_seed(method: str) -> None:
    ratings = synthetic_ratings(factors=3, films=60, users=200, ratings=6000, noise=0.5, seed=1)[0]
    # The settings know the names of our own methods alone.
    settings = FactorModelSettings(factors=3, epochs=6).model_copy(update={"method": method})

    def trained() -> FactorModel:
        return train(ratings, settings, 7, silent, hold_out(ratings, 0.2, 7))

    model = trained()
    assert model.rmse_valid < 0.9 * model.rmse_means
    assert [loss["epoch"] for loss in model.losses] == [1, 2, 3, 4, 5, 6]
    assert np.array_equal(model.films.film_id, ratings.films.film_id)
    assert model.films.equals(trained().films)
