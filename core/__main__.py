"""Command line: `python -m core VERB [options] [--json]`.

With --json, standard output is one JSON document. Logs and progress go to standard error. Exit 0 when
all went well, 2 with one line for what the user can mend, 1 with one line for a fault of ours.
"""

import argparse
import contextlib
import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from core.data_verbs import add_data_verbs
from core.errors import BadInput, Cancelled, UserError
from core.evidence import expected_line
from core.progress import Lines
from core.settings import (
    FORMS,
    FULL_LANGUAGE_MODEL,
    PRESETS,
    SMALL_LANGUAGE_MODEL,
    SPLITS,
    RunSettings,
    cache_dir,
    preset,
)
from core.store import Store
from core.verdict import coverage_line, held_out, reviews_line, stability_line, unread_line, verdict


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and give the exit status."""
    options = _parser().parse_args(arguments)
    # A terminal that cannot show a letter gets its escape, not an error.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        # Libraries print to standard output as they like; it is kept for the document.
        with contextlib.redirect_stdout(sys.stderr):
            document = options.run(options, Store(cache_dir()))
        said = json.dumps(document, ensure_ascii=False, indent=2) if options.json else options.say(document)
        print(said, flush=True)
    except UserError as error:
        return _fail(str(error), 2)
    except (KeyboardInterrupt, Cancelled):
        return _fail("stopped; what was finished is kept, the same command goes on from there", 2)
    except BrokenPipeError:
        # Whoever read our output stopped reading; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost boundary: one line for people, the rest in a file
        log = cache_dir() / "error.log"
        try:
            log.write_text(traceback.format_exc(), encoding="utf-8")
        except OSError:
            return _fail(f"a fault of ours: {type(error).__name__}: {error}", 1)
        return _fail(f"a fault of ours: {type(error).__name__}; details in {log}", 1)
    return 0


def _fail(message: str, code: int) -> int:
    print(f"factorscope: {' '.join(message.split())}", file=sys.stderr)
    return code


def _run(options: argparse.Namespace, store: Store) -> dict[str, Any]:
    from core.pipeline import run

    return run(_settings(options), store, Lines(), _out(options, "run.json"))


def _out(options: argparse.Namespace, ours: str) -> Path:
    """Give the folder to write into, made if need be; one with other things in it is refused.

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
    """Give the preset's settings with what the options change."""
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


def _predict(options: argparse.Namespace, store: Store) -> dict[str, Any]:
    from core.predict import read_run, read_texts
    from core.reviews.critics import Critics

    if options.critics is not None:
        texts = Critics.open(store, Lines()).of(options.critics)
    else:
        texts = [options.text] if options.text is not None else read_texts(Path(options.file))
    return read_run(Path(options.run_folder), texts)


def _evaluate(options: argparse.Namespace, store: Store) -> dict[str, Any]:
    from core.predict import read_record

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


def _train_language_model(options: argparse.Namespace, store: Store) -> dict[str, Any]:
    from core.pipeline import train_language_model

    how = FULL_LANGUAGE_MODEL if options.preset == "article" else SMALL_LANGUAGE_MODEL
    picked = {
        name: getattr(options, name)
        for name in ("start", "reads", "held_out", "epochs", "max_reviews", "sampled_words")
    }
    settings = replace(
        preset("quick", ratings=options.ratings, reviews=options.reviews, seed=options.seed),
        language_model=replace(how, **{name: value for name, value in picked.items() if value is not None}),
    )
    return train_language_model(settings, store, Lines(), _out(options, "encoder.safetensors"))


def _serve(options: argparse.Namespace, store: Store) -> NoReturn:
    app = Path(__file__).parents[1] / "app.py"
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(app)])


