"""The archive of the Large Movie Review Dataset, converted once to Parquet sorted by film.

Review *n* of a folder belongs to the film on line *n* of that folder's list of URLs.
"""

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from core.data.datasets.find import DATASETS
from core.data.tables.bounds import CELL_BYTES, most_bytes, too_large
from core.errors import BadInput
from core.memory import bounded_memory, size_of
from core.progress import Report
from core.store import Store, digest_of

VERSION = "1"
"""Changes when the same archive would give another table."""
FILE = "reviews.parquet"
ROW_GROUP = 4000
"""Reviews in a row group, which Parquet reads or skips as a whole."""
EXPECTED_REVIEWS = 100_000
"""Reviews of the published archive; used for progress only."""
LIST_BYTES = 1 << 24
"""Most bytes of a list of films, of which the longest that is published has 2.5 MB."""

_REVIEW = re.compile(r"(?:^|/)(train|test)/(pos|neg|unsup)/(\d+)_(\d+)\.txt$")
_LIST = re.compile(r"(?:^|/)(train|test)/urls_(pos|neg|unsup)\.txt$")
_IMDB_ID = re.compile(rb"tt\d{7,9}")
_BREAKS = re.compile(r"<[bB][rR]\s*/?>\s*(?:<[bB][rR]\s*/?>\s*)*")


def is_lmrd(path: Path) -> bool:
    """Return whether a path leads to the publisher's archive, or to a folder as it is unpacked."""
    if path.is_dir():
        return any((path / inner / "train").is_dir() for inner in ("", "aclImdb"))
    return path.name.endswith((".tar.gz", ".tgz"))


def with_line_breaks(text: str) -> str:
    """Return a text with a line break in place of HTML's, and of the white space around them.

    >>> with_line_breaks("Long. <br /> <BR>Slow.")
    'Long.\\nSlow.'
    """
    *lines, last = _BREAKS.split(text)
    # A pattern that began with white space would be tried at every blank of the text, and one that ignored case at
    # every letter.
    return "\n".join([*(line.rstrip() for line in lines), last]).strip()


class Archive:
    """The publisher's tar.gz, or its unpacked folder."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path, self._store = path, store

    def digest(self) -> str:
        """Return the SHA-256 of the archive; of a folder, of its files' names, sizes and times."""
        if self._path.is_file():
            return self._store.file_digest(self._path)
        # Hashing a hundred thousand files each time would take longer than the rest of a run.
        stats = [(path.relative_to(self._path).as_posix(), path.stat()) for path in _texts(self._path)]
        return digest_of([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])

    def parquet(self, report: Report) -> Path:
        """Return the path of all reviews as Parquet, converted now or before, sorted by film.

        Columns: imdb_id, split ("train" or "test"), sentiment ("pos", "neg" or "unsup"), number, stars and review.
        Raises BadInput where the archive is damaged, or lacks its lists of films.
        """
        inputs = {"digest": self.digest()}
        return self._store.artifact("lmrd", VERSION, inputs, lambda to: self._bounded(to, report)) / FILE

    def _bounded(self, to: Path, report: Report) -> None:
        with bounded_memory(self._path.name, size_of(self._path)):
            self._build(to, report)

    def _build(self, to: Path, report: Report) -> None:
        """Write all reviews, sorted by film, so that a film's reviews are in one or two row groups."""
        batches: list[pa.Table] = []
        films: dict[tuple[str, str], list[str | None]] = {}
        rows: list[tuple[str, str, int, int | None, str]] = []
        done = 0
        for name, content in self._files():
            if match := _REVIEW.search(name):
                split, sentiment, number, stars = match.groups()
                text = with_line_breaks(content.decode("utf-8", errors="replace"))
                if text:
                    rows.append((split, sentiment, int(number), int(stars) or None, text))
            elif match := _LIST.search(name):
                films[match[1], match[2]] = [
                    i[0].decode() if (i := _IMDB_ID.search(line)) else None for line in content.splitlines()
                ]
            if len(rows) == ROW_GROUP:
                done += len(rows)
                batches.append(_table(rows))
                rows.clear()
                report("lmrd", min(0.9, done / EXPECTED_REVIEWS), f"{done:,} reviews read")
        batches.append(_table(rows))
        if not films:
            raise BadInput(
                f"{self._path.name} lacks the lists of addresses (urls_pos.txt), so its reviews "
                f"cannot be joined to films; take the original from {DATASETS['lmrd'].address}"
            )
        table = pa.concat_tables(batches)
        keys = zip(*(table[name].to_pylist() for name in ("split", "sentiment", "number")), strict=True)
        ids = [
            listed[number] if number < len(listed := films.get((s, m), [])) else None for s, m, number in keys
        ]
        table = table.append_column("imdb_id", pa.array(ids, pa.string()))
        table = table.filter(pa.compute.is_valid(table["imdb_id"]))
        if not len(table):
            raise BadInput(f"{self._path.name} has no review whose film is listed; fetch it again")
        table = table.sort_by("imdb_id")
        pa.parquet.write_table(table, to / FILE, row_group_size=ROW_GROUP, compression="zstd")

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """Return name and content of each review and each list of films, from the folder or the archive."""
        if self._path.is_dir():
            for path in _texts(self._path):
                self._refuse_long(path.as_posix(), path.stat().st_size)
                yield path.as_posix(), path.read_bytes()
            return
        most = most_bytes(self._path.stat().st_size)
        try:
            # With gzip outside of tarfile, which alone would accept some truncated archives.
            with gzip.open(self._path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
                for entry in archive:
                    if unpacked.tell() + entry.size > most:
                        raise too_large(self._path.name, most)
                    if entry.isfile() and (_REVIEW.search(entry.name) or _LIST.search(entry.name)):
                        self._refuse_long(entry.name, entry.size)
                        file = archive.extractfile(entry)
                        yield entry.name, file.read() if file else b""
                while unpacked.read(1 << 20):
                    if unpacked.tell() > most:
                        raise too_large(self._path.name, most)
        except (gzip.BadGzipFile, tarfile.TarError, zlib.error, EOFError) as error:
            raise BadInput(
                f"{self._path.name} is not a whole tar.gz archive ({error}); fetch it again"
            ) from error

    def _refuse_long(self, name: str, size: int) -> None:
        """Raise BadInput for a review or a list that is longer than any, before it is read."""
        most = CELL_BYTES if _REVIEW.search(name) else LIST_BYTES
        if size > most:
            raise BadInput(
                f"{self._path.name}: {Path(name).name} has more than {most // 1024**2} MB of text; leave it out"
            )


def _texts(folder: Path) -> list[Path]:
    """Return the reviews and lists of films, sorted by path."""
    files = sorted(folder.rglob("*.txt"))
    return [file for file in files if _REVIEW.search(file.as_posix()) or _LIST.search(file.as_posix())]


def _table(rows: list[tuple[str, str, int, int | None, str]]) -> pa.Table:
    types = (pa.string(), pa.string(), pa.int32(), pa.int8(), pa.string())
    columns = zip(*rows, strict=True) if rows else [[]] * len(types)
    arrays = [pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)]
    return pa.table(arrays, names=["split", "sentiment", "number", "stars", "review"])
