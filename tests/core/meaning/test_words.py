"""Words of factors: planted ones are found at the right end, and where there is nothing no word is certain."""

import numpy as np
import pandas as pd
import pytest

from core.data.ratings.synthetic import THEMES, SyntheticWorld, synthetic_world
from core.language_model.tokenizer import tokenise
from core.language_model.tokens import Tokens
from core.meaning.vocabulary import Vocabulary, vocabulary
from core.meaning.words import FactorWords, factor_words
from core.progress import silent

NAMES = list(THEMES)[:4]


def read(texts: list[str]) -> Tokens:
    return tokenise(texts, silent, "words")


def words_of(reviews: pd.DataFrame, language: str = "en") -> Vocabulary:
    return vocabulary(read(reviews.review.tolist()), reviews.film_id, language)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return synthetic_world()


@pytest.fixture(scope="module")
def tokens(world: SyntheticWorld) -> Tokens:
    return read(world.reviews.review.tolist())


def weights_of(world: SyntheticWorld, films: list[object]) -> np.ndarray:
    """The planted labels with noise: what a factor model might make of them."""
    rows = pd.Index(world.ratings.films.film_id).get_indexer(films)
    labels = world.labels[rows].astype(np.float64)
    return labels + np.random.default_rng(0).normal(0, 0.3, labels.shape)


def test_planted_words_are_found_at_the_right_end(world: SyntheticWorld, tokens: Tokens) -> None:
    found = vocabulary(tokens, world.reviews.film_id, "en")
    table, about = factor_words(found, weights_of(world, found.films), seed=1)
    single = table[table.certain & ~table.word.str.contains(" ")]
    for factor, name in enumerate(NAMES):
        planted = set(THEMES[name].split()) & set(found.terms)
        high = set(single.word[(single.factor == factor) & (single.end == "high")])
        assert len(planted) >= 10
        assert len(high & planted) / len(planted) >= 0.9
        assert len(high & planted) / len(high) >= 0.9
        assert about[factor].has_words and about[factor].confirmed is not None
        assert about[factor].confirmed > 0.9
    # What other factors' films say stands at the low end, if anywhere.
    low = single[single.end == "low"]
    for row in low.itertuples():
        assert row.word not in THEMES[NAMES[row.factor]].split()


def test_intervals_hold_the_effect_and_rows_are_sorted(world: SyntheticWorld, tokens: Tokens) -> None:
    found = vocabulary(tokens, world.reviews.film_id, "en")
    table, _ = factor_words(found, weights_of(world, found.films), seed=1)
    assert ((table.low < table.effect) & (table.effect < table.high)).all()
    assert ((table.effect > 0) == (table.end == "high")).all()
    assert (table.films >= 8).all() and table.share.between(0, 1).all()
    for _, end in table.groupby(["factor", "end"]):
        assert end.effect.abs().is_monotonic_decreasing


def test_the_same_seed_gives_the_same_words(world: SyntheticWorld, tokens: Tokens) -> None:
    found = vocabulary(tokens, world.reviews.film_id, "en")
    weights = weights_of(world, found.films)
    (first, about), (second, again) = (factor_words(found, weights, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert about == again


@pytest.mark.slow
def test_reviews_dealt_out_at_random_give_no_certain_word(world: SyntheticWorld, tokens: Tokens) -> None:
    rng = np.random.default_rng(5)
    loud = 0
    for seed in range(20):
        dealt = pd.Series(rng.permutation(world.reviews.film_id.to_numpy()))
        found = vocabulary(tokens, dealt, "en")
        table, _ = factor_words(found, weights_of(world, found.films), seed)
        loud += bool(table.certain.any())
    # At a level of 5%, 4 or more of 20 worlds happen in 1.6% of all cases.
    assert loud <= 3


def test_a_constant_factor_has_no_words(world: SyntheticWorld, tokens: Tokens) -> None:
    found = vocabulary(tokens, world.reviews.film_id, "en")
    weights = weights_of(world, found.films)
    weights[:, 2] = 0.7
    table, about = factor_words(found, weights, seed=1)
    assert not (table.factor == 2).any()
    assert not about[2].has_words and about[2].confirmed is None and about[0].has_words


def many(text: str, films: int = 20) -> pd.DataFrame:
    texts = pd.Series([text] * films, dtype=object)
    return pd.DataFrame({"film_id": [str(k) for k in range(films)], "review": texts})


def test_a_review_counts_once_and_function_words_not_at_all() -> None:
    found = words_of(many("The ghost and the ghost, a very low budget ghost!"))
    assert set(found.terms) == {"ghost", "low", "budget", "low budget", "budget ghost"}
    assert (found.counts.toarray() == 1).all()


def test_names_are_told_from_words_by_capitals_within_sentences() -> None:
    found = words_of(
        many("Bond drives. Then James Bond meets a spy, and Star Wars begins. Spy again, the star shines.")
    )
    is_name = dict(zip(found.terms, found.is_name, strict=True))
    assert is_name["bond"] and is_name["james bond"] and is_name["star wars"]
    assert not is_name["spy"] and not is_name["drives"] and not is_name["star"]


def test_german_nouns_are_no_names() -> None:
    found = words_of(many("Ein langer Film über den Krieg und die Liebe."), "de")
    assert not found.is_name.any()
    assert "krieg" in found.terms and "und" not in found.terms and "über" not in found.terms


@pytest.mark.parametrize(
    "text", ["ghost", "🎬", "", "<script>alert(1)</script>", "x" * 5000, "12 3,4", "\ud800 wow"]
)
def test_odd_texts_are_read(text: str) -> None:
    found = words_of(many(text))
    assert all(word.isalpha() for term in found.terms for word in term.split())
    assert found.counts.shape == (20, len(found.terms))
    if len(found.terms):
        table, about = factor_words(found, np.random.default_rng(0).normal(size=(20, 2)), seed=1)
        # What is the same for all films goes with no factor.
        assert table.empty and not any(row.has_words for row in about)


def test_words_of_too_few_films_are_left_out() -> None:
    reviews = many("plain picture", 30)
    reviews.loc[:6, "review"] = "plain zebra"
    assert set(words_of(reviews).terms) == {"plain", "picture", "plain picture"}


def test_what_is_known_of_a_factor_says_whether_it_has_words() -> None:
    assert FactorWords(0.05, 0.3, 0.8, 0.1, 9).has_words and not FactorWords(0.06, 0.3, 0.8, 0.1, 0).has_words
