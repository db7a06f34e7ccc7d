"""Factors and tokens of reviews -> words of both ends of each factor, through the cache, and suggested names."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.factors.top_factors import enough_rated, weights_of
from core.formatting import counted
from core.meaning import suggested_names as naming
from core.meaning.suggested_names import Evidence
from core.meaning.words import FEWEST_FILMS, PERMUTATIONS, TYPES, FactorWords
from core.pipeline.stage import Stage
from core.results.artifacts import rows_of
from core.results.run_record import Unmeasured, WordEffect, WordsOfFactor, WordsRecord, parsed
from core.store import read_json, write_json

IN_RECORD = 5
"""Words of each end that the record holds; the table has more."""


def word_folder(stage: Stage, factors_at: Path, tokens_at: Path, reviews: pd.DataFrame) -> Path:
    """Return the folder with words.parquet and words.json: what is known of each factor's words, or why nothing.

    Of `reviews` (film_id, review_id, language, duplicate_of) those of films with enough ratings count, in the
    language that most of them have.
    """

    def build(folder: Path) -> None:
        least = stage.settings.selection.least_ratings
        films = pd.read_parquet(factors_at / "factors.parquet")
        films = films[films.ratings >= least]
        read = reviews[reviews.duplicate_of.isna() & reviews.film_id.isin(films.film_id)]
        languages = read.language.value_counts()
        language = str(languages.index[0]) if len(languages) else "en"
        others = len(read) - int(languages.iloc[0]) if len(languages) else 0
        read = read[read.language == language]
        about: dict[str, Any] = {
            "language": language,
            "reviews": len(read),
            "other_languages": others,
            "films": read.film_id.nunique(),
            "least_ratings": least,
            "permutations": PERMUTATIONS,
        }
        table = _no_words()
        if about["films"] < FEWEST_FILMS:
            about["unmeasured"] = (
                f"not enough films to say. {counted(about['films'], 'film')} with at least {least} ratings "
                f"{'has' if about['films'] == 1 else 'have'} reviews in their main language ({language}), and "
                f"{FEWEST_FILMS} are needed"
            )
        else:
            from core.language_model.tokens import Tokens
            from core.meaning.vocabulary import FEWEST_WITH_TERM, vocabulary
            from core.meaning.words import factor_words

            stage.report("words", 0.3, f"counting the words of {len(read):,} reviews")
            tokens = Tokens.load(tokens_at).take(rows_of(tokens_at, read))
            counted_words = vocabulary(tokens, read.film_id, language)
            about["terms"] = len(counted_words.terms)
            if counted_words.is_name.all():
                what = "Only names occur" if counted_words.terms else "No word occurs"
                reason = f"not enough films to say. {what} in reviews of {FEWEST_WITH_TERM} films"
                about["unmeasured"] = reason
            else:
                stage.report("words", 0.6, f"comparing {about['terms']:,} words and phrases with each factor")
                weights = weights_of(films.set_index("film_id").loc[counted_words.films])
                table, of_factors = factor_words(counted_words, weights, stage.settings.seed)
                about["factors"] = [asdict(of_factor) for of_factor in of_factors]
        table.to_parquet(folder / "words.parquet", index=False)
        write_json(folder / "words.json", about)

    inputs = {
        "factors": factors_at.name,
        "tokens": tokens_at.name,
        "least_ratings": stage.settings.selection.least_ratings,
        "seed": stage.settings.seed,
    }
    folder = stage.artifact("words", inputs, build)
    about = read_json(folder / "words.json")
    with_words = sum(FactorWords(**row).has_words for row in about.get("factors", []))
    stage.report(
        "words", 1.0, about.get("unmeasured") or f"{counted(with_words, 'factor')} with words beyond luck"
    )
    return folder


def words_part(folder: Path) -> WordsRecord | Unmeasured:
    """Return the record of the words."""
    about = read_json(folder / "words.json")
    if "unmeasured" in about:
        return parsed(WordsRecord, about)
    table = pd.read_parquet(folder / "words.parquet")
    factors = []
    for factor, row in enumerate(about["factors"]):
        of_factor = FactorWords(**row)
        words = table[(table.factor == factor) & ~table.is_name]
        ends = {
            end: [WordEffect.model_validate(word) for word in at_end.head(IN_RECORD).to_dict("records")]
            for end, at_end in words.groupby("end")
        }
        factors.append(
            WordsOfFactor(
                factor=factor,
                has_words=of_factor.has_words,
                high=ends.get("high", []),
                low=ends.get("low", []),
                **row,
            )
        )
    return WordsRecord(**{**about, "factors": factors})


def suggested_names(
    films: pd.DataFrame, associations: pd.DataFrame, least_ratings: int, words: Path | None = None
) -> list[str]:
    """Return a suggested name for each factor; `films` has title, ratings and weight_0 …

    `words` is the folder of the words; without it the names rest on genres, years and titles.
    """
    about = read_json(words / "words.json") if words else {}
    table = pd.read_parquet(words / "words.parquet") if words else _no_words()
    rated = enough_rated(films, least_ratings)
    weights, titles = weights_of(rated), rated.title.to_numpy()
    return naming.suggested_names(
        [
            Evidence(
                words=table[table.factor == factor],
                about=FactorWords(**about["factors"][factor]) if "factors" in about else None,
                associations=associations[associations.factor == factor],
                highest=str(titles[weights[:, factor].argmax()]),
                lowest=str(titles[weights[:, factor].argmin()]),
            )
            for factor in range(weights.shape[1])
        ]
    )


def _no_words() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
