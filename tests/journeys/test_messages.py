"""Writing with a driver and a recipient, in three real browsers: the desk, a phone without a connection, a tracking
page."""

from __future__ import annotations

import re
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from notifications import actions
from notifications.models import Message, ThreadMessage
from tests.fixtures import World
from tests.journeys.desk_browser import PATIENCE_MS, Desk
from tests.journeys.drive_phone import SHOTS, Phone, browser_test, context_of
from tests.tracking.day import Day, distributed
from tracking import links


@pytest.fixture
def day(amber: World) -> Day:
    """Three stops of today, their route sent to the first driver."""
    zone = ZoneInfo(amber.organization.timezone)
    amber.day = datetime.now(zone).date()
    with amber.scope():
        for shift in amber.shifts:
            shift.day_on = amber.day
            shift.starts_at = datetime.combine(amber.day, clock_time(8), zone)
            shift.ends_at = datetime.combine(amber.day, clock_time(18), zone)
            shift.save()
        return distributed(amber)


def lines(page: Page) -> list[str]:
    """What stands in the open conversation on the board."""
    return page.locator(".bubble .bubble-text").all_inner_texts()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(800)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@browser_test
def test_the_desk_and_a_phone_without_a_connection(amber: World, day: Day, without_maps: Browser, host: str) -> None:
    desk = Desk(without_maps, host, amber).open_board()
    phone = Phone(context_of(without_maps, day, service_workers="block"), host, amber).open().sign_in()
    phone.press("Start route")
    phone.at(day.stops[0], "next")
    phone.unsent(0)
    phone.context.set_offline(True)

    # The driver writes where there is no connection: it waits, and is said to wait.
    phone.press("Messages")
    phone.page.get_by_text("Nothing was written yet.").wait_for()
    phone.press("Running late")
    waiting = phone.page.locator('[data-testid=line][data-state="waiting"]')
    expect(waiting).to_contain_text("Waiting for a connection")
    expect(waiting).to_contain_text(day.stops[0].place.street)
    phone.unsent(1)
    phone.shot("messages-offline")

    # Meanwhile the dispatcher writes from the route.
    desk.unfold(day.route.id).get_by_role("button", name="Message Amber driver 1").click()
    field = desk.page.get_by_label("Message to Amber driver 1")
    expect(field).to_be_focused()
    field.fill("Gate code is 12#")
    field.press("Enter")
    bubble = desk.page.locator(".bubble", has_text="Gate code is 12#")
    expect(bubble).to_contain_text("Waiting for the phone")
    expect(field).to_have_value("")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("list", name="Conversations")).to_contain_text("Dispatcher: Gate code is 12#")
    desk.page.get_by_role("tab", name="Routes").click()

    # With a connection again each has what the other wrote.
    phone.context.set_offline(False)
    phone.unsent(0)
    expect(phone.page.get_by_test_id("line")).to_have_text(
        [re.compile("Gate code"), re.compile("Running late")], timeout=PATIENCE_MS
    )
    tab = desk.page.get_by_role("tab", name="Messages, 1 unread")
    expect(tab).to_be_visible(timeout=PATIENCE_MS)
    desk.shot("messages-unread")
    tab.click()
    desk.shot("messages-inbox")
    desk.page.get_by_role("button", name=re.compile("Amber driver 1.*Running late")).click()
    expect(desk.page.locator(".bubble", has_text="Gate code")).to_contain_text("Read", timeout=PATIENCE_MS)
    expect(desk.page.locator(".bubble", has_text="Running late")).to_contain_text("A0-1 street")
    expect(desk.page.get_by_role("tab", name="Messages", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    desk.shot("messages-thread")
    expect(phone.page.locator("[data-testid=line]", has_text="Running late")).to_contain_text(
        "Seen by the office", timeout=40_000
    )
    phone.shot("messages")

    with amber.scope():
        assert sorted(ThreadMessage.objects.values_list("author", flat=True)) == ["driver", "member"]
        assert ThreadMessage.objects.get(author="driver").stop_id == day.stops[0].id
    desk.page.goto(f"{host}/orders/{day.orders[0].id}/")
    expect(desk.page.locator(".timeline").last).to_contain_text("Message from the driver about it")
    assert desk.faults == phone.faults == []


@browser_test
def test_a_recipient_writes_and_is_answered(amber: World, day: Day, without_maps: Browser, host: str) -> None:
    order = day.orders[1]
    with amber.scope():
        address = links.link_for(order)
    desk = Desk(without_maps, host, amber).open_board()
    page = without_maps.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2).new_page()
    page.goto(f"{host}/t/{address.partition('/t/')[2]}")
    page.get_by_label("Write to Amber Logistics").fill("Leave it with the neighbour")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Leave it with the neighbour")
    expect(page.get_by_label("Write to Amber Logistics")).to_have_value("")

    desk.page.get_by_role("tab", name="Messages, 1 unread").click()
    desk.page.get_by_role("button", name=re.compile("Recipient A0-2.*Leave it")).click()
    desk.page.get_by_role("button", name="We will do that.").click()
    desk.page.keyboard.press("Enter")
    answer = desk.page.locator(".bubble", has_text="We will do that.")
    expect(answer).to_contain_text("Sending by e-mail")
    actions.send_due(amber.organization.id)
    expect(answer).to_contain_text("Delivered by e-mail", timeout=PATIENCE_MS)
    desk.shot("messages-recipient")

    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("log")).to_contain_text("We will do that.", timeout=PATIENCE_MS)
    expect(answer).to_contain_text("Read", timeout=PATIENCE_MS)
    expect(page.get_by_role("log")).not_to_contain_text("Dispatcher")
    page.get_by_role("log").scroll_into_view_if_needed()
    shot(page, "messages-tracking")

    # From the stop's drawer the same conversation opens.
    desk.page.get_by_role("tab", name="Routes").click()
    desk.select(day.route.id, day.stops[1].id)
    desk.shot("messages-drawer")
    desk.page.locator(".order-card").get_by_role("button", name="Message").click()
    expect(desk.page.locator(".bubble")).to_have_count(2)

    # The history names who wrote when, and not what.
    desk.page.goto(f"{host}/orders/{order.id}/")
    history = desk.page.locator(".card", has=desk.page.get_by_role("heading", name="History")).locator(".timeline")
    expect(history).to_contain_text("Message from the recipient")
    expect(history).to_contain_text("Message to the recipient")
    expect(history).not_to_contain_text("neighbour")
    expect(desk.page.get_by_role("region", name="Messages")).to_contain_text("Leave it with the neighbour")
    desk.shot("messages-order")
    assert desk.faults == []


