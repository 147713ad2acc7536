"""A real browser for tests: skipped with a reason where none is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = os.environ.get("LASTMILE_SHOTS")

MARKS = [
    pytest.mark.browser,
    # Static files are served through a synchronous iterator here, as in development.
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:StreamingHttpResponse"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.skipif(
        not (django_settings.BASE_DIR / "var" / "build" / "app" / "track.js").is_file(),
        reason="the browser's code is not built (./run build)"),
]


@pytest.fixture
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; the ORM is used between its calls, never from within one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"])
        yield chromium
        chromium.close()
        # What was opened while the loop ran is another connection than the one outside of it.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def phone_page(browser: Browser, host: str, seen: list[str], faults: list[str], **options: Any) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, **options).new_page()
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page
