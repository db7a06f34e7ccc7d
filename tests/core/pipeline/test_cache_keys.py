"""The key of every artifact of every preset equals the one in existing caches."""

import json
from functools import cache
from pathlib import Path

import pytest
from support.cache_keys import LANGUAGE_MODELS, RUNS, all_keys

from core.data.ratings import read as ratings_reader
from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.sources import synthetic
from core.errors import DataNotFound
from core.pipeline import data
from core.pipeline.chain import run
from core.pipeline.language_model import train_language_model

STORED = json.loads((Path(__file__).parent / "cache_keys.json").read_text(encoding="utf-8"))["keys"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The current keys, on a machine without MovieLens."""
    folder = tmp_path_factory.mktemp("keys")
    once = cache(synthetic_world)
    honest = data.read_ratings

    def read(where: str, store: object, report: object) -> Ratings:
        if where == "ml-100k":
            raise DataNotFound("MovieLens 100K cannot be found or fetched")
        return honest(where, store, report)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACTORSCOPE_DATA", str(folder))
        patch.setattr(data, "read_ratings", read)
        # Generated once for all runs.
        patch.setattr(ratings_reader, "synthetic_world", once)
        patch.setattr(synthetic, "synthetic_world", once)
        return all_keys(run, train_language_model, once().ratings.films, folder)


def test_each_run_that_is_stored_is_tried() -> None:
    assert set(STORED) == {*RUNS, *LANGUAGE_MODELS}


def test_what_one_device_made_serves_the_other(keys: dict[str, list[str]]) -> None:
    assert keys["quick, on the processor"] == keys["quick"]


@pytest.mark.parametrize("case", STORED)
def test_no_key_has_changed(keys: dict[str, list[str]], case: str) -> None:
    assert keys[case] == STORED[case]
