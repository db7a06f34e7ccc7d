"""Tables of films, or what the ratings' table says of films -> a row a film."""

import ast

import numpy as np
import pandas as pd

from core.data.layouts.files import TableOfFilms
from core.data.layouts.values import MISSING, no_title, years
from core.data.tables import Rows

YEAR_IN_TITLE = r"\(([0-9]{4})(?:[-–][0-9]{0,4})?\)(?: \(\w+\))?$"
"""As in "Casper (1995)", "Lost (2004–2010)", "Land Before Time III (1995) (V)"."""
NO_GENRES = ("(no genres listed)", "unknown")
SAYS = ("title", "year", "genres", "imdb_id")
"""What may be said of a film."""


def films_of_ratings(name: str, texts: dict[str, pd.Series]) -> tuple[Rows, list[str]]:
    """Return the films that a table of ratings describes, each by its most frequent values, and warnings.

    `texts` are columns of categories: film, and those of SAYS that the table has.
    """
    film = texts["film"].cat
    frame = pd.DataFrame({"film_id": film.categories.astype("str")})
    warnings = []
    for ours in SAYS:
        if ours in texts:
            values = texts[ours].cat
            useful = ~_says_nothing(pd.Series(values.categories.astype("str")), ours).to_numpy()
            of_rows = np.where(np.append(useful, False)[values.codes], values.codes, -1)
            most, several = most_frequent(film.codes.to_numpy(), of_rows, len(frame), len(useful))
            frame[ours] = pd.Series(values.categories.astype("str")).reindex(most).array
            if several:
                warnings.append(
                    f"Films with several values in {ours!r} (the most frequent is read): {several:,}."
                )
            if ours == "title" and (without := int((most < 0).sum())) and (~useful).any():
                warnings.append(
                    f"Films without a title, since a placeholder such as “nan” is no title: {without:,}."
                )
    return Rows(name, _typed(frame), lambda row: name), warnings


def films_of_tables(tables: tuple[TableOfFilms, ...]) -> tuple[Rows, list[str]]:
    """Return the films of all tables, what the first lacks taken from the next, and warnings."""
    films: pd.DataFrame | None = None
    warnings = []
    for table in tables:
        frame = _frame_of(table)
        frame = frame[frame["film_id"].notna()]
        again = frame["film_id"].duplicated()
        if again.any():
            warnings.append(
                f"{table.table.name} lists films again, and the first line of each is read: {int(again.sum()):,}."
            )
            frame = frame[~again]
        if "title" in frame and (without := int(frame["title"].isna().sum())):
            warnings.append(f"{table.table.name} lists films without a title: {without:,}.")
        frame = frame.set_index("film_id")
        films = frame if films is None else films.combine_first(frame)
    assert films is not None
    name = tables[0].table.name
    return Rows(name, _typed(films.reset_index()), lambda row: name), warnings


def most_frequent(
    keys: np.ndarray, values: np.ndarray, key_count: int, value_count: int
) -> tuple[np.ndarray, int]:
    """Return the most frequent value of each key, -1 where there is none, and how many keys have several values.

    Keys and values are numbers from 0; a negative one is missing. Of equally frequent ones, the first counts.

    >>> most_frequent(np.array([0, 0, 0, 2]), np.array([1, 0, 1, -1]), 3, 2)
    (array([ 1, -1, -1]), 1)
    """
    rows = np.flatnonzero((keys >= 0) & (values >= 0))
    pair = keys[rows].astype(np.int64) * max(1, value_count) + values[rows]
    distinct, first, counts = np.unique(pair, return_index=True, return_counts=True)
    key, value = np.divmod(distinct, max(1, value_count))
    # The last one written stays: the most frequent, and of these the first.
    order = np.lexsort((-first, counts))
    most = np.full(key_count, -1)
    most[key[order]] = value[order]
    return most, int((np.bincount(key, minlength=key_count) > 1).sum())


def _frame_of(films: TableOfFilms) -> pd.DataFrame:
    """Return film_id and what the table says of the films, as text; no value is NA."""
    columns = dict(films.columns)
    flags = {theirs: genre for theirs, genre in films.layout.flags.items() if theirs in films.table.columns}
    wanted = columns | {theirs: theirs for theirs in flags}
    frame = films.table.columns_as(wanted, []).to_pandas().astype("str")
    known, layout = frame[[*columns]].copy(), films.layout
    if flags:
        marks = (frame[[*flags]] == "1").to_numpy()
        known["genres"] = ["|".join(np.array([*flags.values()])[row]) for row in marks]
    if layout.year_in_title:
        known["title"] = (known["title"] + " (" + known["year"] + ")").replace(dict(layout.titles))
    if layout.genres_by_spaces and "genres" in known:
        known["genres"] = known["genres"].str.replace(" ", "|")
    for ours in known.columns.drop("film_id"):
        sure = ours == "title" and films.sure_titles
        nothing = known[ours].str.strip() == "" if sure else _says_nothing(known[ours], ours)
        known[ours] = known[ours].mask(nothing)
    return known


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of films in their order and types; the year is that in the title, else its own."""
    missing = pd.Series(pd.NA, index=frame.index, dtype="str")
    given = {ours: frame[ours].astype("str") if ours in frame else missing for ours in SAYS}
    title = given["title"].str.strip()
    year = pd.to_numeric(title.str.extract(YEAR_IN_TITLE)[0]).astype("Int16").fillna(years(given["year"]))
    digits = given["imdb_id"].str.strip().str.extract(r"^(?:tt)?(\d{1,9})(?:\.0)?$", expand=False)
    imdb_id = "tt" + digits.str.zfill(7)
    genres = given["genres"].fillna("").map(genres_text)
    return pd.DataFrame(
        {"film_id": frame["film_id"], "title": title, "year": year, "imdb_id": imdb_id, "genres": genres}
    ).astype({"film_id": "str", "title": "str", "imdb_id": "str", "genres": "str"})


def genres_text(text: str) -> str:
    """Return genres joined by "|", from any usual way to list them.

    >>> [genres_text(text) for text in ("Drama|Crime", "Crime, Drama", "['Drama', 'Crime']", "(no genres listed)")]
    ['Drama|Crime', 'Crime|Drama', 'Drama|Crime', '']
    """
    text = text.strip()
    if text.lower() in NO_GENRES or text.lower() in MISSING:
        return ""
    if text.startswith("[") and text.endswith("]"):
        try:
            listed = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            listed = text[1:-1].split(",")
        return "|".join(
            str(genre.get("name", "") if isinstance(genre, dict) else genre).strip() for genre in listed
        )
    separator = next((separator for separator in "|;,/" if separator in text), "|")
    return "|".join(genre.strip() for genre in text.split(separator) if genre.strip())


def _says_nothing(values: pd.Series, ours: str) -> pd.Series:
    if ours == "title":
        return no_title(values)
    return values.isna() | values.str.strip().str.lower().isin(MISSING)
