"""Settings of a language model that trains in a second."""

from core.settings import SMALL_LANGUAGE_MODEL

SMALL = SMALL_LANGUAGE_MODEL.replace(
    embedding_size=12, hidden_size=12, epochs=1, max_reviews=150, batch_size=8
)
