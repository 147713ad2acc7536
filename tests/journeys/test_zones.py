"""A zone is drawn on the map, seen, hidden, changed and retired; a viewer may only look."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from dispatch.models import Plan
from fleet import queries
from fleet.models import Driver, Zone
from tests.fixtures import World
from tests.journeys.drive_phone import CHROMIUM, browser_test
from tests.journeys.test_edits import DESK, PATIENCE_MS, Desk
from tests.journeys.test_edits import plan as plan  # a fixture
from tests.journeys.test_map_drag import DRAWING, coloured

PINK = "#c026d3"
SHOTS = os.environ.get("LASTMILE_SHOTS")


@pytest.fixture
def drawing(playwright: Playwright, host: str) -> Iterator[Browser]:
    """A browser that draws the map without a graphics card."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=DRAWING)
    expect.set_options(timeout=PATIENCE_MS)
    yield chromium
    expect.set_options(timeout=5_000)
    chromium.close()


def command(page: Page, title: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(title)
    page.get_by_role("option").filter(has=page.get_by_text(title, exact=True)).click()


def shot(page: Page, title: str) -> None:
    if SHOTS:
        page.wait_for_timeout(1_000)
        page.screenshot(path=Path(SHOTS) / f"zones-{title}.png")


def settled(page: Page) -> None:
    expect(page.locator(".map-pane canvas.maplibregl-canvas")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(3_000)  # the map fits itself to the stops, then draws


def lines(page: Page) -> int:
    """How many points of the zone's line and name are on the map, up to a hundred."""
    return len(list(islice(coloured(page, PINK), 100)))


def circled(page: Page, part: float) -> None:
    """Draw a line around the middle of the map, as far as this part of its height, and some way over its beginning."""
    box = page.locator(".map-pane").bounding_box()
    assert box
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["height"] * part
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for step in range(1, 52):
        turn = math.tau * step / 48
        wide = radius * (1 - 0.002 * step)
        page.mouse.move(x + wide * math.cos(turn), y + wide * math.sin(turn))
    page.mouse.up()


@browser_test
def test_a_zone_is_drawn_seen_hidden_and_retired(amber: World, plan: Plan, drawing: Browser, host: str) -> None:
    context = drawing.new_context(viewport=DESK, locale="en-GB")
    desk = Desk(context, host, amber).open()
    page, button = desk.page, desk.page.get_by_role("button", name="Zones on the map")
    settled(page)
    expect(button).to_have_count(0)

    command(page, "Draw a zone")
    circled(page, 0.3)
    dialog = page.get_by_role("dialog", name="A new zone")
    dialog.get_by_label("Name").fill("Old town")
    dialog.get_by_label("Colour").fill(PINK)
    dialog.get_by_label("Ana Alvarez", exact=True).check()
    dialog.get_by_label("Ana Alvarez never leaves").check()
    shot(page, "dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".toast").last).to_contain_text("Old town is a zone now")
    expect(dialog).to_have_count(0)
    with amber.scope():
        zone = Zone.objects.get()
        assert zone.name == "Old town" and 3 <= len(zone.outline) <= 120
        assert Driver.objects.get(name="Ana Alvarez").zones_strict
        zones = queries.zoning()
        assert zones.zone_at((49.419, 8.682)) == "Old town", "the middle of the stops"
        assert zones.kept_by(amber.drivers[0].id) == {"Old town"}

    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1_000)
    assert lines(page) > 20
    shot(page, "light")
    button.click()
    page.wait_for_timeout(1_000)
    assert lines(page) == 0
    page.reload()
    settled(page)
    expect(button).to_have_attribute("aria-pressed", "false")
    assert lines(page) == 0
    page.locator("body").press("z")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1_000)
    assert lines(page) > 20
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(1_500)
    assert lines(page) > 20, "the zone is drawn again with the other theme"
    shot(page, "dark")

    command(page, "Zones")
    shot(page, "list")
    page.get_by_role("dialog", name="Zones").get_by_role("button", name=re.compile("^Old town")).click()
    dialog = page.get_by_role("dialog", name="Zone Old town")
    expect(dialog.get_by_label("Ana Alvarez never leaves")).to_be_checked()
    dialog.get_by_label("Name").fill("Market")
    dialog.get_by_role("button", name="Draw anew").click()
    circled(page, 0.15)
    expect(dialog.get_by_label("Name")).to_have_value("Market")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".toast").last).to_contain_text("Market was changed.")
    with amber.scope():
        smaller = Zone.objects.get()
        assert smaller.name == "Market" and smaller.outline != zone.outline

    command(page, "Zones")
    page.get_by_role("dialog", name="Zones").get_by_role("button", name=re.compile("^Market")).click()
    page.get_by_role("dialog", name="Zone Market").get_by_role("button", name="Retire").click()
    expect(page.locator(".toast").last).to_contain_text("Market was retired.")
    expect(button).to_have_count(0)
    with amber.scope():
        assert Zone.objects.get().status == "retired"
    assert desk.faults == []


@browser_test
def test_a_viewer_sees_zones_and_draws_none(amber: World, plan: Plan, without_maps: Browser, host: str) -> None:
    with amber.scope():
        Zone.objects.create(name="North", color=PINK, outline=[[49.41, 8.6], [49.41, 8.8], [49.5, 8.8]])
    desk = Desk(without_maps.new_context(viewport=DESK, locale="en-GB"), host, amber, role="viewer").open()
    page = desk.page
    expect(page.get_by_role("button", name="Zones on the map")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("zone")
    expect(page.get_by_role("option", name="Show or hide zones on the map")).to_be_visible()
    expect(page.get_by_role("option", name="Draw a zone")).to_have_count(0)
