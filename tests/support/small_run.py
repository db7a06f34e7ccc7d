"""A small run, for tests that need one and not what it says."""

from core.settings import RunSettings, StabilitySettings, preset

FEW_FITS = StabilitySettings(repeats=2, seeds=2)
"""Where what repeats is not graded."""
QUICK = preset("quick", ratings="planted", reviews="planted", factors=4, top=1, films=30)
TINY = QUICK.language_model.replace(
    start="nothing", embedding_size=16, hidden_size=16, epochs=1, max_reviews=200
)
"""A language model whose answers are worth nothing."""
SMALL = QUICK.replace(stability=FEW_FITS, language_model=TINY)


def few_sweeps(stable: RunSettings) -> RunSettings:
    """Return the settings of a search for the number of factors with a third of its sweeps, for planted data.

    The 16 candidates stay: with fewer of them noise has fewer chances to repeat.
    """
    return stable.replace(
        factor_model=stable.factor_model.replace(burn_in=30, settled=30, samples=30),
        stability=StabilitySettings(repeats=3, seeds=2, burn_in=30, samples=15),
    )
