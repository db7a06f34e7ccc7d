"""A small run, for tests that need one and not what it says."""

from core.settings import StabilitySettings, preset

FEW_FITS = StabilitySettings(repeats=2, seeds=2)
"""Where what repeats is not graded."""
QUICK = preset("quick", ratings="planted", reviews="planted", factors=4, top=1, films=30)
TINY = QUICK.language_model.replace(
    start="nothing", embedding_size=16, hidden_size=16, epochs=1, max_reviews=200
)
"""A language model whose answers are worth nothing."""
SMALL = QUICK.replace(stability=FEW_FITS, language_model=TINY)
