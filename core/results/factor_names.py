"""Names that people give to a run's factors, stored beside its results, and carried over to other runs.

A name is an interpretation, not a result: it is stored in a separate file in the run's folder (`names.json`),
which no stage reads. Another run has other factors under the same numbers, so a name is carried over only to
a factor that ranks the films alike.
"""

import contextlib
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, TypeAdapter

from core.errors import BadInput, DamagedRun
from core.factors.top_factors import standardised, weights_of
from core.locks import exclusive
from core.meaning.suggested_names import NO_MEANING, SUGGESTED, high_end
from core.results.tables.saved import read_table
from core.store import content_of, disk_errors, read_json, recorded_digest, write_json

FILE = "names.json"
UNMATCHED = "names_unmatched.json"
"""File with the names of factors that a repeated run no longer has."""
LONGEST = 100
"""Most characters of a name."""
MOST_FACTORS = 1000
"""Most factors of a run."""
MOST_BYTES = 1_000_000
"""Most bytes of the file: a thousand names, the most factors of a run, take half of it."""
MATCHES = 0.9
"""Least correlation of the films' weights at which a factor of another run counts as the same: four fifths of
the variance are shared. It is signed: a factor of the opposite sign would need the opposite name."""
FEWEST_FILMS = 20
"""Least films in common for the factors of two runs to be compared."""


_NAMES = TypeAdapter(dict[Annotated[int, Field(ge=0, lt=MOST_FACTORS)], str])


def shown_name(given: str | None, suggested: str | None) -> str:
    """Return the name that people gave to a factor, else the suggested one behind its mark, "" where there is none.

    >>> shown_name(None, "horror ↔ romance"), shown_name("scary", "horror ↔ romance"), shown_name(None, None)
    ('≈ horror ↔ romance', 'scary', '')
    """
    return (
        given or (suggested and (suggested if suggested == NO_MEANING else f"{SUGGESTED}{suggested}")) or ""
    )


def numbered(factor: int, name: str) -> str:
    """Return a factor's number and what its name says of the high end, for a list of a film's top factors.

    >>> numbered(3, "≈ horror, gore ↔ romance"), numbered(4, NO_MEANING), numbered(5, "")
    ('3 ≈ horror, gore', '4', '5')
    """
    return f"{factor} {'' if name == NO_MEANING else high_end(name)}".strip()


def read_names(folder: Path) -> dict[int, str]:
    """Return the names of a run's factors, empty without any. Raises BadInput where the file is damaged."""
    path = folder / FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("larger than a thousand names")
        names = _NAMES.validate_python(read_json(path))
        return {factor: tidy(name) for factor, name in names.items() if tidy(name)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path} cannot be read as names of factors; mend it, or delete it to start again"
        ) from error


def legible_names(folder: Path) -> dict[int, str]:
    """Return the names of a run's factors as far as they can be read, for a run that stands beside others."""
    try:
        return read_names(folder)
    except BadInput:
        return {}


def name_factor(folder: Path, factor: int, name: str) -> dict[int, str]:
    """Name a factor, or remove its name where empty; return all names. Raises StorageError, BadInput."""
    # Two browsers may name factors of one run at once.
    with disk_errors(folder), exclusive(folder.parent / ".lock"):
        return write_names(folder, read_names(folder) | {factor: name})


def write_names(folder: Path, names: Mapping[int, str]) -> dict[int, str]:
    """Replace a run's names by these, tidied, and return them. Raises StorageError."""
    tidied = {factor: tidy(names[factor]) for factor in sorted(names) if tidy(names[factor])}
    with disk_errors(folder):
        write_json(folder / FILE, {str(factor): name for factor, name in tidied.items()})
    return tidied


def tidy(name: str) -> str:
    """Return a name on one line, without control characters, cut to LONGEST.

    >>> tidy("  dark\\nthrillers\\x07 ")
    'dark thrillers'
    """
    # Cc: control characters; Cf: format characters that hide text; Cs: surrogates, invalid in UTF-8.
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in name)
    return " ".join(visible.split())[:LONGEST].strip()


