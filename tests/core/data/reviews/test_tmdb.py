"""TMDB as a source of reviews, against a server on this machine that plays what is documented, and its faults."""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pandas as pd
import pytest
from support.fake_tmdb import FAULT, TOKEN, V3, Handler, Server, review, serving_tmdb, too_many
from support.small_run import FEW_FITS

from core.data.ratings.synthetic import synthetic_world
from core.data.reviews.matching.corrections import correct
from core.data.reviews.registry import NAMED, open_source
from core.data.reviews.sources.tmdb import api
from core.data.reviews.sources.tmdb import responses as kept
from core.data.reviews.sources.tmdb.queries import review_of
from core.data.reviews.sources.tmdb.source import TmdbReviews
from core.errors import BadSettings, Cancelled, DataNotFound, UserError
from core.pipeline import chain as pipeline
from core.pipeline import data
from core.progress import silent
from core.settings import FactorModelSettings, preset
from core.store import Store


def films(*rows: tuple[int, str, int | None, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["film_id", "title", "year", "imdb_id"])
    table = table.astype({"title": "str", "year": "Int16", "imdb_id": "str"})
    return table.assign(genres="", other_ids=[()] * len(table))


HEAT = films((1, "Heat (1995)", 1995, "tt0113277"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server that answers, asked in place of TMDB, with a key that is set and quick second tries."""
    with serving_tmdb() as server:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.delenv("FACTORSCOPE_DATA", raising=False)
        monkeypatch.setenv("FACTORSCOPE_TMDB", f"{server.address}/3")
        monkeypatch.setenv("TMDB_API_KEY", V3)
        monkeypatch.setenv("TMDB_PERMISSION", "yes")
        monkeypatch.setattr(api, "FIRST_WAIT", 0.01)
        yield server


def reviews_of(table: pd.DataFrame, store: Store) -> pd.DataFrame:
    return TmdbReviews(store, silent).reviews(table, silent)


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.mark.parametrize("key", [V3, TOKEN])
def test_reviews_come_by_imdb_id_page_by_page(
    server: Server, store: Store, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", key)
    server.pages[949] = [[review(3, " Cold and blue.\r\n", 0.5)], [review(2, "Long.", None), review(4, " ")]]
    reviews = reviews_of(HEAT, store)
    assert reviews.review_id.tolist() == [f"tmdb-{number:024x}" for number in (2, 3)]
    assert reviews.review.tolist() == ["Long.", "Cold and blue."]
    # Half a star is the lowest there, one is the lowest here.
    assert reviews.stars.tolist() == [pd.NA, 1.0] and reviews.stars.dtype == "Float32"
    assert reviews.address[0] == f"https://www.themoviedb.org/review/{2:024x}"
    assert "language" not in reviews and (reviews.source == "tmdb").all() and (reviews.film_id == 1).all()
    assert abs(datetime.fromisoformat(reviews.fetched[0]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert [path for path, _, _ in server.asked] == ["/3/find/tt0113277", *["/3/movie/949/reviews"] * 2]
    assert not files_with(key, store.root) and not files_with("Somebody Private", store.root)
    # The key travels in one way alone.
    for _, told, header in server.asked:
        assert (told.get("api_key"), header) == ((V3, None) if key == V3 else (None, f"Bearer {TOKEN}"))


def test_a_language_is_passed_on_where_it_is_told(server: Server, store: Store) -> None:
    server.pages[949] = [[{**review(1, "Ein Duell im Café."), "iso_639_1": "de"}, review(2, "A duel.")]]
    assert reviews_of(HEAT, store).language.fillna("not told").tolist() == ["de", "not told"]


def test_the_way_from_the_name_of_the_source(server: Server, store: Store) -> None:
    source = open_source("tmdb", store, silent)
    assert source.reviews(HEAT, silent).review.tolist() == ["A duel in a coffee shop."]
    assert pd.concat(source.texts(silent)).review_id.tolist() == [f"tmdb-{1:024x}"]
    assert (
        "not endorsed, certified, or otherwise approved by TMDB" in source.licence
        and server.address in source.title
    )
    assert NAMED["tmdb"].title == "TMDB (The Movie Database)"


def test_films_are_found_or_it_is_said_why_not(server: Server, store: Store) -> None:
    server.by_id |= {"tt0000002": 949, "tt0000004": 5}
    server.listed = [
        {"id": 6, "title": "Seven Samurai", "original_title": "x", "release_date": "1960-04-26"},
        {"id": 7, "title": "Seven Samurai", "original_title": "七人の侍", "release_date": "1954-04-26"},
        {"id": 8, "title": "Return of the Seven Samurai", "release_date": "1954-01-01"},
    ]
    table = pd.concat(
        [
            HEAT,
            films(
                (2, "Heat again (1995)", 1995, "tt0000002"),
                (3, "Unknown (1999)", 1999, "tt0000003"),
                (4, "Known, deleted (1999)", 1999, "tt0000004"),
                (5, "Seven Samurai (Shichinin no samurai) (1954)", 1954, None),
                (6, "Heat (1972)", 1972, None),
                (7, "Heat", None, None),
                (8, "No id (1954)", 1954, "../../secret"),
            ),
        ]
    )
    server.pages[7] = [[review(9, "Rain.")]]
    source = TmdbReviews(store, silent)
    found = source.matches(table, silent)
    assert found.film_id.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert found.how.tolist() == [
        "IMDb id of the ratings",
        "",
        "",
        "IMDb id of the ratings",
        "title and year on TMDB: a guess",
        "",
        "",
        "",
    ]
    assert found.reason.tolist() == [
        "",
        "another film of the ratings is the same one on TMDB",
        "TMDB has no film of its IMDb id",
        "",
        "",
        "TMDB has no film of its name and year",
        "neither its IMDb id nor its year is known, so it is not looked for",
        "TMDB has no film of its name and year",
    ]
    assert source.reviews(table, silent).film_id.tolist() == [1, 5]
    query = next(told for path, told, _ in server.asked if path == "/3/search/movie")
    assert (query["query"], query["year"]) == ("seven samurai", "1954")


def test_the_users_word_on_a_film_goes_before_any_guess(server: Server, store: Store) -> None:
    server.listed = [{"id": 949, "title": "Heat", "release_date": "1972-01-01"}]
    table = films((1, "Heat (1995)", 1995, "tt0000009"), (2, "Heat (1972)", 1972, None))
    correct(store, "Heat (1995)", 1995, "tt0113277")
    correct(store, "Heat (1972)", 1972, None)
    found = TmdbReviews(store, silent).matches(table, silent)
    assert found.how.tolist() == ["corrected by you", ""] and len(server.asked) == 2
    assert found.reason.tolist() == ["", "you said that it is not on IMDb"]


def test_what_is_kept_is_asked_for_once_and_settles_the_digest(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = TmdbReviews(store, silent)
    digest = first.digest(HEAT)
    assert len(digest) == 64 and len(first.digest(None)) == 64 and len(server.asked) == 2
    # Neither network nor key is needed for the same films.
    monkeypatch.delenv("TMDB_API_KEY")
    again = TmdbReviews(store, silent)
    assert again.digest(HEAT.copy()) == digest and again.reviews(HEAT, silent).review.tolist()
    assert len(server.asked) == 2
    with pytest.raises(BadSettings, match="TMDB needs your key: set TMDB_API_KEY"):
        again.digest(films((2, "Ran (1985)", 1985, "tt0089881")))
    assert digest != TmdbReviews(store, silent).digest(HEAT.assign(film_id=2))
    # Other answers than those of TMDB itself lie apart from its own.
    assert not (store.root / "sources" / "tmdb").exists()


def test_answers_older_than_six_months_are_asked_for_anew(server: Server, store: Store) -> None:
    digest = TmdbReviews(store, silent).digest(HEAT)
    path = next(store.root.glob("sources/*/tt0113277.json"))
    data = json.loads(path.read_text())
    old = datetime.now(UTC) - timedelta(seconds=kept.KEEP_SECONDS + 60)
    path.write_text(json.dumps({**data, "fetched": old.isoformat()}))
    server.pages[949] = [[review(1, "I no longer like it.")]]
    assert TmdbReviews(store, silent).digest(HEAT) != digest and len(server.asked) == 4
    os.utime(path, (old.timestamp(), old.timestamp()))
    TmdbReviews(store, silent)
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "0"}', '{"version": "1", "movie": 949}'])
def test_a_damaged_file_is_asked_for_anew(server: Server, store: Store, content: str) -> None:
    TmdbReviews(store, silent).digest(HEAT)
    next(store.root.glob("sources/*/tt0113277.json")).write_text(content)
    assert reviews_of(HEAT, store).review.tolist() == ["A duel in a coffee shop."]


def truncated(handler: Handler) -> None:
    handler.send(200, b'{"movie_results": [{"id"', {"Content-Length": "1000"})


def broken_off(handler: Handler) -> None:
    handler.connection.close()


@pytest.mark.parametrize(
    "fault",
    [
        lambda handler: handler.answer(500, {"status_code": 11}),
        lambda handler: handler.send(503, b"<html>maintenance</html>"),
        lambda handler: handler.send(200, b"<html>hello</html>"),
        lambda handler: handler.answer(200, ["no", "object"]),
        too_many("0"),
        too_many("soon"),
        too_many("Fri, 31 Dec 99999 23:59:59 GMT"),
        lambda handler: handler.send(200, b'{"a":' * 200_000),
        truncated,
    ],
)
def test_a_fault_that_passes_is_outlived(server: Server, store: Store, fault: FAULT) -> None:
    server.faults = [fault, None, fault]
    assert reviews_of(HEAT, store).review.tolist() == ["A duel in a coffee shop."]
    assert len(server.asked) == 4


@pytest.mark.slow
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_waited_for(server: Server, store: Store, as_date: bool) -> None:
    said: list[str] = []
    until: list[float] = []

    def ask_to_wait(handler: Handler) -> None:
        # A date is told in whole seconds.
        date = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
        until.append(date.timestamp() if as_date else time.time() + 1)
        too_many(format_datetime(date, usegmt=True) if as_date else "1")(handler)

    server.faults = [ask_to_wait]
    TmdbReviews(store, silent).reviews(HEAT, lambda stage, done, message, values=None: said.append(message))
    waited_until = server.times[1] - time.monotonic() + time.time()
    assert waited_until > until[0] - 0.05
    assert any("asks to wait" in message for message in said)


def test_too_long_a_wait_ends_the_run_and_says_so(server: Server, store: Store) -> None:
    server.faults = [too_many("3600")]
    with pytest.raises(DataNotFound, match="TMDB asks to wait 60 min. What came is kept"):
        reviews_of(HEAT, store)


def test_a_server_that_never_recovers_is_given_up(server: Server, store: Store) -> None:
    server.faults = [lambda handler: handler.answer(500, {})] * 9
    with pytest.raises(DataNotFound, match="it answered 500, 5 times in a row. What came is kept"):
        reviews_of(HEAT, store)
    assert len(server.asked) == 5


def test_an_empty_page_is_the_last(server: Server, store: Store) -> None:
    endless = {"page": 1, "results": [], "total_pages": 500}
    server.faults = [None, lambda handler: handler.answer(200, endless)]
    assert reviews_of(HEAT, store).empty
    assert len(server.asked) == 2


def test_a_film_whose_year_is_off_by_one_on_tmdb_is_found(server: Server, store: Store) -> None:
    server.listed = [{"id": 949, "title": "Rocket Man", "release_date": "1998-01-01"}]
    found = TmdbReviews(store, silent).matches(films((1, "RocketMan (1997)", 1997, None)), silent)
    assert found.how.tolist() == ["title and year on TMDB: a guess"]
    assert [told.get("year") for _, told, _ in server.asked[:2]] == ["1997", None]


def test_a_page_that_is_not_there_is_no_film_that_is_not_there(server: Server, store: Store) -> None:
    for body in (b"<html>no such page</html>", b"{}"):
        server.faults = [lambda handler, body=body: handler.send(404, body)]
        with pytest.raises(DataNotFound, match="it answered 404"):
            reviews_of(HEAT, store)


def test_nobody_there(server: Server, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTORSCOPE_TMDB", "http://127.0.0.1:9/3")
    with pytest.raises(DataNotFound, match="the connection failed or broke off"):
        reviews_of(HEAT, store)


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [True, False])
def test_a_slow_answer_is_not_waited_for_for_ever(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(api, "PATIENCE", 0.4)
    monkeypatch.setattr(api, "TRIES", 2)
    over = threading.Event()

    def slow(handler: Handler) -> None:
        if not at_once:
            # A byte now and then would keep a connection alive for ever.
            handler.send(200, b"", {"Content-Length": "1000"})
            while not over.wait(0.1):
                handler.wfile.write(b" ")
        over.wait(60)

    server.faults = [slow, slow]
    began = time.monotonic()
    with pytest.raises(DataNotFound, match="no answer within"):
        reviews_of(HEAT, store)
    over.set()
    # The server would take a minute for each.
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_said_in_one_line_and_not_asked_again(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    wrong = "f" * 32
    monkeypatch.setenv("TMDB_API_KEY", wrong)
    server.faults = [lambda handler: handler.answer(status, {"status_message": f"Invalid API key {wrong}"})]
    with pytest.raises(
        BadSettings, match=f"does not accept your key .{status}.. Check TMDB_API_KEY"
    ) as raised:
        reviews_of(HEAT, store)
    assert wrong not in str(raised.value) and len(server.asked) == 1


def test_what_cannot_be_a_key_is_not_sent(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", "my secret password")
    with pytest.raises(BadSettings, match="neither a v3 key") as raised:
        reviews_of(HEAT, store)
    assert "password" not in str(raised.value) and not server.asked


def test_nothing_is_asked_without_tmdbs_permission(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMDB_PERMISSION")
    with pytest.raises(BadSettings, match="forbid its content in machine learning"):
        reviews_of(HEAT, store)
    assert not server.asked and "key is set" in TmdbReviews.state(store).sentence


def test_the_key_does_not_go_along_with_a_redirect(server: Server, store: Store) -> None:
    with serving_tmdb() as other:
        server.faults = [
            lambda handler: handler.send(301, b"", {"Location": f"{other.address}{handler.path}"}),
        ]
        with pytest.raises(DataNotFound, match="leads elsewhere"):
            reviews_of(HEAT, store)
    assert not other.asked


def test_the_key_never_travels_openly(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://api.themoviedb.org/3", "ftp://127.0.0.1", "nonsense", "http://["):
        monkeypatch.setenv("FACTORSCOPE_TMDB", address)
        with pytest.raises(BadSettings, match="must be an https address"):
            TmdbReviews(store, silent)
        assert "must be an https address" in TmdbReviews.state(store).sentence


def test_answers_of_another_form_are_refused(server: Server, store: Store) -> None:
    for body in ({}, {"movie_results": 3}, {"movie_results": ["film"]}):
        server.faults = [lambda handler, body=body: handler.answer(200, body)]
        with pytest.raises(DataNotFound, match="in another form than it documents"):
            reviews_of(HEAT, store)
    # What is odd in a single review costs that review alone, or that part of it.
    assert review_of({"id": 3, "content": "text"}) is None and review_of({"id": "3"}) is None
    for rating in (0, 11, "9", None, True, float("nan")):
        odd = {"id": "3", "content": "a\ud800b", "url": "javascript:1", "author_details": {"rating": rating}}
        row = review_of(odd)
        assert row is not None and row["review"] == "a?b" and row["address"] is None
        assert row["stars"] == (1.0 if rating is True else None)


def many(server: Server, count: int) -> pd.DataFrame:
    server.by_id = {f"tt{number:07d}": number for number in range(1, count + 1)}
    server.pages = {number: [[review(number, f"Film {number}.")]] for number in range(1, count + 1)}
    return films(*((n, f"Film {n} (1990)", 1990, f"tt{n:07d}") for n in range(1, count + 1)))


def test_a_fetch_that_is_cut_off_goes_on(server: Server, store: Store) -> None:
    table, said = many(server, 10), []
    server.faults = [None] * 9 + [lambda handler: handler.answer(500, {})] * api.TRIES

    def hear(stage: str, done: float, message: str, values: object = None) -> None:
        said.append((done, message))

    with pytest.raises(DataNotFound, match="the same run goes on from there"):
        TmdbReviews(store, silent).reviews(table, hear)
    assert said[-1] == (0.4, "4 of 10 films, 4 reviews")
    before = len(server.asked)
    assert len(reviews_of(table, store)) == 10
    # Six films were left, with two questions each.
    assert len(server.asked) - before == 12
    assert "answers for 10 films are kept" in TmdbReviews.state(store).sentence


@pytest.mark.slow
@pytest.mark.parametrize("where", ["waiting", "slow answer", "in turn"])
def test_it_stops_at_once_when_told(server: Server, store: Store, where: str) -> None:
    table, stop = many(server, 400), threading.Event()
    over = threading.Event()
    if where == "waiting":
        server.faults = [None, None, too_many("100")]
    elif where == "slow answer":
        server.faults = [None, None, lambda handler: over.wait(60)]
    told = 0

    def hear(stage: str, done: float, message: str, values: object = None) -> None:
        nonlocal told
        if stop.is_set():
            told += 1
            raise Cancelled

    threading.Timer(1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        TmdbReviews(store, silent).reviews(table, hear)
    over.set()
    # Otherwise it takes 20 seconds, the patience with an answer, or more.
    assert time.monotonic() - began < 15 and told == 1
    assert len(list(store.root.glob("sources/*/*.json"))) >= 1


@pytest.mark.slow
def test_the_pace_is_polite(server: Server, store: Store) -> None:
    reviews_of(many(server, 20), store)
    assert len(server.times) == 40
    # Any of the first half may come late, not all of them.
    spans = [server.times[-1] - server.times[place] + place / api.A_SECOND for place in range(20)]
    assert max(spans) > 39 / api.A_SECOND * 0.95


def test_the_key_comes_from_streamlits_secrets_too(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TMDB_API_KEY")
    monkeypatch.delenv("TMDB_PERMISSION")
    assert TmdbReviews.state(store).sentence.startswith("needs your key: set TMDB_API_KEY")
    for folder in (tmp_path / "home" / ".streamlit", tmp_path / ".streamlit"):
        folder.mkdir(parents=True)
        secrets = folder / "secrets.toml"
        secrets.write_text(f'TMDB_API_KEY = "{V3}"\nTMDB_PERMISSION = "yes"\n')
        assert TmdbReviews.state(store).sentence.startswith("key is set; asked of http://127.0.0.1")
        secrets.unlink()
    secrets.write_text(f"TMDB_API_KEY = {V3}")
    with pytest.raises(BadSettings, match="cannot be read as TOML") as raised:
        TmdbReviews(store, silent).digest(HEAT)
    assert V3 not in str(raised.value) and V3 not in TmdbReviews.state(store).sentence


@pytest.mark.parametrize("key", [V3, TOKEN])
def test_no_log_and_no_error_has_the_key(
    server: Server, store: Store, key: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", key)
    monkeypatch.setattr(api, "TRIES", 1)
    caplog.set_level(logging.DEBUG)
    seen: list[BaseException] = []
    faults = (None, truncated, broken_off, lambda handler: handler.answer(400, {}))
    for number, fault in enumerate(faults):
        server.faults = [fault]
        try:
            reviews_of(films((1, "A (1990)", 1990, f"tt000000{number}")), store)
        except UserError as error:
            seen.append(error)
    assert len(seen) == 3 and "HTTP Request: GET" in caplog.text and key not in caplog.text
    for error in seen:
        link: BaseException | None = error
        while link is not None:
            request = getattr(link, "_request", None)
            assert key not in f"{link!r} {request and request.url} {request and request.headers.raw}"
            link = link.__cause__ or link.__context__


@pytest.mark.slow
def test_the_whole_chain_runs_on_it_and_leaves_no_key(
    server: Server, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted world's reviews, as TMDB would give them: found, read, and graded on films left out."""
    monkeypatch.setattr(api, "A_SECOND", 1000)
    world = synthetic_world()
    ids = [f"tt{film_id.zfill(7)}" for film_id in world.ratings.films.film_id]
    rated = world.ratings.films.assign(imdb_id=pd.array(ids, dtype="str"))
    monkeypatch.setattr(data, "read_ratings", lambda *_: replace(world.ratings, films=rated))
    server.know(rated, world.reviews)

    quick = preset("quick", ratings="planted", reviews="tmdb", factors=4, top=1, films=120)
    model = FactorModelSettings(factors=4, epochs=5, batch_size=512, learning_rate=5e-2)
    settings = quick.replace(form="varimax", factor_model=model, stability=FEW_FITS)
    result = pipeline.run(settings, store, silent, tmp_path / "run").plain()
    assert result["reviews"]["source"] == "tmdb" and result["reviews"]["reviews"] == 960
    assert result["classifier"]["lrap_gain_interval"][0] > 0.2
    asked = len(server.asked)
    assert asked == 120 * 3
    # Again, without key and network: everything is kept.
    monkeypatch.delenv("TMDB_API_KEY")
    again = pipeline.run(settings, store, silent, tmp_path / "again").plain()
    assert again["classifier"]["lrap"] == result["classifier"]["lrap"] and len(server.asked) == asked
    assert not files_with(V3, tmp_path) and not files_with("Somebody Private", tmp_path)
