"""The Bayesian fit: the posterior mean of factors and biases, by Gibbs sampling with learnt hyper-parameters.

Salakhutdinov and Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte Carlo" (ICML
2008), with three additions. A user's and a film's bias are sampled together with its factors, as one more
column. The prior mean of a user's vector may depend on which films the user rated, whatever the rating, and a
film's on who rated it (`implicit_features`; the regression on features is sampled as in Simm et al., "Macau",
2017). The samples are aligned before they are averaged (`aligned_samples`).

Models are sampled together, each from its own ratings and by its own draws: `gibbs_rows` has half a sweep, `prior`
the hyper-parameters.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

import core.training.threads  # noqa: F401 - sets their number
from core.errors import DegenerateResult
from core.factors.models.aligned_samples import AlignedSamples
from core.factors.models.base import LINES, STAGE, Fit, Link, Split
from core.factors.models.gibbs_rows import Given, Side, sample, tiles
from core.factors.models.implicit_features import implicit_features
from core.factors.models.prior import Prior
from core.progress import Report
from core.settings import FactorModelSettings
from core.training.device import device_for
from core.training.device_rule import Work

PREDICTED_AT_ONCE = 1 << 20
"""Ratings predicted at a time."""


def fit_together(
    splits: Sequence[Split], factors: int, settings: FactorModelSettings, seeds: Sequence[int], report: Report
) -> list[Fit]:
    """Sample, and return the mean of each model's samples. Raises DegenerateResult where they diverge."""
    device = device_for(Work(STAGE, "gibbs", sum(len(split.rating) for split in splits)))
    models = [
        _Model(split, factors, settings, seed, device) for split, seed in zip(splits, seeds, strict=True)
    ]
    both_tiles = [tiles([model.sides[number] for model in models]) for number in (0, 1)]
    noise = [1.0] * len(models)
    sweeps = settings.burn_in + settings.samples
    for sweep in range(1, sweeps + 1):
        for number, other in ((0, 1), (1, 0)):
            given = [model.given(number, precision) for model, precision in zip(models, noise, strict=True)]
            mine, theirs = ([model.sides[side] for model in models] for side in (number, other))
            squares = sample(both_tiles[number], mine, theirs, given)
        noise = [model.keep(sweep, error) for model, error in zip(models, squares, strict=True)]
        point = dict(zip(("step", *LINES), models[0].losses[-1].values(), strict=False))
        done = f"sweep {sweep} of {sweeps}"
        report(STAGE, sweep / sweeps, done, point if len(models) == 1 and models[0].is_watched else None)
    return [model.fit() for model in models]


class _Model:
    """The ratings of one model, its draws, and what is kept of its samples."""

    def __init__(
        self, split: Split, factors: int, settings: FactorModelSettings, seed: int, device: torch.device
    ) -> None:
        """Draw the vectors to start from, and find the features. (Each parameter is a part of a fit's input.)"""
        self.split, self.settings = split, settings
        self.draws = np.random.default_rng(seed)
        # On the processor whatever the device, so that all devices draw the same.
        self.normal = torch.Generator().manual_seed(seed)
        self.mean, self.spread = float(split.rating.mean()), float(split.rating.std())
        user, film, *self.held_out = (
            torch.as_tensor(codes, dtype=torch.int64, device=device)
            for codes in (split.user, split.film, split.held_out_user, split.held_out_film)
        )
        centred = (split.rating - self.mean) / self.spread
        self.ratings = len(centred)
        self.square = float(np.square(centred, dtype=np.float64).sum())
        value = torch.as_tensor(centred, dtype=torch.float32, device=device)
        start = [
            0.1 * torch.randn(count, factors + 1, generator=self.normal).to(device) for count in split.counts
        ]
        self.sides = Side(user, film, value, start[0]), Side(film, user, value, start[1])
        features: Sequence[torch.Tensor | None] = (None, None)
        if settings.implicit:
            seen = self.sides[0].ratings, self.sides[1].ratings
            features = implicit_features(*seen, settings.implicit, self.normal)
        self.priors = [Prior(one) for one in features]
        self.is_watched = len(split.held_out_rating) > 0
        self.aligned = AlignedSamples(self.is_watched)
        self.predicted = torch.zeros(len(self.held_out[0]), device=device)
        self.losses: list[dict[str, float]] = []

    def given(self, number: int, noise: float) -> Given:
        """Draw the hyper-parameters of users (0) or films (1); return what their vectors are drawn by."""
        vectors = self.sides[number].vectors
        mean, precision = self.priors[number].draw(vectors, self.draws, self.normal)
        draws = torch.randn(*vectors.shape, generator=self.normal).to(vectors.device)
        return Given(mean, precision, noise, draws)

    def keep(self, sweep: int, squares: float) -> float:
        """Keep a sample: add it to what is averaged, note the errors, and draw the precision of the ratings.

        `squares` is how far the sum of squared errors is above that of the ratings' squares.
        """
        squares += self.square
        if not np.isfinite(squares):
            raise DegenerateResult("the samples of the factor model ran away; choose fewer factors")
        settings, (users, films) = self.settings, (side.vectors for side in self.sides)
        noise = float(self.draws.gamma((self.ratings + 1) / 2) / ((squares + 1) / 2))
        sweeps = settings.burn_in + settings.samples
        if sweep > (settings.settled if settings.settled < sweeps else settings.burn_in):
            self.aligned.add(users, films)
        loss = {"epoch": sweep, "train": squares / self.ratings * self.spread**2}
        if self.is_watched:
            vectors = _with_unknown(users), _with_unknown(films)
            sample = torch.cat([_dot(*vectors, *pair) for pair in _pieces(*self.held_out)])
            averaged = sweep - settings.burn_in
            self.predicted = self.predicted + sample if averaged > 1 else sample
            self.current = (self.predicted / max(averaged, 1)).cpu().numpy() * self.spread + self.mean
            misfit = np.clip(self.current, *self.split.scale) - self.split.held_out_rating
            loss["valid"] = float(np.square(misfit).mean())
        self.losses.append(loss)
        return noise

    def fit(self) -> Fit:
        """Return the mean of the samples; users' factors have no unit, films' weights that of the ratings."""
        users, films = (side.cpu().numpy() for side in (self.aligned.users, self.aligned.films))
        return Fit(
            users=users[:, :-1],
            films=films[:, :-1] * self.spread,
            user_bias=users[:, -1] * self.spread,
            film_bias=films[:, -1] * self.spread,
            link=Link(offset=self.mean),
            covariance=self.aligned.covariance.cpu().numpy() * self.spread**2 if self.is_watched else None,
            predicted=np.clip(self.current, *self.split.scale) if self.is_watched else np.zeros(0),
            losses=self.losses,
        )


def _dot(users: torch.Tensor, films: torch.Tensor, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
    """Predict the ratings of pairs, centred and scaled."""
    left, right = users.index_select(0, user), films.index_select(0, film)
    return (left[:, :-1] * right[:, :-1]).sum(1) + left[:, -1] + right[:, -1]


def _pieces(*columns: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    return zip(*(torch.split(column, PREDICTED_AT_ONCE) for column in columns), strict=True)


def _with_unknown(vectors: torch.Tensor) -> torch.Tensor:
    """Append the average vector, for users and films without training ratings."""
    return torch.cat([vectors, vectors.mean(0, keepdim=True)])
