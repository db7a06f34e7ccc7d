"""Names that people give to a run's factors, kept beside its results, and carried over to other runs.

A number alone is hard to remember, so a factor may be given a name. A name is somebody's reading, never a result:
it lies in a file of its own in the run's folder (`names.json`) and no stage takes it in. Another run has other
factors under the same numbers, so a name moves only to a factor that puts the same films first.
"""

import json
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.factors.top_factors import standardised, weights_of
from core.locks import exclusive
from core.store import disk_errors, write_json

FILE = "names.json"
LONGEST = 60
"""Characters of a name."""
MATCHES = 0.9
"""Least correlation of the films' weights at which a factor of another run counts as the same: four fifths of
the variance is common. It is signed: an upside-down factor would need the opposite name."""
FEWEST_FILMS = 20
"""Least films that both runs have, for their factors to be compared."""


def read_names(folder: Path) -> dict[int, str]:
    """Return the names of a run's factors; none where nobody gave any. BadInput where the file is damaged."""
    path = folder / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {int(factor): tidy(name) for factor, name in data.items() if tidy(name)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(
            f"{path} cannot be read as names of factors; mend it, or delete it to begin anew"
        ) from error


def name_factor(folder: Path, factor: int, name: str) -> dict[int, str]:
    """Name a factor, or remove its name with an empty one; return all names. Raises StorageError, BadInput."""
    # Two browsers may name factors of one run at once.
    with disk_errors(folder), exclusive(folder.parent / ".lock"):
        return write_names(folder, read_names(folder) | {factor: name})


def write_names(folder: Path, names: Mapping[int, str]) -> dict[int, str]:
    """Write these names, tidied, in place of those that the run had, and return them. Raises StorageError."""
    tidied = {factor: tidy(names[factor]) for factor in sorted(names) if tidy(names[factor])}
    with disk_errors(folder):
        write_json(folder / FILE, {str(factor): name for factor, name in tidied.items()})
    return tidied


def tidy(name: str) -> str:
    """Return a name on one line, without control characters, not too long.

    >>> tidy("  dark\\nthrillers\\x07 ")
    'dark thrillers'
    """
    # Cc are control characters, Cf turn or hide text, Cs are halves of letters that no file can hold.
    seen = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in name)
    return " ".join(seen.split())[:LONGEST].strip()


def carried_over(
    names: Mapping[int, str], old_films: pd.DataFrame, new_films: pd.DataFrame
) -> dict[int, tuple[int, float]]:
    """Return for each named factor of the old run that may keep its name: the new factor, and the correlation.

    Names move only where the correlation is at least MATCHES; see `matches` for the arguments.
    """
    pairs = matches(old_films, new_films)
    return {k: pairs[k] for k in sorted(names) if k in pairs and pairs[k][1] >= MATCHES}


def comparison(
    names: Mapping[int, str], pairs: Mapping[int, tuple[int, float]], moved: Collection[int]
) -> pd.DataFrame:
    """Return a row a named factor of another run: what matches it here, how well, and whether the name moves.

    `pairs` as `matches` returns them, `moved` are the factors whose names move.

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


def matches(old_films: pd.DataFrame, new_films: pd.DataFrame) -> dict[int, tuple[int, float]]:
    """Match the factors of two runs one to one: old factor -> new factor, signed correlation of their weights.

    Both tables have title and weight_0 …; films are the same where titles are, since ids differ between data
    sets. Matched so that the absolute correlations are greatest in sum (Kuhn 1955). Factors left over, where one
    run has fewer, are missing, and so are all with fewer than FEWEST_FILMS common films.
    """
    common = old_films[["title"]].merge(new_films[["title"]], on="title").title
    if len(common) < FEWEST_FILMS:
        return {}
    old = standardised(weights_of(old_films.set_index("title").loc[common]))
    new = standardised(weights_of(new_films.set_index("title").loc[common]))
    correlations = old.T @ new / len(common)
    # Imported here, since it takes as long as all else that pages import together.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-np.abs(correlations))
    return {int(i): (int(j), float(correlations[i, j])) for i, j in zip(rows, columns, strict=True)}
