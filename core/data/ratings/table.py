"""A user's table of user, film and rating -> raw ratings and films.

Validation is left to `checks`.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.layouts.roles import Roles
from core.data.ratings.checks import RawRatings
from core.data.ratings.movielens import YEAR_IN_TITLE
from core.data.reading_notes import ReadingNotes
from core.data.tables import Rows, UserTable
from core.errors import BadInput

TABLE_LICENCE = "Your own file {}; its terms are yours to know."


MISSING = ("", "nan", "none", "null", "\\n", "n/a", "na", "<na>", "-")
"""Ratings that are none, in lower case."""


def read_ratings_table(table: UserTable, roles: Roles) -> RawRatings:
    """Return the ratings of a table. Raises BadInput where a column is missing or cannot be read."""
    columns = roles.columns
    for required in ("user", "film", "rating"):
        if required not in columns:
            raise BadInput(
                f"{table.name} has no column for the {required} (it has {', '.join(table.columns)[:80]}); "
                f"name one {required!r}"
            )
    for column in columns.values():
        if f"{column} (2)" in table.columns:
            raise BadInput(f"{table.name} has several columns called {column!r}; rename all but one")
    wanted = {ours: columns[ours] for ours in ("user", "film", "rating", "title", "time") if ours in columns}
    batches = [*table.batches(wanted)]
    if not sum(map(len, batches)):
        raise BadInput(f"{table.name} has no ratings; add some")
    frame = pa.concat_tables(batches).to_pandas()
    frame["rating"] = frame["rating"].mask(frame["rating"].str.strip().str.lower().isin(MISSING))
    rows = Rows(table.name, frame, table.location)
    rows = Rows(rows.name, _typed(frame, rows, dict(columns)), rows.location)
    return RawRatings(rows, _films(rows), None, notes=ReadingNotes(len(frame), warnings=roles.warnings))


def _typed(frame: pd.DataFrame, rows: Rows, columns: dict[str, str]) -> pd.DataFrame:
    """Return the frame with ids as integers or text, ratings and times (seconds) as numbers."""
    for name in ("user", "film"):
        ids = frame[name]
        if not pd.api.types.is_integer_dtype(ids.dtype):
            whole = pd.to_numeric(ids, errors="coerce")
            # Missing ids stay missing here; `checks` refuses them with their line.
            if (whole.notna() | ids.isna()).all() and (whole.isna() | (whole % 1 == 0)).all():
                frame[name] = whole.astype("Int64")
            else:
                frame[name] = ids.astype("str").str.strip().replace("", np.nan)
    if not pd.api.types.is_numeric_dtype(frame["rating"].dtype):
        rating = pd.to_numeric(frame["rating"], errors="coerce")
        _refuse_unparsed(rating, frame["rating"], rows, columns["rating"], "number")
        frame["rating"] = rating
    if "time" in frame and not pd.api.types.is_numeric_dtype(frame["time"].dtype):
        time = pd.to_numeric(frame["time"], errors="coerce")
        dates = pd.to_datetime(frame["time"].where(time.isna()), errors="coerce", format="mixed", utc=True)
        time = time.fillna(dates.astype("int64").where(dates.notna()) / 1e9)
        _refuse_unparsed(time, frame["time"], rows, columns["time"], "time")
        frame["time"] = time
    return frame


def _refuse_unparsed(parsed: pd.Series, raw: pd.Series, rows: Rows, column: str, kind: str) -> None:
    """Raise BadInput for the first value that could not be parsed."""
    bad = np.flatnonzero((parsed.isna() & raw.notna()).to_numpy())
    if len(bad):
        raise BadInput(
            f"{rows.location(bad[0])}: {column} is {str(raw.iloc[bad[0]])[:40]!r}, which is not a {kind} "
            "that can be read; correct or delete the line"
        )


def _films(rows: Rows) -> Rows:
    """Return a row a film, with the first title among its ratings."""
    ids = rows.frame["film"].dropna()
    if "title" in rows.frame:
        titles = rows.frame.dropna(subset=["film"]).groupby("film")["title"].first().astype("str")
        films = titles.rename_axis("film_id").reset_index()
    else:
        films = pd.DataFrame({"film_id": np.sort(ids.unique()), "title": pd.NA}).astype({"title": "str"})
    films["year"] = pd.to_numeric(films["title"].str.strip().str.extract(YEAR_IN_TITLE)[0]).astype("Int16")
    films["imdb_id"] = pd.Series(pd.NA, index=films.index, dtype="str")
    films["genres"] = ""
    return Rows(rows.name, films, lambda row: f"{rows.name}, film {films['film_id'].iloc[row]!r}")
