"""The artifacts of a finished run, made up from its tables: reviews, tokens, and features that tell the labels."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.results.artifacts import FILE
from core.store import Store, write_json


def keep_artifacts(store: Store, out: Path) -> None:
    """Write the artifacts of the run in a folder into the store, and their names into the run."""
    labelled = pd.read_parquet(out / "labelled_reviews.parquet")
    reviews = labelled.drop(columns=["title", "factors", "held_out"]).assign(duplicate_of=None)
    # A text that is told twice is no review of its own.
    again = reviews.head(1).assign(review_id="again", duplicate_of=reviews.review_id.iloc[0])
    reviews = pd.concat([again, reviews], ignore_index=True)
    weights = pd.read_parquet(out / "factors.parquet").set_index("film_id").filter(like="weight_")
    told = np.random.default_rng(0).normal(0, 0.3, (len(reviews), 36)).astype(np.float32)
    told[:, : weights.shape[1]] += weights.loc[reviews.film_id].to_numpy()

    def tokens(folder: Path) -> None:
        reviews[["review_id"]].to_parquet(folder / "reviews.parquet")

    made = {
        "reviews": store.artifact("reviews", "t", {}, lambda to: reviews.to_parquet(to / "reviews.parquet")),
        "tokens": store.artifact("tokens", "t", {}, tokens),
        "features": store.artifact("features", "t", {}, lambda to: np.save(to / "features.npy", told)),
    }
    write_json(out / FILE, {name: folder.name for name, folder in made.items()})
