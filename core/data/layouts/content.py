"""What the first rows of a table say about the meaning of a column."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.layouts.values import MISSING, NO_RATING, no_title, number_out_of, rating_values, times, years
from core.data.tables import UserTable

SAMPLE_ROWS = 5000
ENOUGH = 0.5
"""Share of the values that must fit a meaning."""
MOST_RATINGS = 110
"""Different values that ratings have at most: 0 to 10 in steps of a tenth, and some to spare."""
BIG = 1e8
"""A whole number from here on is a time in seconds (1973) or more."""
HEADLINE_SHARE = 0.5
"""Share of a film's rows with another title than most of them have, above which titles are headlines."""
NAMES_SHARE = 0.9
"""Share of the users with one value, from which a column is the user's."""
LONG_TEXT = 40
"""Letters that reviews have on average, at least."""
_ASIN, _AMAZON_USER = re.compile(r"B[0-9A-Z]{9}|[0-9]{9}[0-9X]"), re.compile(r"A[0-9A-Z]{9,27}")


def first_rows_as_text(table: UserTable) -> pd.DataFrame:
    """Return the first SAMPLE_ROWS rows of all columns; those of a column that cannot be read are missing."""
    batches, rows = [], 0
    for batch in table.batches(
        {column: column for column in table.columns if column not in table.unreadable}
    ):
        batches.append(batch.slice(0, SAMPLE_ROWS - rows))
        rows += len(batches[-1])
        if rows >= SAMPLE_ROWS:
            break
    if not batches:
        return pd.DataFrame(columns=list(table.columns), dtype="str")
    return pa.concat_tables(batches).to_pandas().reindex(columns=list(table.columns)).astype("str")


def given(column: pd.Series) -> pd.Series:
    """Return the values that say something."""
    return column[column.notna() & ~column.str.strip().str.lower().isin(MISSING)]


def are_ratings(column: pd.Series) -> bool:
    """Return whether the values may be ratings: few different numbers, or two words."""
    values = given(column)
    values = values[~values.str.strip().str.lower().isin(NO_RATING)]
    distinct = values.unique().tolist()
    if not distinct:
        return False
    unreadable = rating_values(distinct).unreadable
    return bool(
        len(distinct) <= MOST_RATINGS + len(values) / 20
        and _share(~values.isin(np.array(distinct)[unreadable]))
    )


def are_stars(column: pd.Series) -> bool:
    """Return whether the values are numbers of stars, on any scale."""
    values = given(column)
    return bool(len(values)) and bool(
        _share([not np.isnan(number_out_of(text.strip())[0]) for text in values])
    )


def are_times(column: pd.Series) -> bool:
    """Return whether the values may be times."""
    values = given(column)
    return bool(len(values)) and bool(_share(~np.isnan(times(values))))


def are_big_numbers(column: pd.Series) -> bool:
    """Return whether the values are numbers as large as a time in seconds is."""
    numbers = pd.to_numeric(given(column), errors="coerce")
    return bool(len(numbers)) and bool(_share(numbers.between(BIG, 1e14)))


def are_years(column: pd.Series) -> bool:
    """Return whether the values are years, alone or in a date."""
    values = given(column)
    return bool(len(values)) and bool(_share(years(values).notna()))


def are_plain_years(column: pd.Series) -> bool:
    """Return whether nearly all values are years and nothing else."""
    values = given(column)
    return bool(len(values)) and bool(
        values.str.fullmatch(r"\s*(1[89]\d\d|20\d\d)(\.0)?\s*").mean() >= NAMES_SHARE
    )


def are_titles(column: pd.Series) -> bool:
    """Return whether the values are words, rather than ids."""
    values = given(column)
    return bool(len(values)) and bool(
        _share(values.str.contains(r"[^\W\d_]{2}.*\s|\s\(\d{4}\)$|^[^\W\d_]{3,}$"))
    )


def are_numbers(column: pd.Series) -> bool:
    """Return whether there are no values but numbers."""
    values = given(column)
    return bool(values.str.fullmatch(r"[\d.,+-]+").all())


