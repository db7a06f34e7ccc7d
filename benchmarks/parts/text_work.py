"""The reviews that the parts of `text_model.py` share."""

import pandas as pd

from core.data.reviews.registry import open_source
from core.paths import cache_dir
from core.progress import silent
from core.store import Store

SEED = 42


def sample(reviews: int) -> list[str]:
    """Return a fixed sample of so many reviews of the Large Movie Review Dataset."""
    texts = pd.concat(open_source("lmrd", Store(cache_dir()), silent).texts(silent), ignore_index=True).review
    return texts.sample(reviews, random_state=SEED).tolist()
