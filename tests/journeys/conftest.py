"""One stack of real processes for all journeys: on Ankara's extract where it is at hand, else on the generated city."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.journeys.stack import Stack, first_rows

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
