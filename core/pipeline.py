"""The chain: from ratings to histograms, each costly stage through the store.

Takes settings, gives a folder of files (the run). A stage takes the files of earlier ones and gives
files, so a run that is cut off finds what it had finished. Modules that load torch are imported only
where their stage has something to compute.
"""

import dataclasses
import json
import platform
import shutil
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import frequencies as counting
from core import labels as labelling
from core import report as report_page
from core import top_factors as ranking
from core.errors import DataNotFound, DegenerateResult
from core.progress import Report
from core.ratings import Ratings, read_ratings
from core.reviews import ReviewSource, open_source
from core.settings import DEFAULT_DATA, RunSettings
from core.store import Store, write_json

STAGES: tuple[str, ...] = (
    "ratings",
    "factor model",
    "top factors",
    "reviews",
    "labels",
    "language model",
    "classifier",
    "predictions",
    "frequencies",
    "evaluation",
    "report",
)
"""The stages in the order in which a run reports them."""

VERSIONS = {
    "factor model": "1",
    "reviews": "1",
    "tokens": "1",
    "language model": "1",
    "classifier": "1",
    "predictions": "1",
}
"""Raise a stage's version when its code changes what it makes: older artifacts are then not found."""


def run(settings: RunSettings, store: Store, report: Report, out: Path) -> dict[str, Any]:
    """Run the chain and write the run's files into `out`; give what `run.json` holds.

    `run.json` is written last, so a folder that has it is whole. Raises UserError where the user can
    mend what went wrong, and whatever `report` raises.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").unlink(missing_ok=True)

    report("ratings", 0.0, f"reading {settings.ratings}")
    settings, ratings, instead = _ratings(settings, store, _named(report, "ratings"))
    report("ratings", 1.0, f"{len(ratings.table):,} ratings of {len(ratings.films):,} films")

    factor_folder = _factor_model(ratings, settings, store, report)
    films = pd.read_parquet(factor_folder / "factors.parquet")
    factor_info = _read_json(factor_folder / "info.json")
    tops = ranking.top_factors(films, settings.selection.top)
    report("top factors", 1.0, f"the {settings.selection.top} highest factors of {len(films):,} films")

    report("reviews", 0.0, f"looking for reviews in {settings.reviews}")
    source = open_source(settings.reviews, store, _named(report, "reviews"))
    review_folder = _reviews(ratings, source, store, report)
    reviews = pd.read_parquet(review_folder / "reviews.parquet")
    chosen = ranking.choose_films(films, tops, reviews, settings.selection)
    labelled = labelling.label_reviews(chosen, tops, reviews)
    names = labelling.label_names(labelled)
    held_out = labelling.hold_out(labelled, settings.split, settings.classifier.valid_share, settings.seed)
    report("labels", 1.0, f"{len(labelled):,} labelled reviews, {len(names)} labels")

    token_folder = _tokens(review_folder, reviews, store, report)
    encoder = _language_model(token_folder, settings, store, report)
    classifier = _classifier(token_folder, encoder, labelled, names, held_out, settings, store, report)
    probabilities = np.load(
        _predictions(token_folder, classifier, labelled, store, report) / "probabilities.npy",
        allow_pickle=False,
    )

    predictions = counting.prediction_table(labelled, names, probabilities, settings.classifier.threshold)
    counts = counting.frequencies(predictions)
    dominating = counting.dominating_factor(counts)
    report(
        "frequencies",
        1.0,
        f"factor {dominating} dominates" if dominating is not None else "nothing predicted",
    )
    grades = _evaluate(labelled, names, held_out, probabilities, settings)
    report("evaluation", 1.0, f"LRAP {grades['lrap']:.3f}, baseline {grades['lrap_baseline']:.3f}")

    without = chosen[chosen.reviews == 0]
    result: dict[str, Any] = {
        "ratings": {
            "name": ratings.name,
            "users": len(ratings.user_ids),
            "films": len(ratings.films),
            "ratings": len(ratings.table),
            "licence": ratings.licence,
            "instead_of": instead,
        },
        "factor_model": {
            "factors": settings.factor_model.factors,
            **factor_info,
            "films_without_weights": len(ratings.films) - len(films),
        },
        "reviews": {
            "source": source.name,
            "title": source.title,
            "licence": source.licence,
            "films_with_reviews": int((chosen.reviews > 0).sum()),
            "reviews": len(labelled),
            "films_without": len(without),
            "films_without_titles": without.title.tolist(),
            "films_known_to_source": int(reviews.film_id.nunique()),
        },
        "language_model": _read_json(encoder / "info.json"),
        "classifier": {
            "labels": names,
            "split": settings.split,
            "lrap": grades["lrap"],
            "lrap_baseline": grades["lrap_baseline"],
            "films_held_out": int(labelled.film_id[held_out].nunique()),
            "reviews_held_out": int(held_out.sum()),
            "threshold": settings.classifier.threshold,
            **{k: v for k, v in grades.items() if k not in ("lrap", "lrap_baseline")},
            **_read_json(classifier / "training.json"),
            "leak": "the language model read the texts of held-out films, never their labels",
        },
        "dominating_factor": dominating,
        "settings": dataclasses.asdict(settings),
        "seed": settings.seed,
        "versions": _versions(),
        "seconds": 0.0,
    }
    tables = {
        "factors": films,
        "top_factors": tops,
        "chosen_films": chosen,
        "labelled_reviews": labelled.assign(held_out=held_out),
        "predictions": predictions,
        "frequencies": counts,
        "frequencies_without_dominating": counting.without_factor(counts, dominating),
    }
    report("report", 0.2, "writing the run's files")
    result["seconds"] = time.monotonic() - began
    _write(out, tables, result, classifier)
    report("report", 1.0, f"{counts.film_id.nunique()} films, {len(labelled):,} reviews")
    return result


def _ratings(settings: RunSettings, store: Store, report: Report) -> tuple[RunSettings, Ratings, str | None]:
    """Give the ratings, and the settings with the names of the data in place of "default".

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
    return dataclasses.replace(settings, ratings=name, reviews=reviews), ratings, instead


