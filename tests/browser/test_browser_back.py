"""The address holds the view: Back and Forward walk through views, and a copied link opens one elsewhere."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visitor
from browser.driving import SOON, follow, main_part, picture, select, settle, until_address


def same_words(one: Page, other: Page) -> None:
    """Wait until both pages have the same text."""
    one.wait_for_timeout(1500)
    other.wait_for_function(
        "said => document.querySelector('[data-testid=stMain]').innerText === said",
        arg=main_part(one).inner_text(),
        timeout=SOON,
    )


def test_back_and_forward_walk_through_what_was_looked_at(address: str, page: Page) -> None:
    page.goto(address)
    settle(page, "How sure is all this?")
    follow(page, "Factors")
    until_address(page, "factor=", "film=")
    select(page, "Factor", "factor 5")
    until_address(page, "factor=5")
    page.get_by_role("tab", name="Map", exact=True).click()
    until_address(page, "factor=5", "view=Map")
    follow(page, "Predictions")
    main_part(page).get_by_text("Hide the most predicted factor").first.click()
    until_address(page, "/Predictions", "without=true")

    page.go_back()
    page.wait_for_url(lambda url: "/Predictions" in url and "without" not in url, timeout=SOON)
    switch = main_part(page).get_by_label("Hide the most predicted factor").first
    expect(switch).not_to_be_checked(timeout=SOON)
    page.go_back()
    until_address(page, "/Factors", "factor=5", "view=Map")
    expect(page.get_by_role("tab", name="Map", exact=True)).to_have_attribute("aria-selected", "true")
    page.go_back()
    page.wait_for_url(lambda url: "factor=5" in url and "view" not in url, timeout=SOON)
    expect(page.get_by_role("heading", name="Factor 5")).to_be_visible(timeout=SOON)
    page.go_back()
    page.wait_for_url(lambda url: "/Factors" in url and "factor=5" not in url, timeout=SOON)
    expect(page.get_by_role("heading", name="Factor 5")).to_be_hidden(timeout=SOON)
    page.go_back()
    settle(page, "How sure is all this?")
    page.go_forward()
    page.wait_for_url(lambda url: "/Factors" in url and "factor=5" not in url, timeout=SOON)
    page.go_forward()
    until_address(page, "factor=5")
    expect(page.get_by_role("heading", name="Factor 5")).to_be_visible(timeout=SOON)


def test_one_step_back_leaves_a_page_that_completed_its_address(address: str, page: Page) -> None:
    page.goto("about:blank")
    page.goto(f"{address}/Factors")
    until_address(page, "run=", "factor=", "film=")
    page.go_back()
    page.wait_for_function("location.href === 'about:blank'", timeout=SOON)


def test_a_page_completes_its_address_in_few_steps(address: str, page: Page) -> None:
    page.add_init_script(
        """for (const name of ["pushState", "replaceState"]) {
            const step = history[name];
            history[name] = function (...how) { (window.steps ??= []).push(name); return step.apply(this, how); };
        }"""
    )
    page.goto(address)
    settle(page, "How sure is all this?")
    page.evaluate("steps.length = 0")
    follow(page, "Predictions")
    until_address(page, "/Predictions", "labels=", "order=", "genre=", "bars=", "page=")
    steps = page.evaluate("steps")
    # Streamlit makes eight. Those of one moment are one, and a slow page has more moments than one.
    assert steps.count("pushState") == 1 and len(steps) <= 5


def test_the_look_stays_from_page_to_page(address: str, page: Page) -> None:
    page.goto(address, wait_until="commit")
    page.wait_for_selector("body > style", state="attached", timeout=SOON)
    page.evaluate("document.querySelector('body > style').kept = true")
    settle(page, "How sure is all this?")
    follow(page, "Factors")
    assert page.evaluate("document.querySelector('body > style').kept")
    icon = page.locator("link[rel*=icon]").evaluate(
        "async e => (await fetch(e.href)).headers.get('content-type')"
    )
    assert icon == "image/svg+xml"


def test_a_copied_link_opens_the_same_view_elsewhere(address: str, visitor: Visitor) -> None:
    one, other = visitor(), visitor()
    one.goto(f"{address}/Factors")
    until_address(one, "factor=")
    select(one, "Factor", "factor 4")
    until_address(one, "factor=4")
    one.get_by_role("tab", name="Film", exact=True).click()
    until_address(one, "view=Film")
    settle(one, "weights rest on")
    other.goto(one.url)
    same_words(one, other)
    expect(other.get_by_role("tab", name="Film", exact=True)).to_have_attribute("aria-selected", "true")
    assert other.url == one.url


def test_a_link_to_switches_of_the_predictions(address: str, visitor: Visitor) -> None:
    one, other = visitor(), visitor()
    one.goto(f"{address}/Predictions")
    settle(one, "Hide the most predicted factor")
    main_part(one).get_by_text("Hide the most predicted factor").first.click()
    until_address(one, "without=true")
    main_part(one).get_by_text("Find and sort films").click()
    select(one, "Order by", "title")
    until_address(one, "order=title", "without=true")
    other.goto(one.url)
    settle(other, "Hide the most predicted factor")
    main_part(other).get_by_text("Find and sort films").click()
    expect(main_part(other).get_by_label("Hide the most predicted factor").first).to_be_checked(timeout=SOON)
    same_words(one, other)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?run=20200101-000000-dead", "The run in the link is not here"),
        ("Factors?factor=999&film=999999", "is not a factor of this run"),
        ("Factors?view=Nonsense&least=many", "Similar factors"),
        ("Predictions?film=x&factor=y", "is none of its labels"),
        ("Predictions?page=-1&order=%3Cb%3E&bars=%00", "is not"),
        ("Train?factors=1e99&part=%27%22", "Preset"),
        ("Reviews?film=%2e%2e%2fetc&page=2000&show=x", "Coverage"),
        ("?guide=77", "is not a step of the guided example"),
    ],
)
def test_nonsense_in_a_link_is_told_and_another_view_is_shown(
    address: str, page: Page, asked: str, said: str
) -> None:
    page.goto(f"{address}/{asked}")
    settle(page, said)
    assert page.get_by_test_id("stException").count() == 0
    assert "999" not in page.url
    picture(page, f"nonsense-{re.sub('[^a-z]+', '-', asked.lower())[:40]}")
