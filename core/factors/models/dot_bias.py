"""fastai's fit: EmbeddingDotBias, the article's model, on batches that are slices of whole tensors.

fastai's loaders for collaborative filtering build each batch row by row in Python, which takes most of the
time; here a permutation of the ratings is cut into batches. Architecture, loss and schedule are the
article's.

With `least_steps`, few ratings are trained on in smaller batches and, where these cannot be smaller, for more
passes: as many as predict best a tenth of the ratings that a first fit leaves out. How many that are depends on
how much of the ratings is noise, so no number would do for all.
"""

from dataclasses import replace

import numpy as np
import torch
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.collab import EmbeddingDotBias
from fastai.data.core import DataLoaders

from core.factors.models.base import LINES, STAGE, Fit, Link, Split, set_apart
from core.progress import Report, named, part
from core.settings import FactorModelSettings
from core.training.batches import Batches
from core.training.device import device_for
from core.training.device_rule import Work
from core.training.fit import ADAM, quiet, seeded
from core.training.reporting import Curves, reporting

READ_AT_ONCE = 1 << 16
"""Ratings predicted at a time."""
LEAST_BATCH = 64
"""Ratings of the smallest batch, which is the article's: of smaller ones, steps cost more and teach no more."""
SET_APART = 0.1
"""Share of the ratings that is set apart where the number of passes is looked for."""


def fit(split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report) -> Fit:
    """Train with fastai and return the fit. Raises DegenerateResult on a loss that is not a number."""
    plan = in_steps(settings, len(split.rating))
    if plan.epochs > settings.epochs:
        order = np.random.default_rng([seed, plan.epochs]).permutation(len(split.rating))
        left_out = order < max(1, round(SET_APART * len(order)))
        # Its curves are not those of the model.
        first = _trained(
            set_apart(split, left_out), factors, plan, seed, named(part(report, 0.0, 0.5), STAGE)
        )
        errors = [loss["valid"] for loss in first.losses]
        plan = plan.replace(epochs=int(np.argmin(errors)) + 1)
        report = part(report, 0.5, 1.0)
    return replace(_trained(split, factors, plan, seed, report), settings=plan)


def in_steps(settings: FactorModelSettings, ratings: int) -> FactorModelSettings:
    """Return the settings without `least_steps`, but with batches and passes that give as many.

    >>> few = in_steps(FactorModelSettings(epochs=6, least_steps=900), 1507)
    >>> few.batch_size, few.epochs
    (64, 38)
    """
    if not settings.least_steps:
        return settings
    size = min(settings.batch_size, max(LEAST_BATCH, ratings * settings.epochs // settings.least_steps))
    passes = -(-settings.least_steps // -(-ratings // size))
    return settings.replace(batch_size=size, epochs=max(settings.epochs, passes), least_steps=0)


def _trained(split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report) -> Fit:
    """Train in the batches and for the passes of the settings."""
    device = device_for(Work(STAGE, "dot-bias", len(split.rating)))
    trained = _tensors(split.user, split.film, split.rating, device)
    held_out = _tensors(split.held_out_user, split.held_out_film, split.held_out_rating, device)
    # Adam updates all weights at each step, so the steps of an epoch are bounded: the cost stays linear.
    size = max(settings.batch_size, -(-len(split.rating) // settings.most_steps))
    users, films = split.counts
    # The article's range is 0 to 5.5 for ratings of 1 to 5: a tenth above the highest, from zero.
    low, high = min(0.0, split.scale[0]), split.scale[1] * 1.1
    with seeded(seed, device):
        data = DataLoaders(
            Batches(*trained, size, torch.Generator().manual_seed(seed)),
            Batches(*held_out, READ_AT_ONCE, None),
            device=device,
        )
        # One more row on either side, never trained, for users and films without ratings to train on.
        model = EmbeddingDotBias(factors, users + 1, films + 1, y_range=(low, high))
        learn = quiet(Learner(data, model, loss_func=torch.nn.functional.mse_loss, opt_func=ADAM))
        with reporting(learn, report, Curves(STAGE, LINES)):
            learn.fit_one_cycle(settings.epochs, settings.learning_rate, wd=settings.weight_decay)

    losses = [
        {"epoch": i + 1, "train": float(row[0]), "valid": float(row[1])}
        for i, row in enumerate(learn.recorder.values)
    ]
    with torch.inference_mode():
        pieces = [model(pairs).float().cpu().numpy() for pairs in torch.split(held_out[0], READ_AT_ONCE)]
    model = model.float().cpu()
    user_weights, film_weights, user_bias, film_bias = (
        table.weight.detach().numpy()[:-1]
        for table in (model.u_weight, model.i_weight, model.u_bias, model.i_bias)
    )
    return Fit(
        users=user_weights,
        films=film_weights,
        user_bias=user_bias[:, 0],
        film_bias=film_bias[:, 0],
        link=Link(squash=(low, high)),
        covariance=None,
        predicted=np.clip(np.concatenate(pieces), *split.scale),
        losses=losses,
    )


def _tensors(
    user: np.ndarray, film: np.ndarray, rating: np.ndarray, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = torch.as_tensor(np.stack([user, film], 1), device=device)
    return pairs, torch.as_tensor(rating, dtype=torch.float32, device=device)
