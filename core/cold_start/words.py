"""Reviews -> vectors of their words by latent semantic analysis, for use without any other reader.

TF-IDF projected on its leading singular vectors, fitted once on many reviews of any films,
without their ratings.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

DIRECTIONS = 300
"""Most directions; 100 separate the films less well."""
LEAST_REVIEWS, MOST = 10, 0.3
"""A word counts if at least this many reviews have it, and at most this share of them."""
FEW = 5_000
"""With fewer reviews than this, LEAST_REVIEWS is reduced in proportion."""
SWEEPS = 4
"""Power iterations of the randomised decomposition (Halko, Martinsson and Tropp 2011)."""


@dataclass(frozen=True)
class Words:
    """A fitted TF-IDF vocabulary and its singular directions."""

    counter: TfidfVectorizer
    directions: np.ndarray
    """Words x directions."""

    @classmethod
    def learn(cls, texts: list[str], seed: int) -> "Words":
        """Fit vocabulary and directions to reviews."""
        counter = TfidfVectorizer(
            min_df=max(1, min(len(texts), FEW) * LEAST_REVIEWS // FEW),
            max_df=MOST,
            sublinear_tf=True,
            stop_words="english",
            dtype=np.float32,
        )
        counted = counter.fit_transform(texts)
        keep = min(DIRECTIONS, min(counted.shape) - 1)
        _, _, directions = randomized_svd(counted, keep, n_iter=SWEEPS, random_state=seed)
        return cls(counter, directions.T)

    def read(self, texts: list[str]) -> np.ndarray:
        """Return a vector a review: reviews x directions."""
        vectors: np.ndarray = self.counter.transform(texts) @ self.directions
        return vectors
