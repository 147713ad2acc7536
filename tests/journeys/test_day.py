"""A whole day in real browsers on the real extract, from the order file to the numbers at the end."""

from __future__ import annotations

import csv
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from routing.roads import decode
from tests.journeys import desk as at_desk
from tests.journeys.people import Dispatcher, Phone, Recipient, sent_fix, shots, shown_fix
from tests.journeys.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LIVE_S, BUSY_S = 5.0, 15.0
"""A report must be on the board this soon after the phone began to send it: on a machine with processors to spare, and
on one where others queue for them."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*root, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    )
    yield chromium
    chromium.close()


@pytest.fixture
def pictures(browser: Browser, ankara: Stack) -> Iterator[None]:
    """What every page showed when the test ended, for whoever has to find out why it failed."""
    yield
    for context in browser.contexts:
        for number, page in enumerate(context.pages):
            name = f"end-{browser.contexts.index(context)}-{number}.png"
            page.screenshot(path=shots(ankara) / name)


@pytest.fixture(scope="module")
def file(ankara: Stack) -> Path:
    """The first orders of the real file, one whose street is not on the map, and one that cannot be read."""
    assert ankara.orders is not None
    with ankara.orders.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    plain = dict.fromkeys(rows[0], "") | {
        "recipient_name": "E. Kaya",
        "recipient_email": "kaya@example.com",
        "city": "Ankara",
        "country": "TR",
        "proof_required": "none",
    }
    rows.append(plain | {"reference": at_desk.DOUBTFUL, "street": "Olmayan Yıldızlar Sokağı", "house_number": "7"})
    rows.append(plain | {"reference": at_desk.FAULTY, "street": rows[0]["street"], "window_start": "25:00"})
    target = ankara.folder / "orders of the day.csv"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return target


@pytest.mark.usefixtures("pictures")
def test_a_day_from_the_order_file_to_the_numbers(
    ankara: Stack, file: Path, playwright: Playwright, browser: Browser
) -> None:
    began = time.monotonic()
    desk = Dispatcher(browser, ankara, ankara.demo["dispatcher"])
    desk.sign_in()
    desk.shot("01-first-look")
    at_desk.imports(desk, file)
    at_desk.reviews(desk)
    at_desk.plans(desk)
    at_desk.moves_by_hand(desk)
    at_desk.refused(desk)
    at_desk.distributes(desk)

    route, stops = choose(desk.board())
    login = next(one for one in ankara.demo["drivers"] if one["name"] == route["driver"]["name"])
    ankara.set_clock(datetime.fromisoformat(route["starts_at"]) - timedelta(minutes=1))
    desk.open_board()
    desk.unfold(route["id"])

    recipient = Recipient(browser, ankara)
    clerk = Dispatcher(browser, ankara, ankara.demo["viewer"])
    clerk.sign_in()
    first = stops[0]["orders"][0]["reference"]
    recipient.visit(link_in(clerk, first))
    expect(recipient.headline()).to_have_text("Your delivery is planned")
    assert re.search(r"\d\d:\d\d\s*[–-]\s*\d\d:\d\d", recipient.page.locator("[data-clock]").inner_text())
    recipient.shot("09-recipient-planned")

    depot = desk.board()["depots"][0]
    phone = Phone(playwright, browser, ankara, login, (depot["lat"], depot["lon"]))
    phone.sign_in()
    phone.shot("10-phone-ready")
    phone.press("Start route")
    live(desk, phone, desk.card(route["id"]).get_by_text("On the road", exact=True), "the route has started")
    assert phone.stop() == stops[0]["id"]
    phone.shot("11-phone-next-stop")
    drives(desk, phone, route)
    sees_the_van(recipient)
    at_the_doors(desk, phone, clerk, stops, recipient)
    tried = goes_home(desk, phone, clerk, route["id"], stops)
    at_desk.numbers(desk, sum(len(stop["orders"]) for stop in stops[:tried]), len(stops[1]["orders"]))
    stays_among_themselves(browser, ankara, stops)
    assert [*desk.faults, *clerk.faults, *phone.faults, *recipient.faults] == []
    print(f"the journey took {time.monotonic() - began:.0f} s")


def drives(desk: Dispatcher, phone: Phone, route: dict[str, Any]) -> None:
    """The van goes along its line; the board sees it about as soon as the phone has sent it."""
    way = along(decode(route["geometry"]), step_m=45, count=4)
    for lat, lon in way:
        phone.drive_to(lat, lon)
        phone.page.wait_for_timeout(2300)
    lat, lon = way[-1]
    shown = phone.stack.wait_until(lambda: _pumped(phone) and shown_fix(desk, lat, lon), 12, "the van is on the board")
    sent = sent_fix(phone, lat, lon)
    assert sent is not None
    print(f"position: sent → board {shown - sent:.0f} ms")
    assert shown - sent < patience_ms()
    expect(desk.card(route["id"]).locator(".age")).to_have_text(re.compile(r"now|\d+ s ago"))
    desk.shot("12-board-van")


def sees_the_van(recipient: Recipient) -> None:
    """Whoever is next sees who comes, and where."""
    recipient.looks_again()
    expect(recipient.headline()).to_have_text("You are next")
    expect(recipient.page.locator(".track-driver")).to_be_visible()
    expect(recipient.page.locator(".track-map canvas")).to_be_visible()
    recipient.page.get_by_text(re.compile("^Seen ")).wait_for()
    recipient.shot("13-recipient-next")


def at_the_doors(
    desk: Dispatcher, phone: Phone, clerk: Dispatcher, stops: list[dict[str, Any]], recipient: Recipient
) -> None:
    """One delivered with proof, one failed, one without a connection."""
    first, second, third = stops[:3]
    phone.arrive()
    live(desk, phone, desk.line(first["id"]).get_by_text("At the stop", exact=True), "at the first door")
    phone.shot("14-phone-at-the-door")
    phone.deliver(pin=lambda: pin_of(clerk, first), photo=True)
    live(desk, phone, done(desk, first), "the first is delivered")
    phone.shot("15-phone-delivered")
    recipient.looks_again()
    expect(recipient.headline()).to_have_text(re.compile("Delivered"))
    recipient.shot("16-recipient-delivered")
    phone.go_on()

    phone.arrive()
    phone.fail("Nobody home")
    live(desk, phone, desk.line(second["id"]).get_by_text("Nobody home", exact=True), "the second has failed")
    phone.go_on()
    phone.expect_sent()

    pin = pin_of(clerk, third)
    phone.context.set_offline(True)
    phone.arrive()
    phone.deliver(pin=lambda: pin)
    pill = phone.page.get_by_test_id("sync")
    expect(pill).to_contain_text("2 unsent")
    expect(pill).to_contain_text("Offline")
    phone.shot("17-phone-offline")
    assert desk.page.locator(f'li.stop-line.look-done[data-stop="{third["id"]}"]').count() == 0
    phone.context.set_offline(False)
    live(desk, phone, done(desk, third), "the third, once there is a connection", ("reports", "uploads"))
    phone.expect_sent()
    assert desk.stack.one("select count(*) from tracking_report where stop_id = %s", third["id"]) == 2
    desk.shot("18-board-under-way")
    phone.go_on()


def goes_home(desk: Dispatcher, phone: Phone, clerk: Dispatcher, route: str, stops: list[dict[str, Any]]) -> int:
    """Two more, then the driver completes early: what is left goes back to the desk. Returns how many were tried."""
    by_id = {stop["id"]: stop for stop in stops}
    for _ in range(2):
        stop = by_id[phone.stop()]
        phone.arrive()
        phone.deliver(pin=lambda stop=stop: pin_of(clerk, stop))
        phone.go_on()
    left = len(stops) - 5
    unassigned = len([stop for stop in desk.board()["stops"] if not stop["route"]])
    phone.press("You")
    phone.press("Complete route")
    sheet = phone.page.get_by_role("dialog")
    expect(sheet).to_contain_text(f"{left} stops are still open")
    sheet.get_by_role("button", name="Complete route").click()
    live(desk, phone, desk.card(route).get_by_text("Completed", exact=True), "the route is completed")
    expect(desk.page.get_by_role("tab", name=re.compile("Unassigned"))).to_contain_text(str(unassigned + left))
    phone.expect_sent()
    phone.shot("19-phone-completed")
    desk.shot("20-board-completed")
    return 5


def stays_among_themselves(browser: Browser, stack: Stack, stops: list[dict[str, Any]]) -> None:
    """The dispatcher of the other organization sees nothing of all this."""
    other = Dispatcher(browser, stack, stack.demo["other"]["dispatcher"])
    other.sign_in()
    other.open_board()
    board = other.board()
    assert board["organization"]["name"] == stack.demo["other"]["organization"]
    assert (board["routes"], board["positions"]) == ([], [])
    names = {driver["name"] for driver in stack.demo["drivers"]}
    assert not names & {driver["name"] for driver in board["drivers"]}
    other.shot("22-the-other-board")
    order = stops[0]["orders"][0]
    other.visit(f"/orders/?q={order['reference']}")
    expect(other.page.get_by_text("No order matches")).to_be_visible()
    for path in (f"/orders/{order['id']}/", f"/api/v1/orders/{order['id']}/", f"/api/v1/stops/{stops[0]['id']}/"):
        assert other.page.request.get(stack.base_url + path).status == 404
    other.visit(f"/catcher/?q={order['reference']}")
    expect(other.page.get_by_text("No message fits")).to_be_visible()


# --- What the steps share ---------------------------------------------------------------------------------------------


def live(desk: Dispatcher, phone: Phone, there: Any, what: str, kinds: tuple[str, ...] = ("reports",)) -> None:
    """The board shows it within `LIVE_S` of the phone's newest report being sent."""
    expect(there).to_be_visible(timeout=15_000)
    shown_ms = time.time() * 1000
    _pumped(phone)
    sent_ms = phone.sent(*kinds)[-1][0]
    print(f"{what}: sent → board {shown_ms - sent_ms:.0f} ms")
    assert shown_ms - sent_ms < patience_ms(), what


