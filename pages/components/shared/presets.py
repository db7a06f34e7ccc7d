"""The presets as the pages describe them: title, purpose and measured cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """Description of a preset for people."""

    title: str
    gives: str
    measured: str
    """Cost measured elsewhere, shown until the preset has run here."""
    warning: str = ""
    """What to know before choosing it."""


CARDS = {
    "starter": Card(
        "Starter",
        "6 Bayesian factors and 100 films: the most informative short run. On MovieLens 100K its error is "
        "0.886 stars; the means of films and users reach 0.954.",
        "On two other computers the first run took 15.5 s and 26.6 s, page included. Each had two cores and no GPU.",
    ),
    "quick": Card(
        "Quick",
        "50 factors by fastai, the strongest first. The bundled encoder reads the reviews. On MovieLens 100K its "
        "error is 0.907 stars; the means of films and users reach 0.954.",
        "On another computer its factor model took 1.5 s on one core. A whole run was not timed.",
    ),
    "accurate": Card(
        "Accurate",
        "10 Bayesian factors with intervals. They predict ratings best. On MovieLens 100K the error is 0.883 stars; "
        "the means of films and users reach 0.954.",
        "On another computer its factor model took 2.8 s on one core; that of Quick took 1.5 s. A whole run "
        "was not timed.",
    ),
    "stable": Card(
        "Stable",
        "As many Bayesian factors as hold up when other people rate. If none does, the run ends and says so. On "
        "MovieLens 100K the error is 0.896 stars; the means of films and users reach 0.954.",
        "On two other computers the choice of the number took 7.0 s and 13.3 s on two cores. A whole run was not "
        "timed.",
    ),
    "article": Card(
        "Article",
        "50 raw factors and a language model of its own, as in the article. Only the batches of ratings are larger. "
        "On MovieLens 100K the error is 0.909 stars; the means of films and users reach 0.954.",
        "It takes hours and wants a GPU. A whole run was not timed.",
        "This preset takes hours without a GPU. It starts from fastai's WikiText-103 weights, which it must "
        "download.",
    ),
    "gpu": Card(
        "GPU",
        "As Article, but its language model trains on a quarter more text at once, at a higher rate.",
        "By calculation it needs a GPU with 24 GB of memory. Not yet tried on a GPU.",
        "This preset takes hours without a GPU. It starts from fastai's WikiText-103 weights, which it must "
        "download.",
    ),
}
"""Cards by preset, in display order. Costs, and errors on one and the same fifth of the ratings, are in
docs/results.md and benchmarks/stability.md."""
