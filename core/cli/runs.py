"""Verbs about runs: run, evaluate, describe, train-language-model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.notes import note_lines
from core.cli.options import Json, RunFolder, language, option, setting
from core.cli.output import Document, show, show_of_run
from core.output_folder import own_folder
from core.progress import Lines, silent
from core.settings import (
    FULL_LANGUAGE_MODEL,
    GPU_LANGUAGE_MODEL,
    SMALL_LANGUAGE_MODEL,
    Device,
    Form,
    HeldOut,
    Preset,
    Reads,
    RunSettings,
    Split,
    Start,
    preset,
)
from core.store import Store

USUAL = RunSettings()
PRESETS_OF_RUNS = (
    "starter: six Bayesian factors and 100 films, which say most in a minute. "
    "quick, fast: fastai's factor model, in seconds. accurate: a Bayesian one. stable: a Bayesian one with as many "
    "factors as repeat. article: every number as in the article. gpu: the same in batches for a GPU. Default: quick."
)
SIZES = "article, gpu: the full AWD_LSTM; the others: a small one (200/400, 2 layers, 15,000 words)"
LANGUAGE_MODELS = {"article": FULL_LANGUAGE_MODEL, "gpu": GPU_LANGUAGE_MODEL}
NO_PASS_OVER = (
    "take the first films of the ranking though they have no reviews (always so in article and gpu)"
)
UNFREEZE = "train the encoder with the classifier, after the head (always so in article and gpu; minutes)"


def run(
    out: Annotated[Path, option("--out", "DIR", help="folder for the run's files", kind=Path)],
    preset_name: Annotated[Preset, option("--preset", help=PRESETS_OF_RUNS)] = "quick",
    ratings: Annotated[str | None, setting("ratings", "--ratings", "NAME|PATH")] = None,
    reviews: Annotated[str | None, setting("reviews", "--reviews", "NAME|PATH")] = None,
    factors: Annotated[int | None, setting("factor_model.factors", "--factors", "N")] = None,
    form: Annotated[Form | None, setting("form", "--form")] = None,
    top: Annotated[int | None, setting("selection.top", "--top", "N")] = None,
    films: Annotated[int | None, setting("selection.films", "--films", "N")] = None,
    least_ratings: Annotated[int | None, setting("selection.least_ratings", "--least-ratings", "N")] = None,
    rank_by: Annotated[int | None, setting("selection.rank_by", "--rank-by", "K")] = None,
    exclude_factors: Annotated[
        list[int] | None, setting("selection.exclude_factors", "--exclude-factor", "K...")
    ] = None,
    no_pass_over: Annotated[bool, option("--no-pass-over", help=NO_PASS_OVER)] = False,
    unfreeze: Annotated[bool, option("--unfreeze", help=UNFREEZE)] = False,
    split: Annotated[Split | None, setting("split", "--split")] = None,
    seed: Annotated[int | None, setting("seed", "--seed", "N")] = None,
    device: Annotated[Device | None, setting("device", "--device")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole chain and write its files into a folder; one parameter per option."""
    picked = {
        "ratings": ratings,
        "reviews": reviews,
        "factors": factors,
        "form": form,
        "top": top,
        "films": films,
        "least_ratings": least_ratings,
        "rank_by": rank_by,
        "exclude_factors": tuple(exclude_factors) if exclude_factors else None,
        "pass_over": False if no_pass_over else None,
        "unfreeze": unfreeze or None,
        "split": split,
        "seed": seed,
        "device": device,
    }

    def work(store: Store) -> Document:
        from core.data.reviews.sources.combined import sources_in
        from core.data.reviews.sources.tmdb.expiry import NAME, forget_at_start
        from core.pipeline.chain import run

        settings = preset(preset_name, **picked)
        if NAME in sources_in(settings.reviews):
            # No worker does it where runs are started here alone.
            forget_at_start(store.root)
        with own_folder(out, "run.json") as folder:
            document = run(settings, store, Lines(), folder).plain()
        for line in note_lines(document["ratings"]):
            print(f"ratings: {line}", file=sys.stderr)
        return document

    show(work, _run_lines, as_json)


def evaluate(run_folder: RunFolder, as_json: Json = False) -> None:
    """Print the accuracy of a run's classifier on held-out reviews."""
    show_of_run(lambda: _grades(Path(run_folder)), _evaluation_lines, as_json)


def describe(
    run_folder: RunFolder,
    factor: Annotated[int | None, option("--factor", "K", help="this factor alone")] = None,
    as_json: Json = False,
) -> None:
    """Print what each factor of a run means: its name, verdict, films, words and genres."""
    # Imported here, as in all verbs, so that the help appears without the time to import pandas.
    from core.results.describe import describe, lines

    show_of_run(lambda: describe(Path(run_folder), factor), lines, as_json)


