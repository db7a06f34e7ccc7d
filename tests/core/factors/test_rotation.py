"""Properties of the canonical forms, on factors that can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import DegenerateResult
from core.factors.models.factor_model import FactorModel, Link
from core.factors.rotation import canonical, strengths
from core.factors.top_factors import weights_of
from core.settings import Form


def model_of(films: np.ndarray, users: np.ndarray, covariance: np.ndarray | None = None) -> FactorModel:
    def table(weights: np.ndarray, key: str) -> pd.DataFrame:
        columns = {f"weight_{k}": weights[:, k] for k in range(weights.shape[1])}
        return pd.DataFrame({key: range(len(weights)), **columns, "bias": np.linspace(-1, 1, len(weights))})

    return FactorModel(
        table(films, "film_id"), table(users, "user_id"), Link(3.0), covariance, 1.0, 1.0, None, []
    )


def sums(model: FactorModel) -> np.ndarray:
    dot = weights_of(model.users) @ weights_of(model.films).T
    return dot + model.users.bias.to_numpy()[:, None] + model.films.bias.to_numpy()


@pytest.fixture
def model() -> FactorModel:
    """Return a model of three factors of which each film has one, mixed by a random matrix on either side."""
    rng = np.random.default_rng(3)
    films = np.zeros((90, 3))
    films[np.arange(90), np.arange(90) % 3] = rng.gamma(2.0, [3.0, 2.0, 1.0] * 30, 90)
    mix = rng.normal(size=(3, 3))
    users = rng.normal(size=(200, 3))
    covariance = np.broadcast_to(0.01 * np.eye(3), (90, 3, 3))
    return model_of(films @ mix + 0.5, users @ np.linalg.inv(mix).T - 0.3, covariance)


@pytest.mark.parametrize("form", ["raw", "principal", "varimax"])
def test_no_form_changes_a_prediction(model: FactorModel, form: Form) -> None:
    assert np.abs(sums(canonical(model, form)) - sums(model)).max() < 1e-5


@pytest.mark.parametrize("form", ["principal", "varimax"])
def test_weights_compare_and_tails_are_positive(model: FactorModel, form: Form) -> None:
    found = canonical(model, form)
    weights = weights_of(found.films)
    assert weights.mean(0) == pytest.approx(np.zeros(3), abs=1e-6)
    assert weights.std(0) == pytest.approx(np.ones(3), abs=1e-5)
    assert ((weights**3).mean(0) > 0).all()
    assert (np.diff(strengths(found)) < 0).all()


@pytest.mark.parametrize("form", ["principal", "varimax"])
def test_the_users_side_is_orthogonal(model: FactorModel, form: Form) -> None:
    """Divided by the strengths it is orthonormal but for the factor of the number of users."""
    found = canonical(model, form)
    unit = weights_of(found.users) / strengths(found)
    assert unit.T @ unit / len(unit) == pytest.approx(np.eye(3), abs=1e-4)


def test_principal_factors_are_those_of_the_singular_value_decomposition(model: FactorModel) -> None:
    matrix = weights_of(model.users) @ weights_of(model.films).T
    matrix = matrix - matrix.mean(0) - matrix.mean(1, keepdims=True) + matrix.mean()
    size = np.linalg.svd(matrix, compute_uv=False)[:3] / np.sqrt(matrix.size)
    assert strengths(canonical(model, "principal")) == pytest.approx(size, rel=1e-4)


def test_varimax_finds_simple_structure(model: FactorModel) -> None:
    """After mixing, each film loads on one factor again, the original one."""
    weights = weights_of(canonical(model, "varimax").films)
    truth = np.eye(3)[np.arange(90) % 3]
    correlation = np.corrcoef(weights.T, truth.T)[:3, 3:]
    assert np.sort(np.abs(correlation).max(1))[0] > 0.7


def test_a_form_does_not_depend_on_how_the_fit_left_the_factors(model: FactorModel) -> None:
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0] * [1, 2, 3]
    other = model_of(weights_of(model.films) @ turn, weights_of(model.users) @ np.linalg.inv(turn).T)
    for form in ("principal", "varimax"):
        one, two = (weights_of(canonical(m, form).films) for m in (model, other))
        assert one == pytest.approx(two, abs=1e-4)


def test_intervals_follow_the_weights(model: FactorModel) -> None:
    raw = canonical(model, "raw").films
    assert (raw.high_0 - raw.low_0).to_numpy() == pytest.approx(np.full(90, 2 * 1.96 * 0.1), abs=1e-5)
    # Where all films' covariances are one, the interval in any form is the same for all films.
    turned = canonical(model, "principal").films
    assert (turned.high_1 - turned.low_1).std() < 1e-5
    assert ((turned.low_1 < turned.weight_1) & (turned.weight_1 < turned.high_1)).all()
    assert "low_0" not in canonical(replace(model, covariance=None), "principal").films


def test_a_factor_that_adds_nothing_is_refused() -> None:
    rng = np.random.default_rng(0)
    films = np.column_stack([rng.normal(size=50), np.zeros(50)])
    with pytest.raises(DegenerateResult, match="adds nothing"):
        canonical(model_of(films, rng.normal(size=(60, 2))), "principal")
