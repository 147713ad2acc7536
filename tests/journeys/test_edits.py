"""Edits at the board in real browsers: a drag with its consequence, undo after a reload, two dispatchers at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from dispatch import spots
from dispatch.actions import edits, plans
from dispatch.models import Plan, Stop, StopOrder
from tests.fixtures import NOW, World, located_order
from tests.journeys.drive_phone import ARGUMENTS, CHROMIUM, browser_test

SHOTS = os.environ.get("LASTMILE_SHOTS")
PATIENCE_MS = 25_000
"""Other work may take the processors; what does not come at all still fails soon enough."""
DESK = {"width": 1280, "height": 1200}


@pytest.fixture
def browser(playwright: Playwright, host: str) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM,
        # Drawing a map without a graphics card is slow, and no test here looks at it: only pictures have one.
        args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] if SHOTS else ARGUMENTS,
    )
    expect.set_options(timeout=PATIENCE_MS)
    yield chromium
    expect.set_options(timeout=5_000)
    chromium.close()


@pytest.fixture
def plan(amber: World) -> Plan:
    """Five stops with each of two drivers, one with neither; laid by hand, so that every run has the same."""
    names = ("Ana Alvarez", "Ben Becker")
    with amber.scope():
        for driver, name, color in zip(amber.drivers, names, ("#2563eb", "#c2410c"), strict=True):
            driver.name, driver.color = name, color
            driver.save()
        for number in range(11):
            located_order(
                amber,
                f"A{number:02d}",
                lat=49.41 + 0.006 * (number % 4),
                lon=8.67 + 0.012 * (number // 4),
                skills=["fridge"] if number == 3 else [],
            )
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
        first, second = (shift.id for shift in amber.shifts)
        changes = [
            edits.Change(stop_of(f"A{number:02d}"), first if number < 5 else second, number % 5) for number in range(10)
        ]
        edits.edit(plan, changes, by=amber.dispatcher, at=NOW)
        return plan


def stop_of(reference: str) -> UUID:
    found: UUID = StopOrder.objects.get(order__reference=reference).stop_id
    return found


class Desk:
    """A dispatcher at the board."""

    def __init__(self, context: BrowserContext, host: str, world: World, role: str = "dispatcher") -> None:
        session = world.client(role).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": host}])
        self.host, self.world = host, world
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self) -> Desk:
        self.page.goto(f"{self.host}/board/?day={self.world.day}")
        expect(self.page.locator("li.route-card[data-route]")).to_have_count(2)
        for card in self.page.locator("li.route-card[data-route] > .route-open").all():
            if card.get_attribute("aria-expanded") != "true":
                card.click()
        return self

    def card(self, driver: str) -> Locator:
        return self.page.locator("li.route-card[data-route]", has_text=driver)

    def line(self, stop: UUID) -> Locator:
        return self.page.locator(f'[data-stop="{stop}"]')

    def numbers(self, driver: str) -> list[str]:
        """The recipients on a driver's card, in their order."""
        return self.card(driver).locator(".stop-words > .tiny").all_inner_texts()

    def drag(self, stop: UUID, to: Locator, *, part: float = 0.25, by: str = ".grip") -> None:
        """Take the stop by its grip and hold it over a target, `part` of the way down; `drop` lets it go."""
        grip = self.line(stop).locator(by)
        grip.scroll_into_view_if_needed()
        box = grip.bounding_box()
        goal = to.bounding_box()
        assert box and goal
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + 30, box["y"] + 20, steps=3)
        mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] * part, steps=6)

    def drop(self) -> None:
        self.page.mouse.up()

    def shot(self, title: str) -> None:
        if SHOTS:
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=Path(SHOTS) / f"edits-{title}.png")


def lanes(world: World, plan: Plan) -> dict[str, list[str]]:
    with world.scope():
        return spots.lanes_of(spots.of_plan(plan))


