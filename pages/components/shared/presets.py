"""The presets as the pages describe them: title, purpose and measured cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """Description of a preset for people."""

    title: str
    gives: str
    measured: str
    """Cost measured elsewhere, shown until the preset has run here."""


CARDS = {
    "starter": Card(
        "Starter",
        "Six Bayesian factors and 100 films: the run that says most in a minute. RMSE 0.885 stars on MovieLens 100K.",
        "41 s with 100 films of the sample, on two cores without a GPU",
    ),
    "quick": Card(
        "Quick",
        "50 factors by fastai, the strongest first. Reviews are read by the bundled encoder. RMSE 0.906 stars on "
        "MovieLens 100K.",
        "70 s with 20 films of the Large Movie Review Dataset, on two cores without a GPU",
    ),
    "accurate": Card(
        "Accurate",
        "10 Bayesian factors, which predict ratings best and carry intervals. Reviews as in Quick. RMSE 0.880 "
        "stars on MovieLens 100K.",
        "its factor model 2.8 s on one core, Quick's 1.5 s; a whole run was not timed",
    ),
    "stable": Card(
        "Stable",
        "As many Bayesian factors as repeat between halves of the users, with intervals; where none repeat, the "
        "run ends and says so. Reviews as in Quick. RMSE 0.894 stars on MovieLens 100K.",
        "its factor model 42 s on one core, nearly all of it the choice of the number; a whole run was not timed",
    ),
    "article": Card(
        "Article",
        "50 raw factors and a language model of its own, as in the article, but for larger batches of ratings. "
        "RMSE 0.906 stars on MovieLens 100K.",
        "hours; wants a GPU, and fastai's WikiText-103 weights to be downloadable. A whole run was not timed",
    ),
}
"""Cards by preset, in display order. Costs and errors, and how they were measured, are in docs/results.md."""
