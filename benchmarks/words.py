"""Words of factors: time and memory, planted words found, worlds without meaning, and real factors.

    python benchmarks/words.py [--json] [--only time|planted|null|real] [--worlds N]

Prints Markdown tables, or one JSON document. The real factors and the worlds without meaning are of MovieLens
100K with the Large Movie Review Dataset (from the folder that FACTORSCOPE_DATA names, the cache, or downloaded):
eight Bayesian factors in principal form. A world without meaning deals the same reviews out to the films at
random, each film as many as it had. The texts that are timed are composed of sentences of the bundled sample;
splitting them into words is not timed, since a run needs that anyway. Takes some ten minutes on two cores.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from parts.machine import machine, peak_gb
from scipy.optimize import linear_sum_assignment

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.synthetic_reviews import reviews as made_up  # noqa: E402

from core.data.ratings.read import read_ratings  # noqa: E402
from core.data.ratings.synthetic import THEMES, synthetic_world  # noqa: E402
from core.data.reviews.registry import open_source  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.factors.top_factors import weights_of  # noqa: E402
from core.language_model.tokenizer import tokenise  # noqa: E402
from core.language_model.tokens import Tokens  # noqa: E402
from core.meaning.vocabulary import function_words, vocabulary  # noqa: E402
from core.meaning.words import factor_words  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.pipeline.factors import factor_folder  # noqa: E402
from core.pipeline.reviews import review_folder, rows_of, token_folder  # noqa: E402
from core.pipeline.stage import Stage  # noqa: E402
from core.pipeline.words import word_folder  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import FactorModelSettings, preset  # noqa: E402
from core.store import Store, read_json  # noqa: E402

FACTORS = 8
SIZES = {5_000: 300, 20_000: 1_000, 100_000: 5_000}
"""Reviews -> films."""
WORLDS = 100


def timed(folder: Path) -> dict[str, float]:
    """Find the words of made-up factors in stored tokens; return the seconds and this process's peak memory."""
    # A run has loaded spaCy by then, to split the reviews into words.
    function_words("en")
    began = time.perf_counter()
    tokens, films = Tokens.load(folder), pd.read_parquet(folder / "films.parquet").film_id
    found = vocabulary(tokens, films, "en")
    weights = np.random.default_rng(0).normal(size=(len(found.films), FACTORS))
    factor_words(found, weights, seed=1)
    return {"seconds": time.perf_counter() - began, "peak_gb": peak_gb(), "terms": len(found.terms)}


