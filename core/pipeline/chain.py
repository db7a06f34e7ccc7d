"""The chain: from ratings to histograms, each costly stage through the cache.

Takes settings, writes a folder of files (the run). A stage takes the files of earlier ones and makes files,
so an interrupted run resumes after its last finished stage. In reading order:

    stage           what all stages share, and the versions of their artifacts
    libraries       what they compute with, imported where the first of them needs it
    data            the ratings
    factors         how many factors, the model, its rotation, which factors repeat
    reviews         reviews, texts and their tokens
    coverage        which films were read in the run, and why others were not
    words           words of both ends of each factor, and suggested names
    language_model  the encoder
    classifier      features, heads on folds, the classifier
    predictions     probabilities of the labels
    evaluation      their scores beside baselines
    cold_start      weights of films without ratings, from their reviews
    first_results   what is found on the way, for pages to show while the run goes on
    output          the record and files of the run
"""

import time
from pathlib import Path

import pandas as pd

from core.classification import frequencies as counting
from core.classification import labels as labelling
from core.data.reviews.registry import open_source
from core.factors import top_factors as ranking
from core.factors.associations import associations
from core.pipeline.classifier import EncodedReviews, LabelledReviews, feature_folder
from core.pipeline.cold_start import cold_start_folder, cold_start_part
from core.pipeline.coverage import run_coverage
from core.pipeline.data import read_data
from core.pipeline.evaluation import evaluate_predictions, leak
from core.pipeline.factors import factor_folder, settle_factors, stability_folder
from core.pipeline.first_results import FirstFiles
from core.pipeline.language_model import encoder_folder
from core.pipeline.output import (
    classifier_part,
    device,
    devices,
    factor_model_part,
    predictions_part,
    ratings_part,
    reviews_part,
    versions,
    write,
)
from core.pipeline.predictions import predict_labels
from core.pipeline.reviews import review_folder, token_folder
from core.pipeline.stage import Stage
from core.pipeline.words import suggested_names, word_folder, words_part
from core.progress import Report
from core.results.artifacts import Artifacts
from core.results.run_record import (
    SO_FAR,
    FirstResults,
    LanguageModelRecord,
    Readability,
    RunRecord,
    Stability,
    parsed,
)
from core.settings import RunSettings
from core.store import Store, read_json, remove
from core.training.device import refuse_missing, using

STAGES: tuple[str, ...] = (
    "ratings",
    "factor model",
    "top factors",
    "reviews",
    "labels",
    "words",
    "language model",
    "features",
    "classifier",
    "predictions",
    "frequencies",
    "evaluation",
    "placing",
    "stability",
    "report",
)
"""The stages in the order in which a run reports them: what says most comes first, what takes longest last."""


def run(settings: RunSettings, store: Store, report: Report, out: Path, as_found: bool = False) -> RunRecord:
    """Run the chain on the device that the settings ask for; see `on_device`. BadSettings where it is not here."""
    refuse_missing(settings.device)
    with using(settings.device):
        return on_device(settings, store, report, out, as_found)


