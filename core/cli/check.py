"""The verb check: what a run would read of a file, without running."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.notes import note_lines
from core.cli.options import Json, exactly_one, option
from core.cli.output import Document, show
from core.data.layouts.aliases import ALIASES
from core.errors import BadInput
from core.formatting import counted
from core.paths import are_same_file, path_of
from core.progress import Lines
from core.store import Store

if TYPE_CHECKING:
    from core.uploads.check import Contents

KEYS = (
    "rows used users films reviews scale separator encoding header columns matched merged left_out warnings"
).split()
COLUMNS = "which column is which, as in review=Meinung,title=Kino; " + "; ".join(
    f"of {holds}: {', '.join(names)}" for holds, names in ALIASES.items()
)
OURS = list(dict.fromkeys(name for holds in ("reviews", "ratings") for name in ALIASES[holds]))


def check(
    context: typer.Context,
    ratings: Annotated[
        str | None, option("--ratings", "NAME|PATH", help="ratings: a file, a folder or a data set")
    ] = None,
    reviews: Annotated[
        str | None, option("--reviews", "NAME|PATH", help="reviews: a file, a folder or a source")
    ] = None,
    ratings_for: Annotated[
        str | None,
        option("--ratings-for", "NAME|PATH", help="the ratings whose films the reviews are to be of"),
    ] = None,
    columns: Annotated[str | None, option("--columns", "OURS=YOURS,…", help=COLUMNS)] = None,
    as_json: Json = False,
) -> None:
    """Print what a run would read of ratings or reviews; one parameter per option."""
    exactly_one(context, ratings=ratings, reviews=reviews)
    if ratings is not None and ratings_for is not None:
        raise BadInput("--ratings-for goes with --reviews; leave it out")

    where = str(reviews if ratings is None else ratings)
    pairs = None if columns is None else columns_in(columns)
    if pairs and ((path := path_of(where)) is None or path.is_dir()):
        raise BadInput(
            f"--columns describes one file, and {where!r} is none; give a file, or pack the folder as .zip"
        )

    def work(store: Store) -> Document:
        from core.data.ratings.read import read_ratings
        from core.uploads.check import check_ratings, check_reviews
        from core.uploads.storage import Chosen

        if ratings is not None:
            return _document(check_ratings(ratings, store, Lines(), pairs))
        films = None if ratings_for is None else read_ratings(ratings_for, store, Lines()).films
        # Who names the column of film ids says that they are those of the ratings.
        are_one = are_same_file(str(reviews), ratings_for or "")
        chosen = Chosen(pairs, "film_id" in (pairs or {}) or are_one)
        return _document(
            check_reviews(str(reviews), store, Lines(), films, chosen),
            "pack the folder as .zip, and " if Path(where).is_dir() else "",
        )

    show(work, check_lines, as_json)


def _document(contents: "Contents", first: str = "") -> Document:
    """Return what is printed: all but what a page alone needs; `first` comes before --columns can be given."""
    document = contents.document()
    if contents.ids_unproven:
        pairs = ",".join(f"{ours}={theirs}" for ours, theirs in (contents.columns or {}).items())
        document["warnings"] = (
            *document["warnings"],
            f"if they are, {first}say so by --columns {shlex.quote(pairs)}",
        )
    return {name: document[name] for name in KEYS}


def columns_in(text: str) -> dict[str, str]:
    """Return the columns in the text of --columns, ours -> the file's.

    >>> columns_in("review=Meinung, title=Kino")
    {'review': 'Meinung', 'title': 'Kino'}
    """
    pairs = [pair.strip().partition("=")[::2] for pair in text.split(",")]
    columns = dict(pairs)
    if len(columns) < len(pairs):
        raise BadInput("--columns names one of our columns twice; name each once")
    for name in columns:
        if name not in OURS:
            raise BadInput(f"--columns names {name!r}, which is none of {', '.join(OURS)}; take one of these")
    return columns


def check_lines(document: Document) -> str:
    """Return the document of a check as text."""
    counts = [
        counted(document[name], noun)
        for name, noun in (("users", "user"), ("films", "film"), ("reviews", "review"))
        if document[name] is not None
    ]
    lines = [f"{counted(document['rows'], 'row')}, {document['used']:,} of them used: {', '.join(counts)}"]
    if document["scale"]:
        lines.append("from {:g} to {:g}".format(*document["scale"]))
    if document["matched"] is not None:
        lines.append(f"{counted(document['matched'], 'rated film')} with reviews")
    if document["encoding"]:
        header = "a header" if document["header"] else "no header"
        lines.append(f"{document['encoding']}, separated by {document['separator']!r}, {header}")
    if document["columns"]:
        lines.append(
            "columns: " + ", ".join(f"{ours}={theirs}" for ours, theirs in document["columns"].items())
        )
    lines += note_lines(document)
    return "\n".join(lines)
