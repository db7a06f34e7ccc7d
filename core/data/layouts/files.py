"""A file, a folder or an archive -> the table of the ratings or reviews, and the tables of films beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from core.data.layouts import content
from core.data.layouts.aliases import FILM, Holds, film_columns, named
from core.data.layouts.known import KNOWN
from core.data.layouts.layout import ANY_NAME, FilmTable, Layout
from core.data.layouts.needed import missing, refuse_missing_columns
from core.data.layouts.recognition import files_named, has_signs, is_named, layout_of, plain_ending
from core.data.layouts.roles import Roles, chosen_roles, guess_roles, roles_in
from core.data.tables import ENDINGS, Dialect, Opener, UserTable, open_table
from core.data.tables.formats import tables_among
from core.data.tables.members import members, shadowed
from core.data.tables.user_table import concatenate
from core.errors import BadInput
from core.store import Store, digest_of

TELLING = {"ratings": ("rating", "inter", "review"), "reviews": ("review", "comment", "rating")}
"""Parts of the name of the table that is sought, the better first."""
JOINED_SHARE = 0.5
"""Share of the rated films that a table of films must have."""
MOST_TABLES = 50
"""Tables of a folder or an archive that are looked at."""


@dataclass(frozen=True)
class TableOfFilms:
    """A table of films beside the ratings."""

    table: UserTable
    columns: Mapping[str, str]
    layout: FilmTable
    sure_titles: bool = False
    """Whether each title is one, though it may look like a placeholder: "unknown" is a film of MovieLens 100K."""


@dataclass(frozen=True)
class FoundTable:
    """The table that holds the ratings or reviews of a path."""

    table: UserTable
    roles: Roles
    layout: Layout | None = None
    films: tuple[TableOfFilms, ...] = ()
    files: tuple[str, ...] = ()
    """Names of the files of a folder that are read."""

    @property
    def one_person(self) -> bool:
        """Whether it holds one person's ratings, without a column for the user."""
        return self.layout is not None and self.layout.one_person and "user" not in self.roles.columns


def find_table(path: Path, holds: Holds, columns: Mapping[str, str] | None = None) -> FoundTable:
    """Return the table of ratings or reviews at a path.

    `columns` (ours -> the table's) stand in place of those that are recognised. Raises BadInput where there is no
    such table, or it cannot be opened.
    """
    files = members(path)
    is_set = path.is_dir() or set(files) != {path.name}
    of_name = {name: f"{path.name}: {name}" if is_set else name for name in files}
    found = _known(files, of_name, holds) or (
        _best(path.name, files, of_name, holds, columns)
        if is_set
        else _only(path.name, files[path.name], holds)
    )
    if columns:
        found = replace(found, roles=chosen_roles(found.table, columns))
    unread = [name for file, names in shadowed(path).items() if file in found.files for name in names]
    if unread:
        left_out = (
            f"Not read, since a file of the same name is read in their place: {', '.join(unread)[:2000]}."
        )
        found = replace(found, roles=replace(found.roles, warnings=(*found.roles.warnings, left_out)))
    return found


def complete_table(path: Path, holds: Holds, columns: Mapping[str, str] | None = None) -> FoundTable:
    """Return the table as `find_table` does; raises BadInput where a needed column is missing too."""
    found = find_table(path, holds, columns)
    refuse_missing_columns(found.table, found.roles.columns, holds, bool(columns), found.one_person)
    return found


def content_digest(path: Path, found: FoundTable, store: Store) -> str:
    """Return the SHA-256 of a file, or of those files of a folder that are read."""
    if not path.is_dir():
        return store.file_digest(path)
    read = [
        file for file in sorted(path.rglob("*")) if plain_ending(file.name) in map(plain_ending, found.files)
    ]
    return digest_of(
        {str(file.relative_to(path)): store.file_digest(file) for file in read if file.is_file()}
    )


def _known(files: Mapping[str, Opener], of_name: Mapping[str, str], holds: Holds) -> FoundTable | None:
    """Return the table of the first layout that is recognised by the name of a file.

    Raises BadInput for a file that only this layout has, where it cannot be opened.
    """
    for layout in KNOWN:
        named = [] if layout.files == ANY_NAME else [name for name in files if is_named(name, layout)]
        tables = {}
        for name in named:
            try:
                table = open_table(of_name[name], files[name], layout.dialect)
            except BadInput:
                if layout.dialect != Dialect():
                    raise
                continue
            if has_signs(table, layout):
                tables[name] = table
        if tables:
            first, *_ = tables
            roles = roles_in(layout, tables[first], holds)
            if _complete(roles, holds, layout):
                films = _films_of(layout, first, files, of_name) if holds == "ratings" else []
                if layout.films and not films and holds == "ratings":
                    roles = replace(roles, warnings=(_without_titles(layout, first),))
                return _found([*tables.items()], roles, layout, films)
    return None


