"""A driver's phone in the tests: a browser with the page in it, and what a driver does there."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Route

from dispatch.models import Stop
from tests.fixtures import PASSWORD, World
from tests.tracking.day import Day
from tracking.models import Report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ROOT: Path = settings.BASE_DIR
SHOTS = os.environ.get("LASTMILE_SHOTS")
# The page has to work where no map can be drawn; and drawing one without a graphics card is slow.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
PHONE = {"viewport": {"width": 412, "height": 839}, "is_mobile": True, "has_touch": True, "device_scale_factor": 1}

in_browser = [
    pytest.mark.browser,
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:StreamingHttpResponse"
    ),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.skipif(
        not (ROOT / "var" / "build" / "app" / "drive.js").is_file(),
        reason="the browser's code is not built (./run build)",
    ),
]


def browser_test(test: Callable[..., None]) -> Any:
    for mark in in_browser:
        test = mark(test)
    return test


def hang_up() -> None:
    """Close the connections that the server's threads keep for a while: the database is dropped in the end."""
    others = (
        "pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        for _ in range(50):
            cursor.execute(f"select count(pg_terminate_backend(pid)) from {others}")
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.1)
    connection.close()


def picture() -> dict[str, Any]:
    """A photo as a phone takes it: far larger than is sent."""
    out = io.BytesIO()
    Image.effect_noise((2600, 1900), 40).convert("RGB").save(out, "JPEG", quality=80)
    return {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Phone:
    """A page and what a driver does on it."""

    def __init__(self, context: BrowserContext, host: str, world: World) -> None:
        self.context, self.host, self.world = context, host, world
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self) -> Phone:
        self.page.goto(f"{self.host}/drive/")
        return self

    def sign_in(self, password: str = PASSWORD) -> Phone:
        self.page.get_by_label("E-mail").fill(self.world.members["driver0"].user.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Sign in")
        return self

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check()

    @property
    def now(self) -> Locator:
        return self.page.get_by_test_id("now")

    def at(self, stop: Stop, status: str) -> None:
        """Wait until the page is at this stop, in this state."""
        self.page.locator(f'[data-testid=now][data-stop="{stop.id}"][data-status="{status}"]').wait_for()

    def unsent(self, count: int) -> None:
        self.page.locator(f'[data-testid=sync][data-unsent="{count}"]').wait_for(timeout=15_000)

    def fail_here(self, why: str) -> None:
        self.press("I’m here")
        self.press("Can’t deliver")
        self.choose(why)
        self.press("Confirm: not delivered")

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.wait_for_timeout(1500)
            self.page.screenshot(path=str(Path(SHOTS) / f"drive-{name}.png"))


def context_of(browser: Browser, day: Day, **options: Any) -> BrowserContext:
    depot = day.world.depot
    return browser.new_context(
        **PHONE,
        **options,
        permissions=["geolocation"],
        geolocation={"latitude": depot.lat, "longitude": depot.lon, "accuracy": 8},
    )


def not_signed_in(route: Route) -> None:
    route.fulfill(status=401, json={"code": "not_authenticated", "message": "This key is not valid."})


def kinds(world: World) -> list[tuple[str, str]]:
    with world.scope():
        return [(row.kind, row.status) for row in Report.objects.order_by("sequence")]
