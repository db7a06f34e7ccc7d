"""Models that are fitted together are those that come of fitting each alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fastai.collab import EmbeddingDotBias

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_ratings
from core.errors import Cancelled
from core.factors.models import dot_bias, gibbs_rows
from core.factors.models.base import Fit, Split, all_trained_on, split
from core.factors.models.dot_bias_model import DotBias, RatingsOfEach, loss_of_all
from core.factors.models.factor_model import fit_all, hold_out, train
from core.factors.models.row_systems import packed, solve_and_draw
from core.progress import silent
from core.settings import FactorModelSettings

DOT_BIAS = FactorModelSettings(factors=3, epochs=3, batch_size=64, learning_rate=3e-2)
GIBBS = FactorModelSettings(method="gibbs", factors=3, burn_in=5, samples=5, implicit=0)
METHODS = {"dot-bias": DOT_BIAS, "gibbs": GIBBS, "gibbs, implicit feedback": GIBBS.replace(implicit=8)}


def world(films: int = 50, users: int = 80, ratings: int = 1500, seed: int = 0) -> Ratings:
    return synthetic_ratings(factors=2, films=films, users=users, ratings=ratings, noise=0.3, seed=seed)[0]


def part_of(ratings: Ratings) -> Split:
    return split(ratings, hold_out(ratings, 0.2, 42))


def splits() -> list[Split]:
    """Of different numbers of users, films, ratings and so of steps; the second has ratings held out."""
    return [
        all_trained_on(part_of(world())),
        part_of(world(films=30, users=45, ratings=700, seed=1)),
        all_trained_on(part_of(world(films=64, users=40, ratings=1100, seed=2))),
    ]


def assert_same(one: Fit, other: Fit, tolerance: float = 1e-5) -> None:
    for name in ("users", "films", "user_bias", "film_bias", "predicted"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=tolerance), name


@pytest.mark.parametrize("settings", METHODS.values(), ids=METHODS)
def test_together_as_one_by_one(settings: FactorModelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gibbs_rows, "TILE", 60)
    seeds = [3, 4, 5]
    together = fit_all(splits(), settings, seeds, silent)
    for number, (each, seed) in enumerate(zip(splits(), seeds, strict=True)):
        (alone,) = fit_all([each], settings, [seed], silent)
        assert_same(together[number], alone)
    assert len(together[1].predicted) and not len(together[0].predicted)


def test_other_seeds_lead_to_other_models() -> None:
    same = part_of(world())
    one, other = fit_all([same, same], DOT_BIAS, [1, 2], silent)
    assert np.abs(one.films - other.films).max() > 0.01


@pytest.mark.parametrize("settings", METHODS.values(), ids=METHODS)
def test_a_report_ends_all(settings: FactorModelSettings) -> None:
    def end(stage: str, done: float, message: str, values: object = None) -> None:
        if done > 0.3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        fit_all(splits(), settings, [1, 2, 3], end)


def test_rows_in_turn_that_all_have_ratings_move_as_all_rows_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a single batch every row has ratings, and the weights differ by rounding alone."""
    ratings, settings = part_of(world()), DOT_BIAS.replace(most_steps=1, epochs=30)
    (at_once,) = fit_all([ratings], settings, [1], silent)
    monkeypatch.setattr(dot_bias, "IN_CACHE", 0)
    (in_turn,) = fit_all([ratings], settings, [1], silent)
    assert_same(in_turn, at_once, 1e-4)


