"""Each source of reviews by the command line, as a process: the whole chain on it, and what goes wrong with it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.command_line import ROOT, forked, fresh
from support.fake_tmdb import V3, Server, refused, serving_tmdb
from support.synthetic_publishers import cinemagoer, critics, lmrd, serves, title_basics

from core.data.datasets.find import DATASETS
from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.registry import SOURCES

# Most of them start a process of the command line.
pytestmark = pytest.mark.slow

Call = Callable[..., subprocess.CompletedProcess[str]]
WORLD = synthetic_world(films=24, users=150, ratings_per_user=20)
OF_SAMPLE = 12
"""Films that bear a title of the sample reviews; the others were in the cinemas of 2002, as the critics' are."""
FILMS = "--factors", "4", "--top", "1", "--films", "10"
DEAD = "http://127.0.0.1:9"
NO_NETWORK = {"https_proxy": DEAD, "HTTPS_PROXY": DEAD, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
OURS = ("FACTORSCOPE_DATA", "FACTORSCOPE_TMDB", "TMDB_API_KEY", "TMDB_PERMISSION")


def titles() -> list[str]:
    lines = (
        (ROOT / "core" / "data" / "reviews" / "sources" / "sample.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    of_sample = list(dict.fromkeys(json.loads(line)["title"] for line in lines))[:OF_SAMPLE]
    return of_sample + [f"Made-up film {number} (2002)" for number in range(OF_SAMPLE, len(WORLD.labels))]


TITLES = titles()
REVIEWS = WORLD.reviews.assign(title=[TITLES[film - 1] for film in WORLD.reviews.film_id.astype(int)])
"""Reviews of all films: 8 a film, whose words tell the film's factors."""


def arguments(here: Path, reviews: str, out: Path) -> list[str]:
    ratings = str(here / "ratings.csv")
    return ["run", "--ratings", ratings, "--reviews", reviews, *FILMS, "--out", str(out), "--json"]


def environment(here: Path, **more: str) -> dict[str, str]:
    """Return an environment without network, with a cache that has learnt the factors once, and what is named."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | NO_NETWORK | {"FACTORSCOPE_CACHE": str(here / "cache"), "HOME": str(here)} | more


def run(here: Path, reviews: str, out: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return forked(environment(here, **more), *arguments(here, reviews, out))


def verb(here: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return forked(environment(here, **more), *words)


def whole(here: Path, reviews: str, out: Path, call: Call = forked, **more: str) -> dict[str, Any]:
    """Run the chain, see that its folder is whole, and give what it says of the reviews."""
    done = call(environment(here, **more), *arguments(here, reviews, out))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document == json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert len(pd.read_parquet(out / "coverage.parquet")) == len(TITLES)
    assert len(pd.read_parquet(out / "frequencies.parquet"))
    found: dict[str, Any] = document["reviews"]
    return found


def refused_in_one_line(done: subprocess.CompletedProcess[str], out: Path, *said: str) -> None:
    lines = done.stderr.splitlines()
    assert done.returncode == 2, done.stderr
    assert [line for line in lines if line.startswith("factorscope:")] == lines[-1:]
    assert all(word in lines[-1] for word in said), lines[-1]
    assert "Traceback" not in done.stderr and V3 not in done.stderr and done.stdout == ""
    assert not out.exists() or not list(out.iterdir())


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ratings of the films, and in `data` what the publishers would give, made up."""
    here = tmp_path_factory.mktemp("sources")
    table = WORLD.ratings.table
    rated = {"user": table.user, "film": table.film + 1, "rating": table.rating}
    rated["title"] = [TITLES[film] for film in table.film]
    pd.DataFrame(rated).to_csv(here / "ratings.csv", index=False)
    (here / "data").mkdir()
    lmrd(here / "data" / "aclImdb_v1.tar.gz", REVIEWS)
    title_basics(here / "data" / "title.basics.tsv.gz", TITLES)
    critics(here / "data" / "critics-2002.zip", REVIEWS[REVIEWS.film_id.astype(int) > OF_SAMPLE])
    return here


def own_file(path: Path) -> Path:
    """Write the reviews as a file of the user's, under names of their own, with letters beyond ASCII."""
    table = pd.DataFrame({"Movie": REVIEWS.title, "Text": "Déjà vu: " + REVIEWS.review, "Score": 7})
    inside = path.with_suffix(".csv")
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True, force_ascii=False)
    else:
        separator, encoding = ("\t", "cp1252") if path.suffix == ".tsv" else (",", "utf-8")
        table.to_csv(inside if path.suffix == ".zip" else path, index=False, sep=separator, encoding=encoding)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as file:
            file.write(inside, f"folder/{inside.name}")
    return path


# --- the whole chain ---


@pytest.mark.parametrize(
    ("reviews", "films", "how"),
    [
        ("sample", OF_SAMPLE, "exact title"),
        ("lmrd", 24, "title and year"),
        ("critics", 24 - OF_SAMPLE, "name, in the cinemas of 2002: a guess"),
        ("lmrd+critics", 24, "title and year"),
    ],
)
def test_the_whole_chain_runs_on_a_source(
    here: Path, tmp_path: Path, reviews: str, films: int, how: str
) -> None:
    found = whole(here, reviews, tmp_path / "out", FACTORSCOPE_DATA=str(here / "data"))
    assert found["source"] == reviews and found["films_with_reviews"] == 10
    coverage = pd.read_parquet(tmp_path / "out" / "coverage.parquet")
    assert (coverage.reviews > 0).sum() == films and how in set(coverage.how)
    assert coverage.reason[coverage.reviews == 0].ne("").all()
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    matched = coverage.how.ne("").sum()
    assert f"The source knows {matched} of 24 rated films. It has " in report
    assert all(f"<td>{reason}</td>" in report for reason in coverage.reason.unique() if reason)
    labelled = pd.read_parquet(tmp_path / "out" / "labelled_reviews.parquet")
    assert labelled.review_id.is_unique and set(labelled.source) <= set(reviews.split("+"))
    assert labelled.licence.ne("").all() and labelled.fetched[labelled.source != "sample"].ne("").all()


def test_a_film_of_the_critics_is_read_and_placed_by_a_run(here: Path, tmp_path: Path) -> None:
    out, more = tmp_path / "out", {"FACTORSCOPE_DATA": str(here / "data")}
    found = whole(here, "lmrd+critics", out, **more)
    # The critics of this folder say again what the viewers of its other source say.
    assert found["by_source"] == {"lmrd": 192, "critics": 96} and found["duplicates"] == 96

    def ask(title: str) -> subprocess.CompletedProcess[str]:
        return verb(here, "predict", "--run", str(out), "--critics", title, "--json", **more)

    done = ask("Made-up film 13")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["film"]["reviews"] == 8
    refused_in_one_line(ask("Made-up film"), tmp_path / "none", "wrote of no film", "do you mean")


@pytest.mark.parametrize("name", ["mine.csv", "mine.tsv", "mine.parquet", "mine.jsonl"])
def test_the_whole_chain_runs_on_an_own_file(here: Path, tmp_path: Path, name: str) -> None:
    found = whole(here, str(own_file(tmp_path / name)), tmp_path / "out")
    assert found["source"] == name and found["films_with_reviews"] == 10
    labelled = pd.read_parquet(tmp_path / "out" / "labelled_reviews.parquet")
    assert labelled.review.str.startswith("Déjà vu: ").all() and labelled.stars.eq(7).all()


def test_ids_pass_through_the_whole_chain_to_the_letter(here: Path, tmp_path: Path) -> None:
    def strange(number: int) -> str:
        return f"{'0' * (number % 3)}{number // 3 + 1}"

    rated = pd.read_csv(here / "ratings.csv", dtype="str")
    rated["film"] = [strange(int(film)) for film in rated.film]
    rated["user"] = "9" * 30 + rated.user
    # The first line once more, and one without a user.
    last = rated.iloc[:1].assign(rating="0.5"), rated.iloc[:1].assign(user="")
    pd.concat([rated, *last]).drop(columns="title").to_csv(tmp_path / "ratings.csv", index=False)
    mine = pd.DataFrame(
        {"film_id": [strange(int(film)) for film in REVIEWS.film_id], "review": REVIEWS.review}
    )
    mine.to_csv(tmp_path / "mine.csv", index=False)
    done = run(tmp_path, str(tmp_path / "mine.csv"), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for name, column in (("factors", "film_id"), ("users", "user_id"), ("coverage", "film_id")):
        ids = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")[column]
        assert ids.dtype == "str" and set(ids) <= set(rated[column.removesuffix("_id")]), name
    assert set(ids) == {strange(number) for number in range(1, len(TITLES) + 1)}
    coverage = pd.read_parquet(tmp_path / "out" / "coverage.parquet")
    assert coverage.reviews.eq(8).all()
    ratings = json.loads(done.stdout)["ratings"]
    assert ratings["left_out"] == [
        {"why": "no user", "rows": 1},
        {"why": "the same user rated the same film again; the last line stays", "rows": 1},
    ]
    assert "ratings: left out: 1 row, no user" in done.stderr.splitlines()


def test_the_sample_and_an_own_file_are_read_together(here: Path, tmp_path: Path) -> None:
    mine = own_file(tmp_path / "mine.zip")
    found = whole(here, f"sample+{mine}", tmp_path / "out")
    assert found["source"] == "sample+mine.zip"
    coverage = pd.read_parquet(tmp_path / "out" / "coverage.parquet")
    assert sorted(coverage.reviews.unique()) == [8, 16]


def test_a_correction_decides_whose_reviews_a_film_has(here: Path, tmp_path: Path) -> None:
    more = {"FACTORSCOPE_CACHE": str(tmp_path / "cache"), "FACTORSCOPE_DATA": str(here / "data")}
    shutil.copytree(here / "cache", tmp_path / "cache")
    assert verb(here, "correct", "--title", TITLES[-1], "--none", **more).returncode == 0
    whole(here, "lmrd", tmp_path / "out", **more)
    film = pd.read_parquet(tmp_path / "out" / "coverage.parquet").set_index("title").loc[TITLES[-1]]
    assert film.reviews == 0 and film.reason == "you said that it is not on IMDb"


# --- TMDB ---


@pytest.fixture
def tmdb() -> Iterator[Server]:
    """A TMDB, serving_tmdb, that knows the films and the reviews."""
    with serving_tmdb() as server:
        films = WORLD.ratings.films.assign(title=TITLES, year=[title[-5:-1] for title in TITLES])
        server.know(films, REVIEWS)
        yield server


def asking(tmdb: Server) -> dict[str, str]:
    return {"FACTORSCOPE_TMDB": f"{tmdb.address}/3", "TMDB_API_KEY": V3, "TMDB_PERMISSION": "yes"}


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def answers(here: Path) -> set[Path]:
    """Return the files that hold what was answered of a film, whole."""
    return set((here / "cache" / "sources").glob("*/search-*.json"))


def test_faults_of_tmdb_are_one_line_and_the_same_command_is_whole_when_they_are_mended(
    here: Path, tmp_path: Path, tmdb: Server
) -> None:
    out, good = tmp_path / "out", asking(tmdb)
    for name, said in (
        ("TMDB_API_KEY", "TMDB needs your key: set TMDB_API_KEY"),
        ("TMDB_PERMISSION", "consent"),
    ):
        lacking = {key: value for key, value in good.items() if key != name}
        refused_in_one_line(run(here, "tmdb", out, **lacking), out, said)
    nobody = good | {"FACTORSCOPE_TMDB": f"{DEAD}/3"}
    refused_in_one_line(run(here, "tmdb", out, **nobody), out, "connection failed", "goes on from there")
    assert not tmdb.asked
    tmdb.faults = [None, refused]
    refused_in_one_line(
        run(here, "tmdb", out, **good), out, "does not accept your key (401). Check TMDB_API_KEY"
    )

    tmdb.asked.clear()
    found = whole(here, "tmdb", out, **good)
    assert found["source"] == "tmdb" and found["films_with_reviews"] == 10
    assert "not endorsed, certified, or otherwise approved by TMDB" in found["licence"]
    assert len(tmdb.asked) == 24 * 3
    labelled = pd.read_parquet(out / "labelled_reviews.parquet")
    assert labelled.address.str.startswith("https://www.themoviedb.org/review/").all()
    # Once more, with nobody there and no key: everything is kept.
    again = whole(here, "tmdb", tmp_path / "again", FACTORSCOPE_TMDB=good["FACTORSCOPE_TMDB"])
    assert again == found and len(tmdb.asked) == 24 * 3
    assert not files_with(V3, here) and not files_with(V3, tmp_path)
    assert not files_with("Somebody Private", here) and not files_with("Somebody Private", tmp_path)


def test_a_killed_fetch_goes_on_where_it_was(here: Path, tmp_path: Path, tmdb: Server) -> None:
    before = answers(here)
    process = subprocess.Popen(
        [sys.executable, "-m", "core", *arguments(here, "tmdb", tmp_path / "out")],
        cwd=ROOT,
        env=environment(here, **asking(tmdb)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 120
    while len(tmdb.asked) < 20 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    kept, asked = len(answers(here) - before), len(tmdb.asked)
    assert whole(here, "tmdb", tmp_path / "out", **asking(tmdb))["films_with_reviews"] == 10
    assert kept and len(tmdb.asked) - asked == (24 - kept) * 3


# --- sources, coverage and own columns without a run ---


def test_each_source_says_where_it_stands(here: Path, tmp_path: Path) -> None:
    more = {"FACTORSCOPE_DATA": str(here / "data"), "FACTORSCOPE_CACHE": str(tmp_path)}
    document = json.loads(verb(here, "sources", "--json", **more).stdout)
    assert [source["name"] for source in document["sources"]] == list(SOURCES)
    places = {source["name"]: source["place"] for source in document["sources"]}
    assert (places["lmrd"], places["sample"], places["tmdb"]) == ("your folder", "bundled", "not to be had")
    assert document["kept"] == []


def test_coverage_is_told_without_a_run(here: Path, tmp_path: Path) -> None:
    of = ["coverage", "--ratings", str(here / "ratings.csv"), "--reviews", "sample+critics"]
    done = fresh(environment(here, FACTORSCOPE_DATA=str(here / "data")), *of)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The source knows 24 of 24 rated films. It has 192 reviews of 24 films.")
    assert "12 of the matches are guesses." in done.stdout and "public domain" in done.stdout
    document = json.loads(verb(here, *of, "--json", FACTORSCOPE_DATA=str(here / "data")).stdout)
    assert document["by_source"] == {"sample": 96, "critics": 96} and len(document["films"]) == 24


def test_a_file_with_other_columns_is_kept_read_and_removed(here: Path, tmp_path: Path) -> None:
    mine = pd.DataFrame({"Kino": TITLES, "Meinung": "Good.", "Jahr": 1})
    mine.to_csv(tmp_path / "mine.csv", index=False)
    kept = verb(here, "keep", str(tmp_path / "mine.csv"), "--columns", "review=Meinung,title=Kino")
    path = kept.stdout.strip()
    assert kept.returncode == 0 and Path(path).read_bytes() == (tmp_path / "mine.csv").read_bytes()
    done = verb(here, "coverage", "--ratings", str(here / "ratings.csv"), "--reviews", path, "--json")
    assert json.loads(done.stdout)["coverage"]["films_with_reviews"] == 24
    assert path in verb(here, "sources").stdout
    assert path not in verb(here, "sources", "--remove", path).stdout and not Path(path).exists()
    for columns, said in {
        "review=Nothing,title=Kino": "has no column 'Nothing' (it has Kino, Meinung, Jahr)",
        "review=Meinung,titel=Kino": "names 'titel', which is none of film_id, imdb_id, title",
        "title=Kino": "has no column for the review",
        "review=Meinung": "has no column for the film",
        "rating=Meinung,user=Kino": "has no column for the film",
        "review=Meinung,review=Kino": "names one of our columns twice",
    }.items():
        refused = verb(here, "keep", str(tmp_path / "mine.csv"), "--columns", columns)
        refused_in_one_line(refused, tmp_path / "none", said)
    inside = here / "cache" / "uploads" / ".." / "typo"
    for other in (str(tmp_path / "mine.csv"), path, str(inside)):
        gone = verb(here, "sources", "--remove", other)
        refused_in_one_line(gone, tmp_path / "none", "is none of the files that are kept")
    assert (here / "cache" / "artifacts").exists()


def test_two_own_files_and_a_source_named_twice(here: Path, tmp_path: Path) -> None:
    first, second = own_file(tmp_path / "a.csv"), own_file(tmp_path / "b.jsonl")
    found = whole(here, f"{first}+{second}", tmp_path / "out")
    # Both say the same, so each text is read once.
    assert found["by_source"] == {"a.csv": 192, "b.jsonl": 192} and found["duplicates"] == 192
    copy = shutil.copy(first, tmp_path / "copy.csv")
    for twice in ("sample+sample", f"{first}+{copy}"):
        done = run(here, twice, tmp_path / "no")
        refused_in_one_line(done, tmp_path / "no", "names a source of reviews twice")


# --- what goes wrong elsewhere ---


@pytest.mark.parametrize(("verb", "names"), [("run", [*SOURCES, "lmrd+critics"]), ("fetch", DATASETS)])
def test_help_names_all_that_can_be_had(verb: str, names: list[str]) -> None:
    said = forked(os.environ | {"COLUMNS": "500"}, verb, "--help")
    assert [name for name in names if name not in said.stdout] == []


def test_the_whole_chain_runs_on_a_cinemagoer_that_serves_reviews(here: Path, tmp_path: Path) -> None:
    folder = cinemagoer(tmp_path / "packages")
    serves(folder, REVIEWS)
    more = {"FACTORSCOPE_DATA": str(here / "data"), "PYTHONPATH": str(folder)}
    found = whole(here, "imdb", tmp_path / "out", fresh, **more)
    assert found["source"] == "imdb" and found["by_source"] == {"imdb": 192}
    labelled = pd.read_parquet(tmp_path / "out" / "labelled_reviews.parquet")
    assert labelled.address.str.startswith("https://www.imdb.com/title/tt").all()


def test_imdb_says_why_not_and_what_instead(here: Path, tmp_path: Path) -> None:
    done = run(here, "imdb", tmp_path / "out")
    refused_in_one_line(done, tmp_path / "out", "cinemagoer", "TMDB", "your own file")


@pytest.mark.parametrize(
    ("reviews", "said"),
    [
        ("imbd", "there are no reviews at 'imbd'; give a file that exists or one of sample, lmrd"),
        ("sample+imbd", "there are no reviews at 'imbd'; give"),
        ("planted", "Planted reviews (made up) has no review of any film of"),
        (
            "lmrd",
            "Large Movie Review Dataset cannot be found or fetched: FACTORSCOPE_DATA is not set; the cache",
        ),
        (
            "critics",
            "Critics of 2002 cannot be found or fetched: FACTORSCOPE_DATA is not set; the cache has none",
        ),
        ("sample+lmrd", "and set FACTORSCOPE_DATA to it"),
    ],
)
def test_a_source_that_is_not_to_be_had_is_one_line(
    here: Path, tmp_path: Path, reviews: str, said: str
) -> None:
    refused_in_one_line(run(here, reviews, tmp_path / "out"), tmp_path / "out", said)
    assert {path.suffix for path in (here / "cache" / "datasets").glob("*")} <= {".lock"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "give a file that exists"),
        ("empty.csv", "", "empty.csv is empty; give a table with a header line and rows"),
        ("head.csv", "title,review\n", "head.csv has no reviews; add some"),
        (
            "other.csv",
            "title,review\nNobody (1900),Fine.\n",
            "no review is of a film of the ratings (it names",
        ),
        ("blank.csv", f'title,review\n"{TITLES[0]}",\n', "every review is blank; fill them in"),
        ("one.csv", f'title,review\n"{TITLES[0]}",Fine.\n', "and two are needed; choose more films"),
        ("odd.csv", "title,seats\nNobody,7\n", "has no column for the review (it has title, seats)"),
        # Stars that cannot be read block nothing.
        (
            "stars.csv",
            f'title,review,stars\n"{TITLES[0]}",Fine.,99\n',
            "1 of the 2 chosen films have reviews",
        ),
        ("mine.pdf", "%PDF", "mine.pdf is a PDF, not a table; give a file such as .csv"),
        ("mine.zip", "no zip", "mine.zip is not a whole zip archive; pack it again"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    here: Path, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    refused_in_one_line(run(here, str(tmp_path / name), tmp_path / "out"), tmp_path / "out", said)


@pytest.mark.parametrize(
    ("reviews", "name", "said"),
    [
        ("lmrd", "aclImdb_v1.tar.gz", "aclImdb_v1.tar.gz is not a whole tar.gz archive"),
        ("critics", "critics-2002.zip", "critics-2002.zip is not the file of snippets"),
        ("lmrd", "title.basics.tsv.gz", "title.basics.tsv.gz"),
    ],
)
def test_a_damaged_file_of_a_publisher_is_one_line(
    here: Path, tmp_path: Path, reviews: str, name: str, said: str
) -> None:
    shutil.copytree(here / "data", tmp_path / "data")
    whole = (tmp_path / "data" / name).read_bytes()
    (tmp_path / "data" / name).write_bytes(whole[: len(whole) // 2])
    done = run(here, reviews, tmp_path / "out", FACTORSCOPE_DATA=str(tmp_path / "data"))
    refused_in_one_line(done, tmp_path / "out", said)
