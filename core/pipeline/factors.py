"""The stages that lead to factors, through the store: how many, the model, its form, and what repeats.

Like `stages`, its counterpart for texts, it imports what loads torch only where there is something to compute.
"""

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.errors import DegenerateResult
from core.progress import Report, named, part
from core.results.sentences import stability_line
from core.settings import RunSettings, StabilitySettings
from core.store import Store, read_json, write_json

if TYPE_CHECKING:
    from core.factors.models.factor_model import FactorModel

VERSIONS = {"factor model": "3", "factors": "1", "resamples": "2", "stability": "2"}
"""Raise a stage's version when its code changes what it makes: older artifacts are then not found."""


def settle_factors(
    ratings: Ratings, settings: RunSettings, store: Store, report: Report
) -> tuple[RunSettings, dict[str, Any] | None]:
    """Return the settings with the number and form of the factors, and how they were chosen if they were.

    Raises DegenerateResult where no factor repeats between halves of the users.
    """
    if settings.factor_model.factors is not None:
        return settings, None
    # Seeds have no part in the choice; a copy that is not checked may have none.
    how = settings.stability.model_copy(update={"seeds": 0})
    most = _most_comparable(ratings, settings)
    if most < 1:
        raise DegenerateResult(
            f"{ratings.name} has too few users, or films with {2 * how.least_ratings} ratings, to say which "
            "factors repeat; choose the number of factors yourself, or add ratings"
        )
    early = part(named(report, "factor model"), 0.0, 0.8)
    folder = _resample_folder(ratings, settings, how, store, early)
    from core.factors.stability.measure import choose, load

    choice = choose(load(folder, how), how)
    factors = choice["factors"]
    if factors < 2:
        found = "no factor" if not factors else "a single factor"
        raise DegenerateResult(
            f"{found} of {ratings.name} repeats between halves of its users, and at least two are needed to tell "
            "films apart; choose the number of factors yourself, or add ratings"
        )
    report(
        "factor model",
        0.8,
        f"{factors} factors repeat between halves of the users",
    )
    settled = settings.replace(
        form=settings.form or choice["form"],
        factor_model=settings.factor_model.replace(factors=factors),
        # With all factors among its top, every film would have the same labels.
        selection=settings.selection.replace(top=min(settings.selection.top, factors - 1)),
    )
    return settled, choice


def factor_folder(ratings: Ratings, settings: RunSettings, store: Store, report: Report) -> Path:
    """Return the folder with factors.parquet and users.parquet, in the settings' form, and info.json."""
    trained = _trained_folder(ratings, settings, store, report)

    def build(folder: Path) -> None:
        from core.factors.rotation import canonical, strengths

        info = read_json(trained / "info.json")
        model = canonical(_read_model(trained, info), settings.form or "raw")
        model.films.to_parquet(folder / "factors.parquet")
        model.users.to_parquet(folder / "users.parquet")
        write_json(folder / "info.json", info | {"strengths": strengths(model).tolist()})

    inputs = {"trained": trained.name, "form": settings.form}
    return store.artifact("factors", VERSIONS["factors"], inputs, build)


def stability_folder(
    ratings: Ratings, factors: Path, settings: RunSettings, store: Store, report: Report
) -> Path:
    """Return the folder with stability.json: how far each factor repeats, or `unmeasured` and why it is not known."""
    most = _most_comparable(ratings, settings)
    wanted = settings.factor_model.factors or 0

    def build(folder: Path) -> None:
        if wanted > most:
            least = 2 * settings.stability.least_ratings
            reason = f"too few users, or films with {least} ratings, to compare {wanted} factors"
            write_json(folder / "stability.json", {"unmeasured": reason})
            return
        resamples_at = _resample_folder(ratings, settings, settings.stability, store, report)
        from core.factors.stability.measure import load, stability

        model = _read_model(factors, read_json(factors / "info.json"))
        resamples = load(resamples_at, settings.stability)
        found = stability(model, ratings, resamples, settings.form or "raw", settings.stability)
        write_json(folder / "stability.json", found)

    inputs = {
        "factors": factors.name,
        "ratings": ratings.digest,
        "settings": settings.stability.model_dump(),
        "seed": settings.seed,
        "resamples": VERSIONS["resamples"],
    }
    folder = store.artifact("stability", VERSIONS["stability"], inputs, build)
    report("stability", 1.0, stability_line(read_json(folder / "stability.json")))
    return folder


