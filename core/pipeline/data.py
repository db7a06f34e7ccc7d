"""The ratings of a run, and the data that the name "default" stands for."""

from dataclasses import replace

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.errors import DataNotFound
from core.pipeline.stage import Stage
from core.settings import DEFAULT_DATA


def read_data(stage: Stage) -> tuple[Stage, Ratings, str | None]:
    """Return the stage with "default" replaced in its settings, the ratings, and why MovieLens is missing.

    The default is MovieLens 100K with the sample reviews. Where MovieLens is not available, it is the
    synthetic world (`planted`), and the third value is the reason, else None. Raises DataNotFound where other
    ratings are missing.
    """
    settings, report = stage.settings, stage.reporting_as("ratings")
    if DEFAULT_DATA not in (settings.ratings, settings.reviews):
        return stage, read_ratings(settings.ratings, stage.store, report), None
    name = "ml-100k" if settings.ratings == DEFAULT_DATA else settings.ratings
    missing = None
    try:
        ratings = read_ratings(name, stage.store, report)
    except DataNotFound as error:
        if settings.ratings != DEFAULT_DATA:
            raise
        name, missing = "planted", str(error)
        ratings = read_ratings(name, stage.store, report)
    reviews = settings.reviews
    if reviews == DEFAULT_DATA:
        reviews = "planted" if name == "planted" else "sample"
    settings = settings.replace(ratings=name, reviews=reviews)
    return replace(stage, settings=settings), ratings, missing
