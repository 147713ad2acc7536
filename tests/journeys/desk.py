"""What a dispatcher does at the desk, step by step, each with what must be seen afterwards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Dispatcher

ROWS, DOUBTFUL, FAULTY = 60, "JOURNEY-DOUBT", "JOURNEY-FAULT"
"""Orders taken from the real file; one on a street that the map does not know; one that cannot be read."""


def imports(desk: Dispatcher, file: Path) -> None:
    """Hand in the file through the page and see what became of it."""
    page = desk.page
    desk.visit(f"/board/?day={desk.stack.demo['day']}")
    page.get_by_role("link", name="Import orders").click()
    assert page.locator("[name=day]").input_value() == desk.stack.demo["day"]
    page.locator("input[type=file]").set_input_files(file)
    desk.shot("02-import")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/orders/import/[0-9a-f-]{36}/"))
    expect(page.locator(".figure").first).to_be_visible(timeout=30_000)
    assert (desk.figure("New orders"), desk.figure("Faulty rows")) == (str(ROWS + 1), "1")
    grid = page.get_by_role("grid", name="Rows of the file")
    expect(grid).to_be_visible(timeout=30_000)
    page.get_by_text("Only faulty").click()
    fault = grid.locator("[aria-invalid=true]")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text("25:00")
    expect(grid.get_by_role("row").filter(has=page.locator("[aria-invalid=true]"))).to_contain_text(str(ROWS + 3))
    expect(page.get_by_text("could not be placed on the map for certain")).to_be_visible(timeout=30_000)
    desk.shot("03-imported")


def reviews(desk: Dispatcher) -> None:
    """The order whose street nobody knows is put on the map by hand."""
    page = desk.page
    desk.visit(f"/orders/?q={DOUBTFUL}")
    page.get_by_role("link", name=DOUBTFUL).click()
    expect(page.get_by_text("Needs attention").first).to_be_visible()
    page.get_by_role("link", name=re.compile("Review its position|Set it on the map")).first.click()
    page.get_by_label("Find on the map").press_sequentially("Etlik Cad", delay=30)
    page.locator("#suggestions").get_by_role("button").first.click()
    expect(page.locator("#id_lat")).to_have_value(re.compile(r"^39\.9|^40\.0"))
    desk.shot("04-review")
    page.get_by_role("button", name="The pin is right").click()
    desk.visit(f"/orders/?q={DOUBTFUL}")
    expect(page.locator("tbody .status")).to_have_text("Ready")


def plans(desk: Dispatcher) -> None:
    """The day is optimised; progress is shown while it lasts, routes when it ends."""
    page = desk.page
    desk.open_board()
    ready = len(desk.board()["orders"]["ready"])
    assert ready >= ROWS - 5
    page.get_by_label("How long to look for better routes").click()
    page.get_by_role("button", name="Quick look, 5 s").click()
    expect(page.get_by_role("progressbar", name="Optimising")).to_be_visible()
    expect(page.get_by_text("best so far")).to_be_visible(timeout=20_000)
    desk.shot("05-solving")
    expect(page.get_by_text("Drivers do not see it yet")).to_be_visible(timeout=40_000)
    cards = page.locator("li.route-card[data-route]")
    expect(cards.first).to_be_visible()
    expect(page.locator(".map-pane canvas.maplibregl-canvas")).to_be_visible()
    board = desk.board()
    assert cards.count() == len(board["routes"]) >= 2
    assert all(len(route["geometry"]) > 50 for route in board["routes"])
    planned = [stop for stop in board["stops"] if stop["route"]]
    left = [stop for stop in board["stops"] if not stop["route"]]
    assert len(planned) >= 0.9 * len(board["stops"])
    assert all(stop["unassigned"]["message"] for stop in left)
    desk.shot("06-planned")
    expect(page.get_by_role("tab", name=re.compile("Unassigned"))).to_contain_text(str(len(left)))


def moves_by_hand(desk: Dispatcher) -> None:
    """A stop goes elsewhere on its route; what that leads to is shown before it is done."""
    page = desk.page
    board = desk.board()
    route, stops, stop = next(
        (route, stops, stop)
        for route in board["routes"]
        if len(stops := on_route(board, route["id"])) > 4
        for stop in stops[2:]
        if dry_run(desk, stop["id"], route["id"], stop["sequence"] - 2)
    )
    desk.unfold(route["id"])
    desk.line(stop["id"]).get_by_role("button", name=re.compile("^Move ")).click()
    dialog = page.get_by_role("dialog")
    before = stop["sequence"] - 2
    dialog.get_by_label("Place on the route").select_option(str(before))
    expect(dialog.locator("[aria-busy=false]")).to_be_visible()
    expect(dialog.locator(".delta", has_text="driving").locator(".delta-value")).to_have_text(re.compile(r"\d"))
    desk.shot("07-move")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(desk.line(stop["id"]).locator(".stop-number")).to_have_text(str(before + 1))
    order = [one["id"] for one in on_route(desk.board(), route["id"])]
    expected = [one["id"] for one in stops]
    expected.insert(before, expected.pop(stop["sequence"] - 1))
    assert order == expected


def refused(desk: Dispatcher) -> None:
    """A stop that needs what a van has not cannot go there, and the dialog says why."""
    page = desk.page
    board = desk.board()
    skills = {van["id"]: set(van["skills"]) for van in board["vehicles"]}
    stop, other = next(
        (stop, route)
        for stop in board["stops"]
        if stop["skills"] and stop["route"]
        for route in board["routes"]
        if route["id"] != stop["route"] and not set(stop["skills"]) <= skills[route["vehicle"]["id"]]
    )
    desk.unfold(stop["route"])
    desk.line(stop["id"]).get_by_role("button", name=re.compile("^Move ")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Route", exact=True).select_option(other["id"])
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(stop["skills"][0].replace("_", ".?"), re.IGNORECASE))
    expect(dialog.get_by_role("button", name="Move", exact=True)).to_be_disabled()
    desk.shot("08-refused")
    dialog.get_by_role("button", name="Cancel").click()
    assert next(one for one in desk.board()["stops"] if one["id"] == stop["id"])["route"] == stop["route"]


def distributes(desk: Dispatcher) -> None:
    """The drivers get their routes."""
    desk.page.get_by_role("button", name="Send to drivers").click()
    expect(desk.page.get_by_text("The drivers have their routes")).to_be_visible()
    assert desk.board()["plan"]["status"] == "distributed"


def numbers(desk: Dispatcher, tried: int, failed: int) -> None:
    """The day's numbers: `tried` orders, `failed` of them not delivered."""
    page = desk.page
    day = desk.stack.demo["day"]
    page.get_by_role("link", name="Insights").click()
    page.get_by_label("From").fill(day)
    page.get_by_label("To", exact=True).fill(day)
    page.get_by_role("button", name="Show", exact=True).click()
    row = page.locator("section", has=page.get_by_role("heading", name="By day", exact=True)).locator("tbody tr")
    expect(row).to_have_count(1)
    total = desk.api(f"/api/v1/insights/?from={day}&to={day}")["total"]
    assert (total["attempts"], total["delivered"], total["routes"]) == (tried, tried - failed, 1)
    share = total["first_attempt"]["value"]
    assert share == pytest.approx((tried - failed) / tried)
    expect(page.locator(".figures").first).to_contain_text(re.compile(rf"{share * 100:.1f}|{share * 100:.0f}"))
    expect(page.locator("dl.bars")).to_contain_text(re.compile("N(ot|obody) home"))
    expect(page.locator("[data-chart=rates] canvas, [data-chart=rates] svg").first).to_be_visible()
    desk.shot("21-insights")


def on_route(board: dict[str, Any], route: str) -> list[dict[str, Any]]:
    return sorted((stop for stop in board["stops"] if stop["route"] == route), key=lambda stop: stop["sequence"])


def dry_run(desk: Dispatcher, stop: str, route: str, position: int) -> bool:
    """Whether this move would be allowed."""
    answer = desk.page.request.post(
        f"{desk.stack.base_url}/api/v1/stops/{stop}:move",
        data={"route": route, "position": position, "dry_run": True},
        headers={"Authorization": f"Bearer {desk.stack.demo['api_key']}"},
    )
    return bool(answer.ok and not answer.json()["broken"])
