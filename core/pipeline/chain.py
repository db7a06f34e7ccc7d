"""The chain: from ratings to histograms, each costly stage through the store.

Takes settings, gives a folder of files (the run). A stage takes the files of earlier ones and gives
files, so a run that is cut off finds what it had finished. `factors`, `reviews` and `text_models` hold the
costly ones, `reading` what is read in the reviews and how good that is, `placing` what places films without
ratings, `record` what is written.
"""

import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from core.classification import frequencies as counting
from core.classification import labels as labelling
from core.data.datasets.find import find
from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.data.reviews.coverage import run_coverage
from core.data.reviews.registry import open_source
from core.data.reviews.sources.base import ReviewSource
from core.errors import BadSettings, DataNotFound
from core.factors import top_factors as ranking
from core.factors.associations import associations
from core.pipeline.cold_start import placing_folder, placing_part
from core.pipeline.factors import factor_folder, settle_factors, stability_folder
from core.pipeline.predictions import grade, leak, read_factors
from core.pipeline.record import (
    classifier_part,
    device,
    factor_model_part,
    predictions_part,
    ratings_part,
    reviews_part,
    versions,
    write,
)
from core.pipeline.reviews import review_folder, text_folder, token_folder
from core.pipeline.text_models import encoder_folder, feature_folder
from core.progress import Report, named
from core.results import factor_names as naming
from core.settings import DEFAULT_DATA, RunSettings
from core.store import Store, read_json

BUNDLED_ENCODER = Path(__file__).parents[1] / "language_model" / "bundled"
"""The encoder that comes with the project, in the form in which training writes one."""
STAGES: tuple[str, ...] = (
    "ratings",
    "factor model",
    "stability",
    "top factors",
    "reviews",
    "labels",
    "language model",
    "features",
    "classifier",
    "predictions",
    "frequencies",
    "evaluation",
    "placing",
    "report",
)
"""The stages in the order in which a run reports them."""


