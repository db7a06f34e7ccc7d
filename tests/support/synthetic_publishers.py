"""Made-up data in the publishers' formats: LMRD, IMDb's titles, critics, and a fake cinemagoer."""

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pandas as pd

from core.data.reviews.sources.critics.snippets import MEMBER

CINEMAGOER = """
import json, pathlib

ANSWERS = pathlib.Path(__file__).with_name("reviews.json")

class Access:
    def get_movie_infoset(self):
        return ["main", "reviews"] if ANSWERS.exists() else ["main"]

    def get_movie_reviews(self, movie_id):
        return {"data": {"reviews": json.loads(ANSWERS.read_text()).get(movie_id, [])}}

def available_access_systems():
    return ["made up"]

def Cinemagoer(name, **options):
    return Access()
"""


def lmrd(path: Path, reviews: pd.DataFrame) -> None:
    """Write reviews as in the Large Movie Review Dataset; `film_id` is the number in the IMDb id."""
    films = "".join(
        f"http://www.imdb.com/title/tt{film:07d}/usercomments\n" for film in reviews.film_id.astype(int)
    )
    texts = {f"aclImdb/train/pos/{number}_8.txt": text for number, text in enumerate(reviews.review)}
    with tarfile.open(path, "w:gz") as to:
        for name, text in {**texts, "aclImdb/train/urls_pos.txt": films}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            to.addfile(entry, io.BytesIO(text.encode()))


def title_basics(path: Path, titles: list[str]) -> None:
    """Write films, whose titles end in their years, as a title.basics, with ids from tt0000001 on."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("tconst titleType primaryTitle originalTitle isAdult startYear\n".replace(" ", "\t"))
        for number, title in enumerate(titles, 1):
            file.write(f"tt{number:07d}\tmovie\t{title[:-7]}\t{title[:-7]}\t0\t{title[-5:-1]}\n")


def critics(path: Path, reviews: pd.DataFrame) -> None:
    """Write reviews, which have the `title` of their films, in the format of the critics' snippets."""
    names = reviews.title.str[:-7].str.lower().str.replace("[- ]", "_", regex=True)
    snippets = pd.DataFrame({"category": "fresh", "text": reviews.review, "movie_name": names})
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(MEMBER, bz2.compress(snippets.to_csv(index=False).encode()))


def cinemagoer(folder: Path) -> Path:
    """Write a fake cinemagoer for processes with the folder in PYTHONPATH; `serves` writes its reviews."""
    (folder / "imdb").mkdir(parents=True)
    (folder / "imdb" / "__init__.py").write_text(CINEMAGOER)
    (folder / "cinemagoer-9.9.dist-info").mkdir()
    (folder / "cinemagoer-9.9.dist-info" / "METADATA").write_text("Name: cinemagoer\nVersion: 9.9\n")
    return folder


def serves(folder: Path, reviews: pd.DataFrame) -> Path:
    """Let the fake cinemagoer serve reviews; return the file that holds them."""
    answers = {
        f"{int(film):07d}": [{"content": text, "rating": 7} for text in texts]
        for film, texts in reviews.groupby("film_id").review
    }
    path = folder / "imdb" / "reviews.json"
    path.write_text(json.dumps(answers))
    return path
