"""What is known of a layout: which column means what, and what its values mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.data.tables import Dialect

ANY_NAME = ("*",)


@dataclass(frozen=True)
class FilmTable:
    """A table that says something of films, beside the ratings."""

    file: str
    """Pattern of its name, in lower case; "{stem}" is the name of the ratings' file without its ending."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Ours (film_id, and some of title, year, genres, imdb_id) -> the table's; {} where their names tell."""
    dialect: Dialect = Dialect()
    flags: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold 1 for a film of a genre -> the genre."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles that the data set misspells -> the right ones."""
    year_in_title: bool = False
    """Whether the title lost its last parenthesis to the column of the year."""
    genres_by_spaces: bool = False


@dataclass(frozen=True)
class Layout:
    """A known layout of ratings, of reviews, or of both in one table."""

    name: str
    """For people: "MovieLens 1M or 10M"."""
    columns: Mapping[str, str]
    """Ours (user, film, rating, title, year, time, genres, imdb_id, review) -> the file's; those that it has are
    read, and no others."""
    signs: tuple[str, ...]
    """Columns that tell this layout from others."""
    exact: bool = False
    """Whether the file has no other columns."""
    files: tuple[str, ...] = ANY_NAME
    """Patterns of the file's name, in lower case."""
    dialect: Dialect = Dialect()
    films: tuple[FilmTable, ...] = ()
    """Of those for the same file, the first whose `film_id` is there is read."""
    absent: tuple[float, ...] = ()
    """Ratings that mean "not rated"."""
    scale: tuple[float, float] | None = None
    """Lowest and highest rating; None where they are those that occur."""
    within: tuple[float, float] | None = None
    """Where the scale is what occurs: what the ratings lie within at least."""
    equal_titles_are_one_film: bool = False
    one_person: bool = False
    """Whether it holds the ratings of one person, without a column for the user."""
    licence: str = ""
    """Who made it and on what terms it may be used, one sentence; "" where that is the user's to know.
    Not said of ratings without the tables of films: these may be anyone's."""