def on_device(
    settings: RunSettings, store: Store, report: Report, out: Path, as_found: bool = False
) -> RunRecord:
    """Run the chain and write the run's files into `out`; return the run's record, as `run.json` holds it.

    With `as_found` what is found is written on the way too (`so_far.json`, and tables), for pages to show.
    An earlier run in the folder stays until this one is complete, and is replaced as a whole. Raises UserError
    where the user can correct the cause, and whatever `report` raises.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    remove(out / SO_FAR)
    report("ratings", 0.0, f"reading {settings.ratings}")
    stage, ratings, missing = read_data(Stage(settings, store, report))
    requested = stage.settings
    # Before the long work, so that a source that is not available is reported at once.
    source = open_source(requested.reviews, store, stage.reporting_as("ratings"), requested.ratings)
    report("ratings", 1.0, f"{len(ratings.table):,} ratings of {len(ratings.films):,} films")

    stage, choice = settle_factors(stage, ratings)
    settings = stage.settings
    factors_at = factor_folder(stage, ratings)
    films = pd.read_parquet(factors_at / "factors.parquet")
    details = ratings.films.set_index("film_id")[["title", "year", "genres"]].loc[films.film_id].reset_index()
    least_ratings = settings.selection.least_ratings
    associated = associations(
        films.merge(details[["film_id", "year", "genres"]], on="film_id"), least_ratings
    )
    details = details.assign(ratings=films.ratings.to_numpy())
    of_ratings = ratings_part(ratings, missing)
    model = factor_model_part(factors_at, ratings, films, settings, choice)
    first = FirstFiles(
        out if as_found else None,
        FirstResults(
            ratings=of_ratings,
            factor_model=model,
            suggested_names=suggested_names(films, associated, least_ratings),
            settings=requested.model_dump(),
        ),
    )
    first.add({"factors": films, "films": details, "associations": associated})
    tops = ranking.top_factors(films, settings.selection.top)
    report("top factors", 1.0, f"the {settings.selection.top} highest factors of {len(films):,} films")

    report("reviews", 0.0, f"looking for reviews in {source.title}")
    reviews_at = review_folder(stage, ratings, source)
    reviews = pd.read_parquet(reviews_at / "reviews.parquet")
    # A text that a film has twice, from two sources or from one, counts once.
    distinct = reviews[reviews.duplicate_of.isna()]
    chosen = ranking.choose_films(films, tops, distinct, settings.selection)
    source_coverage = pd.read_parquet(reviews_at / "coverage.parquet")
    coverage = run_coverage(source_coverage, films, tops, chosen, settings.selection)
    labelled = labelling.label_reviews(chosen, tops, distinct)
    labels = labelling.label_names(labelled)
    report("labels", 1.0, f"{len(labelled):,} labelled reviews, {len(labels)} labels")

    tokens_at = token_folder(stage, reviews_at, "words")
    words_at = word_folder(stage, factors_at, tokens_at, reviews)
    words = pd.read_parquet(words_at / "words.parquet")
    names = suggested_names(films, associated, least_ratings, words_at)
    of_reviews, of_words = reviews_part(source, coverage, chosen, reviews), words_part(words_at)
    first.add(
        {"words": words, "top_factors": tops, "chosen_films": chosen},
        reviews=of_reviews,
        words=of_words,
        suggested_names=names,
    )
    encoder = encoder_folder(stage, ratings, source)
    encoded = EncodedReviews(tokens_at, encoder, feature_folder(stage, tokens_at, encoder))
    labelled_reviews = LabelledReviews(labelled, labels, encoded)
    predicted = predict_labels(stage, labelled_reviews)

    predictions = counting.prediction_table(labelled, labels, predicted.probabilities, predicted.thresholds)
    counts = counting.frequencies(predictions)
    dominating = counting.dominating_factor(counts)
    report(
        "frequencies",
        1.0,
        f"factor {dominating} dominates" if dominating is not None else "nothing predicted",
    )
    of_predictions = predictions_part(counts, dominating)
    labelled = labelled.assign(held_out=predicted.held_out)
    first.add(
        {"labelled_reviews": labelled, "predictions": predictions, "frequencies": counts},
        dominating_factor=dominating,
        predictions=of_predictions,
    )
    grades, measured = evaluate_predictions(stage, labelled_reviews, predicted)
    readability = Readability.model_validate(measured)
    first.add({}, readability=readability)

    cold_start_at = cold_start_folder(stage, ratings, factors_at, encoded.features, reviews)
    stability_at = stability_folder(stage, ratings, factors_at)

    tables = {
        "factors": films,
        "users": pd.read_parquet(factors_at / "users.parquet"),
        "films": details,
        "associations": associated,
        "words": words,
        "top_factors": tops,
        "chosen_films": chosen,
        "coverage": coverage,
        "labelled_reviews": labelled,
        "predictions": predictions,
        "frequencies": counts,
        "frequencies_without_dominating": counting.without_factor(counts, dominating),
    }
    report("report", 0.2, "writing the run's files")
    info = read_json(encoder / "info.json")
    leaked = leak(info["trained_on"], settings.ratings, source.name)
    record = RunRecord(
        ratings=of_ratings,
        factor_model=model,
        stability=parsed(Stability, read_json(stability_at / "stability.json")),
        reviews=of_reviews,
        language_model=LanguageModelRecord.model_validate(info),
        classifier=classifier_part(predicted, labelled_reviews, grades, leaked, settings.split),
        readability=readability,
        cold_start=cold_start_part(cold_start_at),
        words=of_words,
        suggested_names=names,
        dominating_factor=dominating,
        predictions=of_predictions,
        settings=requested.model_dump(),
        seed=settings.seed,
        device=device(),
        devices=devices(),
        versions=versions(),
        seconds=time.monotonic() - began,
    )
    artifacts = Artifacts(reviews_at, tokens_at, encoded.features)
    write(out, tables, record, predicted, cold_start_at, artifacts)
    remove(out / SO_FAR)
    report("report", 1.0, f"{counts.film_id.nunique()} films, {len(labelled):,} reviews")
    return record
