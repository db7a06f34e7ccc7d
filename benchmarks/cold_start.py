"""How well reviews alone predict the ratings of films that nobody has rated yet.

    python benchmarks/cold_start.py [--ratings NAME|PATH] [--reviews NAME|PATH] [--only NAME] [--json]

Prints a Markdown table, or one JSON document. By default reads MovieLens 100K and the Large Movie
Review Dataset (from the folder that FACTORSCOPE_DATA names, the cache, or downloaded). Sentence vectors need
sentence-transformers, and take most of the time: some minutes on two cores, once, since they are cached.

The films with reviews are split into five folds. For each fold a factor model is trained on the ratings of
all other films, regressions of its biases and weights on reviews are fitted on the other films
(core.cold_start), and all ratings of the fold's films are predicted from their reviews. Neither stars of
reviews nor metadata are used.
"""

import argparse
import json
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from parts.machine import machine
from sklearn.model_selection import KFold

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.cold_start_folds import FOLDS, SEED, WELL_KNOWN, baselines, fold_of, place_of, predict  # noqa: E402
from parts.cold_start_readers import (  # noqa: E402
    ENOUGH,
    READERS,
    at_hand,
    masked_texts,
    read,
)

from core.cold_start import film_vectors  # noqa: E402
from core.data.ratings.read import read_ratings  # noqa: E402
from core.data.reviews.registry import open_source  # noqa: E402
from core.errors import BadInput, FactorscopeError  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.progress import Lines, Report, part  # noqa: E402
from core.store import Store  # noqa: E402

COMBINED = ("tfidf", "sentence")
"""Readers that `ours` combines, if available: with ULMFiT's encoder as a third the error was larger."""
DRAWS = 1000
"""Bootstrap resamples of the films for an interval."""
NAMES = {
    "users_means": "users' means (mean and user's deviation from the films' means)",
    "plain_means": "each user's own mean rating",
    "no_reviews": "what kind of films a user picks, no reviews",
    "tfidf": "TF-IDF",
    "ulmfit": "ULMFiT's encoder",
    "sentence": "sentence vectors (MiniLM)",
    "ours": "ours: TF-IDF and, where at hand, sentence vectors",
    "ours_masked": "ours, titles and names masked",
    "with_ulmfit": "ours and ULMFiT's encoder",
    "oracle": "oracle: each held-out film's own mean",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ratings", default="ml-100k")
    parser.add_argument("--reviews", default="lmrd")
    parser.add_argument("--only", choices=[*READERS, "ours", "ours_masked", "with_ulmfit"])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    try:
        result = measure(args.ratings, args.reviews, args.only, Store(cache_dir()), Lines())
    except FactorscopeError as error:
        sys.exit(str(error))
    print(json.dumps(result) if args.json else markdown(result))


def measure(where: str, source_name: str, only: str | None, store: Store, report: Report) -> dict[str, Any]:
    ratings = read_ratings(where, store, report)
    source = open_source(source_name, store, report)
    reviews = source.reviews(ratings.films, report)
    rated = ratings.films.film_id.to_numpy()[np.unique(ratings.table.film)]
    reviews = reviews[reviews.film_id.isin(rated)]
    # In the order of the ratings, as reviews are.
    films = np.asarray(reviews.film_id.unique(), dtype=object)
    if len(films) < 4 * FOLDS:
        raise BadInput(f"{len(films)} films of {ratings.name} have reviews in {source.name}; choose others")
    others = pd.concat(source.texts(report)).set_index("review_id").review
    others = others[~others.index.isin(reviews.review_id)].tolist()

    folds = [
        fold_of(ratings, films, held, part(report, number / FOLDS, (number + 1) / FOLDS))
        for number, (_, held) in enumerate(KFold(FOLDS, shuffle=True, random_state=0).split(films))
    ]
    stars = ratings.table.rating.to_numpy(np.float64)
    errors = baselines(ratings, films, folds)
    readers = [name for name in READERS if at_hand(name)]
    ours = [name for name in COMBINED if name in readers]
    rows = {name: [name] for name in readers} | {"ours": ours, "ours_masked": ours}
    if "ulmfit" in readers:
        rows["with_ulmfit"] = [*ours, "ulmfit"]
    rows = {name: chosen for name, chosen in rows.items() if only in (None, name)}
    codes = pd.Index(films).get_indexer(reviews.film_id)
    seen: dict[tuple[str, bool], np.ndarray] = {}
    for name, chosen in rows.items():
        masked = name == "ours_masked"
        texts, other_texts = (
            masked_texts(reviews, others, ratings) if masked else (reviews.review.tolist(), others)
        )
        for reader in chosen:
            if (reader, masked) not in seen:
                vectors_of_texts = read(reader, texts, other_texts, store, report)
                seen[reader, masked] = film_vectors(vectors_of_texts, codes, len(films))
        vectors = {reader: seen[reader, masked] for reader in chosen}
        predicted = [predict(fold, vectors, ratings, films) for fold in folds]
        errors[name] = [
            np.clip(values, *ratings.scale) - stars[fold.tested]
            for (values, _), fold in zip(predicted, folds, strict=True)
        ]
        if name == "ours":
            covered = np.concatenate([inside for _, inside in predicted])
        report("cold start", 1.0, f"{name} done")
    coverage = {"films": len(covered), "covered": float(covered.mean())} if only in (None, "ours") else None
    tested = np.concatenate([place_of(ratings, films)[fold.tested] for fold in folds])
    return graded(errors, tested, len(films)) | {
        "films": len(films),
        "reviews": len(reviews),
        "ratings": ratings.name,
        "source": source.name,
        "intervals_of_bias": coverage,
        "missing": [name for name in READERS if name not in readers],
        "words_from": "reviews of other films" if len(others) >= ENOUGH else "the same reviews",
        "machine": machine(),
        "date": date.today().isoformat(),
    }


def graded(errors: dict[str, list[np.ndarray]], film: np.ndarray, count: int) -> dict[str, Any]:
    """Return `rmse`, `share` of the gap between users' means and the oracle, and the share's 95% interval."""
    squares = {
        name: np.bincount(film, np.square(np.concatenate(parts)), count) for name, parts in errors.items()
    }
    ratings = np.bincount(film, minlength=count)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), DRAWS)
    # The first row is the original sample.
    drawn = np.vstack([np.ones(count), drawn])
    rmse = {name: np.sqrt(drawn @ square / (drawn @ ratings)) for name, square in squares.items()}
    gap = rmse["users_means"] - rmse["oracle"]
    shares = {name: (rmse["users_means"] - error) / gap for name, error in rmse.items()}
    order = [name for name in NAMES if name in rmse]
    return {
        "rmse": {name: float(rmse[name][0]) for name in order},
        "share": {name: float(shares[name][0]) for name in order},
        "share_interval": {name: np.quantile(shares[name][1:], [0.025, 0.975]).tolist() for name in order},
    }


