"""A run's record and tables -> its factors as the report shows them: names, verdicts, and what each means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.figures.grid.legend import legend_entries
from core.figures.style import factor_colour
from core.meaning.suggested_names import HOW_SUGGESTED, SUGGESTED
from core.results.describe import descriptions, words_without_names
from core.results.factor_names import shown_name
from core.results.run_record import RunRecord
from core.results.sentences import grouped, words_line
from core.results.tables.factors import with_names
from core.results.verdict import NO_CLASS, VERDICTS, WHAT_VERDICTS_MEAN, VerdictWord, verdicts

WORDS = 8
"""Words of each end of a factor."""


@dataclass(frozen=True)
class ReportFactors:
    """A run's factors, by their suggested names."""

    names: Mapping[int, str]
    """As shown; empty in a run that predates them."""
    words: Sequence[VerdictWord]
    """The word of the verdict on each."""

    @classmethod
    def of(cls, record: RunRecord) -> "ReportFactors":
        of_each = verdicts(record)
        names = {factor: shown_name(None, name) for factor, name in enumerate(record.suggested_names)}
        return cls(names, [verdict.word for verdict in of_each])

    def title(self, factor: int) -> str:
        """Return number and name: `factor 3 · ≈ horror ↔ romance`."""
        return f"factor {factor}" + (f" · {self.names[factor]}" if factor in self.names else "")

    def described(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with names, if there are any, and verdicts after its column `factor`."""
        named = with_names(table, self.names) if self.names else table.copy()
        at = named.columns.get_loc("name" if self.names else "factor")
        named.insert(at + 1, "verdict", [self.words[int(factor)] for factor in table.factor])
        return named

    def legend(self, shown: pd.Series) -> dict[str, Any]:
        """Return the entries of a legend, with their colours, and the other factors in a line."""
        entries, others = legend_entries(shown, self.names, self.words)
        return {
            "entries": [entry._asdict() | {"colour": factor_colour(entry.factor)} for entry in entries],
            "others": grouped(self.words, others) if others else "",
        }


def meaning(tables: Mapping[str, pd.DataFrame], record: RunRecord, factors: ReportFactors) -> dict[str, Any]:
    """Return what each factor means, those that may be chance apart."""
    blocks: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row in descriptions(record, tables, {}, range(len(factors.words))):
        of_ends = {
            end: row[end]
            | {
                "shown": words_without_names(row[end], WORDS) if row["has_words"] else [],
                "names": [w["word"] for w in row[end]["words"] if w["name"] and w["certain"]],
            }
            for end in ("high", "low")
        }
        title = factors.title(row["factor"]).capitalize()
        row["verdict"] = row["verdict"] or NO_CLASS
        blocks[row["verdict"] == "chance"].append(
            row | of_ends | {"title": title, "colour": factor_colour(row["factor"])}
        )
    return {
        "supported": sorted(blocks[False], key=lambda row: VERDICTS.index(row["verdict"])),
        "chance": blocks[True],
        "verdicts": WHAT_VERDICTS_MEAN,
        "suggested": f"{SUGGESTED}{HOW_SUGGESTED}" if factors.names else "",
        "words": words_line(record.words),
    }
