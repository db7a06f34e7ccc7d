"""Verbs about data: fetch, sources, coverage, keep, correct."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.check import COLUMNS, columns_in
from core.cli.options import Json, exactly_one, option, setting
from core.cli.output import Document, show
from core.errors import BadInput
from core.progress import Lines
from core.settings import RunSettings
from core.store import Store

NAMES = "ml-100k, ml-latest-small, ml-25m, ml-32m, lmrd, critics, title-basics, title-akas, wt103"


def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help=NAMES)], as_json: Json = False
) -> None:
    """Find or download data sets, and print their paths."""
    show(lambda store: _fetch(names, store), _fetched_lines, as_json)


def sources(
    remove: Annotated[
        str | None, option("--remove", "PATH", help="delete a kept file, or a source's answers")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the state of each source of reviews, and the stored files."""
    show(lambda store: _sources(remove, store), _sources_lines, as_json)


def coverage(
    reviews: Annotated[str, setting("reviews", "--reviews", "NAME|PATH", {})],
    ratings: Annotated[str, setting("ratings", "--ratings", "NAME|PATH")] = RunSettings().ratings,
    as_json: Json = False,
) -> None:
    """Print which films have reviews in a source, and why the others have none."""
    show(lambda store: _coverage(ratings, reviews, store), _coverage_lines, as_json)


def keep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a file of ratings or reviews")],
    columns: Annotated[str, option("--columns", "OURS=YOURS,…", help=COLUMNS)],
    as_json: Json = False,
) -> None:
    """Store a file with what its columns mean, and print its path."""
    show(lambda store: _keep(Path(file), columns, store), lambda document: str(document["path"]), as_json)


def correct(
    context: typer.Context,
    title: Annotated[
        str | None,
        option(
            "--title",
            "TITLE",
            help="the film, just as the ratings write it: 'Postino, Il (1994)'",
        ),
    ] = None,
    year: Annotated[
        int | None, option("--year", "N", help="its year, where the title does not end with it", kind=int)
    ] = None,
    imdb: Annotated[
        str | None,
        option("--imdb", "ID", help="its IMDb id (tt0110877), or its address on IMDb"),
    ] = None,
    none: Annotated[bool, option("--none", help="it is none of IMDb's titles")] = False,
    forget: Annotated[bool, option("--forget", help="take a correction back")] = False,
    find: Annotated[
        bool, option("--find", help="show IMDb's titles of its name, whatever their year")
    ] = False,
    list_all: Annotated[bool, option("--list", help="show all corrections")] = False,
    as_json: Json = False,
) -> None:
    """Correct the IMDb title of a film, and print the corrections; one parameter per option."""
    exactly_one(context, imdb=imdb, none=none, forget=forget, find=find, list=list_all)
    if not list_all and not title:
        raise BadInput("which film? give --title as the ratings write it, or --list")

    def work(store: Store) -> Document:
        from core.data.reviews.matching import corrections
        from core.data.reviews.matching.imdb_ids import candidates

        if title and find:
            titles = candidates(title, store, Lines())
            return {"titles": titles[["imdb_id", "year", "kind", "title"]].to_dict("records")}
        if title and not list_all:
            in_year = year or corrections.year_of(title)
            if forget:
                corrections.forget(store, title, in_year)
            else:
                corrections.correct(store, title, in_year, imdb)
        return _corrections(store)

    show(work, _corrections_lines, as_json)


def _fetch(names: list[str], store: Store) -> Document:
    from core.data.datasets.find import find

    return {name: str(find(name, store, Lines())) for name in names}


def _fetched_lines(document: Document) -> str:
    return "\n".join(f"{name}: {path}" for name, path in document.items())


def _sources(unwanted: str | None, store: Store) -> Document:
    from core.data.reviews.registry import NAMED
    from core.uploads.storage import remove, stored_files

    if unwanted is not None:
        if unwanted not in [str(file.path) for file in stored_files(store.root)]:
            raise BadInput(f"{unwanted!r} is none of the files that are kept; sources lists them")
        remove(Path(unwanted), store.root)
    states = {name: source.state(store) for name, source in NAMED.items()}
    return {
        "sources": [
            {"name": name, "title": source.title, "covers": source.covers, "terms": source.licence}
            | {"place": states[name].place, "data": states[name].sentence, "bytes": states[name].bytes}
            for name, source in NAMED.items()
        ],
        "kept": [
            {"name": file.name, "path": str(file.path), "bytes": file.bytes}
            for file in stored_files(store.root)
        ],
    }


