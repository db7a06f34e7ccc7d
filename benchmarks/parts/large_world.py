"""Planted data in the published layout of MovieLens 25M, of any size, and reviews whose words follow the tastes.

Counts follow MovieLens: a film's popularity falls with its rank by a power law, flat at the top, so that half of the
films have a handful of ratings; a user's activity is lognormal, with 20 ratings at least. Every film has one of six
tastes, every third one a second. Reviews are sentences of the bundled sample, words of their film's tastes, and a few
made-up rare words, so that the vocabulary grows with the reviews as in natural text.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

SEED = 42
COUNTS = {
    100_000: (943, 1_682),
    1_000_000: (6_040, 3_900),
    2_000_000: (20_000, 59_000),
    10_000_000: (71_567, 10_681),
    25_000_000: (162_000, 59_000),
}
"""Users and films of MovieLens 100K, 1M, 10M and 25M, by ratings; 2 million are of the films of 25 million."""
TASTES = 6
REVIEWED_FILMS = 10_000
"""Most films that have reviews."""
SENTENCES = 7
"""Sentences of a review: some 110 words."""
RARE_WORDS = 200_000
CHUNK = 1 << 20
REVIEWS_AT_ONCE = 20_000
FIRST_FILM = 7
"""Film ids have gaps, as MovieLens's have: one in three numbers."""


@dataclass(frozen=True)
class Tastes:
    """What is planted."""

    names: list[str]
    of_films: np.ndarray
    """Films x tastes: how much a film has of each."""
    popularity: np.ndarray
    """Of each film, the share of the ratings that it gets."""


def tastes(films: int) -> Tastes:
    """Return the planted tastes of the films."""
    from core.data.ratings.synthetic import THEMES

    rng = np.random.default_rng(SEED)
    of_films = np.zeros((films, TASTES), np.float32)
    of_films[np.arange(films), rng.integers(TASTES, size=films)] = 1
    third = np.arange(0, films, 3)
    of_films[third, rng.integers(TASTES, size=len(third))] = 1
    rank = rng.permutation(films)
    popularity = (1 + rank / (films / 200)) ** -2.1
    return Tastes(list(THEMES)[:TASTES], of_films, popularity / popularity.sum())


def make_ratings(folder: Path, ratings: int) -> Path:
    """Return the zip of these ratings, written where it is not there yet."""
    path = folder / f"ml-planted-{ratings}.zip"
    if path.exists():
        return path
    users, films = COUNTS[ratings]
    planted = tastes(films)
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("ml-planted/ratings.csv", "w", force_zip64=True) as stream:
            _write_ratings(stream, users, ratings, planted)
        for name, lines in (("movies", _movies(planted)), ("links", _links(films))):
            archive.writestr(f"ml-planted/{name}.csv", "\n".join(lines) + "\n")
    part.rename(path)
    return path


def film_numbers(films: int) -> np.ndarray:
    """Return the ids of the films."""
    numbers: np.ndarray = FIRST_FILM + 3 * np.arange(films)
    return numbers


def _write_ratings(stream: object, users: int, ratings: int, planted: Tastes) -> None:
    rng = np.random.default_rng(SEED + 1)
    films = len(planted.of_films)
    user, film = _pairs(users, ratings, planted.popularity, rng)
    taste = rng.standard_normal((users, TASTES), np.float32) * np.float32(0.55)
    film_offset = rng.standard_normal(films, np.float32) * np.float32(0.4)
    user_offset = rng.standard_normal(users, np.float32) * np.float32(0.35)
    numbers = film_numbers(films)
    schema = pa.schema(
        {"userId": pa.int64(), "movieId": pa.int64(), "rating": pa.float64(), "timestamp": pa.int64()}
    )
    options = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
    with pa.csv.CSVWriter(stream, schema, write_options=options) as writer:
        for start in range(0, len(user), CHUNK):
            its, of = user[start : start + CHUNK], film[start : start + CHUNK]
            value = 3.4 + film_offset[of] + user_offset[its]
            value += np.einsum("ij,ij->i", taste[its], planted.of_films[of])
            value += np.float32(0.75) * rng.standard_normal(len(its), np.float32)
            columns = [
                its.astype(np.int64) + 1,
                numbers[of],
                np.clip(np.rint(value.astype(np.float64) * 2) / 2, 0.5, 5),
                rng.integers(789_652_009, 1_574_327_703, len(its)),
            ]
            writer.write_table(pa.table(columns, schema=schema))


