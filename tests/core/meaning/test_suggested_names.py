"""Suggested names: made from a factor's own evidence alone, by the stated rule."""

import pandas as pd
import pytest

from core.meaning.suggested_names import NO_MEANING, Evidence, suggested_names
from core.meaning.words import FactorWords

CLEAR = FactorWords(chance=0.005, bound=0.28, confirmed=0.8, confirmed_effect=0.1, certain=9)
LUCK = FactorWords(chance=0.4, bound=0.28, confirmed=0.55, confirmed_effect=0.0, certain=0)


def words(*rows: tuple[str, str, bool], is_name: bool = False, share: float = 0.1) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["end", "word", "certain"])
    table["effect"] = [0.4 if end == "high" else -0.4 for end in table.end]
    return table.assign(is_name=is_name, share=share)


def associated(*rows: tuple[str, str, float, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "name", "effect", "clear"]).astype({"clear": bool})


def name_of(
    table: pd.DataFrame, about: FactorWords | None = CLEAR, associations: pd.DataFrame | None = None
) -> str:
    given = associated() if associations is None else associations
    return suggested_names([Evidence(table, about, given, "Heat (1995)", "Emma (1996)")])[0]


def test_genres_stand_before_certain_words_and_forms_of_a_term_once() -> None:
    table = words(
        ("high", "comedies", True), ("high", "funny", True), ("high", "laugh", True), ("low", "sad", True)
    )
    genres = associated(
        ("genre", "Comedy", 0.9, True), ("genre", "War", 1.9, False), ("genre", "Drama", -0.5, True)
    )
    assert name_of(table, associations=genres) == "comedy, funny ↔ drama, sad"


def test_words_that_are_not_certain_name_an_end_only_if_the_factors_words_hold_elsewhere() -> None:
    table = words(("high", "horror", False), ("low", "novel", False))
    assert name_of(table) == "horror ↔ novel"
    assert name_of(table, FactorWords(0.005, 0.28, 0.6, 0.02, 0)) == NO_MEANING
    assert name_of(table, FactorWords(0.005, 0.28, None, None, 0)) == NO_MEANING
    assert name_of(table, LUCK) == NO_MEANING


def test_an_end_without_evidence_is_named_by_its_film() -> None:
    assert name_of(words(("high", "horror", True))) == "horror ↔ as Emma (1996)"


def test_years_name_an_end_that_nothing_else_does() -> None:
    years = associated(("year", "a decade later", -0.5, True))
    assert name_of(words(), None, years) == "older films ↔ newer films"
    assert name_of(words(("high", "war", True)), associations=years) == "war ↔ newer films"


@pytest.mark.parametrize(
    "table", [words(), words(("high", "bond", True), is_name=True), words(("high", "film", True), share=0.6)]
)
def test_names_and_words_of_all_reviews_are_no_evidence(table: pd.DataFrame) -> None:
    assert name_of(table) == NO_MEANING


def test_without_any_evidence_there_is_no_clear_meaning() -> None:
    assert name_of(words(), None) == NO_MEANING
    assert name_of(words(), associations=associated(("genre", "War", 0.2, False))) == NO_MEANING


def evidence_of(table: pd.DataFrame, highest: str, *rows: tuple[str, str, float, bool]) -> Evidence:
    return Evidence(table, CLEAR, associated(*rows), highest, "Emma (1996)")


def certain(*of_high: str, low: str = "novel") -> pd.DataFrame:
    return words(*[("high", word, True) for word in of_high], ("low", low, True))


def test_factors_of_a_run_that_would_share_a_name_take_the_next_term_that_tells_them_apart() -> None:
    films = ["Heat (1995)", "Alien (1979)", "Fargo (1996)", "Big (1988)"]
    tables = [
        certain("war", "gun", "sea", "ship"),
        certain("war", "gun", "sea", "sky"),
        certain("war", "gun"),
    ]
    factors = [evidence_of(table, film) for table, film in zip(tables, films, strict=False)]
    other = evidence_of(certain("love"), films[3])
    assert suggested_names([*factors, other]) == [
        "war, gun, ship ↔ novel",
        "war, gun, sky ↔ novel",
        "war, gun, as Fargo (1996) ↔ novel",
        "love ↔ novel",
    ]
    # A factor that shares no name keeps the one that it gets alone.
    assert suggested_names([factors[0], other]) == ["war, gun ↔ novel", "love ↔ novel"]


def test_further_genres_and_years_tell_factors_apart_before_films_do() -> None:
    drama, war = ("genre", "Drama", 0.9, True), ("genre", "War", 0.5, True)
    old = ("year", "a decade later", -0.5, True)
    table = words(("low", "sad", True))
    rows = [(drama,), (drama, war), (drama, old)]
    factors = [evidence_of(table, "Heat (1995)", *some) for some in rows]
    assert suggested_names(factors) == ["drama ↔ sad", "drama, war ↔ sad", "drama, older films ↔ sad"]
    films = [evidence_of(table, film, drama) for film in ("Heat (1995)", "Big (1988)")]
    assert suggested_names(films) == ["drama, as Heat (1995) ↔ sad", "drama, as Big (1988) ↔ sad"]


def test_three_factors_of_which_any_two_share_a_further_word_get_three_names() -> None:
    tables = [certain("war", "gun", *pair) for pair in (("sea", "sky"), ("sky", "ice"), ("ice", "sea"))]
    names = suggested_names([evidence_of(table, "Heat (1995)") for table in tables])
    assert len(set(names)) == 3 and all(name.startswith("war, gun, ") for name in names)


def test_factors_of_the_same_evidence_share_a_name_and_so_do_those_without_any() -> None:
    same = evidence_of(certain("war"), "Heat (1995)")
    none = evidence_of(words(), "Heat (1995)")
    assert suggested_names([same, none, same, none]) == ["war ↔ novel", NO_MEANING] * 2
