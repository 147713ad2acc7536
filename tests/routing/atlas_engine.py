"""What the atlas and roads tests share: where the road engine lies, and a road server started for one test module."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from routing.atlas import engine
from routing.atlas.folder import Atlas

REPO = Path(__file__).resolve().parents[2]
ENGINE_DIR = Path(os.environ.get("ENGINE_DIR", REPO / "var" / "engine"))
DATA = Path(os.environ.get("LASTMILE_TEST_DATA", REPO.parent / "shared" / "data"))


def extract(name: str) -> Path:
    """A real extract of the test data, or a visible skip."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"no {name}: set LASTMILE_TEST_DATA to a folder that has it")
    return path


@contextlib.contextmanager
def road_server(atlas: Atlas, max_table: int = 1000) -> Iterator[str]:
    """Run `osrm-routed` on the atlas' roads at a free port; a visible skip where the engine is not installed."""
    found = engine.find(ENGINE_DIR)
    if found is None:
        pytest.skip("the road engine's programs are not installed (ENGINE_DIR)")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    command = [
        str(found.program("osrm-routed")),
        "-a",
        "MLD",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-t",
        "1",
        "--max-table-size",
        str(max_table),
        "-l",
        "NONE",
        str(atlas.osrm),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        lon, lat = atlas.center
        for _ in range(200):
            assert server.poll() is None, f"osrm-routed ended with {server.returncode}"
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{url}/nearest/v1/driving/{lon},{lat}", trust_env=False, timeout=2)
                break
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(10)
