"""Verbs about runs: run, evaluate, train-language-model."""

import argparse
from pathlib import Path
from typing import get_args

from core.cli.verb import Document, Verb
from core.errors import BadInput
from core.progress import Lines
from core.results.sentences import coverage_line, held_out, reviews_line, stability_line, unread_line, verdict
from core.settings import (
    FULL_LANGUAGE_MODEL,
    PRESETS,
    SMALL_LANGUAGE_MODEL,
    Form,
    RunSettings,
    Split,
    preset,
)
from core.store import Store


def add_run_verbs(verb: Verb) -> None:
    """Add the verbs about runs."""
    chain = verb("run", _run, _say_run, "run the whole chain and write its files into a folder")
    chain.add_argument(
        "--preset",
        choices=PRESETS,
        default="quick",
        help="quick, fast: fastai's factor model, in seconds; accurate: a Bayesian one; stable: a Bayesian one "
        "with as many factors as repeat; article: every number as in the article (quick)",
    )
    chain.add_argument("--ratings", metavar="NAME|PATH", help="data set or file of ratings (ml-100k)")
    chain.add_argument(
        "--reviews",
        metavar="NAME|PATH",
        help="sample, lmrd, critics, imdb, tmdb (with your own key), planted, or a file of reviews; several are "
        "joined with a plus: lmrd+critics (sample)",
    )
    chain.add_argument(
        "--factors", type=int, metavar="N", help="factors of the model (50; accurate 10; stable chooses)"
    )
    chain.add_argument(
        "--form", choices=get_args(Form), help="rotation of the factors (principal; article raw)"
    )
    chain.add_argument(
        "--top",
        type=int,
        metavar="N",
        help="a film's highest factors that are its labels (5; accurate, stable 2)",
    )
    chain.add_argument("--films", type=int, metavar="N", help="films, from the top of the ranking (20)")
    chain.add_argument(
        "--least-ratings", type=int, metavar="N", help="leave out films with fewer ratings (20; article 0)"
    )
    chain.add_argument("--rank-by", type=int, metavar="K", help="factor by whose weight films are ranked (0)")
    chain.add_argument(
        "--exclude-factor",
        type=int,
        nargs="+",
        action="extend",
        metavar="K",
        help="leave out films that have it among their top",
    )
    chain.add_argument(
        "--no-pass-over",
        action="store_true",
        help="take the first films of the ranking though they have no reviews (always so in preset article)",
    )
    chain.add_argument(
        "--unfreeze",
        action="store_true",
        help="train the encoder with the classifier, after the head (always so in preset article; minutes)",
    )
    chain.add_argument(
        "--split", choices=get_args(Split), help="hold out whole films, or reviews at random (films)"
    )
    chain.add_argument("--seed", type=int, help="decides every random draw (42)")
    chain.add_argument("--out", required=True, metavar="DIR", help="folder for the run's files")

    grade = verb("evaluate", _evaluate, _say_grades, "say how well a run's classifier reads held-out reviews")
    grade.add_argument("--run", dest="run_folder", required=True, metavar="DIR", help="folder of a run")

    language = verb(
        "train-language-model", _train_language_model, _say_language, "fine-tune an encoder on reviews alone"
    )
    language.add_argument(
        "--preset",
        choices=PRESETS,
        default="quick",
        help="article: its full AWD_LSTM; the others: a small one (200/400, 2 layers, 15,000 words) made for a "
        "processor (quick)",
    )
    language.add_argument(
        "--start",
        choices=("nothing", "bundled", "wikitext"),
        help="weights to start from (nothing; article: wikitext)",
    )
    language.add_argument(
        "--ratings",
        default="ml-100k",
        metavar="NAME|PATH",
        help="data set or file of ratings, which says which films are rated (ml-100k)",
    )
    language.add_argument(
        "--reviews",
        default="sample",
        metavar="NAME|PATH",
        help="source or file of reviews, as of run; several are joined with a plus (sample)",
    )
    language.add_argument(
        "--reads",
        choices=("rated", "unrated", "all"),
        help="reviews of the rated films, of all other films, or all (rated; article: all)",
    )
    language.add_argument(
        "--held-out",
        choices=("random", "test"),
        help="measure on a tenth of the reviews, or on those that the source keeps for tests (random)",
    )
    language.add_argument("--epochs", type=int, metavar="N", help="passes over the reviews (4; article 10)")
    language.add_argument(
        "--sampled-words",
        type=int,
        metavar="N",
        help="words that the loss takes in full, and draws of the others (2,048; article: all words)",
    )
    language.add_argument("--max-reviews", type=int, metavar="N", help="read no more, drawn at random")
    language.add_argument("--seed", type=int, default=42)
    language.add_argument("--out", required=True, metavar="DIR", help="folder for encoder, words and figures")


