"""Films -> IMDb ids, by normalised title and year.

Takes tables of films and of IMDb titles. Reading the titles is left to `imdb_titles`.
"""

import re
import unicodedata

import pandas as pd

ARTICLES = (
    "the a an le la les l' un une il lo i gli uno una der die das ein eine el los las els o os as um uma de het "
    "een en ett et den det az"
).split()
"""Articles that MovieLens moves to the end of a title, as in "Usual Suspects, The" and "Cérémonie, La"."""
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "ı": "i"}
)
"""Letters that Unicode does not decompose into a plain letter and an accent."""
KINDS = ("movie", "tvMovie", "video", "tvMiniSeries", "tvSeries", "short", "tvShort", "tvSpecial")
"""Types of IMDb titles that can be films of a rating data set, the likelier first."""
A_GUESS = ": a guess"
"""Part of each match method, as people read it, that may be wrong."""

_ENDING = re.compile(r"\s*(\([0-9]{4}(?:[-–][0-9]{0,4})?\)|\[id [^\]]*\]|\((?:V|TV|VG)\))\s*$")
_BRACKET = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)")
_ALIAS = re.compile(r"^a\.?\s?k\.?\s?a\b\.?\s*:?\s*", re.IGNORECASE)
_TRAILING_ARTICLE = re.compile(
    rf"^(.*), ({'|'.join(re.escape(article) for article in ARTICLES)})$", re.IGNORECASE
)
_LEADING_ARTICLE = re.compile(r"^(?:the|an|a) (?=\w)")
_AND = re.compile(r"&| \+ ")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")
_ARTICLE = re.compile(r"^(the|an|a) |, (the|an|a)\b", re.IGNORECASE)
_MARKS = re.compile(r"[\W_]+")


def normalise(title: str) -> str:
    """Return a title without differences of spelling: position of the article, accents, case, punctuation.

    >>> normalise("Usual Suspects, The") == normalise("The Usual Suspects")
    True
    >>> normalise("Cérémonie, La")
    'la ceremonie'
    """
    trailing = _TRAILING_ARTICLE.match(title.strip())
    if trailing:
        article = trailing[2]
        title = f"{article}{'' if article.endswith(chr(39)) else ' '}{trailing[1]}"
    title = title.casefold()
    if not title.isascii():
        letters = unicodedata.normalize("NFKD", title.translate(LETTERS))
        title = "".join(letter for letter in letters if not unicodedata.combining(letter))
    # An apostrophe joins ("Schindler's" is "Schindlers"); any other punctuation separates words.
    plain = _AND.sub(" and ", _APOSTROPHES.sub("", title))
    return _LEADING_ARTICLE.sub("", _MARKS.sub(" ", plain).strip())


def names(title: str) -> list[str]:
    """Return all normalised names in a title: the main one, those in parentheses, and the whole title last.

    >>> names("Nikita (La Femme Nikita) (1990)")
    ['nikita', 'la femme nikita', 'nikita la femme nikita']
    """
    if "(" not in title and not title.endswith("]"):
        # A shortcut for most of IMDb's millions of titles.
        return [name] if (name := normalise(title)) else []
    previous = ""
    while previous != title:
        previous, title = title, _ENDING.sub("", title)
    parts = [_BRACKET.sub(" ", title), *(_ALIAS.sub("", part) for part in _BRACKET.findall(title)), title]
    normalised = [normalise(re.sub(r"\s+", " ", part)) for part in parts]
    return list(dict.fromkeys(name for name in normalised if name))


def keys(title: str) -> list[str]:
    """Return all names in a title as they are compared, without spaces.

    >>> keys("Rocket Man (1997)") == keys("RocketMan")
    True
    """
    return list(dict.fromkeys(name.replace(" ", "") for name in names(title)))


def joined(names: pd.Series) -> pd.Series:
    """Return normalised names as they are compared, without spaces; see `keys`."""
    return names.str.replace(" ", "", regex=False)