def carried_over(
    names: Mapping[int, str], old_films: pd.DataFrame, new_films: pd.DataFrame
) -> dict[int, tuple[int, float]]:
    """Return, for each old factor whose name is carried over, the new factor and the correlation.

    A name is carried over where the correlation is at least MATCHES; see `matches` for the arguments.
    """
    pairs = matches(old_films, new_films)
    return {k: pairs[k] for k in sorted(names) if k in pairs and pairs[k][1] >= MATCHES}


def comparison(
    names: Mapping[int, str], pairs: Mapping[int, tuple[int, float]], moved: Collection[int]
) -> pd.DataFrame:
    """Return a row a named factor of another run: its match in this run, and whether the name is reused.

    `pairs` are as `matches` returns them, `moved` are the factors whose names are reused.

    >>> comparison({0: "dark", 4: "sad"}, {0: (2, 0.95), 4: (1, -0.5)}, {0}).values.tolist()
    [['dark', 0, 2, 0.95, True], ['sad', 4, 1, -0.5, False]]
    """
    return pd.DataFrame(
        {
            "name": names.values(),
            "factor there": names.keys(),
            "most like it here": [pairs[old][0] if old in pairs else None for old in names],
            "correlation": [pairs[old][1] if old in pairs else None for old in names],
            "the same": [old in moved for old in names],
        }
    )


def keep_names(old: Path, new: Path, films: pd.DataFrame) -> None:
    """Write into a run's new folder the names of its old one that fit its factors, those of the table `films`.

    The others stay beside them, as UNMATCHED. Where nothing was named, or the names are damaged, nothing is written.
    Both folders have their manifests.
    """
    try:
        names = read_names(old)
    except BadInput:
        return
    if names:
        moved = _kept(names, old, new, films)
        unmatched = {str(factor): name for factor, name in names.items() if factor not in moved}
        write_names(new, {moved[factor]: names[factor] for factor in moved})
        if unmatched:
            write_json(new / UNMATCHED, unmatched)


def _kept(names: Mapping[int, str], old: Path, new: Path, films: pd.DataFrame) -> dict[int, int]:
    """Return, for each old factor whose name is kept, the new factor."""
    if _are_same(old / "factors.parquet", new / "factors.parquet"):
        return {factor: factor for factor in names}
    try:
        old_films = read_table(old / "factors.parquet")
    except (OSError, DamagedRun):
        return {}
    return {factor: there for factor, (there, _) in carried_over(names, old_films, films).items()}


def _are_same(old: Path, new: Path) -> bool:
    """Return whether two tables are the same, or were before the old one, or its manifest, was damaged."""
    # What one of them cannot tell, the other may.
    with contextlib.suppress(OSError):
        digests = [recorded_digest(path) for path in (old, new)]
        if digests[0] is not None and digests[0] == digests[1]:
            return True
    try:
        return content_of(old) == content_of(new)
    except OSError:
        return False


def matches(old_films: pd.DataFrame, new_films: pd.DataFrame) -> dict[int, tuple[int, float]]:
    """Match the factors of two runs one to one: old factor -> new factor, signed correlation of weights.

    Both tables have title and weight_0 …; films are the same where titles are, since ids differ between data
    sets; a title that a run has twice counts once. The matching maximises the sum of the absolute correlations
    (Kuhn 1955). Where one run has fewer factors, the unmatched ones are missing; with fewer than FEWEST_FILMS
    common films all are.
    """
    here, there = (table.drop_duplicates("title").set_index("title") for table in (old_films, new_films))
    common = here.index.intersection(there.index)
    if len(common) < FEWEST_FILMS:
        return {}
    old, new = (standardised(weights_of(table.loc[common])) for table in (here, there))
    correlations = old.T @ new / len(common)
    # Imported here, since it takes as long as all other imports of the pages together.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-np.abs(correlations))
    return {int(i): (int(j), float(correlations[i, j])) for i, j in zip(rows, columns, strict=True)}