def _held_out(ratings: Ratings, settings: RunSettings) -> np.ndarray:
    """Mark the ratings that no model of a run is trained on, whichever of its models."""
    from core.factors.models.factor_model import hold_out

    return hold_out(ratings, settings.factor_model.valid_share, settings.seed)


def _most_comparable(ratings: Ratings, settings: RunSettings) -> int:
    from core.factors.stability.measure import most_comparable

    return most_comparable(ratings, _held_out(ratings, settings), settings.stability, settings.seed)


def _resample_folder(
    ratings: Ratings, settings: RunSettings, how: StabilitySettings, store: Store, report: Report
) -> Path:
    """Return the folder with the models that were trained again, in short."""

    def build(folder: Path) -> None:
        from core.factors.stability.resample import resample, save

        held_out = _held_out(ratings, settings)
        save(resample(ratings, held_out, settings.factor_model, how, settings.seed, report), folder)

    # What verdicts are based on does not decide the models.
    verdicts = ("stable_from",)
    inputs = {
        "ratings": ratings.digest,
        "settings": settings.factor_model.model_dump(),
        "how": {key: value for key, value in how.model_dump().items() if key not in verdicts},
        "seed": settings.seed,
    }
    return store.artifact("resamples", VERSIONS["resamples"], inputs, build)


def _trained_folder(ratings: Ratings, settings: RunSettings, store: Store, report: Report) -> Path:
    """Return the folder with the factor model as the fit left it."""

    def build(folder: Path) -> None:
        from core.factors.models import factor_model

        report("factor model", 0.0, f"learning {settings.factor_model.factors} factors")
        began = time.monotonic()
        held_out = _held_out(ratings, settings)
        model = factor_model.train(ratings, settings.factor_model, settings.seed, report, held_out)
        info = {
            "rmse_valid": model.rmse_valid,
            "rmse_means": model.rmse_means,
            "seconds": time.monotonic() - began,
            "losses": model.losses,
            "link": dataclasses.asdict(model.link),
        }
        model.films.to_parquet(folder / "factors.parquet")
        model.users.to_parquet(folder / "users.parquet")
        if model.covariance is not None:
            np.save(folder / "covariance.npy", model.covariance, allow_pickle=False)
        write_json(folder / "info.json", info)

    inputs = {
        "ratings": ratings.digest,
        "settings": settings.factor_model.model_dump(),
        "seed": settings.seed,
    }
    folder = store.artifact("factor-model", VERSIONS["factor model"], inputs, build)
    report(
        "factor model",
        1.0,
        f"error {read_json(folder / 'info.json')['rmse_valid']:.3f} stars (RMSE, ratings kept out)",
    )
    return folder


def _read_model(folder: Path, info: dict[str, Any]) -> "FactorModel":
    from core.factors.models.factor_model import FactorModel, Link

    covariance = folder / "covariance.npy"
    squash = info["link"]["squash"]
    return FactorModel(
        films=pd.read_parquet(folder / "factors.parquet"),
        users=pd.read_parquet(folder / "users.parquet"),
        link=Link(info["link"]["offset"], tuple(squash) if squash else None),
        covariance=np.load(covariance, allow_pickle=False) if covariance.exists() else None,
        rmse_valid=info["rmse_valid"],
        rmse_means=info["rmse_means"],
        losses=info["losses"],
    )
