"""fastai's fit: EmbeddingDotBias, the article's model, on batches that are slices of whole tensors.

fastai's loaders for collaborative filtering build each batch row by row in Python, which takes most of the
time; here a permutation of the ratings is cut into batches. Architecture, loss and schedule are the
article's. Several models are trained in one fit (`dot_bias_model`), since most of a step is what surrounds the
arithmetic, and of a large one only the rows of a batch are moved (`dot_bias_steps`).

With `least_steps`, few ratings are trained on in smaller batches and, where these cannot be smaller, for more
passes: as many as predict best a tenth of the ratings that a first fit leaves out. How many that are depends on
how much of the ratings is noise, so no number would do for all.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from fastai.collab import EmbeddingDotBias
from fastai.data.core import DataLoaders

from core.factors.models.base import LINES, STAGE, Fit, Link, Split, set_apart
from core.factors.models.dot_bias_model import DotBias, RatingsOfEach, loss_of_all
from core.factors.models.dot_bias_steps import (
    ROWS_IN_TURN,
    CatchesUp,
    InSteps,
    OwnPaces,
    Unvalidated,
    each_at_its_pace,
)
from core.progress import Report, named, part
from core.settings import FactorModelSettings
from core.training.device import device_for
from core.training.device_rule import Work
from core.training.fit import fastai_on, quiet, seeded
from core.training.reporting import Curves, reporting

LOCK = threading.Lock()
"""Held while a fit draws from the global random states, so that several fits can be made ready at once."""
IN_CACHE = 1 << 20
"""Numbers in the table of a model up to which each step moves all of them, since a processor keeps them near; of a
larger one it moves the rows of the batch, which leads to the same but for some thousandths."""
READ_AT_ONCE = 1 << 16
"""Ratings that are trained on between two events of fastai's, and ratings predicted at a time."""
LEAST_BATCH = 64
"""Ratings of the smallest batch, which is the article's: of smaller ones, steps cost more and teach no more."""
SET_APART = 0.1
"""Share of the ratings that is set apart where the number of passes is looked for."""


def fit_together(
    splits: Sequence[Split], factors: int, settings: FactorModelSettings, seeds: Sequence[int], report: Report
) -> list[Fit]:
    """Train with fastai and return the fits. Raises DegenerateResult on a loss that is not a number."""
    plan = in_steps(settings, len(splits[0].rating))
    if plan.epochs > settings.epochs:
        plan = _as_long(splits[0], factors, plan, seeds[0], named(part(report, 0.0, 0.5), STAGE))
        report = part(report, 0.5, 1.0)
    return [replace(fit, settings=plan) for fit in _trained(splits, factors, plan, seeds, report)]


def settle(
    split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report
) -> FactorModelSettings:
    """Return the settings with batches and passes for these ratings, which hold for others of their kind too."""
    plan = in_steps(settings, len(split.rating))
    return _as_long(split, factors, plan, seed, report) if plan.epochs > settings.epochs else plan


def _as_long(
    split: Split, factors: int, plan: FactorModelSettings, seed: int, report: Report
) -> FactorModelSettings:
    """Return the settings with as many passes, of those in them, as few ratings gain from.

    They are looked for by a fit that leaves some ratings out; its curves are not those of the model.
    """
    order = np.random.default_rng([seed, plan.epochs]).permutation(len(split.rating))
    left_out = order < max(1, round(SET_APART * len(order)))
    (first,) = _trained([set_apart(split, left_out)], factors, plan, [seed], report)
    errors = [loss["valid"] for loss in first.losses]
    return plan.replace(epochs=int(np.argmin(errors)) + 1)


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


def _trained(
    splits: Sequence[Split], factors: int, settings: FactorModelSettings, seeds: Sequence[int], report: Report
) -> list[Fit]:
    """Train in the batches and for the passes of the settings; large models one by one, all others in one fit."""
    large = [_is_large(split, factors) for split in splits]
    groups = [[number] for number, alone in enumerate(large) if alone]
    groups += [[number for number, alone in enumerate(large) if not alone]] * (not all(large))
    fits: dict[int, Fit] = {}
    for place, group in enumerate(groups):
        data, draws = [splits[number] for number in group], [seeds[number] for number in group]
        share = report if len(groups) == 1 else part(report, place / len(groups), (place + 1) / len(groups))
        fits |= zip(group, _in_one_fit(data, factors, settings, draws, share), strict=True)
    return [fits[number] for number in range(len(splits))]


