"""The encoding of a text, from its bytes: UTF-8 or UTF-16 where they say so, else that of Windows in the West where
it may be, else what charset-normalizer takes it for."""

import codecs
import re
from typing import IO

BLOCK = 1 << 20
"""Bytes looked at together."""
SAMPLE = 1 << 15
"""Bytes from which a legacy encoding is told: lines with letters beyond ASCII."""
SURE = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
"""Encodings that are not guessed, by their names for people."""
GUESSED = "(guessed)"
"""Stands behind the others."""
WESTERN, LAST = "cp1252", "latin-1"
"""The guess where it may be right, and the one that can read any bytes."""
MANY_ZEROS = 0.3
"""Share of zero bytes at even or at odd places from which a text is UTF-16 without a mark."""
FEW = 20
"""Letters beyond ASCII from which the detector is asked; from fewer it guesses wildly."""
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_PAIRS = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def encoding_of(stream: IO[bytes]) -> str:
    """Return the encoding of a text, as Python calls it, reading all of it.

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
            return _legacy(block)
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"


def title_of(encoding: str) -> str:
    """Return the name of an encoding for people, and whether it is a guess.

    >>> title_of("utf-16-le"), title_of("cp1251"), title_of("koi8_r")
    ('UTF-16', 'Windows-1251 (guessed)', 'KOI8-R (guessed)')
    """
    plain = encoding.replace("_", "-").upper().replace("CP125", "Windows-125")
    return SURE.get(encoding, f"{plain} {GUESSED}")


def _legacy(block: bytes) -> str:
    """Return the encoding of a text that is in none of Unicode's.

    From accents one single-byte encoding is hardly told from the next, so the commonest comes first: the detector
    itself takes French for Central European.
    """
    # Slow to import, and seldom needed.
    from charset_normalizer import from_bytes

    sample = b""
    for line in _BEYOND_ASCII.findall(block):
        # Whole lines, since half a letter is in no encoding.
        sample += line
        if len(sample) > SAMPLE:
            break
    if sum(byte > 0x7F for byte in sample) < FEW:
        return LAST if _UNDEFINED.search(block) else WESTERN
    found = from_bytes(sample)
    if any(WESTERN in match.could_be_from_charset for match in found):
        return WESTERN
    best = found.best()
    return best.encoding if best else LAST