def test_rows_in_turn_catch_up_with_the_steps_that_they_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sixteen ratings a batch most rows miss most steps; without catching up the error is far larger."""
    ratings, settings = world(ratings=3000), DOT_BIAS.replace(batch_size=16, epochs=4, learning_rate=5e-3)
    held_out = hold_out(ratings, 0.2, 42)
    at_once = train(ratings, settings, 1, silent, held_out)
    monkeypatch.setattr(dot_bias, "IN_CACHE", 0)
    in_turn = train(ratings, settings, 1, silent, held_out)
    assert in_turn.rmse_valid == pytest.approx(at_once.rmse_valid, abs=0.005)
    size = at_once.films.filter(like="weight").to_numpy()
    assert np.abs(in_turn.films.filter(like="weight").to_numpy() - size).mean() < 0.05 * np.abs(size).mean()


def test_the_gradient_is_what_automatic_differentiation_finds() -> None:
    """Of a loss of two models' means, where a film has two ratings."""
    torch.manual_seed(0)
    model = DotBias([EmbeddingDotBias(2, 3, 2), EmbeddingDotBias(2, 2, 2)], (0.0, 5.5))
    rows = torch.cat(
        [model.numbered(0, *torch.tensor([[0, 2], [1, 1]])), model.numbered(1, *torch.tensor([[1], [0]]))], 1
    )
    rating, share = torch.tensor([5.0, 1.0, 4.0]), torch.tensor([0.5, 0.5, 1.0])
    user, film = model.table[rows]
    sums = (user * film)[:, :-1].sum(1) + user[:, -1] + film[:, -1]
    expected_loss = loss_of_all(5.5 * torch.sigmoid(sums), rating, share)
    expected_loss.backward()
    loss, places, values = model.gradient(rows, rating, share)
    assert float(loss) == pytest.approx(float(expected_loss.detach()))
    gradient = torch.zeros_like(model.table).index_add_(0, places, values)
    assert model.table.grad is not None and torch.allclose(gradient, model.table.grad, atol=1e-6)


def test_steps_are_dealt_out_in_batches_of_several() -> None:
    """Five ratings and two, two a step: the last of three steps, of one model alone, is a batch of its own."""
    rows = [torch.arange(5).repeat(2, 1), torch.arange(10, 12).repeat(2, 1)]
    ratings = [torch.arange(5.0), torch.arange(10.0, 12.0)]
    batches = RatingsOfEach(rows, ratings, [2, 2], None, at_once=2)
    assert [batches.size(step) for step in range(3)] == [4, 2, 1]
    (_, first, share), (_, last, last_share) = batches
    assert first.tolist() == [0, 1, 10, 11, 2, 3] and share.tolist() == [0.5] * 6
    assert last.tolist() == [4] and last_share.tolist() == [1]


def test_the_error_of_a_sample_is_that_of_its_predictions() -> None:
    """It is summed from what the sampling had at hand, never from the ratings."""
    parts = part_of(world())
    (fitted,) = fit_all([parts], GIBBS.replace(burn_in=0, samples=1), [1], silent)
    sums = (fitted.users[parts.user] * fitted.films[parts.film]).sum(1) + fitted.link.offset
    predicted = sums + fitted.user_bias[parts.user] + fitted.film_bias[parts.film]
    expected = np.square(predicted - parts.rating).mean()
    assert fitted.losses[-1]["train"] == pytest.approx(expected, rel=1e-4)


def test_systems_side_by_side_are_solved_as_one_by_one() -> None:
    draws = torch.Generator().manual_seed(0)
    roots = torch.randn(5, 4, 4, generator=draws)
    matrices, right = roots @ roots.mT + torch.eye(4), torch.randn(5, 4, generator=draws)
    systems = torch.cat([packed(matrix) for matrix in matrices], 1)
    systems[[4, 8, 11, 13]] = right.T
    z = torch.randn(4, 5, generator=draws)
    drawn, middle = solve_and_draw(systems, z)
    lower = torch.linalg.cholesky(matrices)
    y = torch.linalg.solve_triangular(lower, right[:, :, None], upper=False)
    x = torch.linalg.solve_triangular(lower.mT, y + z.T[:, :, None], upper=True)
    assert torch.allclose(middle, y[:, :, 0].T, atol=1e-4)
    assert torch.allclose(drawn, x[:, :, 0].T, atol=1e-4)


def test_a_matrix_that_is_not_positive_gives_no_number() -> None:
    drawn, _ = solve_and_draw(packed(-torch.eye(2)), torch.zeros(2, 1))
    assert not torch.isfinite(drawn).all()


def test_users_that_only_others_have_do_not_mix() -> None:
    """The same model beside a different one: nothing of the other's ratings reaches it."""
    mine, other = part_of(world()), part_of(world(seed=9))
    louder = replace(other, rating=other.rating[::-1].copy())
    for settings in METHODS.values():
        one = fit_all([mine, other], settings, [1, 2], silent)[0]
        two = fit_all([mine, louder], settings, [1, 2], silent)[0]
        assert_same(one, two, 1e-6)