def are_dates(column: pd.Series) -> bool:
    """Return whether the values are dates that are written with their year and month."""
    values = given(column)
    return bool(len(values)) and bool(_share(values.str.contains(r"\d{4}-\d\d|\d\d?[./]\d\d?[./]\d{2,4}")))


def are_small(column: pd.Series) -> bool:
    """Return whether all numbers are within -100 to 100, or the values are no numbers."""
    numbers = rating_values(given(column).unique().tolist()).values
    return bool((np.abs(numbers[~np.isnan(numbers)]) <= 100).all())


def are_imdb_ids(column: pd.Series) -> bool:
    """Return whether the values are IMDb's ids of titles, with or without their "tt"."""
    values = given(column)
    return bool(len(values)) and bool(_share(values.str.fullmatch(r"tt\d{1,9}|\d{3,9}(\.0)?")))


def are_words(column: pd.Series) -> bool:
    """Return whether the values have letters."""
    values = given(column)
    return bool(len(values)) and bool(_share(values.str.contains(r"[^\W\d_]{2}")))


def are_ids(column: pd.Series) -> bool:
    """Return whether there are values that are short enough for ids."""
    values = given(column)
    return bool(len(values)) and float(values.str.len().mean()) < LONG_TEXT


def are_texts(column: pd.Series) -> bool:
    """Return whether the values are as long as reviews are."""
    values = given(column)
    return bool(len(values)) and float(values.str.len().mean()) >= LONG_TEXT


def are_of_users(column: pd.Series, user: pd.Series, film: pd.Series | None) -> bool:
    """Return whether a column names the user of a row: one value for each user, several for a film."""
    if _share_with_one(column, user) < NAMES_SHARE or user.nunique() < 2:
        return False
    return film is None or _share_with_one(column, film) < NAMES_SHARE


def are_headlines(column: pd.Series, film: pd.Series) -> bool:
    """Return whether titles differ between the rows of a film, or are given to many films: those of reviews."""
    rows = pd.DataFrame({"film": film, "title": column})[~no_title(column) & film.notna()]
    if rows.empty:
        return False
    pairs = rows.value_counts().reset_index()
    films = pairs.groupby("film")["count"].agg(["sum", "max"])
    several = films[films["sum"] > 1]
    if len(several):
        differing = 1 - several["max"].sum() / several["sum"].sum()
        if differing > HEADLINE_SHARE or not differing:
            return bool(differing)
    of_films = rows["title"].map(rows.groupby("title")["film"].nunique())
    return bool((of_films > 2).mean() > HEADLINE_SHARE)


def recur(column: pd.Series) -> bool:
    """Return whether values come several times, but not one value everywhere."""
    values = given(column)
    return bool(1 < values.nunique() < len(values))


def are_names(column: pd.Series, film: pd.Series) -> bool:
    """Return whether a column names the users: values that come again, and several of them for most films."""
    return recur(column) and are_words(column) and _share_with_one(column, film) < 1 - NAMES_SHARE


def are_asins(column: pd.Series) -> bool:
    """Return whether the values are ids of Amazon's products."""
    return _matches(column, _ASIN)


def are_amazon_users(column: pd.Series) -> bool:
    """Return whether the values are ids of Amazon's users."""
    return _matches(column, _AMAZON_USER)


def _matches(column: pd.Series, pattern: re.Pattern[str]) -> bool:
    values = given(column)
    return bool(len(values)) and bool(values.str.fullmatch(pattern).all())


def _share(fits: pd.Series | np.ndarray | list[bool]) -> bool:
    return bool(np.mean(fits) >= ENOUGH)


def _share_with_one(column: pd.Series, key: pd.Series) -> float:
    """Return the share of the keys with several rows whose rows have one value."""
    rows = pd.DataFrame({"key": key, "value": column.fillna("")}).dropna(subset=["key"])
    groups = rows.groupby("key")["value"].agg(["size", "nunique"])
    groups = groups[groups["size"] > 1]
    return float((groups["nunique"] == 1).mean()) if len(groups) else 0.0
