"""A table of user, film and rating -> raw ratings and films.

Ids stay as they are, to the letter. What is left out or assumed is counted in the notes. Validation, and rows that
lack a value or come twice, are left to `checks`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.layouts.files import FoundTable
from core.data.layouts.values import MISSING, no_title, times_and_doubt, years
from core.data.ratings.checks import RawRatings
from core.data.ratings.films import YEAR_IN_TITLE, films_of_ratings, films_of_tables
from core.data.ratings.meaning import meaning_of
from core.data.reading_notes import LeftOut, ReadingNotes
from core.data.tables import Rows, UserTable
from core.errors import BadInput

TABLE_LICENCE = "Your own file {}; check its terms yourself."
ONE_PERSON = "one person"
"""The id of the user in an export of a person, which has none."""
YEARS = 10_000
"""More than any year."""
OF_ONE_PERSON = "These are the ratings of one person, from which no factors can be learned."
MOST_MISSING = 0.5
"""Share of the rows that may lack a user, a film or a rating; they are left out."""


def raw_ratings(found: FoundTable) -> RawRatings:
    """Return the ratings of a table with user, film and rating. Raises BadInput where a rating cannot be read."""
    table, columns = found.table, found.roles.columns
    texts, of_years = _texts(table, columns, found.one_person)
    meaning = meaning_of(texts["rating"], table, columns["rating"], found.layout)
    layout = meaning.layout
    frame = pd.DataFrame(
        {"user": texts["user"], "film": texts["film"], "rating": meaning.ratings}, copy=False
    )
    for ours in ("user", "film", "rating"):
        missing = frame[ours].isna().to_numpy() & ~meaning.absent
        if missing.mean() > MOST_MISSING:
            raise BadInput(
                f"{table.location(int(missing.argmax()))}: {columns[ours]} is missing, and in most other lines too. "
                f"Choose another column for the {ours}, or fill it in"
            )
    of_times = ""
    if "time" in columns:
        seconds, of_times = _times(texts["time"], columns["time"])
        if seconds is not None:
            frame["time"] = seconds
    films, of_films = films_of_tables(found.films) if found.films else films_of_ratings(table.name, texts)
    of_ids = [_suspicious(ours, texts[ours]) for ours in ("user", "film")]
    rows = Rows(table.name, frame, table.location)
    of_person = OF_ONE_PERSON if found.one_person else ""
    warnings = [
        *table.notes,
        *found.roles.warnings,
        *of_ids,
        *meaning.warnings,
        of_times,
        of_years,
        of_person,
        *of_films,
    ]
    return RawRatings(
        _without(rows, meaning.absent) if meaning.absent.any() else rows,
        films,
        meaning.scale,
        equal_titles_are_one_film=layout is not None and layout.equal_titles_are_one_film,
        one_person=found.one_person,
        licence=layout.licence if layout is not None and found.films else "",
        notes=ReadingNotes(len(frame) + sum(some.rows for some in table.left_out)).added(
            left_out=[*table.left_out, LeftOut(meaning.why_absent, int(meaning.absent.sum()))],
            warnings=[warning for warning in warnings if warning],
        ),
    )


def _texts(
    table: UserTable, columns: Mapping[str, str], one_person: bool
) -> tuple[dict[str, pd.Series], str]:
    """Return the columns and a warning: categories of text, but the time plain text.

    Raises BadInput where there are no rows.
    """
    rows = table.columns_as(columns, [ours for ours in columns if ours != "time"])
    if not len(rows):
        raise BadInput(f"{table.name} has no ratings; add some")
    texts = {ours: _series(rows[ours]) for ours in columns}
    if one_person:
        texts["user"] = pd.Series(pd.Categorical.from_codes(np.zeros(len(rows), np.int8), [ONE_PERSON]))
    if columns["film"] == columns.get("title"):
        texts["film"], warning = _named(texts["title"], texts.get("year"))
        return texts, warning
    return texts, ""


def _series(column: pa.ChunkedArray) -> pd.Series:
    return pd.Series(column.combine_chunks().to_pandas())


def _named(title: pd.Series, year: pd.Series | None) -> tuple[pd.Series, str]:
    """Return films by title and year as their id, where they have no other, and a warning.

    One without a title is missing. A row without a year is of the one film of its title, where there is but one.
    """
    titles = title.cat.categories.astype("str")
    nothing = np.append(no_title(pd.Series(titles)).to_numpy(), True)
    codes = np.where(nothing[title.cat.codes], -1, title.cat.codes)
    if year is None:
        return pd.Series(pd.Categorical.from_codes(codes, titles)), ""
    in_text = years(pd.Series(year.cat.categories.astype("str"))).fillna(0).to_numpy(np.int64)
    of_row = np.append(in_text, 0)[year.cat.codes]
    pair = codes.astype(np.int64) * YEARS + of_row
    distinct, number, rows = np.unique(pair, return_inverse=True, return_counts=True)
    of_title, of_year = np.divmod(distinct, YEARS)
    known = pd.Series(of_year[of_year > 0]).groupby(of_title[of_year > 0]).agg(["size", "max"])
    only = known.loc[known["size"] == 1, "max"].reindex(of_title).fillna(0).to_numpy(np.int64)
    filled = (of_year == 0) & (only > 0) & (of_title >= 0)
    of_year = np.where(filled, only, of_year)
    texts = pd.Series(np.append(titles, "")[of_title], dtype="str")
    numbers = pd.Series(of_year).astype("str")
    has_own = texts.str.extract(YEAR_IN_TITLE)[0].notna()
    texts = texts.where((of_year == 0) | has_own, texts + " (" + numbers + ")")
    number_of_text, names = pd.factorize(texts)
    count = int(rows[filled & ~has_own].sum())
    warning = f"Rows without a year, read as the one film with their title: {count:,}." if count else ""
    return pd.Series(
        pd.Categorical.from_codes(np.where(codes < 0, -1, number_of_text[number]), names)
    ), warning


def _times(texts: pd.Series, column: str) -> tuple[np.ndarray | None, str]:
    """Return the times in seconds, None where there are none, and a warning, "" for none."""
    seconds, doubtful = times_and_doubt(texts)
    if doubtful:
        return None, (
            f"{column!r} does not show whether the day or the month is first, as in {doubtful[:20]!r}. So the order "
            "of the lines counts."
        )
    missing = int(np.isnan(seconds).sum())
    if missing == len(seconds):
        return None, f"{column!r} holds no times, so it is not read."
    return (
        seconds,
        f"Rows without a time that can be read count as the earliest: {missing:,}." if missing else "",
    )


def _suspicious(ours: str, ids: pd.Series) -> str:
    """Return a warning about ids that may stand for none; they are read as they are."""
    names = ids.cat.categories.astype("str")
    suspicious = names[names.str.strip().str.lower().isin(MISSING - {""})]
    if suspicious.empty:
        return ""
    rows = int(ids.isin(suspicious).sum())
    return f"The id of the {ours} is {suspicious[0]!r} in some rows, which may mean none: {rows:,}."


def _without(rows: Rows, absent: np.ndarray) -> Rows:
    kept = np.flatnonzero(~absent)
    frame = rows.frame.iloc[kept].reset_index(drop=True)
    return Rows(rows.name, frame, lambda row: rows.location(int(kept[row])))
