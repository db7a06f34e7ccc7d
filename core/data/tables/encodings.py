"""The encoding of a text, from its bytes: UTF-8 or UTF-16 where the bytes are valid; else chardet's
guess, or Windows-1252 where there are too few letters to guess from."""

import codecs
import re
from typing import IO, Any

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 15
"""Phrases with letters beyond ASCII from which a legacy encoding is guessed."""
CERTAIN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "iso2022_jp_ext": "ISO-2022-JP",
}
"""Encodings that are not guessed -> their names for people."""
MULTIBYTE = ("utf-16", "iso2022")
"""Beginnings of the names of encodings in which a byte of ASCII may be a part of a letter."""
GUESSED = "(guessed)"
"""Follows the name of any other encoding."""
WESTERN, FALLBACK = "cp1252", "latin-1"
"""The first guess, and the encoding that can decode any bytes."""
WIDER = {"shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
"""Encodings -> those that hold all of their letters, and more."""
ZERO_SHARE = 0.3
"""Share of zero bytes at even or odd positions above which a text is UTF-16 without a byte order mark."""
MIN_LETTERS = 5
"""Bytes beyond ASCII that the detector needs; with fewer its guesses are unreliable."""
LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258")
"""Encodings of Latin letters."""
KOREAN = ("cp949", "euc_kr")
OLDER = ("cp866", "iso8859-5")
"""Encodings that only old files have, taken where none of today's is likely."""
KANA_SHARE = 0.4
"""Share of a Japanese text that is in its syllables, at least."""
LEAST, NEARLY = 0.06, 0.8
"""Confidence below which another Latin encoding is no better a guess than the Western one, and the share of it from
which on the common one is as likely as the other; tried on sentences of some 20 languages."""
RUN_SHARE, SURE = 0.5, 0.2
"""Share of the bytes beyond ASCII that stand side by side, or confidence, from which on a text may be in another
script than Latin."""
_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BEYOND_ASCII = re.compile(rb"[^\r\n\t\",;]*[\x80-\xff][^\r\n\t\",;]*")
"""Phrases between signs that are no part of a letter in any encoding."""
_DIGITS = re.compile(rb"[\d|:]+")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_CENTRAL = re.compile(rb"[A-Za-z\xe0-\xfe][\xa1\xa6\xb1\xb6]|[\xa1\xa6\xb1\xb6][A-Za-z\xe0-\xfe]")
"""Letters of ISO-8859-2 within words, where Windows-1250 has signs such as "±"."""
_JAPANESE_SHIFT = re.compile(rb"\x1b\$[@B]")
"""Begins Japanese letters in ISO-2022-JP, whose bytes are all of ASCII; three bytes."""
_ISO_NUMBER = re.compile(r"^ISO(?=\d)")
_CONTROLS = re.compile(rb"[\x80-\x9f]")
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
    is_ascii, end = True, b""
    try:
        while block:
            # A shift may begin in the block before.
            if is_ascii and _JAPANESE_SHIFT.search(end + block):
                return "iso2022_jp_ext"
            decoder.decode(block)
            is_ascii, end = is_ascii and block.isascii(), block[-3:]
            block = stream.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        broken = block.decode("utf-8", "replace").count("\ufffd")
        if len(_PAIRS.findall(block)) <= broken:
            return _legacy(block)
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"


def encoding_title(encoding: str, known: bool = False) -> str:
    """Return the name of an encoding for people, marked where it is a guess rather than `known`.

    >>> encoding_title("utf-16-le"), encoding_title("cp1251"), encoding_title("iso8859-6")
    ('UTF-16', 'Windows-1251 (guessed)', 'ISO-8859-6 (guessed)')
    """
    plain = _ISO_NUMBER.sub("ISO-", encoding.replace("_", "-").upper().replace("CP125", "Windows-125"))
    return CERTAIN.get(encoding, plain if known else f"{plain} {GUESSED}")


def _legacy(block: bytes) -> str:
    """Return the encoding of a text that is in none of Unicode's encodings.

    Accents are too few to tell Western encodings from others of Latin letters for certain, so the most common one
    is kept unless another one is clearly likelier.
    """
    # Each phrase once: chardet goes astray where a title comes again and again.
    phrases: dict[bytes, bytes] = {}
    length = 0
    for phrase in _BEYOND_ASCII.findall(block):
        if phrases.setdefault(_DIGITS.sub(b"", phrase), phrase) is phrase:
            length += len(phrase)
        if length > SAMPLE_BYTES:
            break
    sample = b"\n".join(phrases.values())
    western = FALLBACK if _UNDEFINED.search(block) else WESTERN
    beyond = sum(byte > 0x7F for byte in sample)
    in_runs = sum(map(len, _RUNS.findall(sample)))
    if beyond < MIN_LETTERS:
        return western
    # Imported here, since it is slow to import and seldom needed.
    import chardet

    if _is_japanese(sample):
        return "cp932"
    likely = _likely(sample, chardet.EncodingEra.MODERN_WEB)
    if max(likely.values(), default=0.0) < SURE:
        older = _likely(sample, chardet.EncodingEra.ALL)
        likely |= {name: older[name] for name in OLDER if older.get(name, 0.0) >= SURE}
    # Words of other scripts are in letters beyond ASCII throughout.
    other_script = in_runs >= RUN_SHARE * beyond or max(likely.values(), default=0.0) >= SURE
    candidates = {name: share for name, share in likely.items() if other_script or name in LATIN}
    best = max(candidates, key=lambda name: candidates[name], default=western)
    share = candidates.get(best, 0.0)
    if best in LATIN and (share < LEAST or likely.get(WESTERN, 0.0) >= NEARLY * share):
        return western
    if best == "cp1250" and _CENTRAL.search(sample) and not _CONTROLS.search(sample):
        return "iso8859-2"
    if best == "cp1256":
        older = _likely(sample, chardet.EncodingEra.ALL)
        return "iso8859-6" if NEARLY * older.get("iso8859-6", 0.0) > older.get(best, 0.0) else best
    if best in KOREAN and likely.get("gb18030", 0.0) >= NEARLY * share:
        return "gb18030"
    return WIDER.get(best, best)


def _likely(sample: bytes, era: Any) -> dict[str, float]:
    """Return Python's names of the encodings of an era of chardet's, with its confidence."""
    import chardet

    found = chardet.detect_all(sample, ignore_threshold=True, encoding_era=era)
    return {
        codecs.lookup(match["encoding"]).name: match["confidence"]
        for match in found
        if match["encoding"] is not None and _is_known(match["encoding"])
    }


def _is_known(encoding: str) -> bool:
    """Return whether Python has an encoding that chardet names."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _is_japanese(sample: bytes) -> bool:
    """Return whether a text is Shift-JIS, by the syllables in it, which chardet misses in a few words."""
    try:
        text = sample.decode("cp932")
    except UnicodeDecodeError:
        return False
    beyond = sum(letter > "\x7f" for letter in text)
    return len(_KANA.findall(text)) >= KANA_SHARE * beyond
