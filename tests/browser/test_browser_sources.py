"""Each source of reviews in a real browser, on made-up ratings, without a network, and with faults."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect
from support.fake_tmdb import V3, Server, refused, serving_tmdb
from support.synthetic_publishers import cinemagoer, critics, lmrd, serves, title_basics

from browser.conftest import dashboard
from browser.driving import PATIENCE, SOON, follow, idle, main_part, picture, settle
from core.data.ratings.synthetic import synthetic_world

WORLD = synthetic_world()
DEAD = "http://127.0.0.1:9"
NO_NETWORK = {"https_proxy": DEAD, "HTTPS_PROXY": DEAD, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
OWN = "My own file of reviews"
TMDB = "TMDB (The Movie Database)"
LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 273 36'><rect width='273' height='36'/></svg>"


@pytest.fixture(scope="module")
def tmdb() -> Iterator[Server]:
    """Yield a fake TMDB with the made-up films and their reviews."""
    with serving_tmdb() as server:
        server.know(WORLD.ratings.films, WORLD.reviews)
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the dashboard's cache and a fake cinemagoer, which has no reviews yet."""
    home = tmp_path_factory.mktemp("sources")
    cinemagoer(home / "packages")
    return home


@pytest.fixture(scope="module")
def reviews(home: Path, tmdb: Server, browser: Browser) -> Iterator[str]:
    """Yield the address of the page Reviews of a first run, which is on the made-up world, the only data here."""
    environment = {name: value for name, value in os.environ.items() if name != "FACTORSCOPE_DATA"}
    environment |= {"PYTHONPATH": str(home / "packages")}
    environment |= NO_NETWORK | {"FACTORSCOPE_TMDB": f"{tmdb.address}/3"}
    environment |= {"TMDB_API_KEY": V3, "TMDB_PERMISSION": "yes"}
    with dashboard(home / "cache", environment) as address:
        page = browser.new_page()
        page.goto(address)
        settle(page, "A recommender learns")
        expect(page.get_by_text("How sure is all this?")).to_be_visible(timeout=PATIENCE)
        run = page.url.split("run=")[1].split("&")[0]
        page.close()
        yield f"{address}/Reviews?run={run}"


