"""The board without a mouse: palette, keys, lists and timeline; and what it says when it is not live."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.journeys import large_day
from tests.journeys.stack import Stack
from tests.journeys.test_timeline import leaves

__all__ = ["leaves"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(not (shutil.which("chromium") or shutil.which("chromium-browser")), reason="no Chromium"),
]

# Lets a test cut the page's live connection: what is open closes, what is opened anew finds nobody.
CUT = """
const Plain = window.WebSocket, open = [];
window.WebSocket = class extends Plain {
  constructor(url) {
    super(window.__cut ? String(url).replace("/ws/board/", "/ws/nobody/") : url);
    open.push(this);
  }
};
window.__setCut = (cut) => {
  window.__cut = cut;
  if (cut) for (const socket of open) socket.close();
};
"""


def focused(page: Page) -> str:
    """What the keyboard is in, as a screen reader names it."""
    return str(page.evaluate("document.activeElement?.innerText || document.activeElement?.ariaLabel || ''"))


class TestWithoutAMouse:
    def test_the_palette_finds_and_opens(self, stack: Stack, browser: Browser) -> None:
        desk = large_day.at_the_board(browser, stack, routes=12, stops=120)
        page = desk.page
        stop = page.get_by_role("complementary", name="Stop")
        page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name=re.compile("Find orders"))
        expect(field).to_be_focused()
        # By reference, by recipient with letters left out, by street: Enter opens what is on top.
        for words, opened in (("REF-007-03", "4 Lane 8"), ("recip 5.4", "5 Lane 6"), ("10 lane 12", "10 Lane 12")):
            if not field.is_visible():
                page.keyboard.press("Control+k")
            field.fill(words)
            expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
            desk.shot(f"palette-{words.split()[0]}")
            page.keyboard.press("Enter")
            expect(field).to_be_hidden()
            expect(stop).to_contain_text(opened)
        page.keyboard.press("Escape")
        expect(stop).to_be_hidden()
        # A driver, with the arrow keys; a vehicle; an action; and nothing.
        page.keyboard.press("Control+k")
        field.fill("driver 009")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator(".route-card.is-selected")).to_contain_text("Driver 009")
        page.keyboard.press("Control+k")
        field.fill("van 004")
        page.keyboard.press("Enter")
        expect(page.locator(".route-card.is-selected")).to_contain_text("Driver 004")
        page.keyboard.press("/")
        field.fill("unassigned")
        page.get_by_role("option", name=re.compile("Unassigned stops")).click()
        expect(page.get_by_role("tab", name=re.compile("Unassigned"))).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Control+k")
        field.fill("zzzzqq")
        expect(page.get_by_text("Nothing on this day matches “zzzzqq”.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        assert desk.faults == []

    def test_keys_lead_everywhere(self, stack: Stack, browser: Browser) -> None:
        desk = large_day.at_the_board(browser, stack, routes=12, stops=120)
        page = desk.page
        page.keyboard.press("?")
        overlay = page.get_by_role("dialog", name="Keys")
        expect(overlay.get_by_role("heading", name="Go to")).to_be_visible()
        expect(overlay.get_by_text("Find anything")).to_be_visible()
        for known in ("In the exceptions", "Messages", "Exceptions", "Undo", "Lock, or change the lock", "Dismiss it…"):
            assert overlay.get_by_text(known, exact=True).count() == 1, known
        desk.shot("keys")
        page.keyboard.press("Escape")
        expect(overlay).to_be_hidden()
        # What these do in a field is the field's own.
        page.get_by_label("Day", exact=True).focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+z")
        expect(page.get_by_role("region", name="Selection")).to_be_hidden()
        page.locator("body").evaluate("() => document.activeElement.blur()")

        # A sequence; and the lists: walk, open, select on the way.
        page.keyboard.press("g")
        expect(page.locator(".begun")).to_contain_text("Unassigned stops")
        page.keyboard.press("u")
        expect(page.get_by_role("tab", name=re.compile("Unassigned"))).to_have_attribute("aria-selected", "true")
        page.keyboard.press("g")
        page.keyboard.press("r")
        expect(page.locator(".route-card .route-open").first).to_be_focused()
        page.keyboard.press("ArrowDown")
        assert "Driver 002" in focused(page)
        page.keyboard.press("ArrowRight")
        expect(desk.line("stop-1-0")).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        bar = page.get_by_role("region", name="Selection")
        expect(bar).to_contain_text("3 stops")
        page.keyboard.press("Shift+ArrowUp")
        expect(bar).to_contain_text("2 stops")
        page.keyboard.press("Escape")
        expect(bar).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.get_by_role("complementary", name="Stop")).to_contain_text("Lane 2")
        page.keyboard.press("Escape")

        # Fields keep their keys.
        day = page.get_by_label("Day", exact=True)
        day.focus()
        page.keyboard.press("t")
        expect(large_day.plane(desk)).to_be_visible()
        assert desk.faults == []

    def test_the_timeline_is_a_grid(self, stack: Stack, browser: Browser) -> None:
        desk = large_day.at_the_board(browser, stack, routes=12, stops=120)
        page = desk.page
        page.keyboard.press("3")
        grid = large_day.plane(desk)
        expect(grid).to_be_focused()

        def active() -> str:
            name = grid.get_attribute("aria-activedescendant")
            return page.locator(f"[id='{name}']").inner_text() if name else ""

        expect(grid).to_have_attribute("aria-activedescendant", "gantt-at-0--1")
        assert "Driver 001, Van 001, on the road, 10 stops" in active()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(grid).to_have_attribute("aria-activedescendant", "gantt-at-0-2")
        assert re.search(r"3\. 3 Lane 1, Recipient 0\.2.*planned .*expected .*7 min late", active())
        page.keyboard.press("ArrowDown")
        expect(grid).to_have_attribute("aria-activedescendant", "gantt-at-1-2")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.get_by_role("region", name="Selection")).to_contain_text("3 stops")
        expect(page.locator("[role=gridcell][aria-selected=true]")).to_have_count(3)
        page.keyboard.press("+")
        page.keyboard.press("0")
        page.keyboard.press("PageDown")
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        expect(page.get_by_role("complementary", name="Stop")).to_be_visible()
        desk.shot("timeline-keyboard")

        # Who dictates turns single letters off; the others still work.
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.get_by_label("Single letters are commands").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        expect(grid).to_be_visible()
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog", name="Find anything")).to_be_visible()
        assert desk.faults == []


class TestLiveTruth:
    def test_a_dead_socket_is_said_and_comes_back(self, stack: Stack, browser: Browser) -> None:
        desk = large_day.at_the_board(browser, stack, routes=4, stops=20)
        page = desk.page
        page.add_init_script(CUT)
        page.reload()
        expect(page.locator(".connection")).to_have_text("Live")
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request) if "/api/v1/board/" in request.url else None)
        page.evaluate("__setCut(true)")
        said = page.get_by_text("Live updates paused")
        expect(said).to_be_visible()
        expect(page.locator(".live-bar")).to_contain_text("checking every 10 s")
        desk.shot("live-paused")
        at_once = len(asked)
        assert at_once >= 1
        page.wait_for_timeout(10_800)
        assert len(asked) > at_once, "nothing was fetched for ten seconds"
        page.evaluate("__setCut(false)")
        page.get_by_role("button", name="Try now").click()
        expect(page.locator(".connection")).to_have_text("Live", timeout=15_000)
        expect(said).to_be_hidden()
        # The same by itself, without a hand on the button.
        page.evaluate("__setCut(true)")
        expect(said).to_be_visible()
        page.evaluate("__setCut(false)")
        expect(page.locator(".connection")).to_have_text("Live", timeout=20_000)
        expect(said).to_be_hidden()

    def test_an_old_position_is_said_in_list_and_timeline(self, stack: Stack, browser: Browser) -> None:
        desk = large_day.at_the_board(browser, stack, routes=4, stops=40)
        page = desk.page
        old = page.locator(".gantt-lead", has_text="Driver 002")
        expect(old).to_contain_text("no position for 3 min")
        expect(old).to_have_class(re.compile("is-stale"))
        expect(page.locator(".gantt-lead", has_text="Driver 001")).not_to_have_class(re.compile("is-stale"))
        expect(desk.card("route-1").locator(".age")).to_have_text(re.compile("no position for 3 min"))
        expect(desk.card("route-0").locator(".age")).to_have_text(re.compile(r"now|\d+ s ago"))
        assert desk.faults == []
