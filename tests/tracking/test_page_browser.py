"""The recipient's page in a real browser: follows the day, asks nobody else, and reads without JavaScript."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from tests.fixtures import World
from tests.tracking.chromium import MARKS, SHOTS, browser, phone_page, shot  # noqa: F401
from tests.tracking.conftest import Phone
from tests.tracking.day import Day, distributed
from tests.tracking.server import serving
from tracking import links

pytestmark = MARKS


@pytest.fixture
def day(amber: World) -> Day:
    """A day that began a few minutes ago, so that times on the page are today's."""
    with amber.scope():
        day = distributed(amber)
        began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        shift = began - day.starts_at
        day.starts_at = began
        for stop, order in zip(day.stops, day.orders, strict=True):
            stop.eta_at += shift
            stop.save(update_fields=["eta_at"])
            order.promised_start_at += shift
            order.promised_end_at += shift
            order.save(update_fields=["promised_start_at", "promised_end_at"])
        return day


def test_the_page_follows_the_day(amber: World, phone: Phone, day: Day, browser: Browser) -> None:  # noqa: F811
    now = datetime.now(UTC)
    with amber.scope():
        paths = ["/t/" + links.link_for(order).partition("/t/")[2] for order in day.orders]
    seen: list[str] = []
    faults: list[str] = []
    with serving() as host:
        page = phone_page(browser, host, seen, faults)
        page.goto(f"http://{host}{paths[0]}")
        assert page.get_by_role("heading", level=1).inner_text() == "Your delivery is planned"
        shot(page, "track-planned")
        phone.report(day.report("route_started", 0), now=now)
        phone.moves(day.fix(0.5, 250), day.fix(1.9, 700, heading=0), now=now)
        # The page asks by itself; a visit to another tab and back asks at once.
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.get_by_role("heading", name="You are next").wait_for(timeout=15_000)
        page.get_by_text("Amber", exact=True).wait_for()
        page.wait_for_selector(".maplibregl-canvas", timeout=15_000)
        page.get_by_text(re.compile("^Seen .* ago|^Seen just now")).wait_for(timeout=8_000)
        if SHOTS:
            page.wait_for_timeout(3_000)
        shot(page, "track-next")
        other = phone_page(browser, host, seen, faults, color_scheme="dark")
        other.goto(f"http://{host}{paths[2]}")
        other.get_by_text("2 stops come before yours").wait_for()
        assert other.locator(".track-driver").count() == 0
        if SHOTS:
            other.wait_for_timeout(2_500)
        shot(other, "track-dark")
        phone.report(
            day.report("arrived", 1.9, day.stops[0]), day.report(
                "attempted", 2, day.stops[0], data={"outcome": "delivered_to_recipient", "name": "Ada"}), now=now)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.get_by_text("Handed over at the door, received by Ada.").wait_for(timeout=15_000)
        shot(page, "track-delivered")
        plain = phone_page(browser, host, seen, faults, java_script_enabled=False)
        plain.goto(f"http://{host}{paths[1]}")
        assert plain.locator("h1").inner_text() == "On its way to you"
        lost = phone_page(browser, host, seen, [])
        lost.goto(f"http://{host}/t/amber/{'A' * 32}/")
        assert "Nothing to see here" in lost.content()
        shot(lost, "track-lost")
        for one in (page, other, plain, lost):
            one.context.close()
    assert {url.split("/")[2] for url in seen if not url.startswith(("blob:", "data:"))} == {host}
    assert faults == []