def says(page: Page, text: str, patience: float = SOON) -> None:
    """Wait until a text is visible, which may also occur in a closed part of the page."""
    expect(page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=patience)
    settle(page, "Reviews")


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of the field with exactly this label, again where a rerun of the page closed its list."""
    for patience in (5_000, 5_000, SOON):
        idle(page)
        main_part(page).get_by_role("combobox", name=label, exact=True).click()
        page.keyboard.type(option)
        try:
            page.get_by_role("option", name=option).first.click(timeout=patience)
            return
        except TimeoutError:
            page.keyboard.press("Escape")
    raise AssertionError(f"{option} cannot be picked as {label}")


def pick_source(page: Page, source: str) -> None:
    """Pick a source for a new run, which replaces the made-up reviews."""
    choose(page, "Reviews of these films", source)
    page.keyboard.press("Escape")
    expect(main_part(page).get_by_role("button", name=f"Remove {source}")).to_be_visible(timeout=SOON)
    expect(main_part(page).get_by_role("button", name="Remove Planted")).to_be_hidden(timeout=SOON)


def start(page: Page) -> None:
    page.get_by_role("button", name="Start a run on these films").click()


def look_at_it(page: Page) -> None:
    """Wait until the run is done, and open it."""
    look = page.get_by_role("button", name="Look at it")
    expect(look.or_(page.get_by_text("The run failed"))).to_be_visible(timeout=PATIENCE)
    look.click()
    expect(look).to_be_hidden(timeout=SOON)
    idle(page)


def put_away(page: Page) -> None:
    """Close the message about a failed run, so that it is not taken for that of the next run."""
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.get_by_text("The run failed")).to_be_hidden(timeout=SOON)
    idle(page)


def shows(page: Page, label: str, number: str) -> None:
    """Wait until a metric of the coverage has this value."""
    metric = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    expect(metric.get_by_test_id("stMetricValue")).to_have_text(number, timeout=SOON)


def open_tab(page: Page, name: str, text: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    says(page, text)


def test_an_upload_goes_the_whole_way(reviews: str, page: Page, tmp_path: Path) -> None:
    told = WORLD.reviews.merge(WORLD.ratings.films, on="film_id")
    told = told[told.film_id.astype(int) > 20]
    mine = pd.DataFrame({"Kino": told.title, "Meinung": "A zebra came by. " + told.review, "Punkte": 7})
    mine.loc[len(mine) + 1000] = ["Nobody (1900)", "Of no film here.", 5]
    mine.to_csv(tmp_path / "my views.csv", index=False, sep=";")

    page.goto(f"{reviews}&show=New+run")
    says(page, "Source")
    pick_source(page, OWN)
    page.locator("input[type=file]").set_input_files(tmp_path / "my views.csv")
    says(page, "UTF-8, separated by semicolons. 3 columns; its first rows")
    # The review is recognised, the name of the film is not.
    says(page, "needs a column for the film")
    choose(page, "Film’s title", "Kino")
    choose(page, "Stars", "Punkte")
    says(page, "800 reviews of 100 of the 120 rated films.")
    says(page, "1 row left out: of films that are not rated, such as Nobody (1900).")
    picture(page, "sources-upload")
    start(page)
    look_at_it(page)

    open_tab(page, "Coverage", "Film by film")
    says(page, "Your file my")
    shows(page, "Films", "120")
    shows(page, "With reviews", "100")
    shows(page, "Reviews", "800")
    picture(page, "sources-upload-coverage")
    open_tab(page, "Read and search", "Find words")
    page.get_by_role("textbox", name="Find words").fill("zebra")
    page.get_by_role("textbox", name="Find words").press("Enter")
    expect(page.locator(".found-text mark").first).to_have_text("zebra", timeout=SOON)
    says(page, "7 of 10 stars")
    run = page.url

    open_tab(page, "Files", "my views.csv")
    says(page, "Read by 1 run")
    main_part(page).get_by_role("button", name="Remove").first.click()
    page.get_by_role("button", name="Remove this file").click()
    expect(main_part(page).get_by_text("Read by 1 run")).to_be_hidden(timeout=SOON)
    picture(page, "sources-files")
    page.goto(run)
    expect(page.locator(".found-text mark").first).to_have_text("zebra", timeout=SOON)


def test_tmdb_fails_in_a_sentence_goes_on_and_is_shown_with_its_terms(
    reviews: str, page: Page, tmdb: Server
) -> None:
    page.route(
        "https://www.themoviedb.org/**", lambda route: route.fulfill(body=LOGO, content_type="image/svg+xml")
    )
    page.goto(f"{reviews}&show=New+run")
    says(page, "Source")
    pick_source(page, TMDB)
    says(page, "key is set; asked of http://127.0.0.1")
    tmdb.faults = [None] * 30 + [refused]
    start(page)
    says(page, "The run failed: TMDB does not accept your key (401). Check TMDB_API_KEY", PATIENCE)
    assert V3 not in page.content()
    picture(page, "sources-tmdb-refused")
    # Earlier results are still there.
    open_tab(page, "Coverage", "Film by film")
    shows(page, "Reviews", "960")

    open_tab(page, "New run", "Source")
    put_away(page)
    says(page, "answers for 10 films are kept")
    asked = len(tmdb.asked)
    start(page)
    look_at_it(page)
    assert len(tmdb.asked) - asked == (120 - 10) * 3
    open_tab(page, "Coverage", "Film by film")
    says(page, "played by http://127.0.0.1")
    shows(page, "With reviews", "120")
    says(
        page,
        "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB.",
    )
    logo = main_part(page).get_by_role("img", name="TMDB")
    expect(logo).to_have_attribute(
        "src", re.compile("^https://www.themoviedb.org/assets/.*svg$"), timeout=SOON
    )
    open_tab(page, "Read and search", "Find words")
    link = page.get_by_role("link", name="Open at the source").first
    expect(link).to_have_attribute("href", re.compile("^https://www.themoviedb.org/review/"), timeout=SOON)
    assert V3 not in page.content() and "Somebody Private" not in page.content()
    picture(page, "sources-tmdb")


def test_imdb_is_refused_in_a_sentence_and_nothing_can_start(reviews: str, page: Page) -> None:
    page.goto(f"{reviews}&show=New+run")
    says(page, "Source")
    pick_source(page, "IMDb by cinemagoer")
    says(page, "cinemagoer 9.9 serves no reviews")
    says(page, "signed in. Take TMDB's reviews")
    expect(page.get_by_role("button", name="Start a run on these films")).to_be_disabled()
    picture(page, "sources-imdb")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "Large Movie Review Dataset",
            "The run failed: Large Movie Review Dataset cannot be found or fetched",
        ),
        ("Critics of 2002", "The run failed: Critics of 2002 cannot be found or fetched"),
    ],
)
def test_what_cannot_be_fetched_is_told_and_how_to_give_it(
    reviews: str, page: Page, source: str, said: str
) -> None:
    page.goto(f"{reviews}&show=New+run")
    says(page, "Source")
    pick_source(page, source)
    says(page, "will be fetched from")
    start(page)
    says(page, said, PATIENCE)
    says(page, "into a folder and set FACTORSCOPE_DATA to it")
    put_away(page)
    follow(page, "Predictions")
    says(page, "Hide the most predicted factor")


@pytest.mark.parametrize(
    ("source", "said", "films"),
    [
        ("Large Movie Review Dataset", "in the cache", 120),
        ("Critics of 2002", "in the cache", 12),
        ("IMDb by cinemagoer", "will be asked of cinemagoer 9.9, film by film", 120),
    ],
)
def test_a_source_that_can_be_had_goes_the_whole_way(
    reviews: str, page: Page, home: Path, source: str, said: str, films: int
) -> None:
    told = WORLD.reviews.merge(WORLD.ratings.films, on="film_id")
    fetched = home / "cache" / "datasets"
    fetched.mkdir(exist_ok=True)
    title_basics(fetched / "title.basics.tsv.gz", WORLD.ratings.films.title.tolist())
    lmrd(fetched / "aclImdb_v1.tar.gz", told)
    critics(fetched / "critics-2002.zip", told)
    answers = serves(home / "packages", told)
    try:
        page.goto(f"{reviews}&show=New+run")
        says(page, "Source")
        pick_source(page, source)
        says(page, said)
        # No more films can be asked for than have reviews.
        asked = page.get_by_test_id("stNumberInputField").and_(page.get_by_label("Films with reviews"))
        asked.fill(str(films))
        asked.press("Enter")
        start(page)
        look_at_it(page)
        open_tab(page, "Coverage", "Film by film")
        shows(page, "With reviews", f"{films}")
        shows(page, "Reviews", f"{8 * films}")
        open_tab(page, "Read and search", "Find words")
        says(page, source)
        picture(page, f"sources-{source.partition(' ')[0].lower()}")
    finally:
        for path in (*fetched.iterdir(), answers):
            path.unlink()


def test_a_film_is_said_to_be_another_and_that_is_taken_back(reviews: str, page: Page) -> None:
    page.goto(f"{reviews}&show=Coverage")
    says(page, "Correct a wrong match")
    title = WORLD.ratings.films.title[0]
    choose(page, "Film (type to search)", title)
    says(page, "This run knows no IMDb id of this film")
    page.get_by_label("IMDb id or address").fill("https://www.imdb.com/title/tt0114814/")
    page.get_by_label("IMDb id or address").press("Enter")
    page.get_by_role("button", name="Use this title").click()
    says(page, "Kept: ")
    says(page, "Your correction: tt0114814")
    page.get_by_role("button", name="No title fits").click()
    says(page, "Your correction: no title on IMDb")
    picture(page, "sources-correction")
    page.get_by_role("button", name="Undo my correction").click()
    says(page, "was undone")
    expect(page.get_by_text("Your correction: ")).to_be_hidden(timeout=SOON)
