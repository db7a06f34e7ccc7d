"""Verbs about data: fetch, sources, coverage, keep, correct."""

import argparse
from pathlib import Path

from core.cli.verb import Document, Verb
from core.errors import BadInput
from core.progress import Lines
from core.results.sentences import coverage_line, reviews_line, unread_line
from core.store import Store


def add_data_verbs(verb: Verb) -> None:
    """Add the verbs about data."""
    fetch = verb("fetch", _fetch, _say_fetched, "find or download data sets")
    fetch.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="ml-100k, ml-latest-small, ml-25m, ml-32m, lmrd, critics, title-basics, title-akas, wt103",
    )

    sources = verb(
        "sources",
        _sources,
        _say_sources,
        "show where each source of reviews stands, and the files that are kept",
    )
    sources.add_argument("--remove", metavar="PATH", help="delete a kept file, or a source's answers")

    cover = verb(
        "coverage",
        _coverage,
        _say_coverage,
        "say of which films a source has reviews, and why not of the others",
    )
    cover.add_argument(
        "--ratings", default="ml-100k", metavar="NAME|PATH", help="data set or file of ratings (ml-100k)"
    )
    cover.add_argument(
        "--reviews", required=True, metavar="NAME|PATH", help="source or file of reviews, as of run"
    )

    keep = verb(
        "keep", _keep, _say_kept, "keep a file whose columns have other names; prints the path that run takes"
    )
    keep.add_argument("file", metavar="FILE", help="CSV, TSV, JSONL, Parquet, or a zip of these")
    keep.add_argument(
        "--columns",
        required=True,
        metavar="OURS=YOURS,…",
        help="as in review=Meinung,title=Kino; of reviews: review, title, film_id, imdb_id, year, stars; of "
        "ratings: user, film, rating, title, time",
    )

    mend = verb(
        "correct",
        _correct,
        _say_corrections,
        "say which of IMDb's titles a film is, where it was found wrongly or not",
    )
    mend.add_argument(
        "--title", metavar="TITLE", help="the film, just as the ratings write it: 'Postino, Il (1994)'"
    )
    mend.add_argument("--year", type=int, metavar="N", help="its year, where the title does not end with it")
    what = mend.add_mutually_exclusive_group(required=True)
    what.add_argument("--imdb", metavar="ID", help="its IMDb id (tt0110877), or its address on IMDb")
    what.add_argument("--none", action="store_true", help="it is none of IMDb's titles")
    what.add_argument("--forget", action="store_true", help="take a correction back")
    what.add_argument(
        "--find", action="store_true", help="show IMDb's titles of its name, whatever their year"
    )
    what.add_argument("--list", action="store_true", help="show all corrections")


def _fetch(options: argparse.Namespace, store: Store) -> Document:
    from core.data.datasets.find import find

    return {name: str(find(name, store, Lines())) for name in options.names}


def _say_fetched(document: Document) -> str:
    return "\n".join(f"{name}: {path}" for name, path in document.items())


def _sources(options: argparse.Namespace, store: Store) -> Document:
    from core.data.reviews.registry import NAMED
    from core.uploads.storage import kept, remove

    if options.remove:
        if options.remove not in [str(file.path) for file in kept(store.root)]:
            raise BadInput(f"{options.remove} is none of the files that are kept; sources lists them")
        remove(Path(options.remove), store.root)
    states = {name: source.state(store) for name, source in NAMED.items()}
    return {
        "sources": [
            {"name": name, "title": source.title, "covers": source.covers, "terms": source.licence}
            | {"place": states[name].place, "data": states[name].sentence, "bytes": states[name].bytes}
            for name, source in NAMED.items()
        ],
        "kept": [
            {"name": file.name, "path": str(file.path), "bytes": file.bytes} for file in kept(store.root)
        ],
    }


def _say_sources(document: Document) -> str:
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


