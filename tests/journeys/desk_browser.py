"""A dispatcher's browser against the server of a test: signed in, at the board of a day."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.fixtures import World

SHOTS = os.environ.get("LASTMILE_SHOTS")
PATIENCE_MS = 20_000


class Desk:
    """A member at the board. `faults` holds what the page complained about."""

    def __init__(self, browser: Browser, host: str, world: World, role: str = "dispatcher", **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})
        session = world.client(role).cookies["sessionid"].value
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": host}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.host, self.world = host, world
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open_board(self) -> Desk:
        self.page.goto(f"{self.host}/board/?day={self.world.day.isoformat()}")
        expect(self.page.locator(".connection")).to_have_text("Live", timeout=PATIENCE_MS)
        return self

    def unfold(self, route: object) -> Locator:
        """A route's card, open."""
        card = self.page.locator(f'li.route-card[data-route="{route}"]')
        button = card.locator(".route-open")
        if button.get_attribute("aria-expanded") != "true":
            button.click()
        return card

    def select(self, route: object, stop: object) -> None:
        """Select a stop in its route's list."""
        self.unfold(route).locator(f'[data-stop="{stop}"] .stop-open').click()

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.wait_for_timeout(800)
            self.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
