"""A dispatcher prints a route from the board, writes a note for the next shift and prints the hand-over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.dispatch.paper_text import text_of
from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack
from tests.journeys.test_day import browser as browser
from tests.journeys.test_day import playwright as playwright
from tests.journeys.test_day import pytestmark as pytestmark


@pytest.fixture
def desk(browser: Browser, stack: Stack) -> Iterator[Dispatcher]:
    person = Dispatcher(browser, stack, stack.demo["dispatcher"])
    person.sign_in()
    yield person
    assert person.faults == []
    person.page.context.close()


def test_a_note_is_kept_and_the_hand_over_is_printed(desk: Dispatcher) -> None:
    page, day = desk.page, desk.stack.demo["day"]
    desk.visit(f"/handover/?day={day}")
    expect(page.get_by_role("heading", name="Hand-over of")).to_be_visible()
    page.get_by_label("What the next one should know").fill("Anahtar kapıda.\nVan 2 needs oil.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("The note is kept.")).to_be_visible()
    expect(page.locator("#notes")).to_contain_text("Anahtar kapıda.")
    desk.shot("32-handover")
    address = page.get_by_role("link", name="Print as PDF").get_attribute("href")
    printed = page.request.get(f"{desk.stack.base_url}{address}")
    assert printed.headers["content-type"] == "application/pdf"
    text = text_of(printed.body())
    assert "Anahtar kapıda." in text and desk.stack.demo["dispatcher"]["name"] in text


DAY = "2027-03-02"
SOLVED_S = 60


def planned_day(desk: Dispatcher) -> dict[str, Any]:
    """A day of its own with six orders around the depot, optimised through the API; the board's rows of it."""

    def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = desk.page.request.post(
            f"{desk.stack.base_url}/api/v1/{path}",
            data=body,
            headers={"Authorization": f"Bearer {desk.stack.demo['api_key']}"},
        )
        assert answer.ok, answer.text()
        return dict(answer.json())

    depot = desk.api("/api/v1/depots/")["results"][0]
    for number in range(6):
        place = {"line": f"Door {number}", "lat": depot["lat"] + 0.002 * (number + 1), "lon": depot["lon"]}
        ask("orders/", {
            "reference": f"PAPER-{number}", "delivery_on": DAY, "place": place,
            "recipient": {"name": f"Şükrü Łoś {number}", "phone": "", "email": ""},
        })  # fmt: skip
    ask("shifts:roster", {"day": DAY})
    board = f"/api/v1/board/?day={DAY}&depot={depot['id']}"
    desk.stack.wait_until(lambda: len(desk.api(board)["orders"]["ready"]) == 6, 30, "six ready orders")
    plan = ask("plans/", {"day": DAY, "depot": depot["id"]})
    ask(f"plans/{plan['id']}:optimize", {"seconds": 2})
    desk.stack.wait_until(
        lambda: desk.api(f"/api/v1/plans/{plan['id']}/")["status"] == "optimized", SOLVED_S, "an optimised plan"
    )
    return desk.api(board)


def test_a_planned_route_is_printed_from_its_card(desk: Dispatcher) -> None:
    page = desk.page
    board = planned_day(desk)
    route = next(route for route in board["routes"] if route["stops_total"])
    desk.visit(f"/board/?day={DAY}&depot={route['depot']}")
    desk.unfold(route["id"])
    card = desk.card(route["id"])
    stops = sorted((one for one in board["stops"] if one["route"] == route["id"]), key=lambda one: one["sequence"])
    references = [order["reference"] for stop in stops for order in stop["orders"]]
    for name, expected in (("Manifest", references), ("Load list", references[::-1])):
        link = card.get_by_role("link", name=name).get_attribute("href")
        text = text_of(page.request.get(f"{desk.stack.base_url}{link}").body())
        assert re.findall(r"PAPER-\d", text) == expected, name
        assert "Şükrü Łoś" in text
    desk.shot("33-route-paper")