def train_language_model(settings: RunSettings, store: Store, report: Report, out: Path) -> dict[str, Any]:
    """Fine-tune an encoder on all reviews of the rated films; copy it into `out` and give its info."""
    settings, ratings, _ = _ratings(settings, store, _named(report, "ratings"))
    source = open_source(settings.reviews, store, _named(report, "reviews"))
    folder = _reviews(ratings, source, store, report)
    reviews = pd.read_parquet(folder / "reviews.parquet")
    encoder = _language_model(_tokens(folder, reviews, store, report), settings, store, report)
    shutil.copytree(encoder, out, dirs_exist_ok=True)
    info: dict[str, Any] = _read_json(encoder / "info.json")
    return info


def _factor_model(ratings: Ratings, settings: RunSettings, store: Store, report: Report) -> Path:
    """Give the folder with factors.parquet, users.parquet and info.json."""

    def build(folder: Path) -> None:
        from core import factor_model

        report("factor model", 0.0, f"learning {settings.factor_model.factors} factors")
        began = time.monotonic()
        model = factor_model.train(ratings, settings.factor_model, settings.seed, report)
        info = {
            "rmse_valid": model.rmse_valid,
            "rmse_means": model.rmse_means,
            "seconds": time.monotonic() - began,
            "losses": model.losses,
        }
        model.films.to_parquet(folder / "factors.parquet")
        model.users.to_parquet(folder / "users.parquet")
        write_json(folder / "info.json", info)

    inputs = {
        "ratings": ratings.digest,
        "settings": dataclasses.asdict(settings.factor_model),
        "seed": settings.seed,
    }
    folder = store.artifact("factor-model", VERSIONS["factor model"], inputs, build)
    report(
        "factor model",
        1.0,
        f"error {_read_json(folder / 'info.json')['rmse_valid']:.3f} stars (RMSE, ratings kept out)",
    )
    return folder


def _reviews(ratings: Ratings, source: ReviewSource, store: Store, report: Report) -> Path:
    """Give the folder with reviews.parquet: all reviews that the source has of the rated films."""

    def build(folder: Path) -> None:
        reviews = source.reviews(ratings.films, _named(report, "reviews"))
        if reviews.empty:
            raise DegenerateResult(
                f"{source.title} has no review of any film of {ratings.name}; choose another source"
            )
        reviews.to_parquet(folder / "reviews.parquet")

    inputs = {"ratings": ratings.digest, "source": source.name, "digest": source.digest()}
    folder = store.artifact("reviews", VERSIONS["reviews"], inputs, build)
    ids = pd.read_parquet(folder / "reviews.parquet", columns=["film_id"]).film_id
    report("reviews", 1.0, f"{len(ids):,} reviews of {ids.nunique():,} films")
    return folder


def _tokens(review_folder: Path, reviews: pd.DataFrame, store: Store, report: Report) -> Path:
    """Give the folder with tokens.parquet: review_id and tokens (list of words) of all those reviews."""

    def build(folder: Path) -> None:
        from core.tokens import tokenise

        tokens = tokenise(reviews.review, _part(report, 0.0, 0.3), "language model")
        pd.DataFrame({"review_id": reviews.review_id, "tokens": tokens}).to_parquet(folder / "tokens.parquet")

    return store.artifact("tokens", VERSIONS["tokens"], {"reviews": review_folder.name}, build)


