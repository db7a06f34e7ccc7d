"""The source in docs/adding-a-source.md works as it stands there."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from contracts.review_source import ReviewSourceContract
from support.small_run import FEW_FITS

from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.registry import NAMED, open_source
from core.data.reviews.sources.base import NamedSource, ReviewSource
from core.pipeline import chain as pipeline
from core.pipeline.reviews import review_folder
from core.pipeline.stage import Stage
from core.progress import silent
from core.settings import FactorModelSettings, RunSettings, preset
from core.store import Store

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-source.md"


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[NamedSource]:
    """The page's source under its name, with a letter about each of thirty planted films."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    monkeypatch.setitem(NAMED, "letters", names["Letters"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters").mkdir()
    world = synthetic_world()
    for film_id, title in world.ratings.films[["film_id", "title"]].head(30).values:
        texts = world.reviews[world.reviews.film_id == film_id].review
        (tmp_path / "letters" / f"{title}.txt").write_text("\n".join(texts), encoding="utf-8")
    source: type[NamedSource] = names["Letters"]
    return source


def test_it_keeps_the_protocol(letters: type[NamedSource], store: Store) -> None:
    members = {name for kind in NamedSource.__mro__ for name in vars(kind) if not name.startswith("_")}
    members |= {name for kind in NamedSource.__mro__ for name in getattr(kind, "__annotations__", {})}
    assert {name for name in members if not hasattr(letters, name)} == set()
    ratings = synthetic_world().ratings
    folder = review_folder(
        Stage(RunSettings(), store, silent), ratings, open_source("letters", store, silent)
    )
    reviews, coverage = (pd.read_parquet(folder / f"{name}.parquet") for name in ("reviews", "coverage"))
    assert len(reviews) == 30 and reviews.licence.eq(letters.licence).all()
    assert coverage.how.value_counts().to_dict() == {"": len(ratings.films) - 30, "exact title": 30}
    assert coverage.reason.value_counts().to_dict() == {
        "nobody wrote about it": len(ratings.films) - 30,
        "": 30,
    }


class TestLetters(ReviewSourceContract):
    @pytest.fixture
    def films(self) -> pd.DataFrame:
        return synthetic_world().ratings.films

    @pytest.fixture
    def source(self, letters: type[NamedSource], store: Store) -> ReviewSource:
        return open_source("letters", store, silent)


@pytest.mark.slow
def test_the_chain_runs_on_it(letters: type[NamedSource], store: Store, tmp_path: Path) -> None:
    model = FactorModelSettings(factors=4, epochs=2, batch_size=256, learning_rate=3e-2)
    quick = preset("quick", ratings="planted", reviews="letters", top=1)
    settings = quick.replace(factor_model=model, stability=FEW_FITS)
    result = pipeline.run(settings, store, silent, tmp_path / "run").plain()
    assert result["reviews"]["title"] == "Letters to the cinema"
    assert result["reviews"]["reviews"] == result["reviews"]["films_with_reviews"] == 20
