"""The parts of a record on factors: the model, how their number was chosen, and how stable each is."""

from typing import Annotated, Literal

from core.results.run_record.base import Interval, Losses, Part, key


class ChoiceOfFactors(Part):
    """How the number of factors was chosen, as `core.factors.stability.measure.choose` describes it."""

    factors: int
    form: str
    tried: int
    """Directions that were trained."""
    shared: list[float]
    """Root of each direction's covariance between halves of the users, in the unit of the model's sum."""
    null_shared: float
    """The largest of these where tastes were permuted away."""
    correlations: list[float]
    agreement: dict[str, float]
    """Form -> mean correlation of its factors between halves."""


class LinkRecord(Part):
    """What turns the model's sum into a rating."""

    offset: float
    squash: Interval | None
    """Ends of the sigmoid; None without one."""
    scale: Interval
    """Lowest and highest rating."""


class FactorModelRecord(Part):
    """How well the factors predict ratings, and how strong they are."""

    factors: int
    method: str
    form: str
    choice: Annotated[ChoiceOfFactors | None, key("chosen")]
    """None where the user chose."""
    rmse_valid: float
    """On the ratings held out, in stars."""
    rmse_means: float
    """The baseline: means of films and users."""
    seconds: float
    losses: Losses
    link: LinkRecord | None
    """None, like `strengths`, in a run older than it."""
    strengths: list[float] | None
    """Standard deviation, over users and films, of what each factor adds to the model's sum."""
    films_without_weights: int


class FactorStability(Part):
    """How stable one factor is."""

    factor: int
    stability: float
    """Mean absolute correlation of the films' weights between two halves of the users."""
    interval: Interval
    """Of that mean, over random halvings."""
    seeds: float
    """The same between two seeds on the same ratings."""
    seeds_interval: Interval
    stability_class: Annotated[Literal["stable", "weak", "noise"], key("verdict")]


class NullCorrelation(Part):
    """The correlation of a factor between halves where tastes were permuted away."""

    mean: float
    high: float
    """Its 95th percentile."""


class Subspace(Part):
    """Cosines of the principal angles between the spaces of factors of two halves, descending."""

    halves: list[float]
    null: list[float]
    """The same where tastes were permuted away."""


class Stability(Part):
    """How stable each factor is when the model is trained again on halves of the users."""

    factors: list[FactorStability]
    null: NullCorrelation
    subspace: Subspace
    repeats: int
    """Halvings of the users."""
    seeds: int
    users: int
    films: int
    """Films whose weights were compared."""
    least_ratings: int
    """Ratings that a film needed to be compared."""
    stable_from: float
    """Least correlation of a stable factor."""