@browser_test
def test_a_drag_shows_its_consequence_and_can_be_undone_after_a_reload(
    amber: World, plan: Plan, browser: Browser, host: str
) -> None:
    with amber.scope():
        moved, goal, other = stop_of("A01"), stop_of("A07"), stop_of("A05")
        fridge = stop_of("A03")
    before = lanes(amber, plan)
    desk = Desk(browser.new_context(viewport=DESK, locale="en-GB"), host, amber).open()
    page, first, second = desk.page, *(str(shift.id) for shift in amber.shifts)
    desk.drag(moved, desk.line(goal), by=".stop-open")
    ghost = page.locator(".ghost")
    expect(ghost).to_contain_text("to Ben Becker, as stop 3")
    expect(ghost.locator(".ghost-parts")).to_contain_text("km")
    desk.shot("ghost")
    desk.drop()
    expect(page.locator(".toast")).to_contain_text("Moved: Order A01 from Ana Alvarez to Ben Becker, 3rd.")
    expect(desk.card("Ben Becker").locator(f'[data-stop="{moved}"] .stop-number')).to_have_text("3")
    after = lanes(amber, plan)
    assert after[second].index(str(moved)) == 2 and str(moved) not in after[first]
    desk.shot("moved")

    # What a hard rule stands against is said under the pointer, and opens the dialog instead of happening.
    desk.drag(fridge, desk.line(other))
    expect(ghost).to_contain_text("fridge")
    desk.shot("ghost-refused")
    desk.drop()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("fridge")
    expect(dialog.get_by_role("button", name="Move", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    assert lanes(amber, plan) == after

    page.reload()
    desk.open()
    undo = page.get_by_role("button", name="Undo: Order A01 from Ana Alvarez to Ben Becker, 3rd")
    expect(undo).to_be_enabled()
    desk.shot("undo")
    page.keyboard.press("Control+z")
    expect(desk.card("Ana Alvarez").locator(f'[data-stop="{moved}"]')).to_be_visible()
    assert lanes(amber, plan) == before
    page.keyboard.press("Control+Shift+z")
    expect(desk.card("Ben Becker").locator(f'[data-stop="{moved}"]')).to_be_visible()
    assert lanes(amber, plan) == after
    assert desk.faults == []


@browser_test
def test_off_a_route_and_onto_another_and_a_lost_connection(
    amber: World, plan: Plan, browser: Browser, host: str
) -> None:
    with amber.scope():
        stop, other = stop_of("A02"), stop_of("A06")
    context = browser.new_context(viewport=DESK, locale="en-GB")
    desk = Desk(context, host, amber).open()
    page, second = desk.page, str(amber.shifts[1].id)
    desk.drag(stop, page.get_by_role("tab", name="Unassigned"), part=0.5)
    expect(page.locator(".ghost")).to_contain_text("off its route")
    expect(page.locator(".ghost-parts")).to_contain_text("−")
    # Held there, the tab comes to the front.
    expect(page.get_by_role("tab", name="Unassigned")).to_have_attribute("aria-selected", "true")
    desk.drop()
    expect(page.locator(".toast")).to_contain_text("off Ana Alvarez's route")
    left = page.locator(f'.left-stop[data-stop="{stop}"]')
    expect(left).to_be_visible()
    # Back: over the tab of the routes, then onto the head of a card, where it goes to its best place.
    desk.drag(stop, page.get_by_role("tab", name="Routes"), part=0.5, by=".left-open")
    expect(page.get_by_role("tab", name="Routes")).to_have_attribute("aria-selected", "true")
    goal = desk.line(other).bounding_box()
    assert goal
    page.mouse.move(goal["x"] + 60, goal["y"] + 4, steps=4)
    expect(page.locator(".ghost")).to_contain_text("to Ben Becker, as stop 2")
    desk.drop()
    expect(desk.card("Ben Becker").locator(f'[data-stop="{stop}"]')).to_be_visible()
    assert lanes(amber, plan)[second].index(str(stop)) == 1

    before = lanes(amber, plan)
    desk.drag(stop, desk.card("Ana Alvarez").locator("[data-stop]").first)
    expect(page.locator(".ghost")).to_contain_text("to Ana Alvarez")
    context.set_offline(True)
    desk.drop()
    expect(page.locator(".toast", has_text="The stop stays where it was")).to_be_visible()
    desk.shot("offline")
    context.set_offline(False)
    assert lanes(amber, plan) == before
    assert desk.faults == []


@browser_test
def test_locks_by_key_and_what_they_stand_against(amber: World, plan: Plan, browser: Browser, host: str) -> None:
    with amber.scope():
        stop, goal = stop_of("A01"), stop_of("A07")
    desk = Desk(browser.new_context(viewport=DESK, locale="en-GB", color_scheme="dark"), host, amber).open()
    page = desk.page
    desk.line(stop).locator(".stop-open").click()
    page.keyboard.press("l")
    expect(desk.line(stop).locator(".lock-mark")).to_have_text("Locked: Driver")
    page.keyboard.press("l")
    page.keyboard.press("l")
    expect(desk.line(stop).locator(".lock-mark")).to_have_text("Locked: Position")
    expect(page.locator(".toast")).to_contain_text("Locked: Stop 2 of Ana Alvarez locked at its position.")
    desk.shot("lock-dark")
    with amber.scope():
        assert Stop.objects.get(id=stop).lock == "position"
    page.keyboard.press("Escape")
    desk.drag(stop, desk.line(goal))
    expect(page.locator(".ghost")).to_contain_text("locked to Ana Alvarez")
    desk.drop()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("locked to Ana Alvarez")
    desk.shot("lock-dialog-dark")
    dialog.get_by_role("button", name="Move anyway").click()
    expect(desk.card("Ben Becker").locator(f'[data-stop="{stop}"] .lock-mark')).to_be_visible()
    page.keyboard.press("Control+z")
    expect(desk.card("Ana Alvarez").locator(f'[data-stop="{stop}"] .lock-mark')).to_be_visible()
    page.keyboard.press("Control+z")
    expect(desk.line(stop).locator(".lock-mark")).to_have_count(0)
    assert desk.faults == []


@browser_test
@pytest.mark.parametrize("anyway", [False, True])
def test_two_dispatchers_move_the_same_stop(
    amber: World, plan: Plan, browser: Browser, host: str, anyway: bool
) -> None:
    """No relay runs here, so the second page shows what was, as it does while a row is still on its way."""
    with amber.scope():
        stop, theirs, mine = stop_of("A01"), stop_of("A07"), stop_of("A04")
    first, second = (str(shift.id) for shift in amber.shifts)
    slow = Desk(browser.new_context(viewport=DESK, locale="en-GB"), host, amber).open()
    quick = Desk(browser.new_context(viewport=DESK, locale="en-GB"), host, amber, "admin").open()
    slow.page.route("**/api/v1/board/**", lambda route: route.abort())
    quick.drag(stop, quick.line(theirs))
    expect(quick.page.locator(".ghost-parts")).to_be_visible()
    quick.drop()
    expect(quick.page.locator(".toast")).to_contain_text("Order A01 from Ana Alvarez to Ben Becker, 3rd")

    slow.drag(stop, slow.line(mine))
    expect(slow.page.locator(".ghost-parts")).to_be_visible()
    slow.drop()
    dialog = slow.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Admin Amber was here first")
    expect(dialog).to_contain_text("Order A01 was moved by Admin Amber")
    slow.shot("conflict")
    slow.page.unroute("**/api/v1/board/**")
    dialog.get_by_role("button", name="Do mine anyway" if anyway else "Use theirs").click()
    expect(dialog).to_be_hidden()
    if anyway:
        expect(slow.page.locator(".toast")).to_contain_text("Order A01 from Ben Becker to Ana Alvarez, 4th")
        assert lanes(amber, plan)[first].index(str(stop)) == 3
    else:
        slow.open()
        expect(slow.card("Ben Becker").locator(f'[data-stop="{stop}"]')).to_be_visible()
        assert lanes(amber, plan)[second].index(str(stop)) == 2
    assert quick.faults == []


def in_lane(desk: Desk, driver: str, stop: UUID) -> tuple[float, float]:
    """Where the stop's mark lies in its driver's lane of the timeline, found by what the pointer is told there."""
    page = desk.page
    plane = page.locator(".gantt-plane").bounding_box()
    lead = page.locator(".gantt-lead", has_text=driver).bounding_box()
    assert plane and lead
    y = lead["y"] + lead["height"] / 2
    number = desk.line(stop).locator(".stop-number").inner_text()
    for step in range(0, int(plane["width"]), 3):
        page.mouse.move(plane["x"] + step, y)
        page.wait_for_timeout(15)
        tip = page.locator(".gantt-tip")
        if tip.count() and tip.inner_text().startswith(f"{number}. "):
            return plane["x"] + step, y
    raise AssertionError(f"stop {number} is not in the lane of {driver}")


@browser_test
def test_several_stops_go_along_from_the_list_and_from_the_timeline(
    amber: World, plan: Plan, browser: Browser, host: str
) -> None:
    with amber.scope():
        moved = [stop_of("A00"), stop_of("A02")]
        goal, alone = stop_of("A07"), stop_of("A09")
    first, second = (str(shift.id) for shift in amber.shifts)
    before = lanes(amber, plan)
    desk = Desk(browser.new_context(viewport=DESK, locale="en-GB"), host, amber).open()
    page, ghost = desk.page, desk.page.locator(".ghost")
    for stop in moved:
        desk.line(stop).locator(".stop-open").click(modifiers=["Control"])
    expect(page.get_by_role("region", name="Selection")).to_contain_text("2 stops")

    # From the list into a lane of the timeline, before the third stop there.
    x, y = in_lane(desk, "Ben Becker", goal)
    grip = desk.line(moved[0]).locator(".grip").bounding_box()
    assert grip
    page.mouse.move(grip["x"] + 6, grip["y"] + 6)
    page.mouse.down()
    page.mouse.move(grip["x"] + 40, grip["y"] + 20, steps=3)
    page.mouse.move(x - 3, y, steps=6)
    expect(ghost).to_contain_text("2 stops")
    page.mouse.move(x - 2, y)  # the lane's places to drop at are there by now, however slow the page is
    expect(ghost).to_contain_text("to Ben Becker, as stop 3")
    expect(ghost.locator(".ghost-parts")).to_contain_text("km")
    desk.shot("several-to-timeline")
    desk.drop()
    expect(page.locator(".toast")).to_contain_text("2 stops from Ana Alvarez to Ben Becker")
    expect(desk.card("Ben Becker").locator(f'[data-stop="{moved[0]}"] .stop-number')).to_have_text("3")
    after = lanes(amber, plan)
    assert after[second][2:4] == [str(one) for one in moved] and len(after[first]) == 3

    # From the timeline: one of the selected takes both along, off their route.
    page.mouse.move(*in_lane(desk, "Ben Becker", moved[1]))
    page.mouse.down()
    off = page.locator(".gantt-drop-off")
    page.mouse.move(x + 30, y + 4, steps=3)
    expect(ghost).to_contain_text("2 stops")
    box = off.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    expect(ghost).to_contain_text("off their routes")
    desk.shot("several-off")
    desk.drop()
    expect(page.locator(".toast").last).to_contain_text("2 stops off Ben Becker's route")
    assert not {str(one) for one in moved} & {one for lane in lanes(amber, plan).values() for one in lane}
    page.keyboard.press("Control+z")
    expect(desk.card("Ben Becker").locator(f'[data-stop="{moved[0]}"]')).to_be_visible()
    page.keyboard.press("Control+z")
    expect(desk.card("Ana Alvarez").locator(f'[data-stop="{moved[0]}"]')).to_be_visible()
    assert lanes(amber, plan) == before

    # One that is not among them goes alone, from the timeline into the list.
    page.mouse.move(*in_lane(desk, "Ben Becker", alone))
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=3)
    line = desk.card("Ana Alvarez").locator("[data-stop]").first.bounding_box()
    assert line
    page.mouse.move(line["x"] + 60, line["y"] + 4, steps=6)
    expect(ghost).to_contain_text("to Ana Alvarez, as stop 1")
    desk.drop()
    expect(desk.card("Ana Alvarez").locator(f'[data-stop="{alone}"] .stop-number')).to_have_text("1")
    assert lanes(amber, plan)[first][0] == str(alone) and len(lanes(amber, plan)[first]) == 6
    assert desk.faults == []