def _coverage(options: argparse.Namespace, store: Store) -> Document:
    import pandas as pd

    from core.data.ratings.read import read_ratings
    from core.data.reviews.coverage import guessed, summary, without_run
    from core.data.reviews.registry import open_source
    from core.pipeline.record import review_counts
    from core.pipeline.reviews import review_folder
    from core.pipeline.stage import Stage
    from core.settings import RunSettings

    report = Lines()
    ratings = read_ratings(options.ratings, store, report)
    source = open_source(options.reviews, store, report)
    settings = RunSettings(ratings=options.ratings, reviews=options.reviews)
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


def _say_coverage(document: Document) -> str:
    guesses = document["guesses"]
    lines = [
        coverage_line(document["coverage"]),
        unread_line(document["coverage"]),
        f"{guesses:,} of the matches {'is a guess' if guesses == 1 else 'are guesses'}." if guesses else "",
        reviews_line(document),
        f"{document['title']}: {document['licence']}",
    ]
    return "\n".join(line for line in lines if line)


def _keep(options: argparse.Namespace, store: Store) -> Document:
    from core.data.ratings.table import ALIASES as OF_RATINGS
    from core.data.reviews.sources.user_file.rows import ALIASES as OF_REVIEWS
    from core.data.reviews.sources.user_file.rows import FILM
    from core.data.tables import open_table
    from core.uploads.storage import keep_table

    path = Path(options.file)
    if not path.is_file():
        raise BadInput(f"there is no file {path}; give one that exists")
    pairs = [pair.strip().partition("=")[::2] for pair in options.columns.split(",")]
    columns = dict(pairs)
    ours = OF_RATINGS if {"user", "rating"} & set(columns) else OF_REVIEWS
    if len(columns) < len(pairs):
        raise BadInput("--columns names one of our columns twice; name each once")
    for name in columns:
        if name not in ours:
            raise BadInput(f"--columns names {name!r}, which is none of {', '.join(ours)}")
    missing = {"user", "film", "rating"} - set(columns) if ours is OF_RATINGS else {"review"} - set(columns)
    if missing or (ours is OF_REVIEWS and not set(FILM) & set(columns)):
        raise BadInput(
            "--columns needs user, film and rating, or review and one of title, film_id and imdb_id; add "
            + (", ".join(sorted(missing)) or "one of these")
        )
    table = open_table(path.name, lambda: path.open("rb"))
    for column in columns.values():
        if column not in table.columns:
            raise BadInput(f"{path.name} has no column {column!r} (it has {', '.join(table.columns)[:80]})")
    return {"path": str(keep_table(table, columns, store.file_digest(path), store.root / "uploads"))}


def _say_kept(document: Document) -> str:
    return str(document["path"])


def _correct(options: argparse.Namespace, store: Store) -> Document:
    from core.data.reviews.matching.corrections import correct, corrections, forget, year_of
    from core.data.reviews.matching.imdb_ids import candidates, names_of_ids

    if not options.list and not options.title:
        raise BadInput("which film? give --title as the ratings write it, or --list")
    if options.find:
        found = candidates(options.title, store, Lines())
        return {"titles": found[["imdb_id", "year", "kind", "title"]].to_dict("records")}
    if not options.list:
        year = options.year or year_of(options.title)
        if options.forget:
            forget(store, options.title, year)
        else:
            correct(store, options.title, year, options.imdb)
    kept = corrections(store).astype(object)
    names = names_of_ids(kept["imdb_id"], store)
    rows = kept.where(kept.notna(), None).to_dict("records")
    return {"corrections": [row | {"imdb_title": names.get(row["imdb_id"])} for row in rows]}


def _say_corrections(document: Document) -> str:
    if "titles" in document:
        rows = ["  ".join(map(str, row.values())) for row in document["titles"]]
        return "\n".join(rows) or "the list of IMDb's titles that is here has no film of this name"
    rows = [
        f"{row['title']}{'' if row['year'] else ', of no year'}: {row['imdb_id'] or 'none of IMDb'}"
        + (f", {row['imdb_title']}" if row["imdb_title"] else "")
        for row in document["corrections"]
    ]
    return "\n".join(rows) or "no film is corrected"
