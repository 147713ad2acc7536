"""One stack of real processes for all journeys: on Ankara's extract where it is at hand, else on the generated city."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.conftest import ROOT
from tests.journeys.drive_phone import ARGUMENTS, CHROMIUM, hang_up
from tests.journeys.stack import Stack, first_rows
from tests.tracking.server import serving

FIRST_ROWS = 60
pytest.register_assert_rewrite("tests.journeys.desk", "tests.journeys.people")


@pytest.fixture(scope="session")
def _data() -> Path | None:
    folder = Path(os.environ.get("LASTMILE_TEST_DATA") or ROOT.parent / "shared" / "data")
    return folder if (folder / "ankara.osm.pbf").is_file() and (folder / "ankara-orders.csv").is_file() else None


@pytest.fixture(scope="session")
def stack(_data: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running product; skipped where no database server was given."""
    owner, app = os.environ.get("DATABASE_OWNER_URL", ""), os.environ.get("DATABASE_URL", "")
    if ":1/" in owner or not owner:
        pytest.skip("no database server: run the tests by ./run test")
    folder = tmp_path_factory.mktemp("stack")
    orders = first_rows(_data / "ankara-orders.csv", FIRST_ROWS, folder / "orders.csv") if _data else None
    running = Stack(
        folder, owner_url=owner, app_url=app, extract=_data / "ankara.osm.pbf" if _data else None, orders=orders
    )
    running.up()
    try:
        yield running
    finally:
        running.down()


@pytest.fixture(scope="session")
def ankara(_data: Path | None, request: pytest.FixtureRequest) -> Stack:
    """The stack on the real extract; skipped where that is not at hand."""
    if _data is None:
        pytest.skip("no Ankara extract and orders: set LASTMILE_TEST_DATA to the folder of real data")
    running: Stack = request.getfixturevalue("stack")
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that draws maps without a graphics card, for journeys over the stack."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*root, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    """For journeys over a server within the test's process."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the ORM is used between Playwright's calls, never from within one
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def host(tmp_path: Path, settings: Any) -> Iterator[str]:
    """A server within the test's process; what is uploaded goes into a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with serving() as address:
        yield f"http://{address}"
    hang_up()


@pytest.fixture
def without_maps(playwright: Playwright, host: str) -> Iterator[Browser]:
    """Chromium without WebGL before that server; closed before the server is."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    chromium.close()
