"""How well reviews alone tell the ratings of films that nobody has rated yet.

    python benchmarks/cold_start.py [--ratings NAME|PATH] [--reviews NAME|PATH] [--only NAME] [--json]

Prints a Markdown table, or one JSON document. Reads MovieLens 100K and the Large Movie Review Dataset unless told
otherwise (from the folder that FACTORSCOPE_DATA names, the cache, or downloaded). Sentence vectors need
sentence-transformers, and take most of the time: some minutes on two cores, once, since they are kept in the cache.

The films with reviews are split in five. For each fifth a factor model is trained on the ratings of all other
films, its bias and weights are learnt from the other films' reviews (core.cold_start), and all ratings of the fifth
are predicted from its reviews. Reviews' stars are not read, nor is anything else of the films.
"""

import argparse
import json
import os
import platform
import re
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.model_selection import KFold

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from core.classification.readers import sentence_vectors as sentences  # noqa: E402
from core.cold_start import Words, film_vectors, fit  # noqa: E402
from core.data.ratings.dataset import Ratings  # noqa: E402
from core.data.ratings.read import read_ratings  # noqa: E402
from core.data.reviews.registry import open_source  # noqa: E402
from core.errors import BadInput, FactorscopeError  # noqa: E402
from core.factors.models.factor_model import train  # noqa: E402
from core.factors.rotation import canonical  # noqa: E402
from core.factors.top_factors import weights_of  # noqa: E402
from core.progress import Lines, Report, part  # noqa: E402
from core.settings import FACTOR_MODELS, cache_dir  # noqa: E402
from core.store import Store, digest_of  # noqa: E402

VERSION = "1"
"""Changes when the same texts would give other vectors."""
FOLDS, SEED = 5, 42
READERS = ("tfidf", "ulmfit", "sentence")
COMBINED = ("tfidf", "sentence")
"""What `ours` reads with, where it is at hand: ULMFiT's encoder beside them told less, not more."""
ENCODER = ROOT / "core" / "language_model" / "bundled"
"""The encoder that comes with the project: trained on reviews of films that MovieLens 100K does not have."""
ENOUGH = 1000
"""Reviews of films without ratings from which words are learnt; with fewer, from all reviews there are."""
DRAWS = 1000
"""Resamplings of the films behind an interval."""
WELL_KNOWN = 20
"""Ratings of a held-out film from which its own bias is known well enough to be looked for in an interval."""
MASK = "someone"
"""Stands for a word that is masked."""
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?:;\"“(\n])[\s\"“'(]*$")
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


@dataclass(frozen=True)
class Fold:
    """The films of a fifth held out, and what a factor model knows of the others and of the users."""

    known: np.ndarray
    """Of the films with reviews, in their order: those rated by training."""
    held: np.ndarray
    table: pd.DataFrame
    """The known ones, as in factors.parquet."""
    trained: np.ndarray
    """Ratings of known films with reviews: rows of the ratings."""
    tested: np.ndarray
    """All ratings of held-out films."""
    users: np.ndarray
    """Users x factors: weights."""
    base: np.ndarray
    """Users: offset and bias, in stars."""
    picks: np.ndarray
    """Users: how far above their bias the model has the films they rated, on average."""
    means: dict[str, np.ndarray]
    """Users: what they are expected to give a film of which nothing is known, by the baselines."""


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
    films = np.sort(reviews.film_id.unique())
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
    codes = np.searchsorted(films, reviews.film_id)
    seen: dict[tuple[str, bool], np.ndarray] = {}
    for name, chosen in rows.items():
        masked = name == "ours_masked"
        own, other = masked_texts(reviews, others, ratings) if masked else (reviews.review.tolist(), others)
        for reader in chosen:
            if (reader, masked) not in seen:
                found = read(reader, own, other, store, report)
                seen[reader, masked] = film_vectors(found, codes, len(films))
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


def place_of(ratings: Ratings, films: np.ndarray) -> np.ndarray:
    """Return each rating's film as its place among the films with reviews, -1 where it has none."""
    place = pd.Index(films).get_indexer(ratings.films.film_id)
    found: np.ndarray = place[ratings.table.film.to_numpy()]
    return found


