"""Films -> IMDb ids, by normalised title and year.

Takes films and IMDb's titles, gives which film is which. Where the titles are read from is left to
`film_ids`.
"""

import re
import unicodedata

import pandas as pd

ARTICLES = (
    "the a an le la les l' un une il lo i gli uno una der die das ein eine el los las o os as um uma de het "
    "en ett den det"
).split()
"""Articles that MovieLens puts behind a title, as in "Usual Suspects, The" and "Cérémonie, La"."""
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})
"""Letters that Unicode does not take apart into a plain letter and an accent."""
KINDS = ("movie", "tvMovie", "video", "tvMiniSeries", "tvSeries", "short", "tvShort", "tvSpecial")
"""Kinds of IMDb titles that can be films of a rating data set, the likelier first."""

_ENDING = re.compile(r"\s*(\(\d{4}(?:[-–]\d{0,4})?\)|\[id [^\]]*\]|\((?:V|TV|VG)\))\s*$")
_BRACKET = re.compile(r"\(([^()]*)\)")
_ALIAS = re.compile(r"^(?:a\.?\s?k\.?\s?a\.?)\s*:?\s*", re.IGNORECASE)
_BEHIND = re.compile(rf"^(.*), ({'|'.join(re.escape(article) for article in ARTICLES)})$", re.IGNORECASE)
_IN_FRONT = re.compile(r"^(?:the|an|a) (?=\w)")
_MARKS = re.compile(r"[^\w]+|_+")


def normalise(title: str) -> str:
    """Give a title without what spellings differ in: place of the article, accents, case, marks.

    >>> normalise("Usual Suspects, The") == normalise("The Usual Suspects")
    True
    >>> normalise("Cérémonie, La")
    'la ceremonie'
    """
    behind = _BEHIND.match(title.strip())
    if behind:
        article = behind[2]
        title = f"{article}{'' if article.endswith(chr(39)) else ' '}{behind[1]}"
    letters = unicodedata.normalize("NFKD", title.casefold().translate(LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    # An apostrophe joins ("Schindler's" is "Schindlers"); any other mark parts words.
    bare = re.sub(r"['’`´]", "", bare).replace("&", " and ")
    return _IN_FRONT.sub("", _MARKS.sub(" ", bare).strip())


def names(title: str) -> list[str]:
    """Give all normalised names in a title: the main one, those in brackets, and the whole last.

    >>> names("Nikita (La Femme Nikita) (1990)")
    ['nikita', 'la femme nikita', 'nikita la femme nikita']
    """
    previous = ""
    while previous != title:
        previous, title = title, _ENDING.sub("", title)
    parts = [_BRACKET.sub(" ", title), *(_ALIAS.sub("", part) for part in _BRACKET.findall(title)), title]
    found = [normalise(re.sub(r"\s+", " ", part)) for part in parts]
    return list(dict.fromkeys(name for name in found if name))


def match_films(films: pd.DataFrame, titles: pd.DataFrame) -> pd.DataFrame:
    """Give `film_id`, `imdb_id` and `how` ("exact year", "within one year") of the films that are found.

    `films` has `film_id`, `title` and `year`; `titles` has `imdb_id`, `kind`, `title`, `original` and
    `year`. A film needs a name of the title and its year, give or take one. An IMDb title is given to
    one film at most, the better match first: nearer year, main name before others, likelier kind,
    lower id.
    """
    ours = _by_name(films, "film_id", films["title"].map(names))
    theirs = _by_name(titles, "imdb_id", _own_names(titles))
    pairs = ours.merge(theirs, on="name", suffixes=("", "_imdb"))
    pairs["off"] = (pairs["year"] - pairs["year_imdb"]).abs()
    pairs = pairs[pairs["off"] <= 1]
    pairs = pairs.merge(titles[["imdb_id", "kind"]], on="imdb_id")
    pairs["kind"] = pairs["kind"].map({kind: rank for rank, kind in enumerate(KINDS)}).fillna(len(KINDS))
    order = ["off", "place", "place_imdb", "kind", "imdb_id", "film_id"]
    pairs = pairs.sort_values(order, ignore_index=True)

    found: list[pd.DataFrame] = []
    while len(pairs):
        # A pair stands when it is the best left for its film and for its title at once.
        best = pairs[~pairs.duplicated("film_id") & ~pairs.duplicated("imdb_id")]
        found.append(best)
        pairs = pairs[~pairs["film_id"].isin(best["film_id"]) & ~pairs["imdb_id"].isin(best["imdb_id"])]
    if not found:
        return pd.DataFrame({"film_id": films["film_id"][:0], "imdb_id": titles["imdb_id"][:0], "how": []})
    matched = pd.concat(found).sort_values("film_id", ignore_index=True)
    matched["how"] = matched["off"].map({0: "exact year", 1: "within one year"})
    return matched[["film_id", "imdb_id", "how"]]


def _own_names(titles: pd.DataFrame) -> pd.Series:
    """Give the primary and the original title of each row, normalised."""
    primary = titles["title"].map(normalise)
    original = titles["original"].where(titles["original"] != titles["title"], "").map(normalise)
    return pd.Series(
        [list(dict.fromkeys(name for name in pair if name)) for pair in zip(primary, original, strict=True)],
        index=titles.index,
    )


def _by_name(table: pd.DataFrame, key: str, names_of: pd.Series) -> pd.DataFrame:
    """Give a row a name: the key, the name, its place among the names, and the year."""
    rows = pd.DataFrame({key: table[key], "year": table["year"].astype("Int32"), "name": names_of})
    rows = rows.explode("name").dropna(subset=["name", "year"])
    rows["place"] = rows.groupby(key).cumcount()
    rows["name"] = rows["name"].astype("str")
    return rows.drop_duplicates([key, "name"])