def _is_large(split: Split, factors: int) -> bool:
    """Return whether a model for these ratings is trained alone, a step moving only the rows of its batch."""
    users, films = _rows(split)
    return (users + films) * (factors + 1) > IN_CACHE


def _rows(split: Split) -> tuple[int, int]:
    """Return the rows of users and of films: one more each, never trained, for those without ratings to train on."""
    users, films = split.counts
    return users + 1, films + 1


def _in_one_fit(
    splits: list[Split], factors: int, settings: FactorModelSettings, seeds: list[int], report: Report
) -> list[Fit]:
    """Train models in one fit; a large one has to be alone."""
    # The article's range is 0 to 5.5 for ratings of 1 to 5: a tenth above the highest, from zero.
    scale = splits[0].scale
    y_range = min(0.0, scale[0]), scale[1] * 1.1
    device = device_for(Work(STAGE, "dot-bias", sum(len(split.rating) for split in splits)))
    begun = [_begun(split, factors, seed) for split, seed in zip(splits, seeds, strict=True)]
    # Before the optimiser is made, which keeps its state beside the weights.
    model = DotBias(begun, y_range).to(device)
    rows = [
        model.numbered(number, *_tensors(split.user, split.film, device))
        for number, split in enumerate(splits)
    ]
    ratings = [torch.as_tensor(split.rating, dtype=torch.float32, device=device) for split in splits]
    # A step moves the whole table, or looks in all of it for the rows of its batch, so the steps of an epoch are
    # bounded: the cost stays linear.
    sizes = [max(settings.batch_size, -(-len(of_one) // settings.most_steps)) for of_one in ratings]
    held_out = [
        model.numbered(number, *_tensors(split.held_out_user, split.held_out_film, device))
        for number, split in enumerate(splits)
    ]
    held_out_ratings = torch.as_tensor(splits[0].held_out_rating, dtype=torch.float32, device=device)
    # The errors of several models are no curve.
    is_watched = len(splits) == 1 and len(held_out_ratings) > 0
    large = _is_large(splits[0], factors)
    # Every step is a point of a curve, and looks at its rows first where only these are moved.
    at_once = 1 if is_watched or large else max(1, READ_AT_ONCE // sum(sizes))
    with LOCK, seeded(seeds[0], device):
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        batches = RatingsOfEach(rows, ratings, sizes, generators, at_once)
        others = RatingsOfEach(held_out[:1], [held_out_ratings], [READ_AT_ONCE], None)
        data = DataLoaders(batches, others, device=device)
        steps = ROWS_IN_TURN if large else each_at_its_pace([model.rows_of(n) for n in range(len(splits))])
        learn = quiet(InSteps(data, model, loss_func=loss_of_all, opt_func=steps))
        learn.add_cb(CatchesUp() if large else OwnPaces(batches))
        if not is_watched:
            learn.add_cb(Unvalidated())
    with fastai_on(device), reporting(learn, report, Curves(STAGE, LINES if is_watched else ())):
        learn.fit_one_cycle(settings.epochs, settings.learning_rate, wd=settings.weight_decay)
    losses = [
        {"epoch": i + 1, "train": float(row[0]), "valid": float(row[1])}
        for i, row in enumerate(learn.recorder.values if is_watched else [])
    ]
    return [_fit(split, model, number, held_out[number], losses) for number, split in enumerate(splits)]


def _begun(split: Split, factors: int, seed: int) -> EmbeddingDotBias:
    """Return the model that training begins with."""
    with LOCK, seeded(seed):
        return EmbeddingDotBias(factors, *_rows(split))


def _fit(
    split: Split, model: DotBias, number: int, held_out: torch.Tensor, losses: list[dict[str, float]]
) -> Fit:
    """Return the fit of one model."""
    with torch.inference_mode():
        pieces = [model(pairs).float().cpu().numpy() for pairs in torch.split(held_out, READ_AT_ONCE, dim=1)]
    table = model.table.detach()[model.rows_of(number)].float().cpu().numpy()
    # The last row of either side is that of the unknown.
    users, films = np.split(table, [_rows(split)[0]])
    return Fit(
        users=users[:-1, :-1],
        films=films[:-1, :-1],
        user_bias=users[:-1, -1],
        film_bias=films[:-1, -1],
        link=Link(squash=(model.low, model.high)),
        covariance=None,
        predicted=np.clip(np.concatenate(pieces), *split.scale),
        losses=losses,
    )


def _tensors(user: np.ndarray, film: np.ndarray, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.as_tensor(user, device=device), torch.as_tensor(film, device=device)
