"""Films without a match in title.basics -> IMDb ids, by cinemagoer's phonetic search.

It also searches IMDb's alternative titles (title.akas) where that file was fetched. It reads an SQLite import,
which is built here from the columns that a search needs.
"""

import gzip
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from core.data.datasets.find import on_this_machine
from core.data.reviews.matching.cinemagoer.access import database_url, importer, titles_access, version
from core.data.reviews.matching.imdb_titles import film_titles, titles_in, years_around
from core.data.reviews.matching.title_matching import match_films, names
from core.errors import BadInput
from core.progress import Report
from core.store import Store

VERSION = "1"
"""Changes when the same titles would give another import."""
FILE = "cinemagoer.db"
BASICS_COLUMNS = ("tconst", "titleType", "primaryTitle", "startYear")
AKAS_COLUMNS = ("titleId", "title")
NO_TITLES = pd.DataFrame(columns=["imdb_id", "kind", "title", "original", "year"])
RESULTS = 50
"""Search results considered for each name, the most similar first."""


def search(films: pd.DataFrame, taken: pd.Series, basics: Path, store: Store, report: Report) -> pd.DataFrame:
    """Return film_id, imdb_id and how of the films whose search results pass `match_films`.

    Empty where cinemagoer was removed, or its version imports in another way. `films` have a year; `taken` are the
    ids of other films. Raises BadInput where title.akas is damaged or cinemagoer rejects the path of the cache.
    """
    if films.empty or version() is None or (import_dir := importer()) is None:
        return match_films(films[:0], NO_TITLES)
    titles = titles_in(films["year"], film_titles(basics, store, report))
    akas = on_this_machine("title-akas", store)
    inputs = {
        "years": years_around(films["year"]),
        "titles": store.file_digest(basics),
        "akas": store.file_digest(akas) if akas else None,
        "cinemagoer": version(),
    }

    def build(folder: Path) -> None:
        report("reviews", 0.0, f"cinemagoer imports {len(titles):,} titles")
        _import(titles, akas, folder, import_dir)

    access = titles_access(store.artifact("cinemagoer titles", VERSION, inputs, build) / FILE)
    results = set()
    for done, title in enumerate(films["title"]):
        report("reviews", 0.0, f"cinemagoer looks for {title} ({done + 1} of {len(films)})")
        for name in {title, *names(title)}:
            results |= {
                (f"tt{movie.movieID:07d}", movie["title"]) for movie in access.search_movie(name, RESULTS)
            }
    candidates = pd.DataFrame(sorted(results), columns=["imdb_id", "title"], dtype="str").assign(original="")
    candidates = candidates.merge(titles[["imdb_id", "kind", "year"]], on="imdb_id")
    matched = match_films(films, candidates[~candidates["imdb_id"].isin(taken)])
    return matched.assign(how="cinemagoer, " + matched["how"])


def _import(
    titles: pd.DataFrame, akas: Path | None, folder: Path, import_dir: Callable[[str, str], object]
) -> None:
    """Write the SQLite import of these titles and their alternative titles into a folder."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        rows = titles[["imdb_id", "kind", "title", "year"]].itertuples(index=False, name=None)
        _write(Path(work) / "title.basics.tsv.gz", BASICS_COLUMNS, rows)
        _write(Path(work) / "title.akas.tsv.gz", AKAS_COLUMNS, _akas(akas, titles["imdb_id"]))
        # By cinemagoer's own function, so that the tables are as its version reads them.
        import_dir(work, database_url(folder / FILE))


def _akas(path: Path | None, imdb_ids: pd.Series) -> Iterable[tuple[str, str]]:
    """Return id and alternative title of these titles. Raises BadInput where the file is another or damaged."""
    if path is None:
        return
    wanted = pa.array(imdb_ids, pa.string())
    options = pa.csv.ConvertOptions(
        include_columns=list(AKAS_COLUMNS), column_types=dict.fromkeys(AKAS_COLUMNS, pa.string())
    )
    try:
        with pa.csv.open_csv(
            path, None, pa.csv.ParseOptions(delimiter="\t", quote_char=False), options
        ) as reader:
            for batch in reader:
                rows = batch.filter(pa.compute.is_in(batch["titleId"], wanted))
                yield from zip(rows["titleId"].to_pylist(), rows["title"].to_pylist(), strict=True)
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a whole title.akas file ({str(error)[:80]}); fetch it again"
        ) from error


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table in IMDb's format: gzipped, tab-separated, nothing quoted."""
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
