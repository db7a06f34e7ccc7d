"""The encoding of a text, from its bytes: UTF-8 or UTF-16 where they say so, else that of Western Windows."""

import codecs
import re
from typing import IO

BLOCK = 1 << 20
"""Bytes looked at together."""
TITLES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252 (guessed)",
    "latin-1": "Latin-1 (guessed)",
}
"""Encodings by their names for people."""
MANY_ZEROS = 0.3
"""Share of zero bytes at even or at odd places from which a text is UTF-16 without a mark."""
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_PAIRS = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def encoding_of(stream: IO[bytes]) -> str:
    """Give the encoding of a text, as Python calls it, reading all of it.

    A text that is UTF-8 but for a stray byte counts as UTF-8, so that who reads it can name the line.

    >>> import io
    >>> [encoding_of(io.BytesIO("é".encode(name))) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    ['utf-8', 'utf-8-sig', 'utf-16', 'cp1252']
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = block = stream.read(BLOCK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = max(1, len(first) // 2)
    for name, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        if first[start::2].count(0) > MANY_ZEROS * half:
            return name
    try:
        while block:
            decoder.decode(block)
            block = stream.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        broken = block.decode("utf-8", "replace").count("\ufffd")
        if len(_PAIRS.findall(block)) <= broken:
            return "latin-1" if _UNDEFINED.search(block) else "cp1252"
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"
