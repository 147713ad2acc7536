"""A board that opens: its first routes are there and answer before the whole day is, and nothing is lost in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, WebSocketRoute, expect

from tests.journeys import large_day
from tests.journeys.drive_phone import CHROMIUM
from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack

WHOLE = 20

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


def opening_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The beginning of a made-up day, as the server would tell it."""
    whole = [route["id"] for route in snapshot["routes"]][:WHOLE]
    kept = ("at", "day", "organization", "depots", "zones", "plan", "operations", "positions", "exceptions", "map")
    off = [stop for stop in snapshot["stops"] if stop["status"] == "unassigned"]
    counts = {
        "done": sum(stop["status"] == "departed" for stop in snapshot["stops"]), "failed": 0,
        "waiting": sum(stop["unassigned"]["code"] == "not_planned_yet" for stop in off),
        "ready": len(snapshot["orders"]["ready"]), "needs_attention": len(snapshot["orders"]["needs_attention"]),
        "shifts": len(snapshot["shifts"])}  # fmt: skip
    late = sum(stop["late_s"] > 0 for stop in snapshot["stops"])
    summary = snapshot["plan"]["summary"] | {"stops": len(snapshot["stops"]), "late": late}
    return {name: snapshot[name] for name in kept} | {
        "plan": snapshot["plan"] | {"summary": summary},
        "routes": [route | {"geometry": ""} for route in snapshot["routes"]], "whole": whole, "counts": counts,
        "stops": [stop for stop in snapshot["stops"] if stop["route"] in whole]}  # fmt: skip


class SlowDay:
    """A made-up day of sixty routes whose snapshot waits until the test lets it go, and a socket that it speaks for."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.desk = Dispatcher(browser, stack, stack.demo["dispatcher"])
        self.desk.sign_in()
        self.page = self.desk.page
        day = date.fromisoformat(stack.demo["day"]) + timedelta(days=41)
        begins = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        self.snapshot = large_day.day_of(
            self.desk.api(f"/api/v1/board/?day={day}"), routes=60, stops=900, begins=begins,
            now=begins + timedelta(minutes=25))  # fmt: skip
        large_day.show(self.page, self.snapshot)
        self.asked: list[str] = []
        self.held: list[Route] = []
        self.page.route("**/api/v1/board/opening/**", self._open)
        self.page.route("**/api/v1/board/?*", lambda route: self.held.append(route))
        self.page.route_web_socket("**/ws/board/", self._listen)
        self.path = f"/board/?day={day}"
        self.say: Callable[[dict[str, Any]], None] = lambda message: None

    def _open(self, route: Route) -> None:
        self.asked.append(route.request.url)
        route.fulfill(json=opening_of(self.snapshot))

    def _listen(self, socket: WebSocketRoute) -> None:
        self.say = lambda message: socket.send(json.dumps(message))
        self.say({"type": "hello", "epoch": "one", "seq": 0})

    def waits_for_the_snapshot(self) -> None:
        for _ in range(200):
            if self.held:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("the board did not ask for its snapshot")


@pytest.fixture
def slow(browser: Browser, stack: Stack) -> Iterator[SlowDay]:
    day = SlowDay(browser, stack)
    yield day
    day.page.context.close()


def test_the_first_routes_are_there_before_the_day_is(slow: SlowDay) -> None:
    page = slow.page
    slow.desk.visit(slow.path)
    first, second = page.locator("li.route-card").nth(0), page.locator("li.route-card").nth(1)
    expect(first.locator(".route-numbers")).to_contain_text("2/15 stops")
    slow.waits_for_the_snapshot()
    assert len(slow.asked) == 1, "what the page's head asked for is not asked for again"
    # The sums and the counts are those of the whole day; cards come only as far as their stops have.
    figures = page.locator(".board-figures").inner_text()
    expect(page.get_by_role("tab", name="Routes")).to_contain_text("60")
    assert "2/902" in figures.replace("\n", "")
    assert page.locator("li.route-card").count() <= WHOLE
    second.locator(".route-open").click()
    expect(second.locator("[data-stop]")).to_have_count(15)
    places = [box.bounding_box() for box in (first, second, page.locator(".map-pane"), page.locator(".gantt"))]
    stop_button = second.locator(".stop-open").nth(3)
    stop_button.focus()

    # What happens meanwhile is newer than the snapshot that is on its way, and outlives it.
    stop = next(row for row in slow.snapshot["stops"] if row["route"] == "route-0" and row["status"] != "departed")
    done = {"status": "departed", "outcome": "delivered_to_recipient", "version": 2}
    slow.say({"type": "rows", "seq": 1, "rows": {"stop": [stop | done]}})
    page.wait_for_timeout(200)
    for route in slow.held:
        route.fulfill(json=slow.snapshot)
    expect(first.locator(".route-numbers")).to_contain_text("3/15 stops")
    expect(page.locator(".connection")).to_have_text("Live")
    expect(page.locator("li.route-card[data-route]")).to_have_count(60, timeout=30_000)
    # Nothing has moved, what was opened is open, and the sums agree with the rows.
    now = [box.bounding_box() for box in (first, second, page.locator(".map-pane"), page.locator(".gantt"))]
    assert now == places
    expect(second.locator("[data-stop]")).to_have_count(15)
    expect(stop_button).to_be_focused()
    assert page.locator(".board-figures").inner_text() == figures.replace("2", "3", 1)
    assert not slow.desk.faults


def test_a_snapshot_that_fails_is_said_and_the_first_routes_stay(slow: SlowDay) -> None:
    page = slow.page
    slow.desk.visit(slow.path)
    expect(page.locator("li.route-card").first).to_be_visible()
    slow.waits_for_the_snapshot()
    for route in slow.held:
        route.fulfill(status=503, json={"code": "busy", "message": "The server is busy."})
    slow.held.clear()
    trouble = page.locator(".panel-trouble")
    expect(trouble).to_contain_text("The server is busy. What you see may be old.")
    expect(page.locator("li.route-card").first).to_be_visible()
    expect(page.locator("li.route-card").nth(WHOLE)).to_have_count(0)
    trouble.get_by_role("button", name="Try again").click()
    slow.waits_for_the_snapshot()
    for route in slow.held:
        route.fulfill(json=slow.snapshot)
    expect(trouble).to_have_count(0)
    expect(page.locator("li.route-card[data-route]")).to_have_count(60, timeout=30_000)


def test_without_an_opening_the_snapshot_is_waited_for(slow: SlowDay) -> None:
    page = slow.page
    page.unroute("**/api/v1/board/opening/**")
    page.route("**/api/v1/board/opening/**", lambda route: route.abort())
    slow.desk.visit(slow.path)
    slow.waits_for_the_snapshot()
    expect(page.locator(".board-skeleton")).to_be_visible()
    for route in slow.held:
        route.fulfill(json=slow.snapshot)
    expect(page.locator("li.route-card").first).to_be_visible()
    expect(page.locator(".connection")).to_have_text("Live")
