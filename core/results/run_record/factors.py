"""The parts of a record on factors: the model, the choice of their number, and their stability."""

from typing import Annotated, Literal

from core.results.run_record.base import Interval, Losses, Part, absent_if_none, key


class ChoiceOfFactors(Part):
    """The choice of the number of factors, as `core.factors.stability.measure.choose` returns it."""

    factors: int
    form: str
    tried: int
    """Directions that were trained."""
    shared: list[float]
    """Root of each direction's covariance between halves of the users, in the unit of the model's sum."""
    null_shared: float
    """The largest of these on permuted ratings."""
    correlations: list[float]
    agreement: dict[str, float]
    """Form -> mean correlation of its factors between halves of the users."""


class LinkRecord(Part):
    """The map from the model's sum to a rating."""

    offset: float
    squash: Interval | None
    """Ends of the sigmoid; None without one."""
    scale: Interval
    """Lowest and highest rating."""


class FactorModelRecord(Part):
    """The errors of the factor model, and the strengths of its factors."""

    factors: int
    method: str
    form: str
    choice: Annotated[ChoiceOfFactors | None, key("chosen")]
    """None where the user chose."""
    rmse_valid: float
    """On held-out ratings, in stars."""
    rmse_means: float
    """The baseline: means of films and users."""
    rmse_gain_interval: Annotated[Interval | None, absent_if_none()] = None
    """95% interval, over users, of how far the error is below the baseline's; None in a run that predates it."""
    seconds: float
    losses: Losses
    link: LinkRecord | None
    """None, like `strengths`, in a run that predates it."""
    strengths: list[float] | None
    """Standard deviation, over users and films, of what each factor adds to the model's sum."""
    films_without_weights: int


class FactorStability(Part):
    """The stability of one factor."""

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
    """The correlation of a factor between halves of the users on permuted ratings."""

    mean: float
    high: float
    """Its 95th percentile."""


class Subspace(Part):
    """Cosines of the principal angles between the spaces of factors of two halves, descending."""

    halves: list[float]
    null: list[float]
    """The same on permuted ratings."""


class Stability(Part):
    """The stability of each factor when the model is trained again on halves of the users."""

    factors: list[FactorStability]
    null: NullCorrelation
    subspace: Subspace
    repeats: int
    """Halvings of the users."""
    seeds: int
    users: int
    """Users whose ratings were used."""
    of_users: int | None = None
    """Users of whom these were drawn at random; as many where all were used, None in an older run."""
    films: int
    """Films whose weights were compared."""
    least_ratings: int
    """Least ratings of a film that was compared."""
    stable_from: float
    """Least correlation of a stable factor."""

    @property
    def among(self) -> str:
        """Of large data, among which users it was measured, as text; "" where among all."""
        if self.of_users is None or self.users >= self.of_users:
            return ""
        return f"{self.users:,} of {self.of_users:,} users, drawn at random"
