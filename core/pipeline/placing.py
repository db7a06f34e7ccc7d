"""From the reviews of rated films to a rule that places films that have only reviews, through the store."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DegenerateResult
from core.settings import RunSettings
from core.store import Store, read_json, write_json

MOST_FILMS = 2000
"""Most rated films to place others by, those with most ratings: the time grows with their cube."""
VERSION = "2"
"""Raise it when the same films would be placed otherwise."""
READER = "encoder"
"""Name of the only reader whose vectors a run keeps."""


def placing_folder(
    features_at: Path, reviews: pd.DataFrame, factors: Path, settings: RunSettings, store: Store
) -> Path:
    """Give the folder with placing.json and, but where it says `unmeasured` and why, placing.safetensors.

    `reviews` are those that the features are of, in their order; `factors` is the folder of factors.parquet.
    """

    def build(folder: Path) -> None:
        if settings.classifier.phases:
            reason = (
                "the encoder was trained further with the classifier, and films are placed by a frozen one"
            )
            write_json(folder / "placing.json", {"unmeasured": reason})
            return
        from core.placing import film_vectors, fit

        films = pd.read_parquet(factors / "factors.parquet")
        rated = films[films.film_id.isin(reviews.film_id)].nlargest(MOST_FILMS, "ratings")
        film = pd.Index(rated.film_id).get_indexer(reviews.film_id)
        features = np.load(features_at / "features.npy", allow_pickle=False)[film >= 0]
        try:
            fit({READER: film_vectors(features, film[film >= 0], len(rated))}, rated).save(folder)
        except DegenerateResult as error:
            write_json(folder / "placing.json", {"unmeasured": str(error)})

    inputs = {
        "features": features_at.name,
        "reviews": reviews.film_id.astype(str).tolist(),
        "factors": factors.name,
        "phases": len(settings.classifier.phases),
    }
    return store.artifact("placing", VERSION, inputs, build)


def placing_part(folder: Path) -> dict[str, Any]:
    """Say from how many films a run places others, and the share of each number's variance that reviews told of
    films left out (`told`: bias, weight_0 …), or `unmeasured` and why not."""
    about = read_json(folder / "placing.json")
    if "unmeasured" in about:
        return {"unmeasured": about["unmeasured"]}
    from core.placing import load

    return {"films": len(about["films"]["film_id"]), "told": load(folder).told()}
