"""A dispatcher mends an imported file in its grid, by keyboard alone, and imports the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack
from tests.journeys.test_day import browser as browser
from tests.journeys.test_day import playwright as playwright
from tests.journeys.test_day import pytestmark as pytestmark

HEADER = "reference,recipient_name,street,house_number,postcode,city,weight_kg\n"
ROWS = [f"GRID-{n},Name {n},Etlik Caddesi,{n},06010,Ankara,2\n" for n in range(1, 31)]


@pytest.fixture
def desk(browser: Browser, stack: Stack) -> Iterator[Dispatcher]:
    person = Dispatcher(browser, stack, stack.demo["dispatcher"])
    person.sign_in()
    yield person
    assert person.faults == []
    person.page.context.close()


def test_faulty_rows_are_mended_and_imported(desk: Dispatcher, tmp_path: Path) -> None:
    page = desk.page
    rows = list(ROWS)
    rows[4] = rows[4].replace("Name 5", "")
    rows[11] = rows[11].replace(",2\n", ",-1\n")
    rows[20] = rows[20].replace("GRID-21,", "GRID-1,")
    file = tmp_path / "grid.csv"
    file.write_text(HEADER + "".join(rows))
    desk.visit("/orders/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/orders/import/[0-9a-f-]{36}/"))
    grid = page.get_by_role("grid", name="Rows of the file")
    expect(grid).to_be_visible(timeout=30_000)
    bad = grid.locator("[aria-invalid=true]")
    expect(bad).to_have_count(3)
    says = page.locator("#grid-says")
    expect(says).to_contain_text("The recipient's name is missing")
    grid.focus()
    page.keyboard.type("Mia Muster")
    page.keyboard.press("Enter")
    expect(bad).to_have_count(2)
    page.keyboard.press("F8")
    expect(says).to_contain_text("negative")
    page.keyboard.press("F2")
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(bad).to_have_count(2)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("1.5")
    page.keyboard.press("Tab")
    expect(bad).to_have_count(1)
    page.keyboard.press("F8")
    expect(says).to_contain_text("already on line")
    grid.evaluate(
        """(box) => { const data = new DataTransfer(); data.setData("text/plain", "GRID-21\\tPasted Name");
                      box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })) }"""
    )
    expect(bad).to_have_count(0)
    desk.shot("30-grid")
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_text("Imported: 3 new.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Nothing to import")).to_be_visible()
    # The numbers over the grid are fetched again once the rows are in.
    figure = page.locator(".figure", has_text="New orders").locator(".figure-value").first
    expect(figure).to_have_text("30", timeout=30_000)
    desk.visit("/orders/?q=GRID-21")
    expect(page.locator("#chosen tbody tr").filter(has_text="GRID-21")).to_have_count(1)
    expect(page.locator("#chosen tbody")).to_contain_text("Pasted Name")