def fold_of(ratings: Ratings, films: np.ndarray, held: np.ndarray, report: Report) -> Fold:
    """Train on all ratings but those of the films held out."""
    place = place_of(ratings, films)
    out = np.isin(place, held)
    model = canonical(train(ratings, FACTOR_MODELS["accurate"], SEED, report, out), "principal")
    table = model.films.set_index("film_id").reindex(films).reset_index()
    known = np.setdiff1d(np.flatnonzero(table.ratings.notna()), held)

    # Users of whom nothing was learnt are average.
    rows = pd.Index(model.users.user_id).get_indexer(ratings.user_ids)
    weights = np.vstack([weights_of(model.users), np.zeros(weights_of(model.users).shape[1])])[rows]
    bias = np.append(model.users.bias, model.users.bias.mean())[rows]
    user, film = ratings.table.user.to_numpy()[~out], ratings.table.film.to_numpy()[~out]
    rating, count = ratings.table.rating.to_numpy(np.float64)[~out], len(ratings.user_ids)
    rated = model.films.set_index("film_id").reindex(ratings.films.film_id)
    above = rated.bias.to_numpy()[film] + (weights[user] * weights_of(rated)[film]).sum(1)
    film_mean = means(film, rating, len(ratings.films))
    return Fold(
        known=known,
        held=held,
        table=table.iloc[known],
        trained=np.flatnonzero(np.isin(place, known)),
        tested=np.flatnonzero(out),
        users=weights,
        base=model.link.offset + bias,
        picks=means(user, above, count),
        means={
            "users_means": rating.mean() + means(user, rating - film_mean[film], count, 0.0),
            "plain_means": means(user, rating, count),
        },
    )


def means(codes: np.ndarray, values: np.ndarray, size: int, unknown: float | None = None) -> np.ndarray:
    """Return the mean value of each code; of one that does not occur, the mean of all unless said."""
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, values, size)
    found: np.ndarray = np.where(
        counts > 0, sums / counts.clip(min=1), values.mean() if unknown is None else unknown
    )
    return found


def baselines(ratings: Ratings, films: np.ndarray, folds: list[Fold]) -> dict[str, list[np.ndarray]]:
    """Return the errors on each fold of what looks at no review."""
    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)
    errors: dict[str, list[np.ndarray]] = {
        name: [] for name in ("users_means", "plain_means", "no_reviews", "oracle")
    }
    for fold in folds:
        tested, own = fold.tested, user[fold.tested]
        predicted = {name: found[own] for name, found in fold.means.items()}
        expected = predicted["users_means"]
        predicted["oracle"] = (
            expected + means(place[tested], rating[tested] - expected, len(films))[place[tested]]
        )
        alone = np.stack([fold.picks, np.ones(len(fold.picks))], 1)
        share = np.linalg.lstsq(
            alone[user[fold.trained]], rating[fold.trained] - fold.base[user[fold.trained]], rcond=None
        )[0]
        predicted["no_reviews"] = fold.base[own] + alone[own] @ share
        for name, values in predicted.items():
            errors[name].append(np.clip(values, *ratings.scale) - rating[tested])
    return errors


