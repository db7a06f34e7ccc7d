"""Reviews as a source gives them -> the same with where each comes from, its language, and which are told twice.

Takes a table of reviews, gives it with more columns. No text is changed.
"""

import hashlib
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import pandas as pd

OWN_COLUMNS = ("address", "licence", "fetched", "language")
"""What a source may tell of each review by itself."""
READ = 500
"""Letters by which a language is told."""
FEW_WORDS = 8
"""Of fewer words no language is told: they are taken for English."""
HARDLY = 0.05
"""Most probability of English that is left where another language is told."""
_NOT_LETTERS = re.compile(r"\W+")
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufaff]")
"""Letters of other scripts than that of English."""


class Source(Protocol):
    """Where reviews come from."""

    licence: str

    @property
    def fetched(self) -> str: ...


def with_provenance(reviews: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return the reviews with where each comes from beside the columns of the protocol.

    Columns: address (missing where there is none), licence and fetched (the source's where a review does not say),
    digest (SHA-256 of its letters and digits, whatever their case: one text has one digest), language (ISO 639-1),
    and duplicate_of (the first review of the same film with the same digest, missing for the first itself).
    """
    known = reviews.copy()
    for column in OWN_COLUMNS:
        told = known[column] if column in known else pd.Series(pd.NA, known.index)
        known[column] = told.astype("str")
    known["licence"] = known["licence"].fillna(source.licence)
    known["fetched"] = known["fetched"].fillna(source.fetched)
    known["digest"] = known["review"].map(digest)
    untold = known["language"].isna()
    known.loc[untold, "language"] = known["review"][untold].map(language)
    first = known.groupby(["film_id", "digest"])["review_id"].transform("first")
    known["duplicate_of"] = first.mask(first == known["review_id"])
    return known


def digest(text: str) -> str:
    """Return the SHA-256 of a text's letters and digits.

    >>> digest("So GOOD!") == digest("so good"), digest("so good") == digest("so bad")
    (True, False)
    """
    plain = _NOT_LETTERS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    # Of a text of signs alone, the signs are all that it says.
    return hashlib.sha256((plain or text).encode()).hexdigest()


def language(text: str) -> str:
    """Return the language of a text as an ISO 639-1 code, English where it cannot be told.

    >>> language("Ein langsamer und zarter Film über zwei Liebende, die einander lange Briefe schreiben.")
    'de'
    >>> language("Ja!"), language("这是一部非常感人的电影，演员的表演非常出色。")
    ('en', 'zh')
    """
    # Some scripts do not part words, and are told from fewer letters.
    if len(text.split()) < FEW_WORDS and len(_BEYOND_LATIN.findall(text[:READ])) < FEW_WORDS:
        return "en"
    likely = dict(_identifier().rank(text[:READ]))
    return str(max(likely, key=likely.__getitem__)) if likely["en"] < HARDLY else "en"


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_modelpath(files("py3langid") / MODEL_FILE, norm_probs=True)
