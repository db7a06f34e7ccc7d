"""Films that bear the same title -> one film, or two with titles that differ.

The rule: two films of one title (with its year) are one film listed twice, unless they have two
distinct IMDb ids. One film stays under its lowest id. Films that are distinct get their id behind
the title, as in "Emma (1996) [id 838]".
"""

import numpy as np
import pandas as pd


def tell_titles_apart(films: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the films with unique titles, and for each film that was given (by row) its row in these.

    Films come sorted by `film_id` and stay so. `other_ids` has the ids under which a film was listed
    again, apart by blanks. A film without a title is called "Film <id>", and is
    never merged.
    """
    films = films.copy()
    nameless = films["title"].isna().to_numpy()
    films.loc[nameless, "title"] = "Film " + films.loc[nameless, "film_id"].astype("str")
    imdb_ids = films.groupby("title")["imdb_id"].transform("nunique")
    # One group a film: by title where nothing tells its bearers apart, else by IMDb id or by row.
    rows = pd.Series(np.arange(len(films)), index=films.index).astype("str")
    apart = films["imdb_id"].fillna(rows).where((imdb_ids > 1) & ~nameless, "")
    apart = apart.where(~nameless, rows)
    group = films.groupby([films["title"], apart], sort=False).ngroup().to_numpy()
    # `ngroup` counts in order of first rows, and rows are sorted by id: the lowest id leads its group.
    merged = films.groupby(group).first()
    merged["year"] = merged["year"].astype("Int16")
    again = pd.Series(group).duplicated().to_numpy()
    others = films.loc[again, "film_id"].astype("str").groupby(group[again]).agg(" ".join)
    merged["other_ids"] = others.reindex(merged.index).fillna("").astype("str")
    double = merged["title"].duplicated(keep=False)
    merged.loc[double, "title"] += " [id " + merged.loc[double, "film_id"].astype("str") + "]"
    return merged.reset_index(drop=True), group.astype(np.int32)