def predict(
    fold: Fold, vectors: dict[str, np.ndarray], ratings: Ratings, films: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Predict the ratings held out; say too of each well-known film whether its bias lies in its interval.

    How far a user follows a film's bias and weights as they are placed, and the kind of films that the user picks,
    is learnt on the known films as the others place them.
    """
    placing = fit({reader: found[fold.known] for reader, found in vectors.items()}, fold.table)
    placed = placing.place({reader: found[fold.held] for reader, found in vectors.items()})
    stands = pd.concat([placing.left_out().set_index(fold.known), placed.set_index(fold.held)])
    stands = stands.reindex(range(len(films)))
    bias, weights = stands.bias.to_numpy(), weights_of(stands)

    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    place = place_of(ratings, films)

    def known_of(rows: np.ndarray) -> np.ndarray:
        taste = (fold.users[user[rows]] * weights[place[rows]]).sum(1)
        return np.stack([bias[place[rows]], taste, fold.picks[user[rows]], np.ones(len(rows))], 1)

    rest = rating - fold.base[user]
    shares = np.linalg.lstsq(known_of(fold.trained), rest[fold.trained], rcond=None)[0]
    tested = known_of(fold.tested)

    count = np.bincount(place[fold.tested], minlength=len(films))[fold.held]
    truth = means(place[fold.tested], rest[fold.tested] - tested[:, 1], len(films))[fold.held]
    inside = (placed.bias_low.to_numpy() < truth) & (truth < placed.bias_high.to_numpy())
    return fold.base[user[fold.tested]] + tested @ shares, inside[count >= WELL_KNOWN]


def at_hand(reader: str) -> bool:
    """Return whether what a reader needs is here."""
    if reader == "sentence":
        return sentences.installed()
    return reader != "ulmfit" or (ENCODER / "vocab.json").exists()


def read(reader: str, own: list[str], others: list[str], store: Store, report: Report) -> np.ndarray:
    """Return a reader's vector of each of the films' reviews."""
    if reader == "tfidf":
        report("tfidf", 0.0, "counting words")
        return Words.learn(others if len(others) >= ENOUGH else own, SEED).read(own)

    def build(to: Path) -> None:
        if reader == "sentence":
            found = sentences.read_sentences(own, report)
        else:
            # torch takes seconds to import.
            from core.language_model.encoder import Encoder
            from core.language_model.tokenizer import tokenise

            found = Encoder(ENCODER).features(tokenise(own, report, "tokens"), report)
        np.save(to / "vectors.npy", found)

    model = sentences.NAME if reader == "sentence" else store.file_digest(ENCODER / "encoder.safetensors")
    folder = store.artifact(f"vectors-{reader}", VERSION, {"texts": digest_of(own), "model": model}, build)
    vectors: np.ndarray = np.load(folder / "vectors.npy", allow_pickle=False)
    return vectors


def masked_texts(reviews: pd.DataFrame, others: list[str], ratings: Ratings) -> tuple[list[str], list[str]]:
    """Mask names in all texts, and in each film's reviews the words of its title (function words stay).

    A name is a word that, inside sentences, stands more often with a capital than without, over all reviews; of
    that word, what is written with a capital is masked.
    """
    capital, small = Counter[str](), Counter[str]()
    for text in [*reviews.review, *others]:
        for found in _WORD.finditer(text):
            word = found[0]
            if word[0].islower():
                small[word] += 1
            elif len(word) > 1 and not _BEGINS.search(text, max(0, found.start() - 8), found.start()):
                capital[word.lower()] += 1
    names = {word for word, count in capital.items() if count > small[word]}
    titles = dict(zip(ratings.films.film_id, ratings.films.title, strict=True))
    own = [
        _masked(text, names, set(re.findall(r"\w+", titles[film].lower())) - ENGLISH_STOP_WORDS)
        for film, text in zip(reviews.film_id, reviews.review, strict=True)
    ]
    return own, [_masked(text, names, set()) for text in others]


def _masked(text: str, names: set[str], title: set[str]) -> str:
    def instead(found: re.Match[str]) -> str:
        word = found[0].lower()
        return MASK if word in title or (not found[0][0].islower() and word in names) else found[0]

    return re.sub(r"\w+", instead, text)


def graded(errors: dict[str, list[np.ndarray]], film: np.ndarray, count: int) -> dict[str, Any]:
    """Return `rmse`, `share` of the gap between users' means and the oracle, and the share's 95 % interval."""
    squares = {
        name: np.bincount(film, np.square(np.concatenate(parts)), count) for name, parts in errors.items()
    }
    ratings = np.bincount(film, minlength=count)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), DRAWS)
    # The first row is the films as they are.
    drawn = np.vstack([np.ones(count), drawn])
    rmse = {name: np.sqrt(drawn @ own / (drawn @ ratings)) for name, own in squares.items()}
    gap = rmse["users_means"] - rmse["oracle"]
    shares = {name: (rmse["users_means"] - own) / gap for name, own in rmse.items()}
    order = [name for name in NAMES if name in rmse]
    return {
        "rmse": {name: float(rmse[name][0]) for name in order},
        "share": {name: float(shares[name][0]) for name in order},
        "share_interval": {name: np.quantile(shares[name][1:], [0.025, 0.975]).tolist() for name in order},
    }


def machine() -> str:
    return f"{os.cpu_count()} {platform.machine()} cores"


def markdown(result: dict[str, Any]) -> str:
    rmse, share = result["rmse"], result["share"]
    lines = [
        f"{result['ratings']}, {result['source']}: {result['films']} films, {result['reviews']:,} reviews; each "
        "film held out once, with all its ratings\n",
        "| | RMSE | share of the gap | 95 %, films resampled |\n|---|---|---|---|",
    ]
    for name, error in rmse.items():
        low, high = result["share_interval"][name]
        interval = "" if name in ("users_means", "oracle") else f"{low:.1%} to {high:.1%}"
        lines.append(f"| {NAMES[name]} | {error:.4f} | {share[name]:.1%} | {interval} |")
    lines.append("")
    if "ours" in rmse:
        own = (rmse["plain_means"] - rmse["ours"]) / (rmse["plain_means"] - rmse["oracle"])
        held = result["intervals_of_bias"]
        lines += [
            f"Counted from each user's own mean rating instead, ours closes {own:.1%} of the gap. Of "
            f"{held['films']} held-out films with at least {WELL_KNOWN} ratings, {held['covered']:.0%} have their "
            "bias within the 95 % interval that their reviews give it.",
            "",
        ]
    if "ours_masked" in rmse:
        lines += [
            "Masked are, before anything is learnt, the words of a film's title in its reviews, and in all reviews "
            "what is written with a capital of words that, inside sentences, stand more often with than without.",
            "",
        ]
    if "ulmfit" in rmse:
        known = "" if result["ratings"] == "ml-100k" else "; of these films it may have read some"
        lines += [f"ULMFiT's encoder was trained on no review of a film that MovieLens 100K has{known}.", ""]
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