def _parser() -> Parser:
    parser = Parser(
        prog="python -m core", description="What the factors of a recommender mean, by reviews of the films."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)

    def verb(name: str, run: Any, say: Any, text: str) -> Parser:
        sub: Parser = verbs.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run, say=say)
        sub.add_argument("--json", action="store_true", help="print one JSON document")
        return sub

    add_data_verbs(verb)

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
    chain.add_argument("--form", choices=FORMS, help="rotation of the factors (principal; article raw)")
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
    chain.add_argument("--split", choices=SPLITS, help="hold out whole films, or reviews at random (films)")
    chain.add_argument("--seed", type=int, help="decides every random draw (42)")
    chain.add_argument("--out", required=True, metavar="DIR", help="folder for the run's files")

    predict = verb("predict", _predict, _say_predicted, "read factors from a text with a run's classifier")
    predict.add_argument("--run", dest="run_folder", required=True, metavar="DIR", help="folder of a run")
    what = predict.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", help="the review")
    what.add_argument(
        "--file",
        metavar="PATH",
        help="reviews of one film: a text with one a line, or CSV, TSV, JSONL or Parquet with a column review",
    )
    what.add_argument(
        "--critics",
        metavar="TITLE",
        help="a film in the cinemas of 2002: what its critics wrote, fetched if need be",
    )

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

    verb("serve", _serve, None, "open the dashboard")
    return parser


def _say_run(document: dict[str, Any]) -> str:
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


def _say_grades(document: dict[str, Any]) -> str:
    grade = document["classifier"]
    return (
        f"Classifier: LRAP {grade['lrap']:.3f} on {held_out(grade)}, "
        f"label frequencies alone {grade['lrap_baseline']:.3f}. {verdict(grade)}"
    )


def _say_predicted(document: dict[str, Any]) -> str:
    lines, count = [], len(document["answers"])
    for number, answer in enumerate(document["answers"], 1):
        which = f"Review {number} of {count}: " if count > 1 else ""
        cut = " (the text is longer: only its beginning was read)" if answer["cut"] else ""
        lines.append(f"{which}{answer['words']} words, {answer['unknown_share']:.0%} unknown{cut}")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}   base rate {row['base_rate']:6.1%}   "
            f"{row['stability']}"
            for row in answer["factors"][:10]
        ]
    return "\n".join([*lines, *_say_place(document["film"])])


def _say_place(film: dict[str, Any]) -> list[str]:
    count, lines = film["reviews"], []
    if film["left_out"]:
        lines.append(f"Left out, without words: {', '.join(map(str, film['left_out']))} (counted from 1)")
    if count > 1:
        lines.append(f"All {count} reviews together (mean probability, 95 % interval over reviews):")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}  ({row['low']:.1%} to {row['high']:.1%})   "
            f"base rate {row['base_rate']:6.1%}   predicted in {row['predicted']} of {count}"
            for row in film["reading"][:10]
        ]
    if "unmeasured" in film:
        return [*lines, f"Where a film of these reviews stands is not told: {film['unmeasured']}"]
    numbers = [("bias", film["bias"])] + [(f"factor {row['factor']}", row) for row in film["factors"][:10]]
    return [
        *lines,
        f"A film with {'this review' if count == 1 else f'these {count} reviews'} alone would stand here "
        "(95 % interval; told: share of the variance that reviews tell of rated films left out):",
        *(
            f"  {name:<10} {row['value']:+6.2f}  ({row['low']:+.2f} to {row['high']:+.2f})  told {row['told']:4.0%}"
            for name, row in numbers
        ),
        _say_expected(film["expected"]),
        "Nearest rated films by reviews: " + "; ".join(row["title"] for row in film["nearest"][:5]),
        *film["thin"],
    ]


def _say_expected(found: dict[str, Any]) -> str:
    if "unmeasured" in found:
        return f"The rating to expect is not told: {found['unmeasured']}"
    return f"Expected rating by the average user: {found['rating']:.1f}; {expected_line(found)}"


def _say_language(document: dict[str, Any]) -> str:
    return (
        f"Perplexity {document['perplexity']:.1f}; by word counts alone {document['perplexity_unigram']:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
