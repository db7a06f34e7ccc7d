"""The roles of the columns of a table without a header, by position after a look at the content."""

from collections.abc import Sequence

import pandas as pd

from core.data.layouts import content
from core.data.layouts.aliases import Holds
from core.data.layouts.needed import MOST_COLUMNS, RATED

MOST_READ = 100
"""Columns whose content is looked at, the first: each takes some 20 ms."""
THIRD = 2
"""Where the rating stands where several columns may be it."""


def roles_by_position(
    name: str, rows: pd.DataFrame, holds: Holds
) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Return the roles, no layout, and a warning that names them."""
    if rows.shape[1] > MOST_COLUMNS:
        return {}, "", ()
    columns = _of_ratings(rows) if holds == "ratings" else _of_reviews(rows)
    listed = ", ".join(f"the {ours.replace('_', ' ')} is {theirs}" for ours, theirs in columns.items())
    warning = f"{name} has no header. By the content of its first rows, {listed}."
    return columns, "", (warning,) if columns else ()


def unnamed_roles(rows: pd.DataFrame, missing: Sequence[str]) -> dict[str, str]:
    """Return columns for those of user, film and rating that are missing, where the content leaves one choice.

    Where all are missing, their positions count.
    """
    rows = rows.iloc[:, :MOST_READ]
    if len(missing) == len(RATED):
        return {ours: theirs for ours, theirs in _of_ratings(rows).items() if ours in (*RATED, "year")}
    left = [column for column in rows if len(content.given(rows[column]))]
    roles: dict[str, str] = {}
    ratings = [
        column for column in left if content.are_ratings(rows[column]) and content.are_small(rows[column])
    ]
    if "rating" in missing and len(ratings) == 1:
        roles["rating"] = ratings[0]
    ids = [
        column
        for column in left
        if column not in roles.values()
        and content.are_ids(rows[column])
        and content.recur(rows[column])
        and not content.are_dates(rows[column])
    ]
    years = [column for column in ids if content.are_plain_years(rows[column])]
    wanted = [ours for ours in ("user", "film") if ours in missing]
    if len(ids) > len(wanted):
        ids = [column for column in ids if column not in years]
    if len(ids) == len(wanted):
        roles |= dict(zip(wanted, ids, strict=True))
    return roles


def _of_ratings(rows: pd.DataFrame) -> dict[str, str]:
    """Return user, film, rating and, where there are, title, year and time."""
    left = [column for column in rows if len(content.given(rows[column]))]
    roles: dict[str, str] = {}
    times = [
        column for column in left if content.are_big_numbers(rows[column]) or content.are_dates(rows[column])
    ]
    ratings = [
        column
        for column in left
        if column not in times and content.are_ratings(rows[column]) and content.are_small(rows[column])
    ]
    if ratings:
        kinds = {column: rows[column].nunique() for column in ratings}
        few = [column for column in ratings if kinds[column] <= 2 * min(kinds.values())]
        few = [column for column in few if rows[column].str.contains(r"\d[.,]\d").any()] or few
        third = rows.columns[THIRD : THIRD + 1]
        roles["rating"] = next((column for column in third if column in few), few[-1])
    # An id may be as big as a time; there are two ids.
    left = [column for column in left if column not in roles.values()]
    if times and len(left) > 2:
        roles["time"] = times[-1]
    left = [column for column in left if column not in roles.values()]
    # One value everywhere tells neither user nor film, unless there is no other column for them.
    varying = [column for column in left if rows[column].nunique() > 1]
    left = varying if len(varying) > 1 else left
    # Nor does the year of a film, where there is another column for it.
    years = [column for column in left if content.are_plain_years(rows[column])]
    if len(years) == 1 and len(left) > 2:
        roles["year"] = years[0]
        left.remove(years[0])
    titles = [column for column in left if content.are_titles(rows[column])]
    if titles and len(left) > 2:
        roles["title"] = titles[-1]
    left = [column for column in left if column not in roles.values()]
    if len(left) > 1 and content.are_asins(rows[left[0]]) and content.are_amazon_users(rows[left[1]]):
        left[:2] = left[1], left[0]
    roles |= dict(zip(("user", "film"), left, strict=False))
    if "title" not in roles and "film" in roles and content.are_titles(rows[roles["film"]]):
        roles["title"] = roles["film"]
    return {
        ours: roles[ours] for ours in ("user", "film", "rating", "title", "year", "time") if ours in roles
    }


def _of_reviews(rows: pd.DataFrame) -> dict[str, str]:
    """Return the review, the longest texts, and the film: its title where there is one, else its id."""
    lengths = {
        column: content.given(rows[column]).str.len().mean()
        for column in rows
        if len(content.given(rows[column]))
    }
    if not lengths:
        return {}
    roles = {"review": max(lengths, key=lambda column: lengths[column])}
    left = [column for column in lengths if column not in roles.values()]
    stars = [
        column for column in left if content.are_ratings(rows[column]) and content.are_small(rows[column])
    ]
    if stars and len(left) > 1:
        roles["stars"] = stars[-1]
    left = [column for column in left if column not in roles.values()]
    titles = [column for column in left if content.are_titles(rows[column])]
    if titles:
        roles["title"] = titles[0]
    elif left:
        roles["film_id"] = left[0]
    return {ours: roles[ours] for ours in ("film_id", "title", "review", "stars") if ours in roles}
