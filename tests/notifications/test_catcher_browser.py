"""The catcher in a real browser: the mail is drawn, nothing is refused by the page's policy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from core import journal
from notifications import actions, handlers
from tests.fixtures import NOW, World
from tests.tracking.chromium import MARKS, browser, phone_page, shot  # noqa: F401
from tests.tracking.day import distributed
from tests.tracking.server import serving

pytestmark = MARKS


@pytest.fixture(autouse=True)
def _development(settings: Any) -> None:
    settings.DEVELOPMENT = True


def test_a_caught_mail_is_drawn(amber: World, browser: Browser) -> None:  # noqa: F811
    with amber.scope():
        day = distributed(amber, proof_required="pin", pin="4711")
        handlers.on_tellable(journal.record_many(day.stops, "allocated", by=amber.dispatcher, at=NOW))
    actions.send_due(amber.organization.id)
    session = amber.client("dispatcher").cookies["sessionid"].value
    seen: list[str] = []
    faults: list[str] = []
    with serving() as host:
        page = phone_page(browser, host, seen, faults)
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://{host}"}])
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"http://{host}/catcher/")
        mail = page.frame_locator("iframe")
        mail.get_by_role("heading", name="Your delivery is planned").wait_for(timeout=10_000)
        assert mail.get_by_text("4711").is_visible()
        shot(page, "catcher")
        page.set_viewport_size({"width": 390, "height": 844})
        shot(page, "catcher-phone")
        page.context.close()
    assert faults == []
