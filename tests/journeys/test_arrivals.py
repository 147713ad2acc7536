"""Arrivals come to an open board as arrivals, whatever else of their stops is on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from dispatch import queries as dispatch
from dispatch.models import Route, Stop
from tests.fixtures import World
from tests.journeys.test_exceptions import PATIENCE_MS, board
from tests.tracking.chromium import MARKS, browser  # noqa: F401
from tests.tracking.day import Day, distributed
from tests.tracking.server import serving
from tracking import live, tasks

pytestmark = MARKS


@pytest.fixture
def day(amber: World, monkeypatch: pytest.MonkeyPatch) -> Day:
    """A van that left at nine and has not been seen since; it is twenty past."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 23, 8, 20, tzinfo=UTC))
    with amber.scope():
        day = distributed(amber, 2)
        Route.objects.filter(id=day.route.id).update(status="started", started_at=day.at(0))
        Stop.objects.filter(route=day.route).update(status="out_for_delivery")
        return day


def test_an_arrival_moves_the_time_and_an_older_row_does_not_move_it_back(
    amber: World, day: Day, browser: Browser,  # noqa: F811
) -> None:
    faults: list[str] = []
    stop_id = day.stops[1].id
    with amber.scope():
        (before,) = dispatch.stop_rows(Stop.objects.select_related("place").filter(id=stop_id))
    with serving() as host:
        page = board(browser, host, amber, faults)
        page.locator(f"li.route-card[data-route='{day.route.id}'] .route-open").click()
        line = page.locator(f"[data-stop='{stop_id}']")
        planned = line.locator(".stop-when span").first.inner_text(timeout=PATIENCE_MS)
        tasks.sweep()
        with amber.scope():
            stop = Stop.objects.get(id=stop_id)
        assert stop.eta_at is not None and stop.planned_arrival_at is not None
        assert stop.version > before["version"] and stop.eta_at - stop.planned_arrival_at > timedelta(minutes=5)
        time = line.locator(".stop-when span").first
        expected = "~" + stop.eta_at.astimezone(day.at(0).tzinfo).strftime("%H:%M")
        expect(time).to_have_text(expected, timeout=PATIENCE_MS)
        assert planned.removeprefix("~") != expected.removeprefix("~")

        # A row that was read before that arrival was stored comes after it: what else it says is news.
        before["place"]["line"] = "7 Newly Told Street, Town"
        live.publish(amber.organization.id, {"stop": [before]}, at_once=True, committed=True)
        expect(line).to_contain_text("7 Newly Told Street", timeout=PATIENCE_MS)
        expect(time).to_have_text(expected)

        # An arrival of before the newest row says nothing any more.
        old = {"id": str(stop_id), "eta_at": day.at(-60).isoformat(), "late_s": 0, "version": before["version"]}
        before["place"]["line"] = "8 Newly Told Street, Town"
        live.publish(
            amber.organization.id, {"arrival": [old], "stop": [before]}, at_once=True, committed=True)
        expect(line).to_contain_text("8 Newly Told Street", timeout=PATIENCE_MS)
        expect(time).to_have_text(expected)
        assert faults == []