def _language_model(token_folder: Path, settings: RunSettings, store: Store, report: Report) -> Path:
    """Give the folder with encoder.safetensors, vocab.json and info.json."""

    def build(folder: Path) -> None:
        from core import language_model

        tokens = pd.read_parquet(token_folder / "tokens.parquet").tokens.map(list).tolist()
        began = time.monotonic()
        language_model.fine_tune(
            tokens, settings.language_model, settings.seed, _part(report, 0.3, 1.0), folder
        )
        info = _read_json(folder / "info.json") | {"seconds": time.monotonic() - began}
        write_json(folder / "info.json", info)

    inputs = {
        "tokens": token_folder.name,
        "settings": dataclasses.asdict(settings.language_model),
        "seed": settings.seed,
    }
    folder = store.artifact("language-model", VERSIONS["language model"], inputs, build)
    info = _read_json(folder / "info.json")
    report(
        "language model",
        1.0,
        f"perplexity {info['perplexity']:.0f}, by word counts alone {info['perplexity_unigram']:.0f}",
    )
    return folder


def _classifier(
    token_folder: Path,
    encoder: Path,
    labelled: pd.DataFrame,
    names: list[int],
    held_out: np.ndarray,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Path:
    """Give the folder with classifier.safetensors, vocab.json, info.json and training.json."""

    def build(folder: Path) -> None:
        from core import classifier

        tokens = _tokens_of(token_folder, labelled)
        rows = [[int(k) for k in row.split(labelling.DELIMITER)] for row in labelled.factors]
        began = time.monotonic()
        report("classifier", 0.0, f"reading {int((~held_out).sum()):,} labelled reviews")
        classifier.train(
            tokens, rows, names, held_out, encoder, settings.classifier, settings.seed, report, folder
        )
        write_json(folder / "training.json", {"seconds": time.monotonic() - began})

    inputs = {
        "tokens": token_folder.name,
        "encoder": encoder.name,
        "labels": labelled[["review_id", "factors"]].to_numpy().tolist(),
        "held_out": np.flatnonzero(held_out).tolist(),
        "settings": dataclasses.asdict(settings.classifier),
        "seed": settings.seed,
    }
    folder = store.artifact("classifier", VERSIONS["classifier"], inputs, build)
    report("classifier", 1.0, f"{len(names)} labels learnt")
    return folder


def _predictions(
    token_folder: Path, classifier: Path, labelled: pd.DataFrame, store: Store, report: Report
) -> Path:
    """Give the folder with probabilities.npy: a row a labelled review, a column a label."""

    def build(folder: Path) -> None:
        from core.predictions import Reader

        probabilities = Reader(classifier).probabilities(_tokens_of(token_folder, labelled), report)
        np.save(folder / "probabilities.npy", probabilities, allow_pickle=False)

    inputs = {"classifier": classifier.name, "reviews": labelled.review_id.tolist()}
    folder = store.artifact("predictions", VERSIONS["predictions"], inputs, build)
    report("predictions", 1.0, f"{len(labelled):,} reviews read")
    return folder


def _evaluate(
    labelled: pd.DataFrame,
    names: list[int],
    held_out: np.ndarray,
    probabilities: np.ndarray,
    settings: RunSettings,
) -> dict[str, Any]:
    from core.evaluation import evaluate

    truth = labelling.label_matrix(labelled, names)
    return evaluate(
        truth[held_out],
        probabilities[held_out],
        truth[~held_out],
        labelled.film_id.to_numpy()[held_out],
        names,
        settings.seed,
    )


def _tokens_of(token_folder: Path, labelled: pd.DataFrame) -> list[list[str]]:
    """Give the tokens of the labelled reviews, in their order."""
    table = pd.read_parquet(token_folder / "tokens.parquet").set_index("review_id").tokens
    return [list(tokens) for tokens in table.loc[labelled.review_id]]


def _write(out: Path, tables: dict[str, pd.DataFrame], result: dict[str, Any], classifier: Path) -> None:
    """Write all files of a run: first whole into a folder beside, then each in its place, run.json last."""
    work = Path(tempfile.mkdtemp(prefix=".writing-", dir=out))
    try:
        for name, table in tables.items():
            table.to_parquet(work / f"{name}.parquet", index=False)
        (work / "report.html").write_text(report_page.html(tables, result), encoding="utf-8")
        shutil.copytree(classifier, work / "classifier")
        write_json(work / "run.json", result)
        shutil.rmtree(out / "classifier", ignore_errors=True)
        for path in sorted(work.iterdir(), key=lambda p: p.name == "run.json"):
            path.replace(out / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _part(report: Report, start: float, end: float) -> Report:
    """Give a report whose whole is the part `start` to `end` of a stage."""
    return lambda stage, done, message: report(stage, start + done * (end - start), message)


def _named(report: Report, stage: str) -> Report:
    """Give a report that speaks for one stage, whatever the piece of work inside it is called."""
    return lambda _, done, message: report(stage, min(done, 0.99), message)


def _versions() -> dict[str, str]:
    names = ("torch", "fastai", "pandas", "numpy", "plotly", "streamlit", "diskcache")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
