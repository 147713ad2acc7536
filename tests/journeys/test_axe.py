"""Nothing that axe can find: the board with everything that opens on it, and the design page, in light and in dark."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import large_day
from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack
from tests.journeys.test_timeline import leaves

__all__ = ["leaves"]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(not (shutil.which("chromium") or shutil.which("chromium-browser")), reason="no Chromium"),
    pytest.mark.skipif(not AXE.is_file(), reason="the browser's packages are not installed"),
]

_PRICE = {"shift": "shift-2", "label": "Driver 003", "position": 1, "delta_cents": 210, "delta_m": 900, "delta_s": 300}
WHY = {
    "stop": "stop-8-0", "code": "no_capacity", "message": "No van has room for it.",
    "ways": [
        {"key": "1", "code": "window_later", "message": "Driver 003 fits if its window ends at 12:10, 10 min later.",
         "possible": True, "why_not": "", "warning": "The recipient was promised until 12:00: the promise stays, and "
         "may be broken.", **_PRICE},
        {"key": "2", "code": "one_more_van", "message": "One more van like Driver 003 would have a place for it.",
         "possible": False, "why_not": "No such van has a shift that day.", "warning": "", **_PRICE},
    ],
}  # fmt: skip
FIXES = {
    "fixes": [
        {"key": "move", "icon": "move", "title": "Move it to Driver 003", "consequence": "+4 min, nobody else is late",
         "does": "do", "href": "", "reason": False, "best": True},
        {"key": "call", "icon": "phone", "title": "Call Driver 002", "consequence": "+49151000011", "does": "call",
         "href": "tel:+49151000011", "reason": False, "best": False},
        {"key": "show", "icon": "pin", "title": "Show the stop", "consequence": "On the map", "does": "open",
         "href": "stop-1-2", "reason": False, "best": False},
    ],
    "versions": [{"who": "The driver", "says": "I am on my way.", "at": "2026-11-26T08:20:00Z"},
                 {"who": "The board", "says": "Not reached yet.", "at": "2026-11-26T08:21:00Z"}],
    "history": [{"at": "2026-11-26T08:20:00Z", "event": "opened", "actor": "The house", "reason": ""},
                {"at": "2026-11-26T08:22:00Z", "event": "acknowledged", "actor": "Otto Other", "reason": ""}],
}  # fmt: skip

# What fades in, or changes with the theme, has not its own colour yet; on a busy machine that lasts.
SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await frame();
  const ends = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
  const patience = new Promise((done) => setTimeout(done, 5000));
  await Promise.race([Promise.allSettled(ends.map((one) => one.finished)), patience]);
  await frame();
}"""


def faults(desk: Dispatcher) -> list[str]:
    """What axe complains about on the page as it stands: rule, how bad, and where."""
    page = desk.page
    page.wait_for_timeout(300)
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", TAGS
    )["violations"]  # fmt: skip
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found
        for node in one["nodes"][:4]
    ]


class TestAxe:
    @pytest.mark.parametrize("theme", THEMES)
    def test_the_board(self, stack: Stack, browser: Browser, theme: str) -> None:
        desk = large_day.at_the_board(browser, stack, routes=8, stops=80)
        page = desk.page
        page.emulate_media(reduced_motion="reduce")
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        assert faults(desk) == []
        desk.unfold("route-1")
        desk.line("stop-1-3").locator(".stop-open").click()
        expect(page.get_by_role("complementary", name="Stop")).to_be_visible()
        assert faults(desk) == [], "with a stop in full"
        page.keyboard.press("Escape")
        large_day.plane(desk).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.get_by_role("region", name="Selection")).to_be_visible()
        assert faults(desk) == [], "with a selection"
        page.keyboard.press("Control+k")
        page.keyboard.type("lane")
        assert faults(desk) == [], "with the palette"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert faults(desk) == [], "with the keys"

    @pytest.mark.parametrize("theme", THEMES)
    def test_every_list_and_dialog_of_a_day(self, stack: Stack, browser: Browser, theme: str) -> None:
        """Rows as the server sends them: exceptions with their ways out, "why not?", messages, and the questions."""
        desk = large_day.at_the_board(browser, stack, routes=8, stops=80, exceptions=True)
        page = desk.page
        page.route("**/api/v1/exceptions/*/fixes/", lambda route: route.fulfill(json=FIXES))
        page.route("**/api/v1/stops/*/why/", lambda route: route.fulfill(json=WHY))
        page.emulate_media(reduced_motion="reduce")
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        for name in ("Exceptions", "Not planned", "Messages", "Unassigned"):
            page.get_by_role("tab", name=re.compile(f"^{name}")).click()
            assert faults(desk) == [], name
        why = page.get_by_role("button", name=re.compile("Why not")).first
        why.click()
        expect(page.get_by_role("list", name="Ways out").first).to_be_visible()
        assert faults(desk) == [], "with the ways out"
        desk.shot(f"axe-why-{theme}")
        page.get_by_role("tab", name=re.compile("^Exceptions")).click()
        opened = page.locator(".exception-open")
        expect(opened).to_have_count(3)
        opened.first.click()
        expect(page.get_by_role("list", name="What can be done")).to_be_visible()
        assert faults(desk) == [], "with an exception's ways out"
        page.get_by_role("button", name="Dismiss…").click()
        assert faults(desk) == [], "with the reason asked for"
        desk.shot(f"axe-exception-{theme}")
        page.get_by_role("button", name=re.compile("Optimise (what is left|again)")).first.click()
        expect(page.get_by_role("dialog", name="Optimise again")).to_be_visible()
        assert faults(desk) == [], "with the question before a preview"
        page.keyboard.press("Escape")
        page.get_by_label("More ways to look for better routes").click()
        page.get_by_role("button", name="What if…").click()
        expect(page.get_by_role("dialog", name=re.compile("What if"))).to_be_visible()
        assert faults(desk) == [], "with the what-if"

    @pytest.mark.parametrize("theme", THEMES)
    def test_the_design_page(self, stack: Stack, browser: Browser, theme: str) -> None:
        desk = Dispatcher(browser, stack, stack.demo["viewer"])
        desk.sign_in()
        desk.visit("/design/")
        page = desk.page
        page.emulate_media(reduced_motion="reduce")
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        expect(page.locator(".swatch").first).to_be_visible()
        expect(page.locator("[data-low]")).to_have_count(0)
        assert page.locator(".pair").count() > 40
        desk.shot(f"design-{theme}")
        assert faults(desk) == []
