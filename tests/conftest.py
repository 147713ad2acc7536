"""What every test may use: the folder of real data. Organizations and the database come from `tests.fixtures`."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.fixtures"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with real extracts and orders (`LASTMILE_TEST_DATA`); the test is skipped where it is absent."""
    folder = Path(os.environ.get("LASTMILE_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no test data: {folder} is not there (set LASTMILE_TEST_DATA)")
    return folder
