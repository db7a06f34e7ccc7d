"""The contract of a fitting method of the factor model."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import SyntheticWorld, synthetic_world
from core.errors import BadSettings, DegenerateResult
from core.factors.models.factor_model import FactorModel, hold_out, predict, train
from core.factors.top_factors import weights_of
from core.progress import Report, silent
from core.settings import FactorModelSettings


def fit(ratings: Ratings, settings: FactorModelSettings, report: Report = silent) -> FactorModel:
    """Return the model trained on four fifths of the ratings."""
    return train(ratings, settings, 42, report, hold_out(ratings, 0.2, 42))


class FitMethodContract:
    """Consistent tables, an error below that of means, reproducibility by seed, and no degenerate results."""

    settings: FactorModelSettings
    """Settings with the method, four factors, and enough training for the synthetic ratings."""

    @pytest.fixture(scope="class")
    @classmethod
    def world(cls) -> SyntheticWorld:
        return synthetic_world()

    @pytest.fixture(scope="class")
    @classmethod
    def registered(cls) -> Iterator[None]:
        """Register the method; to be overridden if the program does not have it."""
        yield

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, world: SyntheticWorld, registered: None) -> FactorModel:
        return fit(world.ratings, cls.settings)

    def test_a_films_neighbours_by_weight_share_its_taste(
        self, world: SyntheticWorld, model: FactorModel
    ) -> None:
        """With titles shifted by one row, the share of shared tastes would be at chance, about a third."""
        labels = world.labels[world.ratings.films.set_index("title").index.get_indexer(model.films.title)]
        weights = weights_of(model.films)
        weights = weights - weights.mean(0)
        unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
        similarity = unit @ unit.T
        np.fill_diagonal(similarity, -np.inf)
        nearest = np.argsort(-similarity, axis=1)[:, :5]
        shared = [
            [bool((labels[i] & labels[j]).any()) for j in neighbours] for i, neighbours in enumerate(nearest)
        ]
        assert np.mean(shared) > 0.9

    def test_titles_and_ids_stay_together(self, world: SyntheticWorld, model: FactorModel) -> None:
        titles = world.ratings.films.set_index("film_id").title
        assert (model.films.title == titles.loc[model.films.film_id].to_numpy()).all()
        assert model.films.film_id.is_unique and len(model.films) == len(world.ratings.films)
        assert len(model.users) == len(world.ratings.user_ids)

    def test_ratings_are_counted_per_film(self, world: SyntheticWorld, model: FactorModel) -> None:
        ratings = np.bincount(world.ratings.table.film)
        assert (model.films.ratings.to_numpy() == ratings[model.films.film_id.astype(int) - 1]).all()

    def test_it_beats_the_means(self, model: FactorModel) -> None:
        assert model.rmse_valid < 0.75 * model.rmse_means

    def test_each_pass_has_its_losses(self, model: FactorModel) -> None:
        assert [loss["epoch"] for loss in model.losses] == list(range(1, len(model.losses) + 1))
        assert all({"train", "valid"} <= set(loss) for loss in model.losses)

    def test_the_tables_alone_predict_as_the_fit_does(
        self, world: SyntheticWorld, model: FactorModel
    ) -> None:
        """A sampling fit averages predictions, and its tables average weights, so the two differ slightly."""
        held_out = hold_out(world.ratings, 0.2, 42)
        error = predict(model, world.ratings, held_out) - world.ratings.table.rating[held_out]
        tolerance = 1e-4 if model.covariance is None else 0.02
        assert np.sqrt(np.square(error).mean()) == pytest.approx(model.rmse_valid, abs=tolerance)

    def test_users_and_films_that_are_never_trained_on_have_no_row(
        self, world: SyntheticWorld, registered: None
    ) -> None:
        held_out = world.ratings.table.film.to_numpy() == 5
        short = self.settings.model_copy(update={"epochs": 1, "samples": 1})
        model = train(world.ratings, short, 42, silent, held_out)
        assert "6" not in set(model.films.film_id) and len(model.films) == 119
        assert np.isfinite(model.rmse_valid)

    def test_same_seed_same_weights_and_the_global_draws_go_on(
        self, world: SyntheticWorld, model: FactorModel
    ) -> None:
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        expected = random.random(), np.random.rand(), torch.rand(1).item()
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        again = fit(world.ratings, self.settings)
        assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected
        assert np.array_equal(weights_of(model.films), weights_of(again.films))

    def test_draws_of_others_do_not_change_it(self, world: SyntheticWorld, model: FactorModel) -> None:
        """In the worker other threads draw from Python's shared generator while a fit runs."""
        again = fit(world.ratings, self.settings, lambda *_: random.seed())
        assert np.array_equal(weights_of(model.films), weights_of(again.films))

    @pytest.mark.parametrize(("factors", "what"), [(120, "films"), (100, "users")])
    def test_more_factors_than_films_or_users_are_refused(
        self, world: SyntheticWorld, registered: None, factors: int, what: str
    ) -> None:
        ratings = synthetic_world(users=100).ratings if what == "users" else world.ratings
        with pytest.raises(BadSettings, match=f"{factors} factors for {factors} {what}.*fewer factors than"):
            fit(ratings, self.settings.model_copy(update={"factors": factors}))

    def test_constant_ratings_are_refused(self, world: SyntheticWorld, registered: None) -> None:
        constant = replace(world.ratings, table=world.ratings.table.assign(rating=np.float32(4)))
        with pytest.raises(DegenerateResult, match="are 4"):
            fit(constant, self.settings)

    def test_nothing_held_out_is_refused(self, world: SyntheticWorld, registered: None) -> None:
        nothing = np.zeros(len(world.ratings.table), dtype=bool)
        for mask in (nothing, ~nothing):
            with pytest.raises(BadSettings, match="some are needed on either side"):
                train(world.ratings, self.settings, 42, silent, mask)
