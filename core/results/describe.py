"""A run's folder -> each factor in a few lines: its name, verdict, and the films, words and genres of both ends."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import BadInput
from core.factors.top_factors import weights_of
from core.results.factor_names import read_names, shown_name
from core.results.run_record import Unmeasured, read_record
from core.results.sentences import words_of
from core.results.verdict import verdicts

FILMS = 5
"""Films of each end."""
WORDS = 20
"""Words of each end."""
IN_LINE = 10
"""Words of each end in a line of text."""

Json = dict[str, Any]


def describe(folder: Path, factor: int | None = None) -> Json:
    """Return the factors of a run, or one of them, as the command line prints them.

    Raises BadInput where the folder holds no run, or the run no such factor.
    """
    record = read_record(folder)
    count = record.factor_model.factors
    if factor is not None and not 0 <= factor < count:
        raise BadInput(f"there is no factor {factor}; the factors of this run are 0 to {count - 1}")
    names = read_names(folder)
    verdict_of = verdicts(record.stability, record.readability, count)
    words = read_words(folder)
    films = pd.read_parquet(folder / "factors.parquet")
    least = record.run_settings.selection.least_ratings
    rated = films[films.ratings >= least] if (films.ratings >= least).any() else films
    weights, titles = weights_of(rated), rated.title.to_numpy()
    associations = _optional(folder / "associations.parquet")
    described = []
    for k in range(count) if factor is None else (factor,):
        order = weights[:, k].argsort(kind="stable")
        measured = None if isinstance(record.words, Unmeasured) else record.words.factors[k]
        described.append(
            {
                "factor": k,
                "name": names.get(k),
                "suggested": record.suggested_names[k] if record.suggested_names else None,
                "verdict": verdict_of[k].word,
                "reason": verdict_of[k].reason,
                "words": words_of(record.words, k),
                "confirmed": measured.confirmed if measured else None,
                "high": _end(words, associations, k, "high")
                | {"films": titles[order[::-1][:FILMS]].tolist()},
                "low": _end(words, associations, k, "low") | {"films": titles[order[:FILMS]].tolist()},
            }
        )
    return {"factors": described}


def read_words(folder: Path) -> pd.DataFrame | None:
    """Return the words' table of a run; None in a run that predates it or has no words."""
    table = _optional(folder / "words.parquet")
    return None if table is None or table.empty else table


def lines(document: Json) -> str:
    """Return the text of what `describe` returned: five lines a factor."""
    return "\n\n".join(_five_lines(row) for row in document["factors"])


def _five_lines(row: Json) -> str:
    name = shown_name(row["name"], row["suggested"])
    films = (" · ".join(row[end]["films"][:3]) for end in ("high", "low"))
    return "\n".join(
        [
            f"Factor {row['factor']}{f' · {name}' if name else ''} — {row['verdict']}",
            f"  {row['reason']} {row['words']}",
            f"  films: {' ↔ '.join(films)}",
            *(f"  {end} end: {_line(row[end])}" for end in ("high", "low")),
        ]
    )


def _line(end: Json) -> str:
    """Return genres and words of an end in a line; uncertain words stand in brackets."""
    genres = [genre["name"] for genre in end["genres"]]
    words = [
        word["word"] if word["certain"] else f"({word['word']})" for word in end["words"] if not word["name"]
    ]
    names = [word["word"] for word in end["words"] if word["name"] and word["certain"]]
    parts = (", ".join(genres), ", ".join(words[:IN_LINE]), f"names: {', '.join(names)}" if names else "")
    return "; ".join(part for part in parts if part) or "–"


def _end(words: pd.DataFrame | None, associations: pd.DataFrame | None, factor: int, end: str) -> Json:
    rows: Sequence[Json] = []
    if words is not None:
        of_end = words[(words.factor == factor) & (words.end == end)]
        columns = ["word", "effect", "low", "high", "certain", "films", "is_name"]
        rows = of_end[columns].rename(columns={"is_name": "name"}).head(WORDS).to_dict("records")
    genres: list[Json] = []
    if associations is not None:
        sign = 1 if end == "high" else -1
        clear = associations[
            (associations.factor == factor)
            & (associations.kind == "genre")
            & associations.clear
            & (sign * associations.effect > 0)
        ]
        strongest = clear.sort_values("effect", key=abs, ascending=False)
        genres = strongest[["name", "effect", "low", "high", "films"]].to_dict("records")
    return {"words": list(rows), "genres": genres}


def _optional(path: Path) -> pd.DataFrame | None:
    return pd.read_parquet(path) if path.exists() else None
