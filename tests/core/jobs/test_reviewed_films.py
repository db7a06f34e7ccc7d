"""What is known of a run before it starts: films with reviews, and why the run must fail."""

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.run_folders import add_recorded_run

from core import jobs
from core.data.ratings.synthetic import synthetic_world
from core.jobs.obstacles import obstacle
from core.jobs.reviewed_films import ReviewedFilms, reviewed_films
from core.settings import SelectionSettings, preset
from core.store import Store

RUN = "20261124-120000-aaa1"
SETTINGS = preset("quick", ratings="ml-100k", reviews="lmrd", factors=4, top=2, films=3)


def films(*ratings: int, is_final: bool = True) -> ReviewedFilms:
    """Films with reviews and these numbers of ratings."""
    ids = [str(number) for number in range(len(ratings))]
    return ReviewedFilms(pd.DataFrame({"film_id": ids, "ratings": ratings}), is_final)


@pytest.mark.parametrize(
    ("changes", "known", "reason"),
    [
        ({}, films(50, 50, 50, 10), ""),
        ({}, None, ""),
        ({"films": 300}, films(*[50] * 226, 10), "You ask for 300 films, but only 226 can be used"),
        ({"films": 300}, films(*[50] * 226, is_final=False), ""),
        ({"films": 300, "pass_over": False}, films(50, 50), ""),
        ({}, films(), "no review of any film"),
        ({}, films(50, 5, 5), "Only 1 film can be used, but a run needs 2"),
        ({"least_ratings": 0}, films(5, 5, 5), ""),
        ({"only": ("0", "9")}, films(50, 50), "Only 1 film can be used"),
        ({"top": 4}, None, "Every film would have the same 4 top factors"),
        ({"exclude_factors": (0, 1)}, None, "the same 2 top factors"),
        ({"exclude_factors": (0, 1, 2)}, None, "No film is left: each has an excluded factor (0, 1, 2)"),
        ({"exclude_factors": (0, 1, 2), "only": ("0", "1")}, None, ""),
    ],
)
def test_a_run_that_must_fail_is_known(
    changes: dict[str, Any], known: ReviewedFilms | None, reason: str
) -> None:
    settings = SETTINGS.replace(selection=SETTINGS.selection.replace(**changes))
    found = obstacle(settings, known)
    assert (found is None) == (not reason)
    assert found is None or (reason in found.reason and found.films == (226 if "226" in reason else None))


def test_the_number_of_factors_that_a_run_chooses_stands_in_no_way() -> None:
    assert obstacle(preset("stable", ratings="ml-100k", reviews="lmrd", top=16), None) is None


def test_an_earlier_run_tells_the_films_until_its_data_change(store: Store) -> None:
    add_recorded_run(store, RUN, SETTINGS)
    path = jobs.run_folder(RUN, store) / "coverage.parquet"
    assert reviewed_films("ml-100k", "lmrd", store) is None
    table = pd.DataFrame({"film_id": [1, 2, 3], "ratings": [50, 5, 30], "reviews": [3, 1, 0]})
    table.to_parquet(path)
    known = reviewed_films("ml-100k", "lmrd", store)
    assert known is not None and known.is_final
    assert known.available(SelectionSettings()) == 1
    assert known.available(SelectionSettings(least_ratings=0)) == 2
    assert known.available(SelectionSettings(only=("2", "3"))) == 1
    assert reviewed_films("ml-25m", "lmrd", store) is None
    # A match that was corrected since may lead to other reviews.
    corrections = store.root / "corrections" / "films.json"
    corrections.parent.mkdir()
    corrections.write_text("[]")
    os.utime(corrections, (path.stat().st_mtime + 1,) * 2)
    assert reviewed_films("ml-100k", "lmrd", store) is None


def test_an_earlier_run_is_no_bound_for_a_source_that_grows(store: Store) -> None:
    add_recorded_run(store, RUN, SETTINGS.replace(reviews="lmrd+tmdb"))
    table = pd.DataFrame({"film_id": ["1"], "ratings": [50], "reviews": [3]})
    table.to_parquet(jobs.run_folder(RUN, store) / "coverage.parquet")
    known = reviewed_films("ml-100k", "tmdb+lmrd", store)
    assert known is not None and not known.is_final


def test_sources_that_match_by_title_tell_their_films_without_a_run(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FACTORSCOPE_DATA", raising=False)
    world = synthetic_world().ratings
    known = reviewed_films("planted", "planted", store)
    assert known is not None and len(known.table) == len(world.films)
    none = reviewed_films("planted", "sample", store)
    assert none is not None and none.table.empty
    # Neither the ratings nor the archive of reviews is here.
    assert reviewed_films("ml-100k", "sample", store) is None
    assert reviewed_films("planted", "lmrd", store) is None
    assert reviewed_films(str(Path("mine.csv")), "sample", store) is None


def test_critics_of_2002_need_not_be_fetched_for_older_films(store: Store) -> None:
    world = synthetic_world().ratings
    known = reviewed_films("planted", "critics", store)
    then = world.films["year"].between(2001, 2003).any()
    assert (known is None) if then else (known is not None and known.table.empty)
