"""A run's record and tables -> each factor in a few lines: name, verdict, films, words and genres of both ends."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import BadInput
from core.factors.top_factors import enough_rated, weights_of
from core.results.factor_names import read_names, shown_name
from core.results.run_record import DeviceRecord, FirstResults, RunRecord, Unmeasured, read_record
from core.results.sentences import devices_line, words_of
from core.results.sentences.run_headline import not_learnt
from core.results.tables.saved import read_table
from core.results.verdict import NO_CLASS, verdicts

FILMS = 5
"""Films of each end."""
WORDS, NAMES = 30, 10
"""Words, and names of people, places and films, of each end."""
IN_LINE = 12
"""Words of each end in a line of text."""

IN_BRACKETS = "Words in brackets are suggestions: they may be luck."
Json = dict[str, Any]


def describe(folder: Path, factor: int | None = None) -> Json:
    """Return the factors of a run, or one of them, as the command line prints them.

    Where the model has not learnt, `not_learnt` comes first: why no factor has a verdict. `devices` has what the run
    was computed on, and why; what came from the cache is not in it.

    Raises BadInput where the folder holds no run, or the run no such factor.
    """
    record = read_record(folder)
    count = record.factor_model.factors
    if factor is not None and not 0 <= factor < count:
        raise BadInput(f"there is no factor {factor}; the factors of this run are 0 to {count - 1}")
    files = {name: _optional(folder / f"{name}.parquet") for name in ("factors", "words", "associations")}
    tables = {name: table for name, table in files.items() if table is not None}
    factors = range(count) if factor is None else (factor,)
    described = descriptions(record, tables, read_names(folder), factors)
    not_learnt_reason = {"not_learnt": reason} if (reason := not_learnt(record)) else {}
    return {
        **not_learnt_reason,
        "factors": described,
        "devices": [device.model_dump() for device in record.devices],
    }


def descriptions(
    record: RunRecord | FirstResults,
    tables: Mapping[str, pd.DataFrame],
    names: Mapping[int, str],
    factors: Iterable[int],
) -> list[Json]:
    """Return a description of each of `factors`, whose given names are `names`.

    `tables` are those of the run's folder by file name; a run that predates words or associations lacks theirs.
    """
    verdict_of = verdicts(record)
    films = tables["factors"]
    rated = enough_rated(films, record.run_settings.selection.least_ratings)
    weights, titles = weights_of(rated), rated.title.to_numpy()
    described = []
    for k in factors:
        order = weights[:, k].argsort(kind="stable")
        measured = None if isinstance(record.words, Unmeasured) else record.words.factors[k]
        described.append(
            {
                "factor": k,
                "name": names.get(k),
                "suggested": record.suggested_names[k] if record.suggested_names else None,
                "verdict": None if verdict_of[k].word == NO_CLASS else verdict_of[k].word,
                "reason": verdict_of[k].reason,
                "words": words_of(record.words, k),
                "has_words": measured.has_words if measured else False,
                "confirmed": measured.confirmed if measured else None,
                "high": _end(tables, k, "high") | {"films": titles[order[::-1][:FILMS]].tolist()},
                "low": _end(tables, k, "low") | {"films": titles[order[:FILMS]].tolist()},
            }
        )
    return described


def words_without_names(end: Json, many: int) -> list[Json]:
    """Return the strongest words of an end that `descriptions` returned, so certain ones first, without names.

    >>> end = {"words": [{"word": "bond", "name": True}, {"word": "spy", "name": False}]}
    >>> [word["word"] for word in words_without_names(end, 5)]
    ['spy']
    """
    return [word for word in end["words"] if not word["name"]][:many]


def lines(document: Json) -> str:
    """Return the text of what `describe` returned: five lines a factor, what the brackets mean, and the devices."""
    first = [document["not_learnt"]] if "not_learnt" in document else []
    devices = devices_line([DeviceRecord(**device) for device in document["devices"]])
    last = "\n".join([IN_BRACKETS, devices] if devices else [IN_BRACKETS])
    return "\n\n".join([*first, *map(_five_lines, document["factors"]), last])


def _five_lines(row: Json) -> str:
    name = shown_name(row["name"], row["suggested"])
    films = (" · ".join(row[end]["films"][:3]) for end in ("high", "low"))
    return "\n".join(
        [
            f"Factor {row['factor']}{f' · {name}' if name else ''} — {row['verdict'] or NO_CLASS}",
            f"  {row['reason']} {row['words']}",
            f"  films: {' ↔ '.join(films)}",
            *(f"  {end} end: {_line(row[end])}" for end in ("high", "low")),
        ]
    )


def _line(end: Json) -> str:
    """Return genres and words of an end in a line; uncertain words stand in brackets."""
    genres = [genre["name"] for genre in end["genres"]]
    words = [
        word["word"] if word["certain"] else f"({word['word']})" for word in words_without_names(end, IN_LINE)
    ]
    names = [word["word"] for word in end["words"] if word["name"] and word["certain"]]
    parts = (", ".join(genres), ", ".join(words), f"names: {', '.join(names)}" if names else "")
    return "; ".join(part for part in parts if part) or "–"


def _end(tables: Mapping[str, pd.DataFrame], factor: int, end: str) -> Json:
    rows: Sequence[Json] = []
    words, associations = tables.get("words"), tables.get("associations")
    if words is not None:
        of_end = words[(words.factor == factor) & (words.end == end)]
        columns = ["word", "effect", "low", "high", "certain", "films", "is_name"]
        # Each strongest first, names behind the words.
        listed = pd.concat([of_end[~of_end.is_name].head(WORDS), of_end[of_end.is_name].head(NAMES)])
        rows = listed[columns].rename(columns={"is_name": "name"}).to_dict("records")
    genres: list[Json] = []
    if associations is not None:
        sign = 1 if end == "high" else -1
        clear = associations[
            (associations.factor == factor)
            & (associations.kind == "genre")
            & associations.clear
            & (sign * associations.effect > 0)
        ]
        by_effect = clear.sort_values("effect", key=abs, ascending=False)
        genres = by_effect[["name", "effect", "low", "high", "films"]].to_dict("records")
    return {"words": list(rows), "genres": genres}


def _optional(path: Path) -> pd.DataFrame | None:
    return read_table(path) if path.exists() else None