def _without_titles(layout: Layout, ratings: str) -> str:
    beside = layout.films[0].file.format(stem=PurePosixPath(plain_ending(ratings)).stem).lstrip("*")
    return f"The titles of the films are missing. Give a folder or a zip that also holds {beside}."


def _found(
    tables: Sequence[tuple[str, UserTable]],
    roles: Roles,
    layout: Layout | None,
    films: Sequence[tuple[str, TableOfFilms]],
) -> FoundTable:
    """Return tables of the same columns as one, and the tables of films beside them."""
    names = [name for name, _ in tables]
    table = concatenate(tables[0][1].name, [table for _, table in tables])
    if len(names) > 1:
        together = f"{len(names)} tables with the same columns are read as one: {', '.join(names)[:200]}."
        roles = replace(roles, warnings=(*roles.warnings, together))
    return FoundTable(
        table, roles, layout, tuple(table for _, table in films), (*names, *(name for name, _ in films))
    )


def _only(name: str, opener: Opener, holds: Holds) -> FoundTable:
    table = open_table(name, opener)
    return FoundTable(table, guess_roles(table, holds), layout_of(table), (), (name,))


def _best(
    name: str,
    files: Mapping[str, Opener],
    of_name: Mapping[str, str],
    holds: Holds,
    columns: Mapping[str, str] | None,
) -> FoundTable:
    """Return the table of a folder or archive that has the needed columns, with the tables of films beside it.

    Of several that have them, the one whose name tells more; with `columns`, one that has all of these.
    """
    telling = TELLING[holds]

    def rank(file: str) -> tuple[int, str]:
        return next((place for place, part in enumerate(telling) if part in file.lower()), len(telling)), file

    tables = sorted(tables_among(files), key=rank)
    if not tables:
        raise BadInput(
            f"{name} holds no table; give a folder or an archive with one. Tables end in {', '.join(ENDINGS)}"
        )
    if len(tables) == 1:
        return replace(_only(of_name[tables[0]], files[tables[0]], holds), files=(tables[0],))
    opened: dict[str, UserTable] = {}
    for file in tables[:MOST_TABLES]:
        try:
            opened[file] = open_table(of_name[file], files[file])
        except BadInput:
            if rank(file)[0] == 0:
                raise
    for table in opened.values():
        roles, layout = guess_roles(table, holds), layout_of(table)
        if set(columns.values()) <= set(table.columns) if columns else _complete(roles, holds, layout):
            same = [(file, other) for file, other in opened.items() if other.columns == table.columns]
            others = {file: other for file, other in opened.items() if other.columns != table.columns}
            roles = chosen_roles(table, columns) if columns else roles
            films = _joined(table, roles, others) if holds == "ratings" else []
            return _found(same, roles, layout, films)
    wanted = "user, film and rating" if holds == "ratings" else "film and review"
    raise BadInput(
        f"{name} has no table with columns for {wanted} (it has {', '.join(opened)[:80]}); give one that has"
    )


def _films_of(
    layout: Layout, ratings: str, files: Mapping[str, Opener], of_name: Mapping[str, str]
) -> list[tuple[str, TableOfFilms]]:
    """Return the tables of films that belong to a layout, with their names."""
    found: dict[str, TableOfFilms] = {}
    stem = PurePosixPath(plain_ending(ratings)).stem
    for film_table in layout.films:
        for name in files_named(film_table.file.format(stem=stem), files):
            if name in found or name == ratings:
                continue
            table = open_table(of_name[name], files[name], film_table.dialect)
            columns = film_table.columns or film_columns(table.columns)
            columns = {ours: theirs for ours, theirs in columns.items() if theirs in table.columns}
            if "film_id" in columns and len(columns) > 1:
                found[name] = TableOfFilms(table, columns, film_table, layout.equal_titles_are_one_film)
    return list(found.items())


def _joined(
    ratings: UserTable, roles: Roles, others: Mapping[str, UserTable]
) -> list[tuple[str, TableOfFilms]]:
    """Return those tables that say something of the rated films: an id column of theirs has most of their ids."""
    rated = set(content.first_rows_as_text(ratings)[roles.columns["film"]].dropna())
    found = []
    for name, table in others.items():
        columns = film_columns(table.columns)
        ids = named(table.columns, [*FILM, "id"])
        ids.sort(key=lambda column: column != roles.columns["film"])
        for column in ids:
            values = set(table.columns_as({"film_id": column}, ["film_id"])["film_id"].to_pylist())
            if len(rated & values) >= JOINED_SHARE * len(rated):
                roles_of_films = {ours: theirs for ours, theirs in columns.items() if theirs != column}
                roles_of_films["film_id"] = column
                if len(roles_of_films) > 1:
                    found.append((name, TableOfFilms(table, roles_of_films, FilmTable(name))))
                break
    return found


def _complete(roles: Roles, holds: Holds, layout: Layout | None) -> bool:
    return not missing(roles.columns, holds, layout is not None and layout.one_person)
