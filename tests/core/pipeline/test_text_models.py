"""The texts of sources and their tokens, read in batches, with the test part of each source."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.registry import NAMED
from core.data.reviews.sources.combined import CombinedSource
from core.data.reviews.sources.synthetic import SyntheticReviews
from core.errors import BadSettings
from core.language_model.tokenizer import tokenise
from core.language_model.tokens import Tokens
from core.pipeline.language_model import train_language_model
from core.pipeline.reviews import text_folder, token_folder
from core.pipeline.stage import Stage
from core.progress import Report, silent
from core.settings import SMALL_LANGUAGE_MODEL, RunSettings, preset
from core.store import Store

WORLD = synthetic_world()


@dataclass
class Pieces:
    """A source that yields these tables one by one."""

    name: str
    tables: list[pd.DataFrame]
    title = licence = "Made up"
    fetched = ""

    def digest(self, films: pd.DataFrame | None) -> str:
        return self.name

    def texts(self, report: Report) -> Iterator[pd.DataFrame]:
        return iter(self.tables)

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        return self.tables[0]

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        raise NotImplementedError


def piece(name: str, *texts: str, **others: object) -> pd.DataFrame:
    ids = [f"{name}-{number}" for number in range(len(texts))]
    return pd.DataFrame({"review_id": ids, "review": texts} | others)


def test_pieces_of_several_sources_are_kept_in_their_order(store: Store) -> None:
    tested = Pieces(
        "a", [piece("a", "Of rated films."), piece("b", "one two", "three 😀", test=[True, False])]
    )
    dated = Pieces(
        "c", [piece("c", fetched=[]), piece("d", "four\nfive", fetched="2026-01-01T00:00:00+00:00")]
    )
    stage = Stage(RunSettings(), store, silent)
    unrated = text_folder(stage, tested, WORLD.ratings)
    assert pd.read_parquet(unrated / "reviews.parquet").review_id.tolist() == ["b-0", "b-1"]
    folder = text_folder(stage, CombinedSource([tested, dated]), None)
    texts = pd.read_parquet(folder / "reviews.parquet")
    assert texts.review_id.tolist() == ["a-0", "b-0", "b-1", "d-0"]
    assert texts.test.tolist() == [None, True, False, None]
    assert texts.fetched.notna().tolist() == [False, False, False, True]
    tokens = Tokens.load(token_folder(stage, folder, "language model"))
    straight = tokenise(texts.review, silent, "")
    assert tokens.words == straight.words and tokens.numbers.tolist() == straight.numbers.tolist()
    assert tokens.offsets.tolist() == straight.offsets.tolist()


class Tested(SyntheticReviews):
    """Synthetic reviews, a quarter of which form the test part."""

    def texts(self, report: Report) -> list[pd.DataFrame]:
        (texts,) = super().texts(report)
        return [texts.assign(test=texts.index % 4 == 0)]


@pytest.mark.slow
def test_a_part_for_tests_of_one_source_of_two_measures_the_perplexity(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NAMED, "planted", Tested)
    small = SMALL_LANGUAGE_MODEL.replace(
        embedding_size=12, hidden_size=12, frozen_epochs=0, epochs=1, max_reviews=None
    )
    model = small.replace(start="nothing", reads="all", held_out="test", batch_size=8)
    settings = preset("quick", ratings="planted", reviews="planted+sample").replace(language_model=model)
    info = train_language_model(settings, store, silent, tmp_path / "encoder")
    assert info["reviews_held_out"] == len(WORLD.reviews) / 4
    assert info["reviews"] == len(WORLD.reviews) * 3 / 4 + 800
    with pytest.raises(BadSettings, match="keeps no part for tests"):
        train_language_model(settings.replace(reviews="sample"), store, silent, tmp_path / "other")