def _run(options: argparse.Namespace, store: Store) -> Document:
    from core.pipeline.chain import run

    return run(_settings(options), store, Lines(), _out(options, "run.json"))


def _out(options: argparse.Namespace, ours: str) -> Path:
    """Return the folder to write into, made if need be; one with other things in it is refused.

    A folder that holds the file `ours` was written by us before, and is written anew.
    """
    out = Path(options.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (out / ours).exists():
            raise BadInput(f"{out} holds other things and no {ours}; give --out an empty or a new folder")
    except OSError as error:
        raise BadInput(f"{out} cannot be made a folder ({error.strerror}); give --out another") from error
    return out


def _settings(options: argparse.Namespace) -> RunSettings:
    """Return the preset's settings with what the options change."""
    names = (
        "ratings",
        "reviews",
        "factors",
        "form",
        "top",
        "films",
        "rank_by",
        "least_ratings",
        "split",
        "seed",
    )
    picked = {name: getattr(options, name) for name in names}
    if options.exclude_factor:
        picked["exclude_factors"] = tuple(options.exclude_factor)
    if options.no_pass_over:
        picked["pass_over"] = False
    if options.unfreeze:
        picked["unfreeze"] = True
    return preset(options.preset, **picked)


def _evaluate(options: argparse.Namespace, store: Store) -> Document:
    from core.inference.predict import read_record

    record = read_record(Path(options.run_folder))
    return {
        key: record[key]
        for key in (
            "factor_model",
            "stability",
            "language_model",
            "classifier",
            "readability",
            "dominating_factor",
        )
    }


def _train_language_model(options: argparse.Namespace, store: Store) -> Document:
    from core.pipeline.language_model import train_language_model

    how = FULL_LANGUAGE_MODEL if options.preset == "article" else SMALL_LANGUAGE_MODEL
    picked = {
        name: getattr(options, name)
        for name in ("start", "reads", "held_out", "epochs", "max_reviews", "sampled_words")
    }
    quick = preset("quick", ratings=options.ratings, reviews=options.reviews, seed=options.seed)
    settings = quick.replace(
        language_model=how.replace(**{name: value for name, value in picked.items() if value is not None}),
    )
    return train_language_model(settings, store, Lines(), _out(options, "encoder.safetensors"))


def _say_run(document: Document) -> str:
    reviews, model = document["reviews"], document["factor_model"]
    lines = [
        f"Factor model: {model['factors']} factors, RMSE {model['rmse_valid']:.3f}; "
        f"means of films and users alone {model['rmse_means']:.3f}",
        f"Stability: {stability_line(document['stability'])}",
        f"Reviews: {reviews['reviews']} of {reviews['films_with_reviews']} films; "
        f"{reviews['films_without']} films looked at have none",
        coverage_line(reviews["coverage"]),
        unread_line(reviews["coverage"]),
        reviews_line(reviews),
        _say_grades(document),
        f"Dominating factor: {document['dominating_factor']}",
        f"Took {document['seconds']:.1f} s",
    ]
    return "\n".join(line for line in lines if line)


def _say_grades(document: Document) -> str:
    grade = document["classifier"]
    return (
        f"Classifier: LRAP {grade['lrap']:.3f} on {held_out(grade)}, "
        f"label frequencies alone {grade['lrap_baseline']:.3f}. {verdict(grade)}"
    )


def _say_language(document: Document) -> str:
    return (
        f"Perplexity {document['perplexity']:.1f}; by word counts alone {document['perplexity_unigram']:.1f}"
    )
