"""Where reviews come from, in which language they are, which are told twice, and several sources as one."""

from types import SimpleNamespace

import pandas as pd

from core.data.reviews.provenance import language, with_provenance
from core.data.reviews.sources.combined import CombinedSource
from core.progress import Report, silent


def reviews(*texts: str, film: int = 1, name: str = "a") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "film_id": film,
            "review_id": [f"{name}-{number}" for number in range(len(texts))],
            "review": list(texts),
            "stars": pd.array([pd.NA] * len(texts), dtype="Float32"),
            "source": name,
        }
    )


TERMS = SimpleNamespace(licence="Free.", fetched="2026-01-01")


class Fake:
    """A source with these reviews, which knows the films that they are of."""

    def __init__(self, name: str, known: pd.DataFrame) -> None:
        self.name, self.title, self.licence, self.known = name, f"Source {name}", f"Terms of {name}.", known
        self.fetched = "2026-01-01"

    def digest(self, films: pd.DataFrame | None) -> str:
        return self.name

    def texts(self, report: Report) -> list[pd.DataFrame]:
        return [self.known[["review_id", "review"]]]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        return self.known

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        how = films.film_id.isin(self.known.film_id).map({True: f"by {self.name}", False: ""})
        return pd.DataFrame({"film_id": films.film_id, "how": how, "reason": ""})


def test_a_text_told_twice_is_a_duplicate_of_the_first_whatever_its_marks() -> None:
    found = with_provenance(reviews("So good!", "Bad.", "so GOOD"), TERMS)
    assert found.duplicate_of.isna().tolist() == [True, True, False]
    assert found.duplicate_of[2] == "a-0"


def test_the_same_words_on_two_films_are_no_duplicates() -> None:
    both = pd.concat([reviews("So good!"), reviews("So good!", film=2, name="b")], ignore_index=True)
    assert with_provenance(both, TERMS).duplicate_of.isna().all()


def test_other_languages_are_marked_and_sources_say_when_they_know_better() -> None:
    table = reviews(
        "Un film lento y tierno sobre dos amantes que se escriben cartas durante la guerra.", "Nice."
    )
    table["fetched"] = ["2025-05-05", pd.NA]
    found = with_provenance(table, TERMS)
    assert found.language.tolist() == ["es", "en"]
    assert found.fetched.tolist() == ["2025-05-05", "2026-01-01"]
    assert set(found.licence) == {"Free."} and found.address.isna().all()


def test_scripts_without_blanks_are_told_and_signs_differ() -> None:
    found = with_provenance(reviews("とても長いが素晴らしい映画です。", "👍", "👎", "👍"), TERMS)
    assert found.language.tolist() == ["ja", "en", "en", "en"]
    assert found.duplicate_of.fillna("").tolist() == ["", "", "", "a-1"]


def test_two_sources_are_read_as_one() -> None:
    films = pd.DataFrame({"film_id": [1, 2, 3]})
    both = CombinedSource([Fake("a", reviews("Two.", film=2)), Fake("b", reviews("One.", name="b"))])
    assert both.reviews(films, silent).review.tolist() == ["One.", "Two."]
    matches = both.matches(films, silent)
    assert matches.how.tolist() == ["by b", "by a", ""]
    assert matches.reason[2] == "a: no review of it; b: no review of it"
    assert both.name == "a+b" and both.licence == "Terms of a. Terms of b."


def test_an_english_title_makes_no_english_text() -> None:
    german = "Der dritte Teil, The Lord of the Rings: The Return of the King, ist viel zu lang und sehr laut."
    assert language(german) == "de"
    assert language("It is the story of a man who comes home, and of what he finds there.") == "en"
