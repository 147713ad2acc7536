"""A dispatcher looks for orders, keeps the search, and changes many at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack
from tests.journeys.test_day import browser as browser
from tests.journeys.test_day import playwright as playwright
from tests.journeys.test_day import pytestmark as pytestmark

DAY = "2027-03-01"


@pytest.fixture
def desk(browser: Browser, stack: Stack) -> Iterator[Dispatcher]:
    person = Dispatcher(browser, stack, stack.demo["dispatcher"])
    person.sign_in()
    yield person
    assert person.faults == []
    person.page.context.close()


def hand_in(desk: Dispatcher, number: int) -> None:
    answer = desk.page.request.post(
        f"{desk.stack.base_url}/api/v1/orders/",
        data={
            "reference": f"FIND-{number}", "delivery_on": DAY,
            "recipient": {"name": f"Şükriye Öztürk {number}", "phone": "", "email": ""},
            "place": {"line": f"Etlik Caddesi {number}, Ankara"},
        },
        headers={"Authorization": f"Bearer {desk.stack.demo['api_key']}"},
    )  # fmt: skip
    assert answer.ok, answer.text()


def test_orders_are_found_kept_as_a_view_and_changed_together(desk: Dispatcher) -> None:
    page = desk.page
    for number in range(1, 5):
        hand_in(desk, number)
    desk.visit("/orders/?all=1")
    page.keyboard.press("/")
    page.keyboard.type("sukriye oztrk")
    rows = page.locator("#chosen tbody tr")
    expect(rows).to_have_count(4)
    expect(page.get_by_text("was taken for ozturk")).to_be_visible()
    assert "q=sukriye" in page.url
    page.get_by_role("button", name="Save this view").click()
    dialog = page.get_by_role("dialog", name="Save this view")
    dialog.get_by_label("Name").fill("Şükriye")
    dialog.get_by_label("Open my list of orders with it").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The view “Şükriye” is saved")).to_be_visible()
    desk.visit("/orders/")
    expect(rows).to_have_count(4)
    expect(page.get_by_role("link", name="Şükriye")).to_have_attribute("aria-current", "true")
    page.get_by_role("checkbox", name="Choose FIND-1").check()
    page.get_by_role("checkbox", name="Choose FIND-3").click(modifiers=["Shift"])
    expect(page.get_by_text("3 chosen")).to_be_visible()
    desk.shot("31-chosen")
    page.get_by_role("toolbar").get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Cancel 3 orders")
    expect(dialog).to_contain_text("3 orders will not be delivered")
    dialog.get_by_label("Reason").fill("The merchant took them back")
    dialog.get_by_role("button", name="Cancel them").click()
    done = page.get_by_role("dialog", name="3 orders cancelled")
    expect(done).to_be_visible()
    done.get_by_role("button", name="Close").last.click()
    expect(page.locator('#chosen .status[data-state="cancelled"]')).to_have_count(3)
    page.locator("summary", has_text="This view").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("is deleted")).to_be_visible()
