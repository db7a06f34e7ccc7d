"""A run's folder + texts -> what its classifier reads in each, beside each factor's base rate, and where a film of
these reviews stands."""

from pathlib import Path
from typing import Any, TypedDict

from core.inference.encoding import EncodedTexts, OpenRun, encode, open_reader, words_of_no_content
from core.inference.film import FilmReading, place
from core.results.factor_names import read_names, shown_name
from core.results.run_record import read_record
from core.results.verdict import VerdictWord, verdicts


class FactorReading(TypedDict):
    """What one text says of a factor."""

    factor: int
    name: str
    """As shown; "" without one."""
    verdict: VerdictWord
    probability: float
    base_rate: float
    """Share of the reviews trained on that carry the factor."""
    threshold: float
    """Probability from which it counts as predicted."""
    predicted: bool


class TextReading(TypedDict):
    """What was read in one text."""

    read: str
    """The text, in which the highlights have their places."""
    words: int
    unknown: list[str]
    """Distinct words that the classifier does not know."""
    unknown_share: float
    """Of all words."""
    cut: bool
    """Whether the text was longer than LONGEST."""
    factors: list[FactorReading]
    """The most probable first."""
    highlights: list[dict[str, Any]]
    """The phrases that moved each factor, as `read_with_highlights` gives them."""


class RunReading(TypedDict):
    """What was read in texts, each by itself and as reviews of one film."""

    answers: list[TextReading]
    """An entry a text that has words; `each` of the film says which these are."""
    film: FilmReading


def read_run(folder: Path, texts: list[str]) -> dict[str, Any]:
    """Return `run` and what `read_texts_and_film` gives of texts, by the classifier in a run's folder.

    Raises BadInput where no text has words and where the classifier is not there or damaged.
    """
    run = OpenRun(folder, read_record(folder), open_reader(folder))
    return {"run": str(folder), **read_texts_and_film(run, texts)}


def read_texts_and_film(run: OpenRun, texts: list[str]) -> RunReading:
    """Return what an open run reads in texts, each by itself and as reviews of one film.

    A single text is encoded once for both. Several are encoded side by side for the film, and each once more for
    its highlights, since these need what the encoder held at every word of the text. Raises BadInput where no text
    has words.
    """
    encoded = encode(run.reader, texts)
    return {"answers": [answer(run, encoded, row) for row in encoded.rows], "film": place(run, encoded)}


def answer(run: OpenRun, encoded: EncodedTexts, row: int = 0) -> TextReading:
    """Return what was read in one of the texts that have words; HTML tags are not read."""
    # Here, since it loads torch.
    from core.classification.attribution import read_with_highlights

    reader, read, (words, unknown) = run.reader, encoded.visible[row], encoded.words[row]
    tokens = encoded.tokens.take([row])
    trace = encoded.trace or reader.trace(tokens)
    logits, highlights = read_with_highlights(reader, read, tokens, trace, words_of_no_content(run.record))
    record, names = run.record, read_names(run.folder)
    verdict_of = verdicts(record)
    suggested = dict(enumerate(record.suggested_names))
    base = record.classifier.base_rates()
    factors: list[FactorReading] = [
        {
            "factor": factor,
            "name": shown_name(names.get(factor), suggested.get(factor)),
            "verdict": verdict_of[factor].word,
            "probability": float(probability),
            "base_rate": base[factor],
            "threshold": threshold,
            "predicted": bool(probability >= threshold),
        }
        for factor, probability, threshold in zip(
            reader.labels, reader.as_probabilities(logits), reader.thresholds, strict=True
        )
    ]
    return {
        "read": read,
        "words": words,
        "unknown": sorted(set(unknown)),
        "unknown_share": len(unknown) / words,
        "cut": encoded.is_cut(row),
        "factors": sorted(factors, key=lambda row: -row["probability"]),
        "highlights": highlights,
    }