def markdown(result: dict[str, Any]) -> str:
    rmse, share = result["rmse"], result["share"]
    lines = [
        f"{result['ratings']}, {result['source']}: {result['films']} films, {result['reviews']:,} reviews; each "
        "film held out once, with all its ratings\n",
        "| | RMSE | share of the gap | 95%, films resampled |\n|---|---|---|---|",
    ]
    for name, error in rmse.items():
        low, high = result["share_interval"][name]
        interval = "" if name in ("users_means", "oracle") else f"{low:.1%} to {high:.1%}"
        lines.append(f"| {NAMES[name]} | {error:.4f} | {share[name]:.1%} | {interval} |")
    lines.append("")
    if "ours" in rmse:
        closed = (rmse["plain_means"] - rmse["ours"]) / (rmse["plain_means"] - rmse["oracle"])
        held = result["intervals_of_bias"]
        lines += [
            f"Counted from each user's own mean rating instead, ours closes {closed:.1%} of the gap. Of "
            f"{held['films']} held-out films with at least {WELL_KNOWN} ratings, {held['covered']:.0%} have their "
            "bias within the 95% interval that their reviews give it.",
            "",
        ]
    if "ours_masked" in rmse:
        lines += [
            "Masked are, before anything is learnt, the words of a film's title in its reviews, and in all reviews "
            "what is written with a capital of words that, inside sentences, stand more often with than without.",
            "",
        ]
    if "ulmfit" in rmse:
        caveat = "" if result["ratings"] == "ml-100k" else "; of these films it may have read some"
        lines += [f"ULMFiT's encoder was trained on no review of a film that MovieLens 100K has{caveat}.", ""]
    if result["missing"]:
        lines += [f"Not at hand here: {', '.join(result['missing'])}.", ""]
    lines += [
        f"Words are learnt from {result['words_from']}. How far reviews are followed is decided by leaving out one "
        "known film at a time, never by a held-out rating; which readers there are, the kernel and what is "
        "known of users was decided on these films, over dozens of runs, so these shares are somewhat flattered.",
        "",
        f"Measured on {result['date']}: {result['machine']}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
