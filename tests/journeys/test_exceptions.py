"""A late van comes into the exceptions queue live, a fix is one click away, and it is resolved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from core import clock
from dispatch.models import Route, Stop
from fleet.models import Driver
from orders.models import Order
from tests.fixtures import World
from tests.tracking.chromium import MARKS, browser, shot  # noqa: F401
from tests.tracking.day import Day, distributed, reload
from tests.tracking.server import serving
from tracking import tasks
from tracking.models import DayException

pytestmark = MARKS
PATIENCE_MS = 20_000
HOUR = timedelta(hours=1)


class Wall:
    """The clock on the wall, which the test moves."""

    now = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


@pytest.fixture
def day(amber: World, monkeypatch: pytest.MonkeyPatch) -> Day:
    """Two routes that should leave: the first at nine, the other at ten. It is five past nine."""
    Wall.now = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: Wall.now)
    with amber.scope():
        other = distributed(amber, 2, driver=1)
        Route.objects.filter(id=other.route.id).update(starts_at=other.at(60), ends_at=other.at(180))
        for stop in other.stops:
            Stop.objects.filter(id=stop.id).update(
                planned_arrival_at=stop.planned_arrival_at + HOUR, eta_at=stop.eta_at + HOUR)
        day = distributed(amber, 3)
        # The last stop was planned late in the tour: twenty to eleven, promised until then.
        Stop.objects.filter(id=day.stops[2].id).update(planned_arrival_at=day.at(100), eta_at=day.at(100))
        Order.objects.filter(id=day.orders[2].id).update(promised_start_at=day.at(0), promised_end_at=day.at(100))
        Driver.objects.filter(id=amber.drivers[0].id).update(phone="+49151000011")
        return day


def board(browser: Browser, host: str, world: World, faults: list[str], **options: object) -> Page:  # noqa: F811
    """The board of the day, signed in as the dispatcher, live."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})  # type: ignore[arg-type]
    session = world.client().cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": f"http://{host}"}])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"http://{host}/board/?day={world.day}")
    expect(page.locator(".connection")).to_contain_text("Live", timeout=PATIENCE_MS)
    return page


def test_a_late_van_is_noticed_fixed_and_resolved(amber: World, day: Day, browser: Browser) -> None:  # noqa: F811
    faults: list[str] = []
    with serving() as host:
        page = board(browser, host, amber, faults)
        tab = page.get_by_role("tab", name=re.compile("^Exceptions"))
        tab.click()
        expect(page.get_by_text("Nothing needs you")).to_be_visible()
        tasks.watch()
        expect(tab).to_contain_text("0")

        Wall.now = day.at(20).astimezone(UTC)  # the van still has not left
        tasks.watch()
        item = page.locator(".exception")
        expect(item).to_have_count(1, timeout=PATIENCE_MS)
        expect(tab).to_contain_text("1")
        expect(item).to_contain_text("Recipient A0-3")
        expect(item).to_contain_text("20 min late")
        expect(item).to_contain_text("should have left 20 min ago")

        page.keyboard.press("j")
        fix = page.get_by_role("button", name=re.compile("Move Recipient A0-3 to Amber driver 2"))
        expect(fix).to_contain_text("in time", timeout=PATIENCE_MS)
        expect(page.get_by_role("link", name="Call Amber driver 1")).to_have_attribute("href", "tel:+49151000011")
        page.keyboard.press("a")
        expect(item).to_contain_text("Dispatcher Amber looks after it")
        shot(page, "exceptions-light")
        dark = board(browser, host, amber, faults, color_scheme="dark")
        dark.get_by_role("tab", name=re.compile("^Exceptions")).click()
        dark.locator(".exception-open").click()
        expect(dark.get_by_role("button", name=re.compile("^Move "))).to_be_visible(timeout=PATIENCE_MS)
        shot(dark, "exceptions-dark")
        phone = board(browser, host, amber, faults, viewport={"width": 390, "height": 844})
        phone.get_by_role("tab", name=re.compile("^Exceptions")).click()
        phone.locator(".exception-open").click()
        expect(phone.get_by_role("button", name=re.compile("^Move "))).to_be_visible(timeout=PATIENCE_MS)
        shot(phone, "exceptions-phone")

        fix.click()
        expect(page.get_by_text("Nothing needs you")).to_be_visible(timeout=PATIENCE_MS)
        expect(dark.get_by_text("Nothing needs you")).to_be_visible(timeout=PATIENCE_MS)
        with amber.scope():
            stop = Stop.objects.select_related("route__shift", "plan").get(id=day.stops[2].id)
            assert stop.route.shift.driver_id == amber.drivers[1].id and stop.plan.status == "distributed"
            row = DayException.objects.get()
            assert row.status == "resolved" and "Amber driver 2" in row.resolution
        tasks.watch()
        with amber.scope():
            assert DayException.objects.count() == 1

        with amber.scope():
            Order.objects.filter(id=day.orders[0].id).update(status="attempt_failed")
        tasks.watch()
        expect(item).to_contain_text("The attempt failed", timeout=PATIENCE_MS)
        tab.focus()
        page.keyboard.press("j")
        expect(page.get_by_role("button", name=re.compile("Plan again tomorrow"))).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("x")
        page.get_by_label("Why does this need nobody?").fill("He collects it himself")
        shot(page, "exceptions-dismiss")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing needs you")).to_be_visible(timeout=PATIENCE_MS)
        with amber.scope():
            row = DayException.objects.get(kind="failed")
            assert (row.status, row.resolution) == ("dismissed", "He collects it himself")
            assert reload(day.orders[0]).status == "attempt_failed"

        page.goto(f"http://{host}/settings/automation/")
        rule = page.get_by_role("form", name="Promises in danger are saved")
        rule.get_by_text("Propose").click()
        shot(page, "automation")
        rule.get_by_role("button", name="Save").click()
        expect(page.get_by_text("is set to propose")).to_be_visible()
        for one in (page, dark, phone):
            one.context.close()
    assert faults == []