def train_language_model(
    out: Annotated[Path, option("--out", "DIR", help="folder for encoder, words and figures", kind=Path)],
    preset_name: Annotated[Preset, option("--preset", help=f"{SIZES}. Default: quick.")] = "quick",
    start: Annotated[Start | None, language("start", "--start")] = None,
    ratings: Annotated[str, setting("ratings", "--ratings", "NAME|PATH")] = USUAL.ratings,
    reviews: Annotated[str, setting("reviews", "--reviews", "NAME|PATH")] = USUAL.reviews,
    reads: Annotated[Reads | None, language("reads", "--reads")] = None,
    held_out: Annotated[HeldOut | None, language("held_out", "--held-out")] = None,
    epochs: Annotated[int | None, language("epochs", "--epochs", "N")] = None,
    sampled_words: Annotated[int | None, language("sampled_words", "--sampled-words", "N")] = None,
    max_reviews: Annotated[int | None, language("max_reviews", "--max-reviews", "N")] = None,
    seed: Annotated[int, setting("seed", "--seed", "N")] = USUAL.seed,
    device: Annotated[Device, setting("device", "--device")] = USUAL.device,
    as_json: Json = False,
) -> None:
    """Fine-tune an encoder on reviews alone and write it into a folder; one parameter per option."""
    model = LANGUAGE_MODELS.get(preset_name, SMALL_LANGUAGE_MODEL)
    picked = {
        "start": start,
        "reads": reads,
        "held_out": held_out,
        "epochs": epochs,
        "sampled_words": sampled_words,
        "max_reviews": max_reviews,
    }

    def work(store: Store) -> Document:
        from core.pipeline.language_model import help_to_train, train_language_model
        from core.training.processes import together

        quick = preset("quick", ratings=ratings, reviews=reviews, seed=seed, device=device)
        settings = quick.replace(
            language_model=model.replace(
                **{name: value for name, value in picked.items() if value is not None}
            )
        )
        with together(settings.language_model.batch_size, device) as place:
            if place.rank == 0:
                with own_folder(out, "encoder.safetensors") as folder:
                    return train_language_model(settings, store, Lines(), folder)
            help_to_train(settings, store, silent)
        # It has nothing to print.
        raise typer.Exit

    show(work, _language_model_line, as_json)


def _grades(run_folder: Path) -> Document:
    from core.results.run_record import read_record

    record = read_record(run_folder).plain()
    return {
        key: record[key]
        for key in (
            "factor_model",
            "stability",
            "language_model",
            "classifier",
            "readability",
            "words",
            "suggested_names",
            "dominating_factor",
        )
    }


def _run_lines(document: Document) -> str:
    from core.results.run_record import RunRecord
    from core.results.sentences import (
        coverage_line,
        devices_line,
        reviews_line,
        stability_line,
        unread_line,
        words_line,
    )
    from core.results.sentences.run_headline import not_learnt

    record = RunRecord.model_validate(document)
    reviews, model = record.reviews, record.factor_model
    coverage = [coverage_line(reviews.coverage), unread_line(reviews.coverage)] if reviews.coverage else []
    lines = [
        not_learnt(record),
        f"Factor model: {model.factors} factors, RMSE {model.rmse_valid:.3f}; "
        f"means of films and users alone {model.rmse_means:.3f}",
        f"Stability: {stability_line(record.stability)}",
        f"Words: {words_line(record.words)}",
        f"Reviews: {reviews.reviews} of {reviews.films_with_reviews} films; "
        f"{reviews.films_without} films looked at have none",
        *coverage,
        reviews_line(reviews),
        _grades_line(document),
        f"Dominating factor: {record.dominating_factor}",
        f"Took {record.seconds:.1f} s. {devices_line(record.devices)}".rstrip(),
    ]
    return "\n".join(line for line in lines if line)


def _evaluation_lines(document: Document) -> str:
    from core.results.run_record import WordsRecord, parsed
    from core.results.sentences import words_line

    return f"{_grades_line(document)}\nWords: {words_line(parsed(WordsRecord, document['words']))}"


def _grades_line(document: Document) -> str:
    from core.results.run_record import ClassifierRecord
    from core.results.sentences import gain_line, graded_on

    classifier = ClassifierRecord.model_validate(document["classifier"])
    return (
        f"Classifier: LRAP {classifier.lrap:.3f}, label frequencies alone {classifier.lrap_baseline:.3f}. "
        f"{graded_on(classifier)} {gain_line(classifier)}"
    )


def _language_model_line(document: Document) -> str:
    return (
        f"Perplexity {document['perplexity']:.1f}; by word counts alone {document['perplexity_unigram']:.1f}"
    )
