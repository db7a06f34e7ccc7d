"""The file of critics' snippets -> a table; its films are given by the slugs of their web pages."""

import bz2
import io
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from core.data.reviews.matching.title_matching import normalise
from core.errors import BadInput

MEMBER = "rotten_tomatoes_corpus_full.csv.bz2"
MOST_BYTES = 1 << 26
"""Of the table, which has some 13,000 snippets of a sentence or two, and plots."""
VERDICTS = ("fresh", "rotten")
"""Categories of snippets; the file also has plot summaries, which are no reviews."""
SMALL_WORDS = frozenset("a an and at by de for from in la of on or the to with".split())
"""Words that are not capitalised inside a title."""


def snippets_of(path: Path) -> pd.DataFrame:
    """Return all snippets of the zip at `path`, sorted by title. Raises BadInput for another file.

    Columns: `name` (of the film, see `plain`), `title`, `review_id` and `review`.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as packed, bz2.open(packed) as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError("too large")
        table = pd.read_csv(io.BytesIO(content))
        table = table[table["category"].isin(VERDICTS)].dropna(subset=["text"])
        slugs, reviews = table["movie_name"].astype("str"), table["text"].astype("str").str.strip()
    except (OSError, KeyError, ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise BadInput(f"{path.name} is not the file of snippets ({error}); fetch it again") from error
    titles = slugs.map({slug: title_of(slug) for slug in slugs.unique()})
    snippets = pd.DataFrame(
        {
            "name": titles.map({title: plain(normalise(title)) for title in titles.unique()}),
            "title": titles,
            "review_id": [f"critics-{number}" for number in table.index],
            "review": reviews,
        }
    )
    unique = snippets[snippets["review"] != ""].drop_duplicates(["name", "review"])
    return unique.sort_values("title", kind="stable", ignore_index=True)


def plain(name: str) -> str:
    """Return a normalised name without what slugs leave out: spaces, and the word for "&".

    >>> plain(normalise("Lilo & Stitch")), plain(normalise("Spider-Man"))
    ('lilostitch', 'spiderman')
    """
    return "".join(word for word in name.split() if word != "and")


def title_of(slug: str) -> str:
    """Return a film's title from the slug of its page.

    >>> title_of("american_reunion_an"), title_of("about_a_boy"), title_of("maelstr%f6m")
    ('An American Reunion', 'About a Boy', 'Maelström')
    """
    words = [word for word in unquote(slug, "latin-1").split("_") if word] or [slug]
    if words[-1] in ("a", "an", "the") and len(words) > 1:
        words = [words[-1], *words[:-1]]
    first, *rest = words
    return " ".join(
        [first.capitalize(), *(word if word in SMALL_WORDS else word.capitalize() for word in rest)]
    )
