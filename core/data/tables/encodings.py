"""The encoding of a text, from its bytes: UTF-8 or UTF-16 where the bytes are valid; else chardet's
guess, or Windows-1252 where there are too few letters to guess from."""

import codecs
import re
from typing import IO

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 15
"""Lines with non-ASCII letters from which a legacy encoding is guessed."""
CERTAIN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
"""Encodings that are not guessed -> their names for people."""
GUESSED = "(guessed)"
"""Follows the name of any other encoding."""
WESTERN, FALLBACK = "cp1252", "latin-1"
"""The first guess, and the encoding that can decode any bytes."""
WIDER = {"shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
"""Encodings -> those that hold all of their letters, and more."""
ZERO_SHARE = 0.3
"""Share of zero bytes at even or odd positions above which a text is UTF-16 without a byte order mark."""
MIN_LETTERS = 20
"""Non-ASCII letters that the detector needs; with fewer its guesses are unreliable."""
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_PAIRS = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def encoding_of(stream: IO[bytes]) -> str:
    """Return Python's name of a text's encoding; reads the whole text.

    A text that is UTF-8 but for a stray byte counts as UTF-8, so that the reader can name the faulty line.

    >>> import io
    >>> [encoding_of(io.BytesIO("é".encode(name))) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    ['utf-8', 'utf-8-sig', 'utf-16', 'cp1252']
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = block = stream.read(BLOCK_BYTES)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = max(1, len(first) // 2)
    for name, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        if first[start::2].count(0) > ZERO_SHARE * half:
            return name
    try:
        while block:
            decoder.decode(block)
            block = stream.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        broken = block.decode("utf-8", "replace").count("\ufffd")
        if len(_PAIRS.findall(block)) <= broken:
            return _legacy(block)
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"


def encoding_title(encoding: str, known: bool = False) -> str:
    """Return the name of an encoding for people, marked where it is a guess rather than `known`.

    >>> encoding_title("utf-16-le"), encoding_title("cp1251"), encoding_title("koi8_r")
    ('UTF-16', 'Windows-1251 (guessed)', 'KOI8-R (guessed)')
    """
    plain = encoding.replace("_", "-").upper().replace("CP125", "Windows-125")
    return CERTAIN.get(encoding, plain if known else f"{plain} {GUESSED}")


def _legacy(block: bytes) -> str:
    """Return the encoding of a text that is in none of Unicode's encodings."""
    # Imported here, since it is slow to import and seldom needed.
    import chardet

    sample = b""
    for line in _BEYOND_ASCII.findall(block):
        # Whole lines, since half a letter cannot be decoded.
        sample += line
        if len(sample) > SAMPLE_BYTES:
            break
    western = FALLBACK if _UNDEFINED.search(block) else WESTERN
    if sum(byte > 0x7F for byte in sample) < MIN_LETTERS:
        return western
    detected = chardet.detect(sample)["encoding"]
    if detected is None:
        return western
    name = codecs.lookup(detected).name
    return (
        western if name in (WESTERN, "iso8859-1", "iso8859-15", "ascii", "utf-8") else WIDER.get(name, name)
    )
