"""All factors of a run at a glance: verdict, extreme films, and what was measured of each."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.factors.top_factors import weights_of
from core.results.run_record import RunRecord, Unmeasured
from core.results.verdict import VERDICTS, VerdictWord

MEASURED = [
    "factor",
    "stability",
    "chance_stability",
    "average_precision",
    "chance_precision",
    "certain_words",
    "confirmed",
]
"""Columns of `measurements`."""


def rated(films: pd.DataFrame, least_ratings: int) -> pd.DataFrame:
    """Leave out films with fewer ratings."""
    return films[films.ratings >= least_ratings]


def overview(
    films: pd.DataFrame,
    verdicts: Sequence[str],
    strengths: Sequence[float] | None,
    names: Mapping[int, str],
) -> pd.DataFrame:
    """Return a row a factor.

    Columns: factor, name, verdict, strength (NaN where unknown), highest, lowest (titles).

    >>> table = pd.DataFrame({"title": ["A", "B"], "weight_0": [0.1, 0.9]})
    >>> overview(table, ["solid"], [0.2], {0: "late"}).values.tolist()
    [[0, 'late', 'solid', 0.2, 'B', 'A']]
    """
    weights = weights_of(films)
    factors = weights.shape[1]
    return pd.DataFrame(
        {
            "factor": range(factors),
            "name": [names.get(k, "") for k in range(factors)],
            "verdict": list(verdicts),
            "strength": np.full(factors, np.nan) if strengths is None else list(strengths),
            "highest": films.title.to_numpy()[weights.argmax(0)],
            "lowest": films.title.to_numpy()[weights.argmin(0)],
        }
    )


def strongest(strengths: Sequence[float] | None, factors: int) -> tuple[int, int]:
    """Return the two strongest factors, without strengths the first two; a single factor counts twice.

    >>> strongest([0.1, 0.3, 0.2], 3)
    (1, 2)
    """
    order = range(factors) if strengths is None else sorted(range(factors), key=lambda k: -strengths[k])
    return order[0], order[min(1, factors - 1)]


def full_strength(strengths: Sequence[float] | None) -> float:
    """Return the greatest strength, which ends the common scale of all charts; 1 without strengths.

    >>> full_strength([0.1, 0.3]), full_strength(None)
    (0.3, 1.0)
    """
    return max(strengths or [1.0])


def enough_ratings(few: int, least: int) -> int:
    """Return the number of ratings below which a film is marked: `few`, or the run's `least` if greater.

    >>> enough_ratings(50, 20), enough_ratings(50, 200)
    (50, 200)
    """
    return max(few, least)


def evenly(tops: pd.DataFrame, factors: int) -> tuple[int, int, float]:
    """Return the number of films, of top factors a film, and of films a factor if all were equally common.

    >>> evenly(pd.DataFrame({"film_id": [1, 1, 2, 2], "rank": [1, 2, 1, 2]}), 8)
    (2, 2, 0.5)
    """
    return tops.film_id.nunique(), int(tops["rank"].max()), len(tops) / factors


def measurements(record: RunRecord) -> pd.DataFrame:
    """Return a row a factor with what was measured of it, NaN where nothing was.

    Columns: factor, stability (correlation between halves of the users), chance_stability (95th percentile with
    tastes shuffled), average_precision (of the classifier), chance_precision (of guessing), certain_words, confirmed
    (share of its strongest words that keep their sign on other films).
    """
    missing = float("nan")
    rows: list[dict[str, float]] = [{"factor": k} for k in range(record.factor_model.factors)]
    if not isinstance(record.stability, Unmeasured):
        for factor in record.stability.factors:
            rows[factor.factor] |= {
                "stability": factor.stability,
                "chance_stability": record.stability.null.high,
            }
    if not isinstance(record.readability, Unmeasured):
        for label in record.readability.per_label:
            rows[label.factor] |= {
                "average_precision": missing if label.average_precision is None else label.average_precision,
                "chance_precision": missing if label.chance is None else label.chance,
            }
    if not isinstance(record.words, Unmeasured):
        for words in record.words.factors:
            rows[words.factor] |= {
                "certain_words": words.certain,
                "confirmed": missing if words.confirmed is None else words.confirmed,
            }
    return pd.DataFrame(rows, columns=MEASURED)


def listed(verdicts: Sequence[VerdictWord], strengths: Sequence[float] | None) -> list[int]:
    """Return the factors in the order of their verdicts, the best first; of one verdict the strongest first.

    >>> listed(["chance", "shaky", "solid", "shaky"], [0.9, 0.1, 0.2, 0.3])
    [2, 3, 1, 0]
    """
    strength = strengths or [0.0] * len(verdicts)
    return sorted(range(len(verdicts)), key=lambda k: (VERDICTS.index(verdicts[k]), -strength[k]))
