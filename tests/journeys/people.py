"""The people of a journey, each at a browser of their own: what they do in their own words."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Playwright, Request, expect

from tests.journeys.stack import Stack

SETTLE_MS = 2000
"""Maps load their tiles and toasts come in; nobody waits for that but somebody who wants good pictures."""
DESK = {"width": 1440, "height": 900}
# A page that cannot reach the server says so in the console; everything else there is a fault.
_EXPECTED = re.compile(r"ERR_INTERNET_DISCONNECTED|WebSocket is closed before|ERR_FAILED")
# When each position reached the page: (driver, fix in ms) → ms. Wrapped around the page's own socket before it opens.
_SPY = """
window.__positions = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", (event) => {
      const told = JSON.parse(event.data);
      for (const row of told.rows?.position ?? []) window.__positions.push([row.driver, row.lat, row.lon, Date.now()]);
    });
  }
};
"""


class Person:
    """Somebody at a page; `faults` holds what the page complained about."""

    def __init__(self, page: Page, stack: Stack, name: str) -> None:
        self.page, self.stack, self.name = page, stack, name
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))
        page.on("console", self._said)
        page.set_default_timeout(15_000)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _EXPECTED.search(message.text):
            self.faults.append(f"{self.name}: {message.text} ({message.location.get('url', '')})")

    def visit(self, path: str) -> None:
        """Go to a page of the stack, or to a whole address."""
        self.page.goto(path if path.startswith("http") else self.stack.base_url + path)

    def shot(self, title: str) -> None:
        """Keep a picture of the page. A browser that draws without a graphics card may need a second try."""
        if "JOURNEY_SHOTS" in os.environ:
            self.page.wait_for_timeout(SETTLE_MS)
        for last in (False, False, True):
            try:
                self.page.screenshot(path=shots(self.stack) / f"{title}.png")
                return
            except Error:
                if last:
                    raise
                self.page.wait_for_timeout(500)


class Dispatcher(Person):
    """Works at the desk: orders, board, numbers."""

    def __init__(self, browser: Browser, stack: Stack, login: dict[str, str]) -> None:
        context = browser.new_context(viewport=DESK, locale="en-GB", timezone_id=stack.demo["timezone"])
        context.add_init_script(_SPY)
        super().__init__(context.new_page(), stack, login["email"])
        self.login = login

    def sign_in(self) -> None:
        """From the front door to the board."""
        self.visit("/")
        self.page.get_by_label("E-mail").fill(self.login["email"])
        self.page.get_by_label("Password").fill(self.login["password"])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/board/**")

    def open_board(self) -> None:
        """The board of the played day, live."""
        self.visit(f"/board/?day={self.stack.demo['day']}")
        expect(self.page.locator(".connection")).to_have_text("Live")

    def card(self, route: str) -> Locator:
        """A route's card in the list."""
        return self.page.locator(f'li.route-card[data-route="{route}"]')

    def line(self, stop: str) -> Locator:
        """A stop's line in its route's list."""
        return self.page.locator(f'li.stop-line[data-stop="{stop}"]')

    def unfold(self, route: str) -> None:
        """Open a route's card, so that its stops are listed."""
        button = self.card(route).locator(".route-open")
        if button.get_attribute("aria-expanded") != "true":
            button.click()

    def figure(self, label: str) -> str:
        """The value of a key figure on an ordinary page."""
        box = self.page.locator(".figure").filter(has=self.page.locator(".figure-label", has_text=label)).first
        return str(box.locator(".figure-value").inner_text()).strip()

    def message_for(self, reference: str) -> Locator:
        """The newest message to the recipient of an order, opened in the catcher's inbox."""
        inbox = f"/catcher/?q={reference}"

        def arrived() -> bool:
            self.visit(inbox)
            return self.page.locator("tbody tr").count() > 0

        self.stack.wait_until(arrived, 15, f"a message about {reference}")
        return self.page.locator("article[aria-label='The message']")

    def board(self) -> dict[str, Any]:
        """The board's rows, as this person's page gets them."""
        return self.api(f"/api/v1/board/?day={self.stack.demo['day']}")

    def api(self, path: str) -> Any:
        """A GET with this person's session."""
        answer = self.page.request.get(self.stack.base_url + path)
        assert answer.ok, f"{path}: {answer.status} {answer.text()[:300]}"
        return answer.json()


