"""Reviews -> vectors of their words: how often each occurs, and what they come to in a few hundred directions.

Learnt once from many reviews, of any films; no rating and no star is looked at.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

DIRECTIONS = 300
"""Most directions kept; with a hundred, films are told apart less well, and more add nothing."""
LEAST_REVIEWS, MOST = 10, 0.3
"""A word counts that at least so many reviews have, and at most this share of them."""
SWEEPS = 4
"""Power iterations of the randomised decomposition (Halko, Martinsson and Tropp 2011)."""


@dataclass(frozen=True)
class Words:
    """Which words count, how much, and the directions in which reviews differ most (latent semantic analysis)."""

    counter: TfidfVectorizer
    directions: np.ndarray
    """Words x directions."""

    @classmethod
    def learn(cls, texts: list[str], seed: int) -> "Words":
        """Learn from reviews; where there are few, a word may be as rare as there are reviews for."""
        counter = TfidfVectorizer(
            min_df=min(LEAST_REVIEWS, 1 + len(texts) // 500),
            max_df=MOST,
            sublinear_tf=True,
            stop_words="english",
            dtype=np.float32,
        )
        counted = counter.fit_transform(texts)
        keep = min(DIRECTIONS, min(counted.shape) - 1)
        _, _, directions = randomized_svd(counted, keep, n_iter=SWEEPS, random_state=seed)
        return cls(counter, directions.T)

    def read(self, texts: list[str]) -> tuple[csr_matrix, np.ndarray]:
        """Give the reviews as TF-IDF (reviews x words) and in the directions (reviews x directions)."""
        counted = self.counter.transform(texts)
        return counted, counted @ self.directions
