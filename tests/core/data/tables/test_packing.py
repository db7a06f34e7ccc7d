"""Compressed files, recognised by their content, bounded, and refused in a sentence where they are damaged."""

import io
import tarfile
import zipfile

import pytest
from support.layouts import compressed, zipped

from core.data.tables import open_table
from core.errors import BadInput

CSV = b"userId,movieId,rating\n" + b"".join(b"%d,%d,4\n" % (n, n % 9) for n in range(3000))
ENDINGS = (".gz", ".bz2", ".xz", ".zst")


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
    monkeypatch.setattr("core.data.tables.packing.MAX_UNPACKED_BYTES", 10_000)
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
    monkeypatch.setattr("core.data.tables.packing.MAX_UNPACKED_BYTES", 10_000)
    with pytest.raises(BadInput, match="unpacks to more than"):
        count(packed.getvalue(), "mine.zip")


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
