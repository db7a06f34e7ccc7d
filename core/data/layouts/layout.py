"""What is known of a layout: which column means what, and what its values mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FilmTable:
    """A table of films beside the ratings."""

    file: str
    """Pattern of its name, in lower case."""
    columns: Mapping[str, str]
    """Ours (film_id, and some of title, year, released, genres, imdb_id) -> the table's."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold 1 for a film of a genre -> the genre."""
    year_in_title: bool = False
    """Whether the title lost its year, the last parenthesis, to the column of the year."""
    separator: str | None = None
    encoding: str | None = None
    """Where they must not be guessed."""
    needed: bool = True
    """Whether the layout is not this one where the table is missing."""


@dataclass(frozen=True)
class Layout:
    """A known layout of ratings, reviews or both in one table."""

    name: str
    """For people: "MovieLens 1M and 10M"."""
    columns: Mapping[str, str]
    """Ours (user, film, rating, title, year, time, genres, imdb_id, review) -> the file's; where all of `signs` are
    there, the others may be missing."""
    signs: tuple[str, ...] = ()
    """Columns of the file that tell this layout from others; () where its name does."""
    files: tuple[str, ...] = ()
    """Patterns of the file's name, in lower case; () for any name."""
    films: tuple[FilmTable, ...] = ()
    separator: str | None = None
    """Where it must not be guessed, and the file has no header."""
    absent: tuple[float, ...] = ()
    """Ratings that mean "not rated"."""
    scale: tuple[float, float] | None = None
    """Lowest and highest rating; None where they are those that occur."""
    equal_titles_are_one_film: bool = False
    one_person: bool = False
    """Whether it holds the ratings of one person alone, without a column for the user."""
    licence: str = ""
    """Who made it and on what terms it may be used; "" where the file is the user's own."""
