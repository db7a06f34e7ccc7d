"""Reviews of a source -> the same with provenance, language and duplicates as further columns."""

import hashlib
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import pandas as pd

OPTIONAL_COLUMNS = ("address", "licence", "fetched", "language")
"""Columns that a source may give for each review."""
PREFIX_CHARACTERS = 500
"""Characters from which a language is identified."""
MIN_WORDS = 8
"""A text of fewer words counts as English."""
MAX_ENGLISH = 0.05
"""Probability of English below which a text counts as being in another language."""
ENGLISH_WORDS = frozenset(
    "the of and to this that with you it they which who his from but their there would because is are be have not "
    "what for she he him was were when about".split()
)
ENGLISH_SHARE, ENGLISH_DIFFERENT = 0.1, 4
"""A text is plainly English where a tenth of its words are among ENGLISH_WORDS, four different ones at least, so that
an English title in another language does not count. So are 998 of 1,000 reviews of LMRD."""
_NOT_LETTERS = re.compile(r"\W+")
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufaff]")
"""Letters of scripts other than Latin."""


class Source(Protocol):
    """The part of a review source that provenance needs."""

    licence: str

    @property
    def fetched(self) -> str: ...


def with_provenance(reviews: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return the reviews with columns of provenance beside those of the protocol.

    Columns: address (may be missing), licence and fetched (the source's where a review has none), digest (SHA-256
    of its letters and digits, ignoring case), language (ISO 639-1), and duplicate_of (the first review of the same
    film with the same digest, missing for the first itself).
    """
    known = reviews.copy()
    for column in OPTIONAL_COLUMNS:
        values = known[column] if column in known else pd.Series(pd.NA, known.index)
        known[column] = values.astype("str")
    known["licence"] = known["licence"].fillna(source.licence)
    known["fetched"] = known["fetched"].fillna(source.fetched)
    known["digest"] = known["review"].map(digest)
    missing = known["language"].isna()
    known.loc[missing, "language"] = known["review"][missing].map(language)
    first = known.groupby(["film_id", "digest"])["review_id"].transform("first")
    known["duplicate_of"] = first.mask(first == known["review_id"])
    return known


def digest(text: str) -> str:
    """Return the SHA-256 of a text's letters and digits, ignoring case.

    >>> digest("So GOOD!") == digest("so good"), digest("so good") == digest("so bad")
    (True, False)
    """
    plain = _NOT_LETTERS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    # A text of punctuation only is hashed as it is.
    return hashlib.sha256((plain or text).encode()).hexdigest()


def language(text: str) -> str:
    """Return the language of a text as an ISO 639-1 code, English where it cannot be identified.

    >>> language("Ein langsamer und zarter Film über zwei Liebende, die einander lange Briefe schreiben.")
    'de'
    >>> language("Ja!"), language("这是一部非常感人的电影，演员的表演非常出色。")
    ('en', 'zh')
    """
    # Some scripts do not separate words, and need fewer letters.
    if len(text.split()) < MIN_WORDS and len(_BEYOND_LATIN.findall(text[:PREFIX_CHARACTERS])) < MIN_WORDS:
        return "en"
    if _plainly_english(text[:PREFIX_CHARACTERS]):
        return "en"
    likely = dict(_identifier().rank(text[:PREFIX_CHARACTERS]))
    return str(max(likely, key=likely.__getitem__)) if likely["en"] < MAX_ENGLISH else "en"


def _plainly_english(text: str) -> bool:
    """Return whether a text need not be asked about: to identify it takes fifty times as long as to see this.

    >>> _plainly_english("It is the story of a man who comes home, and of what he finds there.")
    True
    >>> _plainly_english("Der dritte Teil, The Lord of the Rings: The Return of the King, ist lang.")
    False
    """
    words = text.lower().split()
    known = [word for word in words if word in ENGLISH_WORDS]
    return len(known) >= ENGLISH_SHARE * len(words) and len(set(known)) >= ENGLISH_DIFFERENT


@cache
def _identifier() -> Any:
    # Imported here, since it is slow to import, and only runs identify languages.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_modelpath(files("py3langid") / MODEL_FILE, norm_probs=True)
