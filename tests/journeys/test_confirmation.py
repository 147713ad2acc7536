"""A recipient cannot be there: the dispatchers' queue knows at once, a call settles it, and everybody sees the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core import clock
from orders.actions import answering
from orders.models import Order
from tests.fixtures import World
from tests.journeys.drive_phone import Phone, browser_test, context_of
from tests.journeys.test_axe import AXE, TAGS
from tests.journeys.test_drive import day as todays  # noqa: F401
from tests.journeys.test_exceptions import PATIENCE_MS, board
from tests.tracking.chromium import browser, phone_page, shot  # noqa: F401
from tests.tracking.day import Day, distributed, reload
from tests.tracking.server import serving
from tracking import links, tasks
from tracking.models import DayException


class Wall:
    """The clock on the wall."""

    now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def day(amber: World, monkeypatch: pytest.MonkeyPatch) -> Day:
    """A route that leaves at nine; it is eight. Its first two recipients are asked to confirm."""
    monkeypatch.setattr(clock, "now", lambda: Wall.now)
    with amber.scope():
        day = distributed(amber, 3)
        Order.objects.filter(id__in=[order.id for order in day.orders[:2]]).update(confirmation_required=True)
        return day


def path(day: Day, number: int) -> str:
    with day.world.scope():
        return "/t/" + links.link_for(day.orders[number]).partition("/t/")[2]


def judged(page: Page) -> list[str]:
    """What axe finds on the page."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@browser_test
def test_a_no_on_the_page_is_settled_by_a_call(amber: World, day: Day, browser: Browser) -> None:  # noqa: F811
    seen: list[str] = []
    faults: list[str] = []
    with serving() as host:
        page = phone_page(browser, host, seen, faults)
        page.goto(f"http://{host}{path(day, 0)}")
        expect(page.get_by_role("heading", name="Will you be there?")).to_be_visible()
        assert judged(page) == []
        shot(page, "confirm-asked-light")
        desk = board(browser, host, amber, faults)
        tab = desk.get_by_role("tab", name=re.compile("^Exceptions"))
        tab.click()
        expect(desk.get_by_text("Nothing needs you")).to_be_visible()

        page.get_by_role("button", name="I cannot be there").click()
        expect(page.get_by_text("You said that you cannot be there.")).to_be_visible()
        expect(page.get_by_role("button", name="I cannot be there")).to_have_attribute("aria-pressed", "true")
        assert judged(page) == []
        shot(page, "confirm-declined-light")
        dark = phone_page(browser, host, seen, faults, color_scheme="dark")
        dark.goto(f"http://{host}{path(day, 0)}")
        assert judged(dark) == []
        shot(dark, "confirm-declined-dark")
        # Without JavaScript it is the same two buttons; this one was not even asked.
        plain = phone_page(browser, host, seen, faults, java_script_enabled=False, color_scheme="dark")
        plain.goto(f"http://{host}{path(day, 2)}")
        shot(plain, "confirm-unasked-dark")
        plain.get_by_role("button", name="I will be there").click()
        expect(plain.get_by_text("You said that you will be there. Thank you.")).to_be_visible()
        shot(plain, "confirm-confirmed-dark")

        tasks.watch()
        item = desk.locator(".exception")
        expect(item).to_have_count(1, timeout=PATIENCE_MS)
        expect(item).to_contain_text("Recipient A0-1")
        expect(item).to_contain_text("Says they cannot be there; expected 09:05.")
        expect(item.locator(".chip")).to_have_text("Cannot be there")
        desk.keyboard.press("j")
        expect(desk.get_by_role("button", name=re.compile("Plan again tomorrow"))).to_be_visible(timeout=PATIENCE_MS)
        expect(desk.get_by_role("link", name="Call Recipient A0-1")).to_have_attribute("href", "tel:+4915112345678")
        shot(desk, "confirm-queue-light")

        # A quarter of an hour on, the second recipient has still not answered.
        Wall.now = day.at(-45).astimezone(UTC)
        tasks.watch()
        expect(item).to_have_count(2, timeout=PATIENCE_MS)
        silent = item.filter(has_text="Recipient A0-2")
        expect(silent).to_contain_text("Has not said whether they will be there; expected 09:13.")
        silent.locator(".exception-open").click()
        ask = desk.get_by_role("button", name=re.compile("^Ask again"))
        expect(ask).to_be_visible(timeout=PATIENCE_MS)
        night = board(browser, host, amber, faults, color_scheme="dark")
        night.get_by_role("tab", name=re.compile("^Exceptions")).click()
        night.locator(".exception", has_text="Recipient A0-2").locator(".exception-open").click()
        expect(night.get_by_role("button", name=re.compile("^Ask again"))).to_be_visible(timeout=PATIENCE_MS)
        shot(night, "confirm-queue-dark")
        ask.click()
        expect(silent).to_contain_text("Dispatcher Amber looks after it", timeout=PATIENCE_MS)
        expect(ask).to_have_count(0, timeout=PATIENCE_MS)

        item.filter(has_text="Recipient A0-1").locator(".exception-open").click()
        desk.get_by_role("button", name=re.compile("^Confirmed by phone")).click()
        expect(item).to_have_count(1, timeout=PATIENCE_MS)
        with amber.scope():
            row = DayException.objects.get(subject_id=day.orders[0].id)
            assert row.status == "resolved" and "confirmed by phone" in row.resolution
            order = reload(day.orders[0])
            assert (order.recipient_answer, order.status) == ("confirmed", "scheduled")
        tasks.watch()
        expect(item).to_have_count(1)
        # The recipient's page asks every ten seconds, and shows what was written down meanwhile.
        expect(page.get_by_text("You said that you will be there. Thank you.")).to_be_visible(timeout=PATIENCE_MS)

        desk.reload()
        desk.locator(f'[data-route="{day.route.id}"] [aria-expanded=false]').first.click()
        desk.locator(f'[data-stop="{day.stops[0].id}"] .stop-open').first.click()
        chip = desk.locator(".drawer .chip", has_text="Will be there")
        expect(chip).to_be_visible(timeout=PATIENCE_MS)
        shot(desk, "confirm-drawer")
        for one in (page, dark, plain, desk, night):
            one.context.close()
    assert faults == []
    assert all(host in address or address.startswith(("data:", "blob:")) for address in seen)


@browser_test
def test_the_driver_sees_what_the_recipient_said(
    amber: World, todays: Day, without_maps: Browser, host: str  # noqa: F811
) -> None:
    first, second, _ = todays.orders
    with amber.scope():
        answering.answer(first, "confirmed", by=amber.dispatcher, at=clock.now())
        answering.answer(second, "declined", by=amber.dispatcher, at=clock.now())
    phone = Phone(context_of(without_maps, todays), host, amber).open().sign_in()
    phone.press("Start route")
    phone.at(todays.stops[0], "next")
    expect(phone.now.get_by_text("Will be there", exact=True)).to_be_visible()
    phone.shot("confirmed")
    phone.fail_here("Nobody home")
    phone.at(todays.stops[0], "attempted")
    phone.press("Continue")
    phone.at(todays.stops[1], "next")
    expect(phone.now.get_by_text("Says they cannot be there", exact=True)).to_be_visible()
    phone.shot("declined")
    assert phone.faults == []