@browser_test
def test_the_same_words_to_many(amber: World, day: Day, without_maps: Browser, host: str) -> None:
    desk = Desk(without_maps, host, amber).open_board()
    page = desk.page
    page.get_by_role("tab", name="Messages", exact=True).click()
    page.get_by_role("button", name="Write to many…").click()
    dialog = page.get_by_role("dialog", name="Write to many")
    expect(dialog.get_by_role("button", name="Choose somebody")).to_be_disabled()
    dialog.get_by_role("group", name="Drivers").get_by_role("button", name="All").click()
    dialog.get_by_label("Message").fill("Snow: be careful.")
    desk.shot("messages-broadcast")
    dialog.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("Sent to 2 people.")).to_be_visible()
    expect(page.get_by_role("list", name="Conversations").get_by_role("listitem")).to_have_count(2)
    with amber.scope():
        assert ThreadMessage.objects.values_list("broadcast_id", flat=True).distinct().count() == 1
        assert not Message.objects.filter(template="message").exists()

    # The recipients of a route's stops; one of them is spared.
    page.get_by_role("tab", name="Routes").click()
    desk.unfold(day.route.id).get_by_role("button", name="Recipients…").click()
    dialog.get_by_role("checkbox", name="Recipient A0-2").uncheck()
    dialog.get_by_label("Message").fill("We are an hour late.")
    desk.shot("messages-recipients")
    dialog.get_by_role("button", name="Send to 2 people").click()
    expect(dialog).to_be_hidden()
    with amber.scope():
        told = Message.objects.filter(template="message").order_by("to")
        assert [one.to for one in told] == ["a0-1@example.com", "a0-3@example.com"]
    assert desk.faults == []
