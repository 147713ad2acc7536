"""Optimise again as a dispatcher does it: asked for, looked at, taken in part, left, overtaken."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Locator, expect

from tests.journeys.people import Dispatcher
from tests.journeys.preview_day import Day, day_after
from tests.journeys.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WORKS_MS = 60_000
"""The first answers of a search, on a machine where others queue for the processors."""
LOOKS_MS = 3_000
"""A dispatcher watches the line fall for a moment before it is stopped."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def day(stack: Stack) -> Iterator[Day]:
    with day_after(stack, 9) as day:
        day.laid("PREVIEW")
        yield day


@pytest.fixture(scope="module")
def desk(browser: Browser, stack: Stack) -> Dispatcher:
    desk = Dispatcher(browser, stack, stack.demo["dispatcher"])
    desk.sign_in()
    return desk


def opened(desk: Dispatcher, day: Day) -> None:
    desk.visit(f"/board/?day={day.on}")
    expect(desk.page.locator(".connection")).to_have_text("Live")


def asked(desk: Dispatcher) -> Locator:
    """Each driver by themselves, stopped as soon as something better is known; the preview that comes."""
    page = desk.page
    page.get_by_role("button", name=re.compile("Optimise again")).first.click()
    dialog = page.get_by_role("dialog", name="Optimise again")
    dialog.get_by_label("Each driver by themselves").check()
    dialog.get_by_label("How long to look").select_option("120")
    desk.shot("preview-1-ask")
    dialog.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("progressbar", name="Optimising")).to_be_visible()
    stop = page.get_by_role("button", name="Stop, keep the best")
    expect(page.get_by_text("best so far")).to_be_visible(timeout=WORKS_MS)
    # Each better plan is a point of the falling line, which is drawn from two on.
    expect(page.locator(".solving .fall")).to_be_visible(timeout=WORKS_MS)
    page.wait_for_timeout(LOOKS_MS)
    with contextlib.suppress(Error):  # so small a day may be searched through by now
        stop.click(timeout=2_000)
    preview = page.get_by_role("region", name="Another order, same drivers")
    expect(preview).to_be_visible(timeout=WORKS_MS)
    return preview


def test_a_preview_is_looked_at_and_one_row_of_it_is_taken(desk: Dispatcher, day: Day) -> None:
    before = day.order()
    assert len(before) == 2
    opened(desk, day)
    preview = asked(desk)
    desk.shot("preview-2-shown")
    assert day.order() == before, "nothing changes before somebody says so"
    changes = preview.locator("li.change")
    expect(changes).to_have_count(len(before))
    shift = changes.first.get_attribute("data-group")
    proposal = day.said("GET", f"/plans/{day.plan}/proposals/?open=1")["results"][0]
    shown = {line["shift"]: line["stops"] for line in day.said("GET", f"/proposals/{proposal['id']}/")["lines"]}
    changes.first.get_by_role("button", name=re.compile("Accept the change")).click()
    expect(changes.first.get_by_text("In the plan")).to_be_visible()
    now = day.order()
    assert now[shift] == shown[shift] != before[shift]
    assert {one: stops for one, stops in now.items() if one != shift} == {
        one: stops for one, stops in before.items() if one != shift
    }
    preview.get_by_role("button", name=re.compile("^Accept")).last.click()
    expect(preview).to_be_hidden()
    assert day.order() == shown
    # Both are edits: the second is undone, then the first.
    for left in (now, before):
        desk.page.keyboard.press("Control+z")
        expect(desk.page.locator(".toast").last).to_contain_text("Undone: ")
        day.stack.wait_until(lambda left=left: day.order() == left, 10, "the routes are as they were")


def test_a_preview_that_is_left_leaves_everything(desk: Dispatcher, day: Day) -> None:
    before = day.muddled()
    opened(desk, day)
    preview = asked(desk)
    preview.get_by_role("button", name="Reject").click()
    expect(preview).to_be_hidden()
    assert day.order() == before
    assert day.said("GET", f"/plans/{day.plan}/proposals/?open=1")["results"] == []


def test_a_preview_that_was_overtaken_says_so(desk: Dispatcher, day: Day) -> None:
    day.muddled()
    opened(desk, day)
    preview = asked(desk)
    shift, stops = next(iter(day.order().items()))
    day.said("POST", f"/stops/{stops[0]}:move", {"shift": shift, "position": len(stops) - 1})
    now = day.order()
    expect(preview.get_by_text("The plan has changed since this was worked out.")).to_be_visible()
    expect(preview.get_by_role("button", name=re.compile("^Accept"))).to_have_count(0)
    desk.shot("preview-3-stale")
    preview.get_by_role("button", name="Optimise again").click()
    expect(desk.page.get_by_role("dialog", name="Optimise again")).to_be_visible()
    desk.page.keyboard.press("Escape")
    assert day.order() == now
    assert desk.faults == []


def test_what_if_stands_beside_what_is(desk: Dispatcher, day: Day) -> None:
    before = day.order()
    for proposal in day.said("GET", f"/plans/{day.plan}/proposals/?open=1")["results"]:
        day.said("POST", f"/proposals/{proposal['id']}:reject", {})
    opened(desk, day)
    page = desk.page
    page.get_by_label("More ways to look for better routes").click()
    page.get_by_role("button", name="What if…").click()
    dialog = page.get_by_role("dialog", name="What if…")
    dialog.get_by_text("A driver is absent").click()
    dialog.get_by_label("Who").select_option(next(iter(before)))
    dialog.get_by_label("How long to look").select_option("120")
    dialog.get_by_role("button", name="Work it out").click()
    expect(page.get_by_text("best so far")).to_be_visible(timeout=WORKS_MS)
    page.get_by_role("button", name="Stop, keep the best").click()
    preview = page.get_by_role("region", name=re.compile("^Without "))
    expect(preview).to_be_visible(timeout=WORKS_MS)
    expect(preview.get_by_role("heading", level=2)).to_be_focused()
    expect(preview.get_by_text("cannot be accepted as they are")).to_be_visible()
    expect(preview.get_by_text("has to be called off")).to_be_visible()
    expect(preview.get_by_role("button", name=re.compile("^Accept"))).to_have_count(0)
    desk.shot("preview-4-what-if")
    preview.get_by_role("button", name="Back to the lists").press("Enter")
    page.get_by_role("button", name="Side by side").press("Enter")
    table = page.get_by_role("dialog", name="Side by side")
    expect(table.get_by_role("row", name=re.compile("^Driving")).get_by_role("cell")).to_have_count(2)
    desk.shot("preview-5-side-by-side")
    table.get_by_role("button", name="Drop").click()
    expect(table).to_be_hidden()
    assert day.order() == before
    assert desk.faults == []
