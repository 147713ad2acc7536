""" "Why not?" as a dispatcher asks it: the reason, the ways out with their prices, and one click that goes one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import Dispatcher
from tests.journeys.preview_day import Day, day_after
from tests.journeys.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def day(stack: Stack) -> Iterator[Day]:
    """Orders that fit, and one that somebody wants before any shift begins."""
    with day_after(stack, 10) as day:
        depot = day.said("GET", f"/depots/{stack.demo['depot']}/")
        early = {
            "reference": "WHY-EARLY",
            "recipient": {"name": "Early Bird"},
            "place": {"line": "Early street 1, Town", "lat": depot["lat"] + 0.01, "lon": depot["lon"] + 0.01},
            "service_s": 180,
            "load": {"pieces": 1, "weight_g": 1000, "volume_ml": 2000},
            "delivery_on": day.on,
            "window": {"start": f"{day.on}T01:00:00Z", "end": f"{day.on}T02:00:00Z"},
        }
        day.said("POST", "/orders:bulk", {"orders": [early]})
        day.laid("WHY", vans=1, each=5, already=1)
        # A solve looks at what is left; whatever else it finds is as good.
        day.solved(day.said("POST", f"/plans/{day.plan}:reoptimize", {"seconds": 10, "max_changes": 0}, 202)["id"])
        yield day


def test_a_stop_on_no_route_is_put_on_one_by_one_click(browser: Browser, stack: Stack, day: Day) -> None:
    stop = next(one for one in day.board()["stops"] if one["status"] == "unassigned")
    assert [one["reference"] for one in stop["orders"]] == ["WHY-EARLY"]
    desk = Dispatcher(browser, stack, stack.demo["dispatcher"])
    desk.sign_in()
    page = desk.page
    desk.visit(f"/board/?day={day.on}")
    page.get_by_role("tab", name=re.compile("Unassigned")).click()
    card = page.locator(f'li.left-stop[data-stop="{stop["id"]}"]')
    expect(card.locator(".reason").first).to_be_visible()
    card.get_by_role("button", name=re.compile("Why not")).press("Enter")
    ways = card.get_by_role("list", name="Ways out").get_by_role("listitem")
    expect(ways.first).to_be_visible()
    later = ways.filter(has_text=re.compile(r"fits if its window ends at \d\d:\d\d, .* later")).first
    expect(later.locator(".why-price")).to_have_text(re.compile(r"\d"))
    desk.shot("why-1-ways")
    later.get_by_role("button", name=re.compile("^Do it")).click()
    expect(desk.line(stop["id"])).to_be_visible()
    now = next(one for one in day.board()["stops"] if one["id"] == stop["id"])
    assert now["status"] == "planned" and now["route"]
    assert datetime.fromisoformat(now["window"]["end"]) > datetime.fromisoformat(stop["window"]["end"])
    desk.shot("why-2-on-a-route")
    # It is an edit like any other.
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Undone: ")
    expect(desk.line(stop["id"])).to_be_hidden()
    assert next(one for one in day.board()["stops"] if one["id"] == stop["id"])["status"] == "unassigned"
    page.keyboard.press("Control+Shift+z")
    expect(desk.line(stop["id"])).to_be_visible()
    assert desk.faults == []
