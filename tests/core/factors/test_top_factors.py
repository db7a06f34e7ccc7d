"""Top factors, ranking and the choice of films, on weights that can be worked out by eye."""

import pandas as pd
import pytest

from core.errors import BadSettings
from core.factors.top_factors import choose_films, common_factors, rank_films, top_factors, without_factors
from core.settings import SelectionSettings

FILMS = pd.DataFrame(
    {
        "film_id": ["10", "20", "30", "40"],
        "title": ["A", "B", "C", "D"],
        "weight_0": [0.9, 0.1, 0.5, -0.2],
        "weight_1": [0.2, 0.8, 0.4, 0.3],
        "weight_2": [0.3, 0.2, 0.6, -0.1],
        "ratings": [5, 6, 7, 8],
    }
)
TOPS = top_factors(FILMS, 2)
REVIEWS = pd.DataFrame({"film_id": ["20", "20", "40"]})


def test_the_highest_weights_come_first() -> None:
    by_film = TOPS.groupby("film_id").factor.agg(list).to_dict()
    assert by_film == {"10": [0, 2], "20": [1, 2], "30": [2, 0], "40": [1, 2]}
    assert TOPS[TOPS.film_id == "10"].weight.tolist() == [0.9, 0.3]
    assert TOPS["rank"].tolist() == [1, 2] * 4


def test_films_are_ranked_by_one_factor() -> None:
    assert rank_films(FILMS, 1).title.tolist() == ["B", "C", "D", "A"]


def test_common_factors_are_counted_over_films() -> None:
    common = common_factors(TOPS)
    assert common[["factor", "films"]].to_numpy().tolist() == [[2, 4], [0, 2], [1, 2]]
    assert common.share.tolist() == [1.0, 0.5, 0.5]


def test_excluding_a_factor_drops_every_film_that_has_it_among_its_top() -> None:
    assert without_factors(FILMS, TOPS, (0,)).title.tolist() == ["B", "D"]
    with pytest.raises(BadSettings, match=r"no film is left: each has an excluded factor \(2\)"):
        choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=0, exclude_factors=(2,)))


def test_films_without_reviews_are_passed_over_and_still_named() -> None:
    chosen = choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=0, films=2, rank_by=0))
    assert chosen.title.tolist() == ["A", "C", "B", "D"]
    assert chosen.reviews.tolist() == [0, 0, 2, 1]
    one = SelectionSettings(least_ratings=0, rank_by=1).model_copy(update={"films": 1})
    assert choose_films(FILMS, TOPS, REVIEWS, one).title.tolist() == ["B"]


def test_the_article_keeps_them() -> None:
    chosen = choose_films(
        FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=0, films=3, rank_by=0, pass_over=False)
    )
    assert chosen.title.tolist() == ["A", "C", "B"] and chosen.reviews.tolist() == [0, 0, 2]


def test_fewer_reviewed_films_than_asked_for_are_all_taken() -> None:
    chosen = choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=0, films=9, rank_by=0))
    assert (chosen.reviews > 0).sum() == 2
    none = choose_films(FILMS, TOPS, REVIEWS.head(0), SelectionSettings(least_ratings=0, films=9, rank_by=0))
    assert (none.reviews > 0).sum() == 0


def test_films_of_few_ratings_are_left_out_unless_asked_for() -> None:
    chosen = choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=7, pass_over=False))
    assert chosen.title.tolist() == ["C", "D"]
    with pytest.raises(BadSettings, match="no film has 9 ratings; ask for fewer"):
        choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(least_ratings=9))


def test_just_the_films_named_are_taken_whatever_their_rank() -> None:
    chosen = choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(only=("40", "10")))
    assert chosen.title.tolist() == ["A", "D"] and chosen.reviews.tolist() == [0, 1]
    with pytest.raises(BadSettings, match="no film with the id 77"):
        choose_films(FILMS, TOPS, REVIEWS, SelectionSettings(only=("40", "77")))
