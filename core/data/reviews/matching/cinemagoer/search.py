"""Films that title.basics alone does not give -> IMDb ids, by cinemagoer's search.

cinemagoer finds what sounds alike, also among IMDb's other titles (title.akas) where that file was fetched. It
reads an SQLite import, which is made here with what a search needs and no more.
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
from core.data.reviews.matching.cinemagoer.access import address_of, importer, titles_access, version
from core.data.reviews.matching.imdb_titles import film_titles, titles_in, years_around
from core.data.reviews.matching.titles import match_films, names
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
"""Titles that are looked at for each name, those that sound most alike first."""


def search(films: pd.DataFrame, taken: pd.Series, basics: Path, store: Store, report: Report) -> pd.DataFrame:
    """Return film_id, imdb_id and how of the films that cinemagoer finds and whose name and year agree by our rule.

    None where cinemagoer is not installed, or in a version that imports otherwise. `films` have a year; `taken`
    are the ids of other films. Raises BadInput where title.akas is damaged or the cache has an odd path.
    """
    if films.empty or version() is None or (import_dir := importer()) is None:
        return match_films(films[:0], NO_TITLES)
    titles = titles_in(films["year"], film_titles(basics, store, report))
    access = titles_access(_database(films["year"], titles, basics, import_dir, store, report))
    found = set()
    for done, title in enumerate(films["title"]):
        report("reviews", 0.0, f"cinemagoer looks for {title} ({done + 1} of {len(films)})")
        for name in {title, *names(title)}:
            found |= {
                (f"tt{movie.movieID:07d}", movie["title"]) for movie in access.search_movie(name, RESULTS)
            }
    heard = pd.DataFrame(sorted(found), columns=["imdb_id", "title"], dtype="str").assign(original="")
    heard = heard.merge(titles[["imdb_id", "kind", "year"]], on="imdb_id")
    matched = match_films(films, heard[~heard["imdb_id"].isin(taken)])
    return matched.assign(how="cinemagoer, " + matched["how"])


def _database(
    years: pd.Series,
    titles: pd.DataFrame,
    basics: Path,
    import_dir: Callable[[str, str], object],
    store: Store,
    report: Report,
) -> Path:
    """Return the SQLite import of the titles of these years, made now or before."""
    akas = on_this_machine("title-akas", store)

    def build(folder: Path) -> None:
        report("reviews", 0.0, f"cinemagoer imports {len(titles):,} titles")
        with tempfile.TemporaryDirectory(dir=folder) as work:
            rows = titles[["imdb_id", "kind", "title", "year"]].itertuples(index=False, name=None)
            _write(Path(work) / "title.basics.tsv.gz", BASICS_COLUMNS, rows)
            _write(Path(work) / "title.akas.tsv.gz", AKAS_COLUMNS, _akas(akas, titles["imdb_id"]))
            # cinemagoer's own, so that the tables are as this version of it reads them.
            import_dir(work, address_of(folder / FILE))

    inputs = {
        "years": years_around(years),
        "titles": store.file_digest(basics),
        "akas": store.file_digest(akas) if akas else None,
        "cinemagoer": version(),
    }
    return store.artifact("cinemagoer titles", VERSION, inputs, build) / FILE


def _akas(path: Path | None, imdb_ids: pd.Series) -> Iterable[tuple[str, str]]:
    """Return the other names of these titles: id and name. Raises BadInput where the file is another or damaged."""
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
                ours = batch.filter(pa.compute.is_in(batch["titleId"], wanted))
                yield from zip(ours["titleId"].to_pylist(), ours["title"].to_pylist(), strict=True)
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a whole title.akas file ({str(error)[:80]}); fetch it again"
        ) from error


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table as IMDb lays out its own: tab-separated, nothing quoted."""
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
