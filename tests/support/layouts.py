"""Small files in the layouts that people really have, written by code for tests."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

Row = Sequence[object]


def delimited(rows: Iterable[Row], separator: str = ",", end: str = "\n") -> str:
    """Return rows as text; a field that holds the separator, a quotation mark or a line break is quoted."""
    if len(separator) > 1:
        return "".join(separator.join(map(str, row)) + end for row in rows)
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def compressed(content: bytes, ending: str) -> bytes:
    """Return the content as a file of this ending holds it: .gz, .bz2, .xz or .zst."""
    if ending == ".zst":
        return pa.Codec("zstd").compress(content, asbytes=True)
    return {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[ending](content)