def match_films(films: pd.DataFrame, titles: pd.DataFrame) -> pd.DataFrame:
    """Return `film_id`, `imdb_id` and `how` of the films with a match.

    `how` is the match method: "exact year", "within one year" (a guess), or "one of several" (a guess: IMDb has
    more titles of that name, kind and year, or the title is no feature and another has that name and about that
    year).

    `films` has `film_id`, `title` and `year`; `titles` has `imdb_id`, `kind`, `title`, `original` and `year`. Film
    and title must share a name, ignoring spaces, and their years differ by one at most. An IMDb title is assigned
    to one film at most, the better match first: nearer year, main name before others, same article, likelier kind,
    lower id, earlier film.
    """
    # Films are told apart by their rows, whose order also settles ties.
    films = films.reset_index(drop=True).rename_axis("film").reset_index()
    film_names = _by_name(films, "film", films["title"].map(names))
    title_names = _by_name(titles, "imdb_id", names_of_titles(titles))
    pairs = film_names.merge(title_names, on="name", suffixes=("", "_imdb"))
    pairs["year_difference"] = (pairs["year"] - pairs["year_imdb"]).abs()
    pairs = pairs[pairs["year_difference"] <= 1]
    kinds = titles.drop_duplicates("imdb_id").set_index("imdb_id")["kind"]
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    pairs["kind"] = pairs["imdb_id"].map(kinds).map(ranks).fillna(len(KINDS))
    pairs["other_article"] = pairs["article"] != pairs["article_imdb"]
    order = ["year_difference", "position", "other_article", "position_imdb", "kind", "imdb_id", "film"]
    pairs = pairs.sort_values(order, ignore_index=True)
    group = ["film", "position", "other_article"]
    no_feature = (pairs["kind"] > 0) & _several(pairs, group)
    # Of two films of the same name and year, each may be either title, also the one left for the second film.
    pairs["ambiguous"] = no_feature | (
        (pairs["year_difference"] == 0) & _several(pairs, [*group, "year_difference", "kind"])
    )

    matches: list[pd.DataFrame] = []
    while len(pairs):
        pairs["several"] = pairs["ambiguous"] | _several(pairs, [*group, "year_difference", "kind"])
        # A pair is a match when it is the best remaining one both for its film and for its title.
        best = pairs[~pairs.duplicated("film") & ~pairs.duplicated("imdb_id")]
        matches.append(best)
        pairs = pairs[~pairs["film"].isin(best["film"]) & ~pairs["imdb_id"].isin(best["imdb_id"])]
    if not matches:
        return pd.DataFrame({"film_id": films["film_id"][:0], "imdb_id": [], "how": []}).astype(
            {"imdb_id": "str", "how": "str"}
        )
    matched = pd.concat(matches).sort_values("film", ignore_index=True)
    matched["film_id"] = films["film_id"].to_numpy()[matched["film"]]
    match_method = matched["year_difference"].map({0: "exact year", 1: "within one year"})
    matched["how"] = match_method.mask(matched["several"], "one of several")
    return matched[["film_id", "imdb_id", "how"]]


def _several(pairs: pd.DataFrame, by: list[str]) -> pd.Series:
    """Mark the pairs whose group has other titles, too."""
    return pairs.groupby(by)["imdb_id"].transform("nunique") > 1


def names_of_titles(titles: pd.DataFrame) -> pd.Series:
    """Return all normalised names of IMDb's titles, a list a row: those in `title`, then those in `original`."""
    primary, original = titles["title"], titles["original"]
    both = zip(primary, original, original != primary, strict=True)
    return pd.Series(
        [list(dict.fromkeys(names(one) + names(two))) if differ else names(one) for one, two, differ in both],
        index=titles.index,
        dtype=object,
    )


def _by_name(table: pd.DataFrame, key: str, names_of: pd.Series) -> pd.DataFrame:
    """Return a row a name: the key, the name, its position among the names, the title's article and the year."""
    rows = pd.DataFrame({key: table[key], "year": table["year"].astype("Int32"), "name": names_of})
    rows["article"] = table["title"].map(_article)
    rows = rows.explode("name").dropna(subset=["name", "year"])
    rows["position"] = rows.groupby(key).cumcount()
    rows["name"] = joined(rows["name"].astype("str"))
    return rows.drop_duplicates([key, "name"])


def _article(title: str) -> str:
    """Return the English article of a title, which `names` leaves out; "" where it has none.

    >>> _article("Quest, The (1996)"), _article("Quest")
    ('the', '')
    """
    match = _ARTICLE.search(title)
    return (match[1] or match[2]).lower() if match else ""