def times() -> list[dict[str, Any]]:
    """Return the measurements of each size, each in a process of its own."""
    rows = []
    for reviews, films in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            titles = [str(k) for k in range(films)]
            table = pd.concat([piece.to_pandas() for piece in made_up(2 * reviews, titles)])
            table = table[table.title.isin(titles)].head(reviews)
            tokenise(table.review.tolist(), silent, "words").save(Path(folder))
            pd.DataFrame({"film_id": table.title}).to_parquet(Path(folder) / "films.parquet")
            command = [sys.executable, "-W", "ignore", __file__, "--one", folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            rows.append({"reviews": len(table), "films": films, **json.loads(done.stdout)})
    return rows


def planted(store: Store) -> dict[str, float]:
    """Train factors on planted ratings; return precision and recall of their certain words at the high end."""
    quick = preset("quick", ratings="planted", reviews="planted", factors=4, top=1, films=120)
    model = FactorModelSettings(factors=4, epochs=5, batch_size=512, learning_rate=5e-2)
    stage = Stage(quick.replace(form="varimax", factor_model=model), store, silent)
    world = synthetic_world()
    films = pd.read_parquet(factor_folder(stage, world.ratings) / "factors.parquet")
    tokens = tokenise(world.reviews.review.tolist(), silent, "words")
    found = vocabulary(tokens, world.reviews.film_id, "en")
    weights = weights_of(films.set_index("film_id").loc[found.films])
    labels = world.labels[pd.Index(world.ratings.films.film_id).get_indexer(found.films)]
    likeness = np.corrcoef(weights.T, labels.T)[:4, 4:]
    theme_of = dict(zip(*linear_sum_assignment(-likeness), strict=True))
    table, _ = factor_words(found, weights, seed=1)
    table = table[table.certain & (table.end == "high") & ~table.word.str.contains(" ")]
    right = wrong = missed = 0
    for factor, theme in theme_of.items():
        words = set(THEMES[list(THEMES)[theme]].split()) & set(found.terms)
        certain = set(table.word[table.factor == factor])
        right, wrong = right + len(words & certain), wrong + len(certain - words)
        missed += len(words - certain)
    return {"precision": right / max(right + wrong, 1), "recall": right / max(right + missed, 1)}


def real(store: Store) -> tuple[list[dict[str, Any]], Tokens, pd.Series, pd.DataFrame]:
    """Return the real factors' words, and what they were found in: tokens, the film of each text, and the films."""
    stage = Stage(preset("accurate", ratings="ml-100k", reviews="lmrd", factors=FACTORS), store, silent)
    ratings = read_ratings("ml-100k", store, silent)
    factors_at = factor_folder(stage, ratings)
    reviews_at = review_folder(stage, ratings, open_source("lmrd", store, silent))
    tokens_at = token_folder(stage, reviews_at, "words")
    reviews = pd.read_parquet(reviews_at / "reviews.parquet")
    words_at = word_folder(stage, factors_at, tokens_at, reviews)
    about, table = read_json(words_at / "words.json"), pd.read_parquet(words_at / "words.parquet")
    rows = [
        {
            "factor": factor,
            "certain": int((table.certain & (table.factor == factor) & ~table.is_name).sum()),
            "confirmed": row["confirmed"],
            "confirmed_effect": row["confirmed_effect"],
            "chance": row["chance"],
            "bound": row["bound"],
            **{end: _strongest(table, factor, end) for end in ("high", "low")},
        }
        for factor, row in enumerate(about["factors"])
    ]
    films = pd.read_parquet(factors_at / "factors.parquet")
    films = films[films.ratings >= stage.settings.selection.least_ratings]
    read = reviews[
        reviews.duplicate_of.isna()
        & reviews.film_id.isin(films.film_id)
        & (reviews.language == about["language"])
    ]
    return rows, Tokens.load(tokens_at).take(rows_of(tokens_at, read)), read.film_id, films


def _strongest(table: pd.DataFrame, factor: int, end: str) -> list[str]:
    rows = table[(table.factor == factor) & (table.end == end) & ~table.is_name].head(10)
    return [f"**{row.word}**" if row.certain else row.word for row in rows.itertuples()]


def null_worlds(tokens: Tokens, film_of_text: pd.Series, films: pd.DataFrame, worlds: int) -> dict[str, int]:
    """Return how many worlds whose reviews were dealt out at random show a certain word."""
    loud = 0
    by_id = films.set_index("film_id")
    for seed in range(worlds):
        dealt = pd.Series(np.random.default_rng(seed).permutation(film_of_text.to_numpy()))
        found = vocabulary(tokens, dealt, "en")
        table, _ = factor_words(found, weights_of(by_id.loc[found.films]), seed)
        loud += bool(table.certain.any())
    return {"worlds": worlds, "with_certain_words": loud}


def markdown(result: dict[str, Any]) -> str:
    lines = []
    if "times" in result:
        lines += ["| reviews | films | words and phrases | seconds | peak, GB |", "|---|---|---|---|---|"]
        lines += [
            f"| {row['reviews']:,} | {row['films']:,} | {row['terms']:,} | {row['seconds']:.1f} | "
            f"{row['peak_gb']:.2f} |"
            for row in result["times"]
        ]
        lines.append("")
    if "planted" in result:
        precision, recall = result["planted"]["precision"], result["planted"]["recall"]
        lines += [f"Planted words at the right end: precision {precision:.2f}, recall {recall:.2f}.", ""]
    if "null_worlds" in result:
        null = result["null_worlds"]
        lines += [
            f"Worlds without meaning that show a certain word: {null['with_certain_words']} of {null['worlds']}.",
            "",
        ]
    if "real" in result:
        lines += [
            "| factor | chance | bound | certain | keep their sign | effect there | high end | low end |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {row['factor']} | {row['chance']:.3f} | {row['bound']:.2f} | {row['certain']} | "
                f"{row['confirmed']:.0%} | {row['confirmed_effect']:.2f} | {', '.join(row['high'])} | "
                f"{', '.join(row['low'])} |"
                for row in result["real"]
            ),
            "",
            "Bold: certain. Chance: share of the permutations of films in which some factor has words as strong.",
            "",
        ]
    return "\n".join([*lines, f"Measured on {result['date']}: {result['machine']}."])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=("time", "planted", "null", "real"))
    parser.add_argument("--worlds", type=int, default=WORLDS, help="worlds without meaning (100)")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.one:
        print(json.dumps(timed(args.one)))
        return
    result: dict[str, Any] = {"machine": machine("numpy", "scipy", "spacy"), "date": date.today().isoformat()}
    store = Store(cache_dir())
    try:
        if args.only in (None, "time"):
            rows = result["times"] = times()
            result |= {"seconds_5000": rows[0]["seconds"], "seconds_100000": rows[-1]["seconds"]}
            result["peak_gb"] = max(row["peak_gb"] for row in rows)
        if args.only in (None, "planted"):
            result["planted"] = planted(store)
        if args.only in (None, "null", "real"):
            rows, tokens, film_of_text, films = real(store)
            if args.only != "null":
                result["real"] = rows
            if args.only != "real":
                result["null_worlds"] = null_worlds(tokens, film_of_text, films, args.worlds)
    except FactorscopeError as error:
        sys.exit(str(error))
    print(json.dumps(result, indent=2) if args.json else markdown(result))


if __name__ == "__main__":
    main()
