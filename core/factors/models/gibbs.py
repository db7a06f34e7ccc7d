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
from core.factors.models.gibbs_rows import Given, Side, sample, squares
from core.factors.models.implicit_features import implicit_features
from core.factors.models.incidence import Incidence, by_row
from core.factors.models.prior import Draws, Priors
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
    models = [_Model(split, settings, seed, device) for split, seed in zip(splits, seeds, strict=True)]
    draws = [model.draws for model in models]
    sides = _sides(models, factors, device)
    priors = _priors(models, sides, settings.implicit)
    aligned = AlignedSamples(sides, [model.is_watched for model in models])
    noise = [1.0] * len(models)
    sweeps = settings.burn_in + settings.samples
    for sweep in range(1, sweeps + 1):
        for side, other, prior in zip(sides, reversed(sides), priors, strict=True):
            rows = [
                one.normal(factors + 1, int(count)).to(device)
                for one, count in zip(draws, side.counts, strict=True)
            ]
            given = Given(*prior.draw(), noise, rows)
            fitted = sample(side, other, given)
        errors = squares(sides[1], sides[0], given, fitted)
        noise = [
            model.keep(sweep, float(error), _of_model(sides, number) if model.is_watched else None)
            for number, (model, error) in enumerate(zip(models, errors, strict=True))
        ]
        if sweep > (settings.settled if settings.settled < sweeps else settings.burn_in):
            aligned.add()
        point = dict(zip(("step", *LINES), models[0].losses[-1].values(), strict=False))
        done = f"sweep {sweep} of {sweeps}"
        report(STAGE, sweep / sweeps, done, point if len(models) == 1 and models[0].is_watched else None)
    return [model.fit(aligned, number) for number, model in enumerate(models)]


class _Model:
    """The ratings of one model, its draws, and what is kept of its predictions."""

    def __init__(self, split: Split, settings: FactorModelSettings, seed: int, device: torch.device) -> None:
        """Sort the ratings, centred and scaled, by users and by films."""
        self.split, self.settings = split, settings
        self.draws = Draws(np.random.default_rng(seed), torch.Generator().manual_seed(seed))
        self.mean, self.spread = float(split.rating.mean()), float(split.rating.std())
        user, film, *self.held_out = (
            torch.as_tensor(codes, dtype=torch.int64, device=device)
            for codes in (split.user, split.film, split.held_out_user, split.held_out_film)
        )
        centred = (split.rating - self.mean) / self.spread
        self.ratings = len(centred)
        self.square = float(np.square(centred, dtype=np.float64).sum())
        value = torch.as_tensor(centred, dtype=torch.float32, device=device)
        users, films = split.counts
        self.seen: tuple[Incidence, Incidence] = (
            by_row(user, film, value, users),
            by_row(film, user, value, films),
        )
        self.is_watched = len(split.held_out_rating) > 0
        self.predicted = torch.zeros(len(self.held_out[0]), device=device)
        self.losses: list[dict[str, float]] = []

    def keep(self, sweep: int, error: float, vectors: tuple[torch.Tensor, torch.Tensor] | None) -> float:
        """Keep a sample: note the errors, average the predictions, and draw the precision of the ratings.

        `error` is how far the sum of squared errors is above that of the ratings' squares; `vectors` are those of
        users and films, a row each, where the model predicts.
        """
        error += self.square
        if not np.isfinite(error):
            raise DegenerateResult("the samples of the factor model ran away; choose fewer factors")
        noise = float(self.draws.arrays.gamma((self.ratings + 1) / 2) / ((error + 1) / 2))
        loss = {"epoch": sweep, "train": error / self.ratings * self.spread**2}
        if vectors is not None:
            users, films = map(_with_unknown, vectors)
            sample = torch.cat([_dot(users, films, *pair) for pair in _pieces(*self.held_out)])
            averaged = sweep - self.settings.burn_in
            self.predicted = self.predicted + sample if averaged > 1 else sample
            self.current = (self.predicted / max(averaged, 1)).cpu().numpy() * self.spread + self.mean
            misfit = np.clip(self.current, *self.split.scale) - self.split.held_out_rating
            loss["valid"] = float(np.square(misfit).mean())
        self.losses.append(loss)
        return noise

    def fit(self, aligned: AlignedSamples, number: int) -> Fit:
        """Return the mean of the samples; users' factors have no unit, films' weights that of the ratings."""
        users, films = (table(number).cpu().numpy() for table in (aligned.users, aligned.films))
        return Fit(
            users=users[:, :-1],
            films=films[:, :-1] * self.spread,
            user_bias=users[:, -1] * self.spread,
            film_bias=films[:, -1] * self.spread,
            link=Link(offset=self.mean),
            covariance=aligned.covariance(number).cpu().numpy() * self.spread**2 if self.is_watched else None,
            predicted=np.clip(self.current, *self.split.scale) if self.is_watched else np.zeros(0),
            losses=self.losses,
        )


def _sides(models: Sequence[_Model], factors: int, device: torch.device) -> tuple[Side, Side]:
    """Return users and films of all models, with the vectors to start from."""
    counts = [model.split.counts for model in models]
    starts = [
        [0.1 * model.draws.normal(factors + 1, count).to(device) for count in its]
        for model, its in zip(models, counts, strict=True)
    ]
    users, films = (
        Side(
            [model.seen[mine] for model in models],
            [its[1 - mine] for its in counts],
            [one[mine] for one in starts],
        )
        for mine in (0, 1)
    )
    return users, films


def _priors(models: Sequence[_Model], sides: tuple[Side, Side], implicit: int) -> list[Priors]:
    draws = [model.draws for model in models]
    if not implicit:
        return [Priors(side, [], draws) for side in sides]
    features = [implicit_features(*model.seen, implicit, model.draws.tensors) for model in models]
    return [Priors(side, its, draws) for side, its in zip(sides, zip(*features, strict=True), strict=True)]


def _of_model(sides: tuple[Side, Side], number: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the vectors of one model, a row each."""
    users, films = (side.vectors[:, side.spans[number]].T.contiguous() for side in sides)
    return users, films


def _dot(users: torch.Tensor, films: torch.Tensor, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
    """Predict the ratings of pairs, centred and scaled."""
    left, right = users.index_select(0, user), films.index_select(0, film)
    return (left[:, :-1] * right[:, :-1]).sum(1) + left[:, -1] + right[:, -1]


def _pieces(*columns: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    return zip(*(torch.split(column, PREDICTED_AT_ONCE) for column in columns), strict=True)


def _with_unknown(vectors: torch.Tensor) -> torch.Tensor:
    """Append the average vector, for users and films without training ratings."""
    return torch.cat([vectors, vectors.mean(0, keepdim=True)])
