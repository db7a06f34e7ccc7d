"""Shares of films' reviews that hold a word, and films' weights -> the words of both ends of each factor.

The film is the unit: the effect of a word on a factor is the correlation, over films, of the film's weight with the
share of its reviews that hold the word. The share is drawn towards the word's share of all reviews as if the film had
SMOOTHING more reviews of the average kind, so that a film with one review counts little and one with many at most
once.

Luck is bounded by permuting films. A factor has words where its STRONGEST strongest effects are larger, on average,
than those of any factor in 95 of 100 permutations; then those of its words are certain that exceed its strongest
effect in 95 of 100 permutations. So where reviews have nothing to do with weights, at most 5 of 100 runs show any
certain word.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised
from core.meaning.vocabulary import FEWEST_WITH_TERM, Vocabulary

FEWEST_FILMS = 16
"""Least films with reviews for words to be looked for."""
SMOOTHING = 5
"""Reviews of the average kind that are added to each film's."""
PERMUTATIONS = 200
STRONGEST = 30
"""Words without names, of either end, by which a factor is judged."""
HALVINGS = 20
"""Random halvings of the films on which words are confirmed."""
SHOWN = 50
"""Words of each end that are kept, and as many names."""
CHUNK = 1024
"""Terms that are correlated at once."""
LEVEL = 0.05
MOST_EFFECT = 1 - 1e-9
TYPES = {
    "factor": "int64",
    "end": "str",
    "word": "str",
    "is_name": "bool",
    "effect": "float64",
    "low": "float64",
    "high": "float64",
    "certain": "bool",
    "films": "int64",
    "share": "float64",
}
"""Columns of the table of words -> their types."""


@dataclass(frozen=True)
class FactorWords:
    """What is known of all words of one factor together."""

    chance: float
    """Share of the permutations in which some factor has effects as strong; with words it is at most LEVEL."""
    bound: float
    """Absolute effect above which a word is certain, where the factor has words."""
    confirmed: float | None
    """Share of the strongest words on one half of the films that have the same sign on the other; chance: 0.5."""
    confirmed_effect: float | None
    """Their mean effect on the other half, in the direction of the first."""
    certain: int
    """Certain words without names."""

    @property
    def has_words(self) -> bool:
        """Whether more goes with the factor than luck allows."""
        return self.chance <= LEVEL


@dataclass
class _Effects:
    """Correlations of all terms, gathered chunk by chunk."""

    real: list[np.ndarray]
    """Terms x factors."""
    halves: list[np.ndarray]
    """Terms x halves x factors; NaN where a half has too few films with the term."""
    bound: np.ndarray
    """Permutations x factors: the strongest effect of any term."""
    strongest: np.ndarray
    """STRONGEST x permutations x factors: the strongest effects of words without names."""


def factor_words(
    vocabulary: Vocabulary, weights: np.ndarray, seed: int
) -> tuple[pd.DataFrame, list[FactorWords]]:
    """Return the strongest words of each factor, and what is known of all its words together.

    `weights` is films x factors, in the order of the vocabulary's films. The table has a row a word: factor, end
    ("high", "low"), word, is_name, effect (correlation), low, high (95% interval), certain, films (with the word),
    share (of all reviews that hold it); strongest first. A constant factor has no words.
    """
    rng = np.random.default_rng([seed, 20_011])
    effects = _effects(vocabulary, weights, rng)
    real, halves = np.concatenate(effects.real), np.concatenate(effects.halves)
    words = ~vocabulary.is_name
    count = min(STRONGEST, int(words.sum()))
    strongest = -np.sort(-np.abs(real[words]), axis=0)[:count].mean(0)
    by_luck = effects.strongest.mean(0)
    bound = np.quantile(effects.bound, 1 - LEVEL, axis=0, method="higher")
    chance = (1 + (by_luck.max(1)[:, None] >= strongest).sum(0)) / (1 + PERMUTATIONS)
    certain = (np.abs(real[words]) > bound).sum(0) * (chance <= LEVEL)
    # Factors first in memory, since each is sorted by itself.
    halves = np.ascontiguousarray(halves[words].transpose(2, 1, 0))
    about = [
        FactorWords(
            float(chance[factor]), float(bound[factor]), *_confirmed(halves[factor]), int(certain[factor])
        )
        for factor in range(weights.shape[1])
    ]
    return _table(vocabulary, real, about), about


