"""Compressed files, recognised by their content, bounded, and refused in a sentence where they are damaged."""

import io
import tarfile
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from support.layouts import compressed, zipped

from core.data.layouts.files import find_table
from core.data.tables import open_table
from core.data.tables.bounds import most_bytes
from core.errors import BadInput

CSV = b"userId,movieId,rating\n" + b"".join(b"%d,%d,4\n" % (n, n % 9) for n in range(3000))
ENDINGS = (".gz", ".bz2", ".xz", ".zst")


def bounds_of(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Let so many bytes come out of any file that is no larger."""
    monkeypatch.setattr("core.data.tables.bounds.FREE_BYTES", most)
    monkeypatch.setattr("core.data.tables.bounds.RATIO", 1)


def count(content: bytes, name: str) -> int:
    table = open_table(name, lambda: io.BytesIO(content))
    assert table.columns == ("userId", "movieId", "rating")
    return len(table.columns_as({"user": "userId"}, ["user"]))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["mine.csv", "mine.csv{}", "mine", "mine.zip"])
def test_compressed_tables_are_read_whatever_their_name(ending: str, name: str) -> None:
    content = compressed(CSV, ending)
    if name == "mine.zip":
        content = zipped({f"ratings.csv{ending}": content, "README.md": b"x", ".hidden": b"x"})
    assert count(content, name.format(ending)) == 3000


def test_a_file_that_was_unpacked_on_its_way_is_read() -> None:
    assert count(CSV, "mine.csv.gz") == 3000


@pytest.mark.parametrize("ending", ENDINGS)
def test_damaged_and_cut_off_files_are_refused(ending: str) -> None:
    content = compressed(CSV, ending)
    middle = len(content) // 2
    # Without a checksum, as here, zstd cannot tell other bytes.
    changed = content[:middle] + bytes(8) + content[middle + 8 :]
    for damaged in (content[:middle], *([changed] if ending != ".zst" else [])):
        with pytest.raises(BadInput, match="is damaged .*; fetch it again"):
            count(damaged, f"mine.csv{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_more_is_unpacked_than_is_allowed(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds_of(monkeypatch, 10_000)
    with pytest.raises(BadInput, match="unpacks to more than .* give smaller tables"):
        count(compressed(CSV, ending), f"mine.csv{ending}")
    with pytest.raises(BadInput, match="unpacks to more than"):
        count(zipped({f"mine.csv{ending}": compressed(CSV, ending)}), "mine.zip")


def test_a_locked_zip_and_other_archives_are_refused() -> None:
    locked = bytearray(zipped({"mine.csv": CSV}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    with pytest.raises(BadInput, match="is locked by a password; pack it again without one"):
        count(bytes(locked), "mine.zip")
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("mine.csv"), io.BytesIO(b""))
    with pytest.raises(
        BadInput, match="is a tar archive, which cannot be read; unpack it, or pack it as .zip"
    ):
        count(tar.getvalue(), "mine.tar.gz")
    for content, name in ((b"7z\xbc\xaf\x27\x1c" + bytes(40), "mine.7z"), (b"Rar!\x1a\x07", "mine.rar")):
        with pytest.raises(BadInput, match="is packed as .* which cannot be read; pack it as .zip or .gz"):
            count(content, name)
    with pytest.raises(BadInput, match="an archive within an archive; unpack it"):
        count(zipped({"inner.zip": zipped({"mine.csv": CSV})}), "mine.zip")


def test_a_zip_that_holds_many_zeros_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mine.csv", b"u,i,r\n" + bytes(20_000))
    bounds_of(monkeypatch, 10_000)
    with pytest.raises(BadInput, match="unpacks to more than"):
        count(packed.getvalue(), "mine.zip")


def test_all_tables_of_an_archive_share_one_bound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bounds_of(monkeypatch, 60_000)
    path = tmp_path / "mine.zip"
    for count_of_tables, is_refused in ((1, False), (3, True)):
        path.write_bytes(zipped({f"{n}.csv": CSV for n in range(count_of_tables)}))
        with pytest.raises(BadInput, match="unpacks to more") if is_refused else nullcontext():
            find_table(path, "ratings")


def test_what_is_packed_twice_is_bounded_by_the_file_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bounds_of(monkeypatch, 20_000)
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(compressed(compressed(CSV, ".gz"), ".gz"))
    with pytest.raises(BadInput, match="unpacks to more"):
        find_table(path, "ratings")


def test_a_large_file_may_hold_more_than_a_small_one() -> None:
    # MovieLens 25M: a zip of 262 MB that unpacks to 1.2 GB.
    assert most_bytes(262_000_000) > 1_200_000_000
    assert most_bytes(1_200_000) == 120_000_000
    assert most_bytes(10) == 64 * 1024**2
    assert most_bytes(5 * 1024**3) == 5 * 1024**3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n", "is a PDF, not a table"),
        (b"<!DOCTYPE html><html>", "is a web page, not a table"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), r"of the old kind \(.xls\); save it as .xlsx or CSV"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "is not a text in UTF-8 but binary data"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        open_table("mine.csv", lambda: io.BytesIO(content))
