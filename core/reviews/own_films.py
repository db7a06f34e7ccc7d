"""Rows of a file and the films of the ratings -> the film of each row, by its id or by its title."""

import pandas as pd

from core.reviews.matching import names

_YEAR = r"\((\d{4})\)\s*$"


def by_id(frame: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Give the film of each row by its id in the ratings, or that of another listing of the film there."""
    others = films.assign(other=films["other_ids"].str.split()).explode("other").dropna(subset=["other"])
    by_text = pd.Series(
        [*films["film_id"], *others["film_id"]],
        index=[*films["film_id"].astype("str"), *others["other"]],
        dtype=object,
    )
    return frame["film_id"].str.strip().str.removesuffix(".0").map(by_text).astype(object)


def by_title(frame: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Give the film of each title: exact, else normalised name and year, else the name alone."""
    titles = frame["title"]
    ids = films["film_id"].to_numpy(dtype=object)
    film = titles.str.strip().map(pd.Series(ids, index=films["title"])).astype(object)
    ours = pd.DataFrame(
        {"film": ids, "name": films["title"].map(names), "year": films["year"].astype("Float64")}
    )
    ours = ours.explode("name").dropna(subset=["name"])
    distinct = pd.Series(titles.dropna().unique())
    theirs = pd.DataFrame(
        {
            "title": distinct,
            "name": distinct.map(names).str[0],
            "year": pd.to_numeric(distinct.str.extract(_YEAR)[0]).astype("Float64"),
        }
    ).dropna(subset=["name"])
    dated = theirs.dropna(subset=["year"]).merge(ours.dropna(subset=["year"]), on=["name", "year"])
    undated = theirs[theirs["year"].isna()].merge(ours, on="name")
    pairs = pd.concat([dated, undated]).drop_duplicates(["title", "film"])
    sole = pairs[~pairs["title"].duplicated(keep=False)]
    return film.fillna(titles.map(sole.set_index("title")["film"].astype(object)))
