"""The stage `words`: which reviews it reads, and that it says so where there are not enough films."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.language_model.tokenizer import tokenise
from core.meaning.suggested_names import NO_MEANING
from core.pipeline.stage import Stage
from core.pipeline.words import suggested_names, word_folder, words_part
from core.progress import silent
from core.results.run_record import Unmeasured
from core.settings import preset
from core.store import Store

NO_GENRES = pd.DataFrame(columns=["factor", "kind", "name", "effect", "clear"]).astype({"clear": bool})


def films(count: int, ratings: int = 50) -> pd.DataFrame:
    """Films whose first factor is high for the first half, and whose second one is constant."""
    table = pd.DataFrame({"film_id": [str(k) for k in range(count)], "title": "A film", "ratings": ratings})
    return table.assign(weight_0=np.where(np.arange(count) < count / 2, 1.0, -1.0), weight_1=0.5)


def reviews(film_ids: list[str], text: str, language: str = "en") -> pd.DataFrame:
    return pd.DataFrame({"film_id": film_ids, "review": text, "language": language})


def words(rated: pd.DataFrame, read: pd.DataFrame, store: Store, tmp_path: Path) -> Path:
    """Run the stage on these films and reviews."""
    read = read.assign(review_id=[f"r{k}" for k in range(len(read))], duplicate_of=None)
    for name in ("factors", "tokens"):
        (tmp_path / name).mkdir()
    rated.to_parquet(tmp_path / "factors" / "factors.parquet")
    tokenise(read.review.tolist(), silent, "words").save(tmp_path / "tokens")
    read[["review_id"]].to_parquet(tmp_path / "tokens" / "reviews.parquet")
    settings = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)
    return word_folder(Stage(settings, store, silent), tmp_path / "factors", tmp_path / "tokens", read)


@pytest.mark.parametrize(
    ("rated", "read", "reason"),
    [
        (films(40), reviews([], ""), "0 films with at least 20 ratings have reviews"),
        (films(40), reviews(["7"] * 300, "A dark ghost."), "1 film with at least 20 ratings has reviews"),
        (films(40), reviews([str(k) for k in range(15)], "A dark ghost."), "15 films"),
        (films(40, ratings=5), reviews([str(k) for k in range(40)], "A dark ghost."), "0 films"),
        (films(40), reviews([str(k) for k in range(40)], "🎬 the"), "No word occurs in reviews of 8 films"),
    ],
)
def test_not_enough_films_are_said_and_give_no_word(
    rated: pd.DataFrame, read: pd.DataFrame, reason: str, store: Store, tmp_path: Path
) -> None:
    folder = words(rated, read, store, tmp_path)
    part = words_part(folder)
    assert isinstance(part, Unmeasured)
    assert part.unmeasured.startswith("not enough films to say. ") and reason in part.unmeasured
    table = pd.read_parquet(folder / "words.parquet")
    # Empty, but with the types of a full one, so that whatever filters it works.
    assert table.empty and table[~table.is_name & table.certain].empty and table.effect.abs().sum() == 0
    assert suggested_names(rated, NO_GENRES, 20, folder) == [NO_MEANING] * 2


def test_reviews_in_the_most_common_language_are_read(store: Store, tmp_path: Path) -> None:
    ids = [str(k) for k in range(40)]
    read = pd.concat(
        [
            reviews(ids[:20], "A dark ghost."),
            reviews(ids[20:], "A tender kiss."),
            reviews(ids[:30], "Ein Gespenst, dunkel und still.", "de"),
        ],
        ignore_index=True,
    )
    folder = words(films(40), read, store, tmp_path)
    part = words_part(folder)
    assert not isinstance(part, Unmeasured)
    assert (part.language, part.reviews, part.other_languages, part.films) == ("en", 40, 30, 40)
    assert part.factors[0].has_words and not part.factors[1].has_words
    table = pd.read_parquet(folder / "words.parquet")
    assert set(table.word[table.certain & (table.end == "high")]) == {"dark", "ghost", "dark ghost"}
    assert set(table.word[table.certain & (table.end == "low")]) == {"tender", "kiss", "tender kiss"}
    assert suggested_names(films(40), NO_GENRES, 20, folder) == [NO_MEANING] * 2