def _effects(vocabulary: Vocabulary, weights: np.ndarray, rng: np.random.Generator) -> _Effects:
    """Correlate all terms with the weights as they are, on halves of the films, and with films permuted."""
    films, factors = weights.shape
    scaled = standardised(weights).astype(np.float32)
    orders = np.stack([rng.permutation(films) for _ in range(PERMUTATIONS)])
    # Films x (1 + permutations) * factors.
    targets = np.concatenate([scaled[None], scaled[orders]]).transpose(1, 0, 2).reshape(films, -1) / films
    half = np.zeros((films, 2 * HALVINGS), dtype=np.float32)
    for k in range(HALVINGS):
        order = rng.permutation(films)
        half[order[: films // 2], 2 * k] = 1
        half[order[films // 2 :], 2 * k + 1] = 1
    gathered = _Effects([], [], np.zeros((PERMUTATIONS, factors)), np.zeros((0, PERMUTATIONS, factors)))
    reviews = vocabulary.reviews[:, None].astype(np.float32)
    for start in range(0, len(vocabulary.terms), CHUNK):
        counts = vocabulary.counts[:, start : start + CHUNK].toarray()
        common = counts.sum(0) / reviews.sum()
        share = (counts + SMOOTHING * common) / (reviews + SMOOTHING)
        effects = np.abs(real := _standard(share).T @ targets).reshape(-1, 1 + PERMUTATIONS, factors)
        gathered.real.append(real[:, :factors])
        luck = effects[:, 1:]
        gathered.bound = np.maximum(gathered.bound, luck.max(0))
        words = ~vocabulary.is_name[start : start + CHUNK]
        every = np.concatenate([gathered.strongest, luck[words]])
        most = min(STRONGEST, len(every))
        gathered.strongest = (
            np.partition(every, len(every) - most, axis=0)[len(every) - most :] if most else every
        )
        gathered.halves.append(_on_halves(counts > 0, share, half, scaled))
    return gathered


def _standard(share: np.ndarray) -> np.ndarray:
    """Return each column with mean 0 and standard deviation 1; what is the same for all films becomes 0."""
    centred = share - share.mean(0)
    spread = np.sqrt(np.square(centred).mean(0))
    return np.asarray(centred / np.where(spread > 1e-7, spread, np.inf), dtype=np.float32)


def _on_halves(held: np.ndarray, share: np.ndarray, half: np.ndarray, scaled: np.ndarray) -> np.ndarray:
    """Return the correlations within each half of the films: terms x halves x factors.

    `held` says which film's reviews hold which term; fewer films of a half than half of those that a term needs leave
    it NaN there.
    """
    films = half.sum(0)
    centred = share - share.mean(0)
    mean = centred.T @ half / films
    spread = np.sqrt(np.maximum(np.square(centred).T @ half / films - mean**2, 0))
    factor_mean = half.T @ scaled / films[:, None]
    factor_spread = np.sqrt(np.maximum(half.T @ np.square(scaled) / films[:, None] - factor_mean**2, 0))
    products = np.stack(
        [centred.T @ (half[:, [k]] * scaled) / films[k] for k in range(half.shape[1])], axis=1
    )
    covariance = products - mean[:, :, None] * factor_mean
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance / (spread[:, :, None] * factor_spread)
    few = held.astype(np.float32).T @ half < FEWEST_WITH_TERM / 2
    correlation[few | (spread <= 1e-7)] = np.nan
    return np.asarray(correlation, dtype=np.float32)


def _confirmed(halves: np.ndarray) -> tuple[float | None, float | None]:
    """Return how the strongest words on one half of the films hold on the other: share of signs, mean effect.

    `halves` is halves x words, two halves a halving. None where no word can be compared.
    """
    signs: list[bool] = []
    effects: list[float] = []
    for found_on in range(len(halves)):
        found, other = halves[found_on], halves[found_on ^ 1]
        comparable = np.flatnonzero(np.isfinite(found) & np.isfinite(other))
        size = np.abs(found[comparable])
        few = np.argpartition(size, -STRONGEST)[-STRONGEST:] if len(size) > STRONGEST else slice(None)
        best = comparable[few]
        same = np.sign(found[best]) * other[best]
        signs += (same > 0).tolist()
        effects += same.tolist()
    return (float(np.mean(signs)), float(np.mean(effects))) if signs else (None, None)


def _table(vocabulary: Vocabulary, real: np.ndarray, about: list[FactorWords]) -> pd.DataFrame:
    films = np.diff(vocabulary.counts.indptr)
    share = np.asarray(vocabulary.counts.sum(0)).ravel() / vocabulary.reviews.sum()
    half = 1.96 / np.sqrt(len(vocabulary.films) - 3)
    parts = []
    for factor, of_factor in enumerate(about):
        for end, sign in (("high", 1), ("low", -1)):
            order = np.argsort(-sign * real[:, factor], kind="stable")
            order = order[sign * real[order, factor] > 0]
            names = vocabulary.is_name[order]
            best = np.sort(np.concatenate([np.flatnonzero(~names)[:SHOWN], np.flatnonzero(names)[:SHOWN]]))
            terms = order[best]
            # Rounding may lead past a correlation of 1, where the interval has no width.
            effect = np.clip(real[terms, factor].astype(np.float64), -MOST_EFFECT, MOST_EFFECT)
            parts.append(
                pd.DataFrame(
                    {
                        "factor": factor,
                        "end": end,
                        "word": [vocabulary.terms[k] for k in terms],
                        "is_name": vocabulary.is_name[terms],
                        "effect": effect,
                        "low": np.tanh(np.arctanh(effect) - half),
                        "high": np.tanh(np.arctanh(effect) + half),
                        "certain": of_factor.has_words & (np.abs(effect) > of_factor.bound),
                        "films": films[terms],
                        "share": share[terms],
                    }
                ).astype(TYPES)
            )
    return pd.concat(parts, ignore_index=True)
