"""A stop is taken from the map, drawn without a graphics card, and dropped into another driver's list."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice

from PIL import Image, ImageColor
from playwright.sync_api import Browser, Page, Playwright, expect

from dispatch.models import Plan
from tests.fixtures import World
from tests.journeys.drive_phone import CHROMIUM, browser_test
from tests.journeys.test_edits import DESK, Desk, lanes
from tests.journeys.test_edits import plan as plan  # a fixture

DRAWING = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
NEAR = 24
"""So many units of colour may a pixel be away from a route's: lines and rims are drawn softly."""


def coloured(page: Page, colour: str, apart: int = 9) -> Iterator[tuple[float, float]]:
    """Points of the page's map that are drawn in this colour, some pixels apart from each other."""
    pane = page.locator(".map-pane canvas.maplibregl-canvas")
    box = pane.bounding_box()
    assert box
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    wanted = ImageColor.getrgb(colour)
    for y in range(0, picture.height, apart // 3):
        for x in range(0, picture.width, apart // 3):
            if all(abs(a - b) < NEAR for a, b in zip(picture.getpixel((x, y)), wanted, strict=True)):
                yield box["x"] + x, box["y"] + y


@browser_test
def test_a_stop_is_dragged_from_the_map_into_a_list(
    amber: World, plan: Plan, playwright: Playwright, host: str
) -> None:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=DRAWING)
    try:
        _dragged(browser, amber, plan, host)
    finally:
        browser.close()


def _dragged(browser: Browser, amber: World, plan: Plan, host: str) -> None:
    desk = Desk(browser.new_context(viewport=DESK, locale="en-GB"), host, amber).open()
    page, before = desk.page, lanes(amber, plan)
    first, second = (str(shift.id) for shift in amber.shifts)
    ghost, canvas = page.locator(".ghost"), page.locator(".map-pane canvas.maplibregl-canvas")
    expect(canvas).to_be_visible(timeout=60_000)
    expect(page.locator(".map-pane")).to_be_visible()
    page.wait_for_timeout(3_000)  # the map fits itself to the stops, then draws
    found = None
    for x, y in islice(coloured(page, "#c2410c"), 400):
        page.mouse.move(x, y)
        page.wait_for_timeout(40)
        if canvas.evaluate("canvas => canvas.style.cursor") != "pointer":
            continue
        page.mouse.down()
        page.mouse.move(x + 12, y + 8, steps=3)
        if ghost.count():
            found = x, y
            break
        page.mouse.up()
    assert found, "no stop could be taken from the map"
    goal = desk.card("Ana Alvarez").locator("[data-stop]").first.bounding_box()
    assert goal
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 4, steps=8)
    expect(ghost).to_contain_text("to Ana Alvarez, as stop 1")
    expect(ghost.locator(".ghost-parts")).to_contain_text("km")
    desk.shot("map-drag")
    desk.drop()
    moved = re.compile(r"Moved: Order A\d\d from Ben Becker to Ana Alvarez, 1st\.")
    expect(page.locator(".toast")).to_contain_text(moved)
    after = lanes(amber, plan)
    assert len(after[first]) == len(before[first]) + 1 and after[first][0] in before[second]
    assert desk.faults == []