def _sources_lines(document: Document) -> str:
    lines = []
    for source in document["sources"]:
        lines += [
            f"{source['name']}: {source['title']} ({source['place']})",
            f"    covers {source['covers']}",
            f"    data: {source['data']}",
            f"    terms: {source['terms']}",
        ]
    files = [f"    {file['path']}: {file['name']}, {file['bytes'] / 1e6:.1f} MB" for file in document["kept"]]
    return "\n".join([*lines, "kept:", *(files or ["    nothing"])])


def _coverage(ratings_name: str, reviews_name: str, store: Store) -> Document:
    import pandas as pd

    from core.data.ratings.read import read_ratings
    from core.data.reviews.coverage import guessed, summary, without_run
    from core.data.reviews.registry import open_source
    from core.pipeline.output import review_counts
    from core.pipeline.reviews import review_folder
    from core.pipeline.stage import Stage

    report = Lines()
    ratings = read_ratings(ratings_name, store, report)
    source = open_source(reviews_name, store, report, ratings_name)
    settings = RunSettings(ratings=ratings_name, reviews=reviews_name)
    folder = review_folder(Stage(settings, store, report), ratings, source)
    films = without_run(pd.read_parquet(folder / "coverage.parquet"))
    rows = films[["film_id", "title", "imdb_id", "how", "reviews", "reason"]].astype(object)
    return {
        "title": source.title,
        "licence": source.licence,
        "coverage": summary(films),
        "guesses": int(guessed(films).sum()),
        **review_counts(pd.read_parquet(folder / "reviews.parquet")),
        "films": rows.where(rows.notna(), None).to_dict("records"),
    }


def _coverage_lines(document: Document) -> str:
    from core.results.run_record import Coverage
    from core.results.sentences import coverage_line, provenance_line, unread_line

    guesses, coverage = document["guesses"], Coverage.model_validate(document["coverage"])
    lines = [
        coverage_line(coverage),
        unread_line(coverage),
        f"{guesses:,} of the matches {'is a guess' if guesses == 1 else 'are guesses'}." if guesses else "",
        provenance_line(document["by_source"], document["duplicates"], document["languages"]),
        f"{document['title']}: {document['licence']}",
    ]
    return "\n".join(line for line in lines if line)


def _keep(path: Path, pairs_text: str, store: Store) -> Document:
    from core.data.layouts.files import complete_table
    from core.memory import bounded_memory, size_of
    from core.uploads.storage import Chosen, keep_file

    if path.is_dir():
        raise BadInput(f"{path} is a folder, which cannot be kept; pack it as .zip, and keep that")
    if not path.is_file():
        raise BadInput(f"there is no file {path}; give one that exists")
    columns = columns_in(pairs_text)
    with bounded_memory(path.name, size_of(path)):
        complete_table(path, "ratings" if {"user", "rating"} & set(columns) else "reviews", columns)
    # Who names the column of film ids says that they are those of the ratings.
    chosen = Chosen(columns, "review" in columns and "film_id" in columns)
    with path.open("rb") as file:
        return {"path": str(keep_file(path.name, file, store.root / "uploads", chosen))}


def _corrections(store: Store) -> Document:
    from core.data.reviews.matching.corrections import corrections
    from core.data.reviews.matching.imdb_ids import names_of_ids

    table = corrections(store).astype(object)
    names = names_of_ids(table["imdb_id"], store)
    rows = table.where(table.notna(), None).to_dict("records")
    return {"corrections": [row | {"imdb_title": names.get(row["imdb_id"])} for row in rows]}


def _corrections_lines(document: Document) -> str:
    if "titles" in document:
        rows = ["  ".join(map(str, row.values())) for row in document["titles"]]
        return "\n".join(rows) or "the list of IMDb's titles that is here has no film of this name"
    rows = [
        f"{row['title']}{'' if row['year'] else ', of no year'}: {row['imdb_id'] or 'none of IMDb'}"
        + (f", {row['imdb_title']}" if row["imdb_title"] else "")
        for row in document["corrections"]
    ]
    return "\n".join(rows) or "no film is corrected"