def run(settings: RunSettings, store: Store, report: Report, out: Path) -> dict[str, Any]:
    """Run the chain and write the run's files into `out`; give what `run.json` holds.

    `run.json` is written last, so a folder that has it is whole. Raises UserError where the user can
    mend what went wrong, and whatever `report` raises.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").unlink(missing_ok=True)
    # Names that somebody gave to the factors of a run before this one would stand on others.
    (out / naming.FILE).unlink(missing_ok=True)

    report("ratings", 0.0, f"reading {settings.ratings}")
    settings, ratings, instead = _ratings(settings, store, named(report, "ratings"))
    # Before the long work, so that a source that cannot be had says so at once.
    source = open_source(settings.reviews, store, named(report, "ratings"))
    report("ratings", 1.0, f"{len(ratings.table):,} ratings of {len(ratings.films):,} films")

    asked = settings
    settings, choice = settle_factors(ratings, settings, store, report)
    factors = factor_folder(ratings, settings, store, report)
    stable = stability_folder(ratings, factors, settings, store, report)
    films = pd.read_parquet(factors / "factors.parquet")
    tops = ranking.top_factors(films, settings.selection.top)
    report("top factors", 1.0, f"the {settings.selection.top} highest factors of {len(films):,} films")

    report("reviews", 0.0, f"looking for reviews in {source.title}")
    reviews_at = review_folder(ratings, source, store, report)
    reviews = pd.read_parquet(reviews_at / "reviews.parquet")
    # A text that a film has twice, from two sources or from one, counts once.
    once = reviews[reviews.duplicate_of.isna()]
    chosen = ranking.choose_films(films, tops, once, settings.selection)
    known = pd.read_parquet(reviews_at / "coverage.parquet")
    coverage = run_coverage(known, films, tops, chosen, settings.selection)
    labelled = labelling.label_reviews(chosen, tops, once)
    names = labelling.label_names(labelled)
    report("labels", 1.0, f"{len(labelled):,} labelled reviews, {len(names)} labels")

    encoder = _encoder(ratings, source, settings, store, report)
    info = read_json(encoder / "info.json")
    tokens_at = token_folder(reviews_at, report, store)
    features_at = feature_folder(tokens_at, encoder, settings, store, report)
    reading = read_factors(labelled, names, tokens_at, features_at, encoder, settings, store, report)

    predictions = counting.prediction_table(labelled, names, reading.probabilities, reading.thresholds)
    counts = counting.frequencies(predictions)
    dominating = counting.dominating_factor(counts)
    report(
        "frequencies",
        1.0,
        f"factor {dominating} dominates" if dominating is not None else "nothing predicted",
    )
    grades, readability = grade(reading, labelled, names, tokens_at, settings, store, report)

    placing = placing_folder(features_at, reviews, factors, ratings, settings, store, report)

    about = ratings.films.set_index("film_id")[["title", "year", "genres"]].loc[films.film_id].reset_index()
    tables = {
        "factors": films,
        "users": pd.read_parquet(factors / "users.parquet"),
        "films": about.assign(ratings=films.ratings.to_numpy()),
        "associations": associations(
            films.merge(about[["film_id", "year", "genres"]], on="film_id"), settings.selection.least_ratings
        ),
        "top_factors": tops,
        "chosen_films": chosen,
        "coverage": coverage,
        "labelled_reviews": labelled.assign(held_out=reading.graded),
        "predictions": predictions,
        "frequencies": counts,
        "frequencies_without_dominating": counting.without_factor(counts, dominating),
    }
    report("report", 0.2, "writing the run's files")
    result = {
        "ratings": ratings_part(ratings, instead),
        "factor_model": factor_model_part(factors, ratings, films, settings, choice),
        "stability": read_json(stable / "stability.json"),
        "reviews": reviews_part(source, coverage, chosen, reviews),
        "language_model": info,
        "classifier": classifier_part(
            reading,
            labelled,
            names,
            grades,
            leak(info["trained_on"], settings.ratings, source.name),
            settings,
        ),
        "readability": readability,
        "placing": placing_part(placing),
        "dominating_factor": dominating,
        "predictions": predictions_part(counts, dominating),
        "settings": asked.model_dump(),
        "seed": settings.seed,
        "device": device(),
        "versions": versions(),
        "seconds": time.monotonic() - began,
    }
    write(out, tables, result, reading, placing)
    report("report", 1.0, f"{counts.film_id.nunique()} films, {len(labelled):,} reviews")
    return result


def _ratings(settings: RunSettings, store: Store, report: Report) -> tuple[RunSettings, Ratings, str | None]:
    """Return the ratings, and the settings with the names of the data in place of "default".

    The default is MovieLens 100K with the sample reviews; where MovieLens cannot be had at all, it is the
    planted world, and the third value says why.
    """
    if DEFAULT_DATA not in (settings.ratings, settings.reviews):
        return settings, read_ratings(settings.ratings, store, report), None
    name = "ml-100k" if settings.ratings == DEFAULT_DATA else settings.ratings
    try:
        ratings, instead = read_ratings(name, store, report), None
    except DataNotFound as error:
        if settings.ratings != DEFAULT_DATA:
            raise
        name, instead = "planted", str(error)
        ratings = read_ratings(name, store, report)
    reviews = settings.reviews
    if reviews == DEFAULT_DATA:
        reviews = "planted" if name == "planted" else "sample"
    return settings.replace(ratings=name, reviews=reviews), ratings, instead


def _encoder(
    ratings: Ratings, source: ReviewSource, settings: RunSettings, store: Store, report: Report
) -> Path:
    """Return the folder of the encoder: the bundled one as it is, or one that is trained on reviews now or before.

    Raises DataNotFound where pretrained weights are asked for and cannot be had.
    """
    how, start = settings.language_model, None
    if how.start == "wikitext":
        # First of all, so that a machine that cannot have them hears so before the long work.
        report("language model", 0.0, "looking for the pretrained weights")
        start = find("wt103", store, named(report, "language model"))
    elif how.start == "bundled":
        start = BUNDLED_ENCODER
    if not how.epochs and not how.frozen_epochs and start == BUNDLED_ENCODER:
        return start
    texts_at = (
        review_folder(ratings, source, store, report)
        if how.reads == "rated"
        else text_folder(source, ratings if how.reads == "unrated" else None, store, report)
    )
    held_out = None
    if how.held_out == "test":
        texts = pq.ParquetFile(texts_at / "reviews.parquet")
        test = texts.read(["test"]).to_pandas().test if "test" in texts.schema_arrow.names else None
        if test is None or test.isna().all():
            raise BadSettings(f"{source.title} keeps no part for tests; hold out a tenth at random")
        # Of several sources, one may keep such a part and another may not.
        held_out = test.eq(True).fillna(False).to_numpy(bool)
    about = {
        "source": source.name,
        "title": source.title,
        "films": {
            "rated": f"those of {ratings.name}",
            "unrated": f"all but those of {ratings.name}",
            "all": "all that the source has",
        }[how.reads],
        "ratings": settings.ratings,
        "reads": how.reads,
    }
    if start == BUNDLED_ENCODER:
        about["before"] = read_json(start / "info.json")["trained_on"]
    tokens_at = token_folder(texts_at, report, store)
    return encoder_folder(tokens_at, start, held_out, about, settings, store, report)


def train_language_model(settings: RunSettings, store: Store, report: Report, out: Path) -> dict[str, Any]:
    """Fine-tune an encoder on reviews alone; copy it into `out` and give its info."""
    settings, ratings, _ = _ratings(settings, store, named(report, "ratings"))
    source = open_source(settings.reviews, store, named(report, "reviews"))
    encoder = _encoder(ratings, source, settings, store, report)
    shutil.copytree(encoder, out, dirs_exist_ok=True)
    info: dict[str, Any] = read_json(encoder / "info.json")
    return info