def patience_ms() -> float:
    return 1000 * (LIVE_S if os.getloadavg()[0] < (os.cpu_count() or 1) else BUSY_S)


def _pumped(phone: Phone) -> bool:
    phone.page.wait_for_timeout(20)
    return True


def done(desk: Dispatcher, stop: dict[str, Any]) -> Any:
    return desk.page.locator(f'li.stop-line.look-done[data-stop="{stop["id"]}"]')


def choose(board: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The shortest route with at least six stops."""
    routes = [route for route in board["routes"] if route["stops_total"] >= 4]
    route = min(routes, key=lambda route: route["stops_total"])
    return route, at_desk.on_route(board, route["id"])


def link_in(clerk: Dispatcher, reference: str) -> str:
    """The tracking link in the recipient's mail, found as the recipient would: by reading it."""
    mail = clerk.message_for(reference)
    clerk.shot("09-the-mail")
    button = mail.frame_locator("iframe").get_by_role("link", name=re.compile("Follow your delivery"))
    address = button.get_attribute("href")
    assert address
    assert address.startswith(f"{clerk.stack.base_url}/t/amber/")
    return address


def pin_of(clerk: Dispatcher, stop: dict[str, Any]) -> str:
    """The PIN that the recipient was told by mail; empty when none of the stop's orders asks for one."""
    asks = [order["reference"] for order in stop["orders"] if order["proof_required"] == "pin"]
    if not asks:
        return ""
    told = clerk.message_for(asks[0]).locator("pre").text_content() or ""
    found = re.search(r"PIN[^0-9]*(\d{4,6})", told)
    assert found, told
    return found.group(1)


def along(line: list[tuple[float, float]], *, step_m: float, count: int) -> list[tuple[float, float]]:
    """Points on a line, `step_m` apart from its start."""
    from tracking.geo import distance_m

    points, left, index = [], step_m, 0
    here = line[0]
    while len(points) < count and index + 1 < len(line):
        ahead = line[index + 1]
        way = distance_m(*here, *ahead)
        if way < left:
            left -= way
            here, index = ahead, index + 1
            continue
        share = left / way
        here = (here[0] + (ahead[0] - here[0]) * share, here[1] + (ahead[1] - here[1]) * share)
        points.append((round(here[0], 6), round(here[1], 6)))
        left = step_m
    return points
