"""Faults while a page is open: a run deleted, the worker killed; and two users at once."""

import os
import shutil
import signal
import time
from pathlib import Path

from playwright.sync_api import expect

from browser.conftest import Visitor
from browser.driving import SOON, follow, idle, main_part, settle, under_way, until_address
from core.jobs.lock import holder


def test_a_run_is_deleted_while_somebody_looks_at_it(address: str, visitor: Visitor, cache: Path) -> None:
    page = visitor()
    page.goto(address)
    settle(page, "How sure is all this?")
    first = page.url.split("run=")[1].split("&")[0]
    copy = f"{first[:-4]}{'0000' if first[-4:] != '0000' else '0001'}"
    shutil.copytree(cache / "runs" / first, cache / "runs" / copy)
    page.goto(f"{address}/Factors?run={copy}")
    settle(page, "Similar factors")
    shutil.rmtree(cache / "runs" / copy)
    page.get_by_role("tab", name="Film", exact=True).click()
    settle(
        page, "The run in the link is not here; it may have been deleted. The newest finished run is shown."
    )
    until_address(page, f"run={first}")


def worker_of(cache: Path) -> int:
    """Return the worker's process id; an earlier worker may have exited after ten idle minutes."""
    for _ in range(SOON // 100):
        if pid := holder(cache):
            return pid
        time.sleep(0.1)
    raise TimeoutError("no worker started")


def test_the_worker_is_killed_while_somebody_watches(address: str, visitor: Visitor, cache: Path) -> None:
    page = visitor()
    page.goto(f"{address}/Train?ratings=planted&reviews=planted")
    settle(page, "Preset")
    page.get_by_label("Name of the run").fill("a run whose worker is killed")
    page.get_by_role("button", name="Start the run").click()
    expect(under_way(page)).to_be_visible(timeout=SOON)
    os.kill(worker_of(cache), signal.SIGKILL)
    # Another worker takes over, and its run can be cancelled.
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Cancel").first.click()
    expect(under_way(page)).to_be_hidden(timeout=SOON)
    idle(page)
    page.get_by_role("tab", name="Runs", exact=True).click()
    settle(page, "cancelled")


def test_two_who_look_at_once_do_not_disturb_each_other(address: str, visitor: Visitor) -> None:
    one, other = visitor(), visitor()
    one.goto(f"{address}/Factors?factor=1")
    other.goto(f"{address}/Factors?factor=2")
    for page, factor in ((one, 1), (other, 2)):
        settle(page, "Similar factors")
        expect(main_part(page).get_by_role("heading", name=f"Factor {factor}")).to_be_visible(timeout=SOON)
    follow(one, "Predictions")
    follow(other, "Reviews")
    for page, factor in ((one, 1), (other, 2)):
        follow(page, "Factors")
        until_address(page, f"factor={factor}")


def test_picks_that_change_faster_than_the_page_is_drawn_leave_it_alive(
    address: str, visitor: Visitor
) -> None:
    page = visitor()
    page.goto(f"{address}/Predictions")
    settle(page, "How to read it")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    most = main_part(page).get_by_role("spinbutton", name="Top N films")
    for change in range(16):
        step = "Increment" if change % 4 < 2 else "Decrement"
        # Beside the first field, which is that of top factors.
        main_part(page).get_by_role("button", name=step).first.click()
        page.wait_for_timeout(150)
        most.fill(str(4 + change % 3))
        most.press("Enter")
        page.wait_for_timeout(150 * (change % 4))
    until_address(page, "-4-")
    expect(most).to_have_value("4")
    assert errors == [] and page.get_by_role("dialog").count() == 0
