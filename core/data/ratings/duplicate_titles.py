"""Films of the same title -> one film, or several with distinct titles.

The rule: two films of the same title (with its year) are one film listed twice, unless they have different IMDb
ids. A merged film keeps its lowest id. Different films get their id behind the title, as in "Emma (1996) [id 838]".
"""

import numpy as np
import pandas as pd


def disambiguate_titles(films: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the films with unique titles, and for each row of `films` its row in the result (int32).

    Films are sorted by `film_id` before and after. The new column `other_ids` holds the further ids of a merged
    film, separated by spaces. A film without a title is called "Film <id>" and never merged.
    """
    films = films.copy()
    untitled = films["title"].isna().to_numpy()
    films.loc[untitled, "title"] = "Film " + films.loc[untitled, "film_id"].astype("str")
    imdb_ids = films.groupby("title")["imdb_id"].transform("nunique")
    # One group a film: by title where IMDb ids do not distinguish its films, else by IMDb id or by row.
    rows = pd.Series(np.arange(len(films)), index=films.index).astype("str")
    subgroup = films["imdb_id"].fillna(rows).where((imdb_ids > 1) & ~untitled, "")
    subgroup = subgroup.where(~untitled, rows)
    group = films.groupby([films["title"], subgroup], sort=False).ngroup().to_numpy()
    # `ngroup` counts groups in order of their first rows, and rows are sorted by id: the lowest id comes first.
    merged = films.groupby(group).first()
    merged["year"] = merged["year"].astype("Int16")
    repeated = pd.Series(group).duplicated().to_numpy()
    further_ids = films.loc[repeated, "film_id"].astype("str").groupby(group[repeated]).agg(" ".join)
    merged["other_ids"] = further_ids.reindex(merged.index).fillna("").astype("str")
    ambiguous = merged["title"].duplicated(keep=False)
    merged.loc[ambiguous, "title"] += " [id " + merged.loc[ambiguous, "film_id"].astype("str") + "]"
    return merged.reset_index(drop=True), group.astype(np.int32)
