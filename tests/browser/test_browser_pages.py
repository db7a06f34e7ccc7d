"""The main use of each page in a real browser, from an empty cache on, wide and narrow, light and dark."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from support.colours import contrast
from support.pages import ROOT

from browser.driving import (
    PATIENCE,
    SOON,
    box_of,
    follow,
    idle,
    main_part,
    picture,
    select,
    settle,
    under_way,
    until_address,
)
from pages.components.start.cards import DRAWN

REVIEW = (
    "A slow and tender story about two lovers who write letters to each other during the war. I cried at the end, "
    "and so did everybody around me in the cinema."
)
LEGIBLE = 4.5
"""Least contrast of text, by WCAG 2."""
LOOKS = [(1280, "light"), (1280, "dark"), (390, "dark"), (390, "light")]


def drawn(page: Page) -> None:
    """Wait until a chart with bars is drawn."""
    expect(page.locator(".js-plotly-plot .bars").first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", "What the reviews speak of, film by film"),
        ("?guide=1", "Guided example"),
        ("Train", "Preset"),
        ("Train?part=Runs", "How it went"),
        ("Factors", "Similar factors"),
        ("Factors?view=All+factors", "As a sortable table"),
        ("Factors?know=true", "All genres and years"),
        ("Factors?view=Film", "weights rest on"),
        ("Factors?view=Map", "drag a box or a lasso"),
        ("Factors?view=Model", "most common top factors"),
        ("Reviews?show=Coverage", "Film by film"),
        ("Reviews?show=Read+and+search", "Find words"),
        ("Predictions", "How to read it"),
        ("Try_a_review", "A horror film"),
    ],
)
def test_every_page_shows_its_main_thing(address: str, page: Page, path: str, text: str) -> None:
    page.goto(f"{address}/{path}")
    settle(page, text)
    name = path.lower().replace("?", "-").replace("=", "-").replace("+", "-") or "start"
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        settle(page, text)
        picture(page, f"{name}-{width}-{scheme}")
        # Nothing overflows the window.
        assert main_part(page).evaluate("e => e.scrollWidth - e.clientWidth") <= 1
        if width == LOOKS[0][0]:
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
            assert found.violations_count == 0, found.generate_report()


def colour(mark: Locator, style: str) -> list[int]:
    """Return the red, green and blue of a computed style."""
    value = mark.evaluate("(e, style) => getComputedStyle(e)[style]", style, timeout=SOON)
    return [int(part) for part in re.findall(r"\d+", value)[:3]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_texts_of_a_chart_stand_out_from_the_page(
    address: str, visitor: Callable[..., Page], scheme: str
) -> None:
    page = visitor(color_scheme=scheme)
    page.goto(f"{address}/Factors?view=Model")
    settle(page, "most common top factors")
    behind = colour(page.get_by_test_id("stApp"), "backgroundColor")
    assert (sum(behind) > 3 * 128) == (scheme == "light")
    chart = page.locator(".js-plotly-plot").first
    for text in (".gtitle", ".xtick text", ".xtitle", ".legendtext"):
        assert contrast(colour(chart.locator(text).first, "fill"), behind) >= LEGIBLE, text
    box = box_of(page.locator(".js-plotly-plot .bars path").first)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    hover = page.locator(".hoverlayer .hovertext").first
    expect(hover).to_be_visible(timeout=SOON)
    label = colour(hover.locator("path").first, "fill")
    assert contrast(colour(hover.locator("text").first, "fill"), label) >= LEGIBLE


def test_the_first_screen_fills_as_results_are_made(first_screen: dict[str, str]) -> None:
    picture, grid, whole = (first_screen[name] for name in ("picture", "grid", "whole"))
    assert "The run has yet to check them" in picture and "High end" in picture
    # The grid is there before it is known what holds up.
    assert "These are the first 24 films" in grid and "first 24 films" not in picture
    assert "The run has yet to check them" in grid
    assert re.search(r"This recommender learned 6 tastes(\.|, and none)", whole)
    assert "has yet to check" not in whole and "Under way" not in whole


def test_a_card_says_how_sure_it_is_on_a_click(address: str, page: Page) -> None:
    page.goto(address)
    settle(page, "How sure is all this?")
    expect(page.get_by_text("correlate between halves")).to_have_count(0)
    main_part(page).get_by_role("button", name="How sure?").first.click()
    expect(page.get_by_text("correlate between halves").first).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    main_part(page).get_by_text(re.compile("All about factor")).first.click()
    until_address(page, "/Factors", "factor=")


CARD = """
card => {
  const lines = part => part ? part.innerText.split("\\n").map(line => line.trim()).filter(Boolean) : [];
  return {
    number: card.querySelector(".card-head .quiet").innerText,
    name: card.querySelector(".card-head strong").innerText,
    ends: [...card.querySelectorAll(".card-ends > div")].map(end => ({
      heading: end.querySelector("p strong").lastChild.textContent.trim(),
      films: lines(end.querySelector("p")).slice(end.querySelector("p .quiet") ? 2 : 1),
      words: [...end.querySelectorAll("p:nth-of-type(2) :is(strong, .quiet)")]
        .map(word => word.innerText).filter(word => word !== "no words"),
    })),
  };
}"""
"""What a card says of a factor, and of both of its ends."""


@pytest.mark.parametrize("at", [0, 1])
def test_a_newcomer_reads_what_a_factor_is_about_and_finds_it_on_its_page(
    address: str, page: Page, at: int
) -> None:
    page.goto(address)
    settle(page, "How sure is all this?")
    card = main_part(page).locator("[class*=st-key-card-of-factor]").nth(at)
    expect(card.locator(".card-ends")).to_be_visible(timeout=SOON)
    said = card.evaluate(CARD)
    assert len(said["name"]) > 3
    assert [end["heading"] for end in said["ends"]] == ["High end", "Low end"]
    for end in said["ends"]:
        assert len(end["films"]) == 3
    assert not set(said["ends"][0]["films"]) & set(said["ends"][1]["films"])
    card.get_by_text(re.compile("All about factor")).click()
    until_address(page, "/Factors", f"factor={said['number']}")
    settle(page, "Similar factors")
    heading = main_part(page).get_by_role("heading", name=f"Factor {said['number']}")
    expect(heading).to_contain_text(said["name"])
    for end, key in zip(said["ends"], ("high", "low"), strict=True):
        for kind in ("films", "words"):
            chart = main_part(page).locator(f"[class*=st-key-{kind}-of-the-{key}-end]")
            for shown in end[kind]:
                # A long title has several lines.
                row = chart.locator(".annotation-text", has_text=shown[:24])
                expect(row.first).to_be_visible(timeout=SOON)


def test_the_start_page_shows_the_histograms_and_leads_on(address: str, page: Page) -> None:
    page.goto(address)
    settle(page, "What the reviews speak of, film by film")
    # The first chart is of the factor that serves as an example, the histograms come after it.
    expect(page.locator(".js-plotly-plot .annotation").nth(10)).to_be_attached(timeout=SOON)
    for name in ("Train", "Factors", "Reviews", "Predictions", "Try a review"):
        follow(page, name)
        assert "run=" in page.url


def click_first_row(chart: Locator) -> None:
    """Click the label of the first row of a chart, which answers as its bar does."""
    chart.scroll_into_view_if_needed()
    # Plotly selects what the mouse was moved over.
    chart.hover(position={"x": 40, "y": 16})
    chart.page.wait_for_timeout(300)
    chart.click(position={"x": 42, "y": 16})


def test_a_click_on_a_word_shows_the_reviews_that_hold_it(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors")
    settle(page, "Similar factors")
    words = main_part(page).locator("[class*=st-key-words-of-the-high-end]")
    marked = main_part(page).locator(".found-text mark")
    before = marked.count()
    click_first_row(words)
    until_address(page, "word=")
    word = parse_qs(urlsplit(page.url).query)["word"][0]
    expect(main_part(page).get_by_text(re.compile("of films on this side contain"))).to_have_count(
        2, timeout=SOON
    )
    expect(marked.first).to_have_text(re.compile(word.replace(" ", r"\s+"), re.IGNORECASE), timeout=SOON)
    picture(page, "factors-word")
    # A second click lets the word go.
    idle(page)
    click_first_row(words)
    page.wait_for_url(lambda url: "word=" not in url, timeout=SOON)
    expect(marked).to_have_count(before, timeout=SOON)


def test_previous_and_next_lead_from_factor_to_factor_by_button_and_by_key(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?factor=0")
    settle(page, "Similar factors")
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Factor 1")).to_be_visible(timeout=SOON)
    until_address(page, "factor=1")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Factor 2")).to_be_visible(timeout=SOON)
    until_address(page, "factor=2")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Factor 1")).to_be_visible(timeout=SOON)
    until_address(page, "factor=1")
    # A letter that is typed is no key.
    page.get_by_role("textbox", name="Paste or write a review").press_sequentially("no pun")
    page.wait_for_timeout(500)
    assert "factor=1" in page.url
    page.go_back()
    until_address(page, "factor=2")


def test_a_click_on_a_film_opens_it_and_a_click_on_its_bar_its_reviews(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?factor=0")
    settle(page, "Similar factors")
    before = page.url
    films = main_part(page).locator("[class*=st-key-films-of-the-high-end]")
    click_first_row(films)
    settle(page, "weights rest on")
    until_address(page, "view=Film")
    assert parse_qs(urlsplit(page.url).query)["film"] != parse_qs(urlsplit(before).query)["film"]
    # Few films of these ratings are in the sample of reviews; Toy Story is.
    page.goto(f"{address}/Factors?view=Film&film=1")
    settle(page, "Click a bar to read the film's reviews")
    bar = main_part(page).locator("[class*=st-key-weights-of-film] .bars path").first
    box = box_of(bar)
    middle = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.wait_for_timeout(300)
    page.mouse.click(*middle)
    until_address(page, "behind=")
    expect(page.get_by_role("dialog").get_by_text("Predicted in")).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "behind" not in url, timeout=SOON)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_click_on_the_map_picks_a_film(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?view=Map")
    settle(page, "drag a box or a lasso")
    before = parse_qs(urlsplit(page.url).query)["film"]
    point = page.locator(".scatterlayer .trace").nth(1).locator(".point").first
    box = box_of(point)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query)["film"] != before, timeout=SOON)
    page.get_by_role("button", name="All about").click()
    settle(page, "weights rest on")


def test_a_run_is_started_watched_cancelled_resumed_and_deleted(address: str, page: Page) -> None:
    page.goto(f"{address}/Train?ratings=planted&reviews=planted")
    settle(page, "Preset")
    page.get_by_label("Name of the run").fill("a run to be cancelled")
    page.get_by_role("button", name="Start the run").click()
    expect(under_way(page)).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Cancel").first.click()
    expect(under_way(page)).to_be_hidden(timeout=SOON)
    idle(page)
    page.get_by_role("tab", name="Runs", exact=True).click()
    settle(page, "cancelled")
    card = main_part(page).locator("[class*=st-key-run]").filter(has_text="a run to be cancelled").first
    card.get_by_role("button", name="Resume").click()
    expect(under_way(page)).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Cancel").first.click()
    expect(under_way(page)).to_be_hidden(timeout=SOON)
    idle(page)
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete this run").click()
    expect(main_part(page).get_by_text("a run to be cancelled")).to_be_hidden(timeout=SOON)


def test_one_click_in_the_table_opens_a_factor(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?factor=0&view=All+factors&factors_as_table=true")
    settle(page, "Click a row to open its factor")
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table is not None
    # Below the header of 36 pixels, the third row of 35 pixels; in a cell, not in the check box before it.
    page.mouse.click(table["x"] + 0.6 * table["width"], table["y"] + 36 + 2.5 * 35)
    expect(page.get_by_role("heading", name="Factor 2")).to_be_visible(timeout=SOON)
    settle(page, "Similar factors")
    assert "factor=2" in page.url


def test_films_picked_on_the_map_go_to_the_reviews(address: str, page: Page) -> None:
    page.goto(f"{address}/Factors?view=Map")
    settle(page, "drag a box or a lasso")
    expect(page.locator(".scatterlayer .point").first).to_be_visible(timeout=SOON)
    main_part(page).get_by_text("Tools", exact=True).click()
    # The chart is drawn again, with its toolbar; before that, plotly throws an error on a mouse pressed in it.
    expect(page.locator(".js-plotly-plot .modebar-btn").first).to_be_visible(timeout=SOON)
    idle(page)
    page.wait_for_timeout(1000)
    field = page.locator(".js-plotly-plot .nsewdrag").first
    box = box_of(field)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    button = page.get_by_role("button", name="Read or fetch reviews of")
    expect(button).to_be_visible(timeout=SOON)
    settle(page, "drag a box or a lasso")
    picture(page, "factors-map-picked")
    button.click()
    expect(page.get_by_role("heading", name="Reviews", level=1)).to_be_visible(timeout=SOON)
    settle(page, "the map")
    picture(page, "reviews-from-map")


def test_words_are_found_in_the_reviews(address: str, page: Page) -> None:
    page.goto(f"{address}/Reviews?show=Read+and+search")
    settle(page, "Find words")
    page.get_by_role("textbox", name="Find words").fill("the")
    page.get_by_role("textbox", name="Find words").press("Enter")
    until_address(page, "words=the")
    expect(page.locator(".found-text mark").first).to_be_visible(timeout=SOON)


def test_the_grid_is_sorted_filtered_switched_and_read_behind(address: str, page: Page) -> None:
    page.goto(f"{address}/Predictions")
    settle(page, "Hide the most predicted factor")
    drawn(page)
    panels = page.locator(".js-plotly-plot").first.locator(".annotation")
    before = panels.count()
    main_part(page).get_by_text("Hide the most predicted factor").first.click()
    until_address(page, "without=true")
    main_part(page).get_by_text("Find and sort films").click()
    select(page, "Order by", "title")
    until_address(page, "order=title")
    page.get_by_label("Films whose title contains").fill("psycho")
    page.get_by_label("Films whose title contains").press("Enter")
    until_address(page, "title=psycho")
    expect(panels).not_to_have_count(before, timeout=SOON)
    page.get_by_role("button", name="Read the reviews").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Predicted in")).to_be_visible(timeout=SOON)
    until_address(page, "film=", "factor=")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden(timeout=SOON)
    page.wait_for_url(lambda url: "factor=" not in url, timeout=SOON)
    # The same by a click on a bar.
    bar = page.locator(".js-plotly-plot .bars path").first
    box = box_of(bar)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
    expect(dialog.get_by_text("Predicted in")).to_be_visible(timeout=SOON)
    picture(page, "predictions-behind")


def test_the_first_tap_on_a_bar_opens_its_reviews(address: str, phone: Page) -> None:
    for where in (f"{address}/Predictions", address):
        phone.goto(where)
        settle(phone, "How to read it")
        drawn(phone)
        bar = phone.locator(".js-plotly-plot .bars path").nth(1)
        # The grid is drawn again once the page has told its width.
        phone.wait_for_timeout(2000)
        idle(phone)
        box = box_of(bar)
        phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
        expect(phone.get_by_role("dialog").get_by_text("Predicted in")).to_be_visible(timeout=SOON)


def test_other_top_factors_are_drawn_read_and_graded(address: str, page: Page) -> None:
    page.goto(f"{address}/Predictions")
    settle(page, "How to read it")
    drawn(page)
    field = main_part(page).get_by_test_id("stNumberInput").filter(has_text="Top factors per film")
    field.get_by_test_id("stNumberInputStepUp").click()
    until_address(page, "labels=")
    settle(page, "label frequencies 0.", PATIENCE)
    expect(main_part(page).get_by_text("was read just now")).to_be_visible(timeout=SOON)
    drawn(page)
    picture(page, "predictions-other-labels")
    page.get_by_role("button", name="Back to the run's own picks").click()
    expect(main_part(page).get_by_text("was read just now")).to_be_hidden(timeout=SOON)


@pytest.mark.parametrize("kind", ["Figure (PNG)", "Figure (SVG)", "Counts (CSV)", "Counts (Parquet)"])
def test_what_is_shown_can_be_kept(address: str, page: Page, kind: str) -> None:
    page.goto(f"{address}/Predictions")
    settle(page, "How to read it")
    with page.expect_download(timeout=SOON) as download:
        page.get_by_role("button", name=kind).click()
    assert download.value.path().stat().st_size > 500


def test_to_a_pasted_review(address: str, page: Page) -> None:
    page.goto(f"{address}/Try_a_review")
    settle(page, "A horror film")
    main_part(page).get_by_role("textbox").first.fill(REVIEW)
    page.get_by_role("button", name="Read this review").click()
    settle(page, "What moved it", PATIENCE)
    drawn(page)
    # The legend has one of each.
    assert page.locator(".marked-text mark").count() > 2
    picture(page, "try-read")


def test_several_reviews_of_one_film(address: str, page: Page) -> None:
    page.goto(f"{address}/Try_a_review")
    settle(page, "Six reviews of one film")
    page.get_by_role("button", name="Six reviews of one film").click()
    settle(page, "Where the film stands", PATIENCE)
    picture(page, "try-read-six")


def test_the_keyboard_alone_reaches_and_turns_a_switch(address: str, page: Page) -> None:
    page.goto(f"{address}/Predictions")
    settle(page, "Hide the most predicted factor")
    drawn(page)
    inside = "document.activeElement.closest('[data-testid=stCheckbox]')?.innerText ?? ''"
    for _ in range(80):
        page.keyboard.press("Tab")
        if "Hide the most predicted factor" in page.evaluate(inside):
            break
    page.keyboard.press("Space")
    until_address(page, "without=true")


def test_on_a_telephone_the_sidebar_leaves_when_a_page_was_chosen(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(address)
    settle(page, "How sure is all this?")
    page.get_by_test_id("stExpandSidebarButton").first.tap()
    link = page.get_by_test_id("stSidebar").get_by_role("link", name="Predictions", exact=True)
    link.tap()
    expect(page.get_by_role("heading", name="Predictions")).to_be_visible(timeout=SOON)
    expect(link).not_to_be_in_viewport(timeout=SOON)
    context.close()


@pytest.mark.parametrize("path", ["", "Factors", "_stcore/health"])
def test_the_server_answers_no_other_host_and_forbids_frames(address: str, path: str) -> None:
    ours = httpx.get(f"{address}/{path}")
    assert ours.status_code == 200 and ours.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert httpx.get(f"{address}/{path}", headers={"Host": "rebound.example"}).status_code == 400


def test_a_phone_saves_a_wide_picture_by_a_toolbar_that_covers_nothing(address: str, phone: Page) -> None:
    phone.goto(f"{address}/Factors?view=Model")
    settle(phone, "most common top factors")
    main_part(phone).get_by_text("Tools", exact=True).first.click()
    chart = phone.locator(".js-plotly-plot:has(.modebar)")
    button = chart.locator(".modebar-btn[data-title^=Download]")
    expect(button).to_be_visible(timeout=SOON)
    idle(phone)
    # From above: tools, title, and the end of the chart in Streamlit's frame.
    edges = chart.evaluate(
        """e => [
            e.querySelector(".modebar-btn").getBoundingClientRect().bottom,
            e.querySelector(".gtitle").getBoundingClientRect().top,
            e.getBoundingClientRect().bottom - 1,
            e.closest("[data-testid=stElementContainer]").getBoundingClientRect().bottom,
        ]"""
    )
    assert edges == sorted(edges)
    phone.evaluate(
        """() => {
            const { serializeToString } = XMLSerializer.prototype;
            XMLSerializer.prototype.serializeToString = function (node) {
                return (window.drawing = serializeToString.call(this, node));
            };
        }"""
    )
    with phone.expect_download(timeout=SOON) as download:
        button.click()
    content = download.value.path().read_bytes()
    # The width in the header of a PNG, of two dots a pixel.
    assert int.from_bytes(content[16:20], "big") == 2 * 900
    assert "@font-face" in phone.evaluate("window.drawing")


def test_on_a_telephone_pickers_are_of_one_width_and_neither_tabs_nor_choices_are_cut(
    address: str, phone: Page
) -> None:
    phone.goto(f"{address}/Factors?view=Names+and+downloads")
    settle(phone, "Names from another run")
    tab = phone.get_by_role("tab", name="Names and downloads").bounding_box()
    assert tab is not None and tab["x"] + tab["width"] <= 390
    # So no arrow moves them.
    assert not phone.locator("[data-testid^=stTabsScroll]").filter(visible=True).count()
    # Choices in several lines have all of their borders.
    phone.goto(f"{address}/Try_a_review")
    settle(phone, "What do you have?")
    main_part(phone).get_by_text("Several reviews, one a line").click()
    idle(phone)
    choices = phone.get_by_test_id("stButtonGroup").get_by_role("radio")
    assert choices.evaluate_all(
        "all => all.every(e => ['Left', 'Right'].every(s => !getComputedStyle(e)[`border${s}Color`].endsWith(' 0)')))"
    )
    phone.goto(f"{address}/Predictions")
    settle(phone, "How to read it")
    pickers = phone.locator("[class*=st-key-label-pickers] > [data-testid=stElementContainer]")
    assert len(set(pickers.evaluate_all("all => all.map(e => Math.round(e.clientWidth))"))) == 1


def test_a_long_name_of_a_factor_of_chance_and_its_films_stay_inside_a_telephone(phone: Page) -> None:
    factor = {"colour": "#000", "number": 1, "name": "n" * 60, "is_nameless": False, "films": "f" * 200}
    look = (ROOT / "pages" / "components" / "shared" / "browser" / "look.css").read_text()
    phone.set_content(f"<style>{look}</style>{DRAWN.lines([factor])}")
    assert phone.evaluate("document.body.scrollWidth <= document.body.clientWidth")


def test_on_a_telephone_a_table_covers_nothing_below_it(address: str, phone: Page) -> None:
    phone.goto(f"{address}/Reviews?show=New+run")
    settle(phone, "These films lead the ranking")
    table = box_of(phone.get_by_test_id("stDataFrame"))
    text = phone.get_by_text("These films lead the ranking").bounding_box()
    assert text is not None and table["y"] + table["height"] <= text["y"]


def test_measures_in_a_row_are_of_one_height_and_their_labels_whole(
    address: str, page: Page, phone: Page
) -> None:
    phone.goto(f"{address}/Reviews?show=Coverage")
    settle(phone, "Film by film")
    phone.get_by_text("All counts, and why films are not read").click()
    measures = phone.get_by_test_id("stMetric")
    expect(measures).to_have_count(4, timeout=SOON)
    first, second = (box_of(measures.nth(at)) for at in range(2))
    assert first["height"] == second["height"]
    page.goto(f"{address}/Predictions?how_sure=true")
    settle(page, "Gain over the baseline")
    labels = page.get_by_test_id("stMetricLabel").locator("*")
    assert labels.evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth)")
