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
        "6 Bayesian factors and 100 films: the most informative run of about a minute. On MovieLens 100K its "
        "error is 0.885 stars; the means of films and users reach 0.954.",
        "On another computer the first run took 50 s, page included, on two cores without a GPU.",
    ),
    "quick": Card(
        "Quick",
        "50 factors by fastai, the strongest first. The bundled encoder reads the reviews. On MovieLens 100K its "
        "error is 0.906 stars; the means of films and users reach 0.954.",
        "On another computer a run with 20 films took 70 s, on two cores without a GPU.",
    ),
    "accurate": Card(
        "Accurate",
        "10 Bayesian factors with intervals. They predict ratings best. On MovieLens 100K the error is 0.880 stars; "
        "the means of films and users reach 0.954.",
        "On another computer its factor model took 2.8 s on one core; that of Quick took 1.5 s. A whole run "
        "was not timed.",
    ),
    "stable": Card(
        "Stable",
        "As many Bayesian factors as hold up when other people rate. If none does, the run ends and says so. On "
        "MovieLens 100K the error is 0.894 stars; the means of films and users reach 0.954.",
        "On another computer its factor model took 42 s on one core, nearly all to choose the number. A whole "
        "run was not timed.",
    ),
    "article": Card(
        "Article",
        "50 raw factors and a language model of its own, as in the article. Only the batches of ratings are larger. "
        "On MovieLens 100K the error is 0.906 stars; the means of films and users reach 0.954.",
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
"""Cards by preset, in display order. Costs and errors, and how they were measured, are in docs/results.md."""
