"""Two people at the same day's board, in two real browsers."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, expect

from core import wake
from tests.fixtures import World
from tests.journeys.desk_browser import PATIENCE_MS, Desk
from tests.journeys.drive_phone import browser_test
from tests.journeys.test_messages import day  # noqa: F401
from tests.tracking.day import Day
from tracking import presence


@browser_test
def test_two_at_one_board_see_each_other(amber: World, day: Day, without_maps: Browser, host: str) -> None:  # noqa: F811
    for key in wake.client().scan_iter(f"{presence.PREFIX}*"):
        wake.client().delete(key)
    dana = Desk(without_maps, host, amber).open_board()
    ada = Desk(without_maps, host, amber, "admin", color_scheme="dark").open_board()
    people = dana.page.get_by_role("list", name="Also on this board")
    expect(people.get_by_role("button")).to_have_text("AA", timeout=PATIENCE_MS)
    expect(ada.page.get_by_role("list", name="Also on this board").get_by_role("button")).to_have_text("DA")

    # What one selects is outlined at the other's, with the name.
    stop = day.stops[1]
    dana.unfold(day.route.id)
    ada.select(day.route.id, stop.id)
    line = dana.page.locator(f'.board-list [data-stop="{stop.id}"]')
    expect(line).to_have_css("outline-style", "solid", timeout=PATIENCE_MS)
    assert line.evaluate("(element) => getComputedStyle(element, '::after').content") == '"Admin Amber"'
    expect(people.get_by_role("button", name="Admin Amber looks at stop 2, A0-2 street 1")).to_be_visible()
    dana.select(day.route.id, day.stops[0].id)
    dana.shot("presence-light")
    ada.shot("presence-dark")
    other = dana.page.locator(f'.board-list [data-stop="{day.stops[0].id}"]')
    expect(other).not_to_have_css("outline-style", "solid")

    # Pressing somebody's initials goes to where they look.
    people.get_by_role("button").click()
    expect(dana.page.locator(".drawer")).to_contain_text("A0-2 street 1")

    # Who closes the board is gone.
    began = time.monotonic()
    ada.context.close()
    expect(people).to_have_count(0, timeout=15_000)
    assert time.monotonic() - began < 15
    expect(line).not_to_have_css("outline-style", "solid")
    assert dana.faults == []
