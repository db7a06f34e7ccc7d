"""The part of a record on the language model."""

from typing import Annotated, Optional

from core.results.run_record.base import Losses, Part, absent_if_none, key


class TrainedOn(Part):
    """The reviews that an encoder was trained on."""

    source: str
    title: str
    films: str
    ratings: str
    reads: str
    before: Annotated[Optional["TrainedOn"], absent_if_none()] = None
    """The same for the encoder that it started from."""


class LanguageModelRecord(Part):
    """The language model whose encoder reads the reviews; a number is None where the run predates it."""

    reviews: int | None
    tokens: int | None
    reviews_held_out: int | None
    tokens_held_out: int | None
    vocabulary: int | None
    start: str | None
    perplexity: float | None
    perplexity_unigram: float | None
    """The baseline: by word counts alone."""
    accuracy: float | None
    losses: Losses
    embedding_size: Annotated[int | None, key("emb_sz")]
    hidden_size: Annotated[int | None, key("n_hid")]
    layers: Annotated[int | None, key("n_layers")]
    seconds: float | None
    trained_on: TrainedOn | None