class Recipient(Person):
    """Waits for a parcel, with nothing but the link out of the message."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, locale="en-GB")
        super().__init__(context.new_page(), stack, "recipient")

    def headline(self) -> Locator:
        """What the page says first."""
        return self.page.get_by_role("heading", level=1)

    def looks_again(self) -> None:
        """Turn to the page after a while: it asks anew at once, unless it is loading itself anew at that moment."""
        with contextlib.suppress(Error):
            self.page.evaluate("window.dispatchEvent(new Event('online'))")


class Phone(Person):
    """A driver's phone."""

    def __init__(
        self, playwright: Playwright, browser: Browser, stack: Stack, login: dict[str, str], at: tuple[float, float]
    ) -> None:
        self.context = browser.new_context(
            **playwright.devices["Pixel 7"],
            locale="en-GB",
            permissions=["geolocation"],
            geolocation={"latitude": at[0], "longitude": at[1], "accuracy": 6},
        )
        super().__init__(self.context.new_page(), stack, login["email"])
        self.login = login
        self.requests: list[Request] = []
        """What the page sent to the driver's doors, in order."""
        self.context.on("request", self._sends)

    def _sends(self, request: Request) -> None:
        if request.method == "POST" and "/api/v1/driver/" in request.url:
            self.requests.append(request)

    def sent(self, *kinds: str) -> list[tuple[float, Request]]:
        """What was sent to these doors (`reports`, `uploads`, `positions`) and when, in ms since 1970."""
        return [
            (request.timing["startTime"], request)
            for request in self.requests
            if request.url.rpartition("/")[2] in kinds and request.timing["startTime"] > 0
        ]

    def sign_in(self) -> None:
        """From the page's address to the day's route."""
        self.visit("/drive/")
        self.page.get_by_label("E-mail").fill(self.login["email"])
        self.page.get_by_label("Password", exact=True).fill(self.login["password"])
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_test_id("start")).to_be_visible()

    def press(self, words: str) -> None:
        """Press one of the big buttons."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def now(self) -> Locator:
        """The card of the stop that is next or under way."""
        return self.page.get_by_test_id("now")

    def stop(self) -> str:
        """The id of that stop."""
        return self.now().get_attribute("data-stop") or ""

    def expect_sent(self) -> None:
        """Wait until nothing unsent is left."""
        expect(self.page.get_by_test_id("sync")).to_have_attribute("data-unsent", "0")

    def arrive(self) -> None:
        """Say that we are at the door."""
        self.press("I’m here")
        expect(self.now()).to_have_attribute("data-status", "arrived")

    def deliver(self, outcome: str = "The recipient", *, pin: Callable[[], str], photo: bool = False) -> None:
        """Fill in the form at the door with every proof it asks for, and confirm it."""
        self.press("Deliver")
        form = self.page.get_by_test_id("attempt")
        form.locator("label.tile", has_text=outcome).first.click()
        if form.locator("[data-part=pin]").count():
            form.locator("#pin").fill(pin())
        if form.locator("[data-part=signature] .must").count():
            self._sign(form)
        if photo or form.locator("[data-part=photo] .must").count():
            self._photograph(form)
        self.press("Confirm delivery")
        expect(self.now()).to_have_attribute("data-status", "attempted")

    def fail(self, reason: str) -> None:
        """Say why it could not be delivered."""
        self.press("Can’t deliver")
        self.page.get_by_test_id("attempt").locator("label.tile", has_text=reason).first.click()
        self.press("Confirm: not delivered")
        expect(self.now()).to_have_attribute("data-status", "attempted")

    def go_on(self) -> bool:
        """Leave the stop; False when it was the last one."""
        self.page.get_by_role("button", name=re.compile("^(Continue|Leave this stop)")).click()
        done = self.page.get_by_test_id("all-done")
        expect(done.or_(self.page.locator("[data-testid=now]:not([data-status=attempted])"))).to_be_visible()
        return not done.is_visible()

    def drive_to(self, lat: float, lon: float) -> None:
        """Be somewhere else."""
        self.context.set_geolocation({"latitude": lat, "longitude": lon, "accuracy": 6})

    def _sign(self, form: Locator) -> None:
        pad = form.locator("canvas.sign-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] + 40, box["y"] + box["height"] * 0.6)
        mouse.down()
        for step in range(1, 13):
            mouse.move(box["x"] + 40 + step * 18, box["y"] + box["height"] * (0.35 if step % 2 else 0.65), steps=2)
        mouse.up()
        expect(form.get_by_text("Signed", exact=True)).to_be_visible()

    def _photograph(self, form: Locator) -> None:
        picture = self.page.screenshot(type="jpeg", quality=70)
        form.locator("[data-part=photo] input[type=file]").set_input_files(
            {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture}
        )
        expect(form.locator("[data-part=photo] figure.photo img")).to_be_visible()


def shots(stack: Stack) -> Path:
    """Where pictures go: JOURNEY_SHOTS, or beside the stack's logs."""
    folder = Path(os.environ.get("JOURNEY_SHOTS") or stack.folder / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sent_fix(phone: Phone, lat: float, lon: float) -> float | None:
    """When the phone began to send its fix at this place (ms), if it did."""
    for at_ms, request in phone.sent("positions"):
        for fix in json.loads(request.post_data or "{}")["positions"]:
            if abs(fix["lat"] - lat) < 1e-6 and abs(fix["lon"] - lon) < 1e-6:
                return at_ms
    return None


def shown_fix(board: Dispatcher, lat: float, lon: float) -> float | None:
    """When the board was told of this place (ms), if it was."""
    for _, row_lat, row_lon, at_ms in board.page.evaluate("window.__positions"):
        if abs(row_lat - lat) < 1e-6 and abs(row_lon - lon) < 1e-6:
            return float(at_ms)
    return None
