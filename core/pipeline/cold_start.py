"""Reviews of rated films -> a regression that predicts films' weights from reviews alone, and its error.

Each rated film is predicted from the others (leave-one-out), by all of its reviews and by a few. The error is
measured on its ratings that the factor model was not trained on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.errors import DegenerateResult
from core.factors.models.factor_model import hold_out
from core.factors.rating_prediction import error_of, expected, numbers_of
from core.pipeline.stage import Stage
from core.results.run_record import ColdStart, Unmeasured
from core.settings import RunSettings
from core.store import read_json, write_json

if TYPE_CHECKING:
    from core.cold_start import ColdStartModel

STAGE = "placing"
MOST_FILMS = 2000
"""Most rated films in the regression, those with the most ratings: the time grows with their cube."""
MOST_RATINGS = 100_000
"""Most ratings that are predicted, drawn at random; a twentieth of them determines the error to 1%."""
FEW_REVIEWS = (1, 3, 10, 30)
"""Films are placed again by at most this many of their reviews, since people rarely paste more."""
UNLIKE = 0.05
"""Share of the rated films that count as unlike all others."""
READER = "encoder"
"""Name of the only reader whose vectors a run stores."""


def cold_start_folder(
    stage: Stage, ratings: Ratings, factors: Path, features: Path, reviews: pd.DataFrame
) -> Path:
    """Return the folder with placing.json and placing.safetensors.

    Where nothing could be measured, there is only placing.json with the reason (`unmeasured`).
    `factors` is the folder of factors.parquet, `features` that of the features of `reviews`, in their order.
    """
    settings = stage.settings

    def build(folder: Path) -> None:
        if settings.classifier.phases:
            reason = (
                "the encoder was trained further with the classifier, and films are placed by a frozen one"
            )
            write_json(folder / "placing.json", {"unmeasured": reason})
            return
        try:
            _fit_and_test(stage, ratings, factors, _ReviewedFilms.read(factors, features, reviews), folder)
        except DegenerateResult as error:
            write_json(folder / "placing.json", {"unmeasured": str(error)})

    inputs = {
        "features": features.name,
        "reviews": reviews.film_id.tolist(),
        "factors": factors.name,
        "ratings": ratings.digest,
        "valid_share": settings.factor_model.valid_share,
        "phases": len(settings.classifier.phases),
        "seed": settings.seed,
    }
    folder = stage.artifact("placing", inputs, build)
    result = read_json(folder / "placing.json")
    message = (
        f"not possible: {result['unmeasured']}"
        if "unmeasured" in result
        else f"error {result['rmse']['left_out']:.3f} stars by reviews alone (RMSE, films left out)"
    )
    stage.report(STAGE, 1.0, message)
    return folder


def cold_start_part(folder: Path) -> ColdStart | Unmeasured:
    """Return the accuracy of the cold start and its number of films, or why it was not measured."""
    result = read_json(folder / "placing.json")
    if "unmeasured" in result:
        return Unmeasured.model_validate(result)
    return ColdStart.model_validate(result | {"films": len(result["films"]["film_id"])})


@dataclass(frozen=True)
class _ReviewedFilms:
    """Rated films with reviews, and the encoder's features of these reviews."""

    table: pd.DataFrame
    """Rows of factors.parquet."""
    features: np.ndarray
    """Reviews x directions."""
    film: np.ndarray
    """The film of each review, as its row of the table."""

    @classmethod
    def read(cls, factors: Path, features: Path, reviews: pd.DataFrame) -> "_ReviewedFilms":
        """Read the MOST_FILMS with most ratings; duplicates of a review are left out."""
        films = pd.read_parquet(factors / "factors.parquet")
        table = films[films.film_id.isin(reviews.film_id)].nlargest(MOST_FILMS, "ratings")
        row = pd.Index(table.film_id).get_indexer(reviews.film_id)
        film = np.where(reviews.duplicate_of.isna(), row, -1)
        return cls(table, np.load(features / "features.npy", allow_pickle=False)[film >= 0], film[film >= 0])

    def vectors(self, reviews: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
        """Return the films' vectors from some of the reviews, or from all."""
        from core.cold_start import film_vectors

        return {READER: film_vectors(self.features[reviews], self.film[reviews], len(self.table))}


def _fit_and_test(stage: Stage, ratings: Ratings, factors: Path, films: _ReviewedFilms, folder: Path) -> None:
    """Fit the regression, measure its errors, and write both into the folder."""
    # Imported here, since scikit-learn takes a second and a run from the cache does not need it.
    from core.cold_start import fit

    tests = _tests(films.table, factors, ratings, stage.settings)
    model = fit(films.vectors(), films.table, stage.reporting_as(STAGE, 0.0, 0.8))
    stage.report(STAGE, 0.8, "predicting ratings of films placed by the others")
    shuffled = np.random.default_rng(stage.settings.seed).permutation(len(films.film))
    rows = []
    for most in FEW_REVIEWS:
        vectors = films.vectors(shuffled[_first(films.film[shuffled], most)])
        placed = model.left_out_by(vectors)
        rows.append({"reviews": most, **_accuracy(model, placed, vectors, films.table, tests)})
    whole = _accuracy(model, model.left_out(), model.vectors, films.table, tests)
    rmse = {
        "left_out": whole.pop("rmse"),
        "users_means": error_of(tests.rating, tests.means),
        "known": error_of(tests.rating, tests.predicted(numbers_of(films.table))),
        "ratings": len(tests.rating),
        "films": len(np.unique(tests.film)),
    }
    model.save(folder, {"rmse": rmse, "few_reviews": rows, "nearest_low": whole["nearest_low"]})


@dataclass(frozen=True)
class _Tests:
    """Ratings that the factor model was not trained on, of the films in the regression."""

    film: np.ndarray
    """The row of each rating's film in the table of films."""
    users: np.ndarray
    """Weights and bias of each rating's user: ratings x (factors + 1)."""
    means: np.ndarray
    """The mean training rating of each rating's user."""
    rating: np.ndarray
    link: dict[str, Any]

    def predicted(self, films: np.ndarray) -> np.ndarray:
        """Return predictions of these ratings from weights and bias of the films: films x (factors + 1)."""
        return expected(films[self.film], self.users, self.link)


def _tests(films: pd.DataFrame, factors: Path, ratings: Ratings, settings: RunSettings) -> _Tests:
    held_out = hold_out(ratings, settings.factor_model.valid_share, settings.seed)
    user, rating = ratings.table.user.to_numpy(), ratings.table.rating.to_numpy(np.float64)
    film = pd.Index(films.film_id).get_indexer(ratings.films.film_id)[ratings.table.film]
    rows = np.flatnonzero(held_out & (film >= 0))
    if not len(rows):
        raise DegenerateResult("no film with reviews has a rating that was kept out; add ratings")
    if len(rows) > MOST_RATINGS:
        rows = np.random.default_rng(settings.seed).choice(rows, MOST_RATINGS, replace=False)
    trained = ~held_out
    counts = np.bincount(user[trained], minlength=len(ratings.user_ids))
    sums = np.bincount(user[trained], rating[trained], minlength=len(ratings.user_ids))
    means = np.where(counts > 0, sums / counts.clip(min=1), rating[trained].mean())
    users = pd.read_parquet(factors / "users.parquet")
    # A user without training ratings counts as the average user.
    numbers = numbers_of(users)
    numbers = np.vstack([numbers, numbers.mean(0)])
    user_rows = pd.Index(users.user_id).get_indexer(pd.Index(ratings.user_ids[user[rows]]))
    link = read_json(factors / "info.json")["link"] | {"scale": list(ratings.scale)}
    return _Tests(film[rows], numbers[user_rows], means[user[rows]], rating[rows], link)


def _accuracy(
    model: "ColdStartModel",
    placed: pd.DataFrame,
    vectors: dict[str, np.ndarray],
    films: pd.DataFrame,
    tests: _Tests,
) -> dict[str, Any]:
    """Return the accuracy of leave-one-out predictions of rated films: rmse, told (R²), nearest_low."""
    # Imported here, since scikit-learn takes a second.
    from core.cold_start import explained_variance

    similarity = model.cosines(vectors)
    np.fill_diagonal(similarity, -1)
    values, weights = films[placed.columns].to_numpy(np.float64), films.ratings.to_numpy()
    explained = explained_variance(placed.to_numpy(), values, weights)
    return {
        "rmse": error_of(tests.rating, tests.predicted(numbers_of(placed))),
        "told": dict(zip(placed.columns, explained.tolist(), strict=True)),
        "nearest_low": float(np.quantile(similarity.max(1), UNLIKE)),
    }


def _first(films: np.ndarray, most: int) -> np.ndarray:
    """Mark the first `most` reviews of each film; `films` has the film of each review.

    >>> _first(np.array([4, 4, 2, 4]), 2).tolist()
    [True, True, True, False]
    """
    first: np.ndarray = pd.Series(films).groupby(films).cumcount().to_numpy() < most
    return first