def _pairs(
    users: int, count: int, popularity: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw distinct pairs of user and film, sorted."""
    films = len(popularity)
    activity = 20 + np.exp(rng.normal(np.log(51), 1.45, users))
    activity = np.minimum(activity * (count / activity.sum()), films / 4)
    activity /= activity.sum()
    pair = np.empty(0, np.int64)
    while len(pair) < count:
        drawn = int(1.15 * (count - len(pair))) + 1000
        more = rng.choice(users, drawn, p=activity) * films + rng.choice(films, drawn, p=popularity)
        pair = np.sort(np.concatenate([pair, more]))
        pair = pair[np.append(True, pair[1:] != pair[:-1])]
    if len(pair) > count:
        pair = np.delete(pair, rng.choice(len(pair), len(pair) - count, replace=False))
    return (pair // films).astype(np.int32), (pair % films).astype(np.int32)


def _movies(planted: Tastes) -> Iterator[str]:
    yield "movieId,title,genres"
    for row, (number, of_film) in enumerate(
        zip(film_numbers(len(planted.of_films)), planted.of_films, strict=True)
    ):
        genres = "|".join(name.capitalize() for name, has in zip(planted.names, of_film, strict=True) if has)
        yield f'{number},"Planted film {row + 1}, The ({1930 + row % 90})",{genres}'


def _links(films: int) -> Iterator[str]:
    yield "movieId,imdbId,tmdbId"
    for row, number in enumerate(film_numbers(films)):
        yield f"{number},{100_000 + row:07d},{row + 1}"


def make_reviews(folder: Path, reviews: int, films: int) -> Path:
    """Return the Parquet file of reviews of the most rated films, by IMDb id, written where it is not there yet."""
    path = folder / f"reviews-{reviews}-of-{films}.parquet"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    schema = pa.schema({"imdb_id": pa.string(), "review": pa.string(), "stars": pa.int64()})
    with pq.ParquetWriter(part, schema) as writer:
        for chunk in _reviews(reviews, films):
            writer.write_table(chunk)
    part.rename(path)
    return path


def _reviews(count: int, films: int) -> Iterator[pa.Table]:
    from core.data.ratings.synthetic import THEMES

    rng = np.random.default_rng(SEED + 2)
    planted = tastes(films)
    reviewed = np.argsort(-planted.popularity)[: min(REVIEWED_FILMS, films, max(count // 10, 2))]
    share = planted.popularity[reviewed] ** 0.5
    sentences = pa.array(_sentences())
    # A review's words of taste are drawn from those of one of its film's tastes.
    words = pa.array([word for name in planted.names for word in THEMES[name].split()])
    each = len(words) // TASTES
    rare = pa.array(_rare_words(rng))
    for start in range(0, count, REVIEWS_AT_ONCE):
        size = min(REVIEWS_AT_ONCE, count - start)
        film = reviewed[rng.choice(len(reviewed), size, p=share / share.sum())]
        has = planted.of_films[film]
        parts = []
        for _ in range(SENTENCES):
            taste = (has * rng.random(has.shape, np.float32)).argmax(1)
            parts += [
                sentences.take(pa.array(rng.integers(len(sentences), size=size))),
                words.take(pa.array(taste * each + rng.integers(each, size=size))),
            ]
        parts += [rare.take(pa.array(np.minimum(rng.zipf(1.3, size) - 1, RARE_WORDS - 1))) for _ in range(2)]
        yield pa.table(
            {
                "imdb_id": pa.array([f"tt{100_000 + row:07d}" for row in film]),
                "review": pc.binary_join_element_wise(*parts, " "),
                "stars": pa.array(rng.integers(1, 11, size)),
            }
        )


def _sentences() -> list[str]:
    sample = (files("core.data.reviews.sources") / "sample.jsonl").read_text(encoding="utf-8")
    texts = [json.loads(line)["review"] for line in sample.splitlines()]
    return sorted({part.strip() for text in texts for part in re.findall(r"[^.!?]+[.!?]", text)})


def _rare_words(rng: np.random.Generator) -> list[str]:
    syllables = np.array(
        [a + b for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
    )
    chosen = syllables[rng.integers(len(syllables), size=(RARE_WORDS, 4))]
    return ["".join(row) for row in chosen.tolist()]
