"""Ratings -> factors, through the cache: how many, the model, its rotation, and which factors repeat.

Modules that load torch are imported only inside the functions that compute, since that takes seconds and a
run that finds all artifacts in the cache does not need it.
"""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.errors import DegenerateResult
from core.pipeline.stage import VERSIONS, Stage
from core.results.run_record import Stability, parsed
from core.results.sentences import stability_line
from core.shards.shard_store import ShardStore
from core.store import read_json, write_json

if TYPE_CHECKING:
    from core.factors.models.factor_model import FactorModel


def settle_factors(stage: Stage, ratings: Ratings) -> tuple[Stage, dict[str, Any] | None]:
    """Return the stage with number and form of the factors in its settings, and the evidence for the choice.

    The evidence is None where the user chose the number. Raises DegenerateResult where fewer than two factors
    repeat between halves of the users.
    """
    settings = stage.settings
    if settings.factor_model.factors is not None:
        return stage, None
    if _most_comparable(stage, ratings) < 1:
        least = 2 * settings.stability.least_ratings
        raise DegenerateResult(
            f"{ratings.name} has too few users, or films with {least} ratings, to say which factors repeat. "
            "Choose the number of factors, or add ratings"
        )
    # The choice needs no models from other seeds.
    early = replace(stage, report=stage.reporting_as("factor model", 0.0, 0.8))
    folder = _resample_folder(early, ratings, seeds=0)
    # Imported here, since scipy takes a second and most runs choose nothing.
    from core.factors.stability.measure import choose
    from core.factors.stability.resamples import load

    choice = choose(load(folder), settings.stability)
    factors = choice["factors"]
    if factors < 2:
        repeating = "no factor" if not factors else "a single factor"
        raise DegenerateResult(
            f"{repeating} of {ratings.name} repeats between halves of its users, and two are needed. "
            "Choose the number of factors yourself, or add ratings"
        )
    stage.report("factor model", 0.8, f"{factors} factors repeat between halves of the users")
    settled = settings.replace(
        form=settings.form or choice["form"],
        factor_model=settings.factor_model.replace(factors=factors),
        # With all factors among its top, every film would have the same labels.
        selection=settings.selection.replace(top=min(settings.selection.top, factors - 1)),
    )
    return replace(stage, settings=settled), choice


def factor_folder(stage: Stage, ratings: Ratings) -> Path:
    """Return the folder with factors.parquet and users.parquet, in the settings' form, and info.json."""
    trained = _trained_folder(stage, ratings)
    form = stage.settings.form

    def build(folder: Path) -> None:
        from core.factors.rotation import canonical, strengths

        info = read_json(trained / "info.json")
        model = canonical(_read_model(trained, info), form or "raw")
        model.films.to_parquet(folder / "factors.parquet")
        model.users.to_parquet(folder / "users.parquet")
        write_json(folder / "info.json", info | {"strengths": strengths(model).tolist()})

    return stage.artifact("factors", {"trained": trained.name, "form": form}, build)


def stability_folder(stage: Stage, ratings: Ratings, factors: Path) -> Path:
    """Return the folder with stability.json: the stability of each factor, or why it is `unmeasured`.

    `factors` is the folder of factors.parquet.
    """
    settings = stage.settings
    most = _most_comparable(stage, ratings)
    count = settings.factor_model.factors or 0

    def build(folder: Path) -> None:
        if count > most:
            least = 2 * settings.stability.least_ratings
            reason = f"too few users, or films with {least} ratings, to compare {count} factors"
            write_json(folder / "stability.json", {"unmeasured": reason})
            return
        resamples_at = _resample_folder(stage, ratings, settings.stability.seeds)
        from core.factors.stability.measure import stability
        from core.factors.stability.resamples import load

        model = _read_model(factors, read_json(factors / "info.json"))
        measured = stability(model, ratings, load(resamples_at), settings.form or "raw", settings.stability)
        write_json(folder / "stability.json", measured)

    inputs = {
        "factors": factors.name,
        "ratings": ratings.digest,
        "settings": settings.stability.model_dump(),
        "seed": settings.seed,
        "resamples": VERSIONS["resamples"],
    }
    folder = stage.artifact("stability", inputs, build)
    stage.report("stability", 1.0, stability_line(parsed(Stability, read_json(folder / "stability.json"))))
    return folder


def _held_out(stage: Stage, ratings: Ratings) -> np.ndarray:
    """Mark the ratings that no model of the run is trained on."""
    from core.factors.models.factor_model import hold_out

    return hold_out(ratings, stage.settings.factor_model.valid_share, stage.settings.seed)


def _most_comparable(stage: Stage, ratings: Ratings) -> int:
    from core.factors.stability.resample import most_comparable

    settings = stage.settings
    return most_comparable(ratings, _held_out(stage, ratings), settings.stability, settings.seed)


def _resample_folder(stage: Stage, ratings: Ratings, seeds: int) -> Path:
    """Return the folder of the models trained again, `seeds` of them on all users from other seeds."""
    settings = stage.settings

    def build(folder: Path, shard_store: ShardStore) -> None:
        from core.factors.stability.resample import Plan, resample
        from core.factors.stability.resamples import save

        plan = Plan(settings.factor_model, settings.stability, settings.seed, seeds)
        save(resample(ratings, _held_out(stage, ratings), plan, stage.report, shard_store), folder)

    # The models do not depend on `stable_from`, so it is no part of their key.
    plan = {key: value for key, value in settings.stability.model_dump().items() if key != "stable_from"}
    inputs = {
        "ratings": ratings.digest,
        "settings": settings.factor_model.model_dump(),
        "how": plan | {"seeds": seeds},
        "seed": settings.seed,
    }
    return stage.sharded_artifact("resamples", inputs, build)


def _trained_folder(stage: Stage, ratings: Ratings) -> Path:
    """Return the folder with the factor model as fitted, before any rotation."""
    settings, report = stage.settings, stage.report

    def build(folder: Path) -> None:
        from core.factors.models import factor_model

        report("factor model", 0.0, f"learning {settings.factor_model.factors} factors")
        began = time.monotonic()
        held_out = _held_out(stage, ratings)
        model = factor_model.train(ratings, settings.factor_model, settings.seed, report, held_out)
        info = {
            "rmse_valid": model.rmse_valid,
            "rmse_means": model.rmse_means,
            "rmse_gain_interval": model.rmse_gain_interval,
            "seconds": time.monotonic() - began,
            "losses": model.losses,
            "link": asdict(model.link),
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
    folder = stage.artifact("factor-model", inputs, build)
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
        rmse_gain_interval=info["rmse_gain_interval"],
        losses=info["losses"],
    )
