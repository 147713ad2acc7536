"""Processes that die in the midst of their work, with everything real: what was promised is done, once, later."""

from __future__ import annotations

import csv
import io
import os
import signal
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.stack import Stack, descendants

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]
ORDERS = 40


@pytest.fixture(scope="module")
def api(stack: Stack) -> Iterator[httpx.Client]:
    """The API by the demonstration's key."""
    headers = {"Authorization": f"Bearer {stack.demo['api_key']}"}
    with httpx.Client(base_url=f"{stack.base_url}/api/v1", headers=headers, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def day(stack: Stack) -> date:
    """A day of these tests' own, after the one that the journey drives."""
    return date.fromisoformat(stack.demo["day"]) + timedelta(days=7)


def said(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


def rows_around(stack: Stack, api: httpx.Client, prefix: str, count: int) -> list[dict[str, Any]]:
    """Orders with coordinates on a grid around the depot."""
    depot = said(api.get(f"/depots/{stack.demo['depot']}/"))
    return [
        {
            "reference": f"{prefix}-{number}",
            "recipient": {"name": f"Recipient {number}"},
            "place": {
                "line": f"Grid {number}",
                "lat": depot["lat"] + 0.002 * (number // 8 - 2),
                "lon": depot["lon"] + 0.003 * (number % 8 - 4),
            },
            "service_s": 120,
            "load": {"pieces": 1, "weight_g": 1000, "volume_ml": 2000},
        }
        for number in range(count)
    ]


def ended(stack: Stack, api: httpx.Client, operation: str, seconds: float) -> dict[str, Any]:
    """The operation's row once it has ended."""

    def look() -> dict[str, Any] | None:
        row: dict[str, Any] = said(api.get(f"/operations/{operation}/"))
        return row if row["status"] in ("succeeded", "failed", "cancelled") else None

    found: dict[str, Any] = stack.wait_until(look, seconds, f"operation {operation} has ended")
    return found


def events(stack: Stack, subject: str, kind: str) -> int:
    count: int = stack.one("select count(*) from core_event where subject_id = %s and kind = %s", subject, kind)
    return count


def is_solver(pid: int) -> bool:
    try:
        return b"routing.solver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_solver_killed_in_mid_solve_is_replaced_and_the_plan_is_made_once(
    stack: Stack, api: httpx.Client, day: date
) -> None:
    orders = [row | {"delivery_on": day.isoformat()} for row in rows_around(stack, api, "SOLVE", ORDERS)]
    said(api.post("/orders:bulk", json={"orders": orders}))

    def ready() -> bool:
        rows = said(api.get("/orders/", params={"delivery_on": day.isoformat(), "status": "ready", "limit": 100}))
        return len(rows["results"]) == ORDERS

    stack.wait_until(ready, 20, "the orders are ready")
    plan = said(api.post("/plans/", json={"day": day.isoformat(), "depot": stack.demo["depot"]}), 201)
    operation = said(api.post(f"/plans/{plan['id']}:optimize", json={"seconds": 6}), 202)["id"]
    stack.wait_until(
        lambda: said(api.get(f"/operations/{operation}/"))["progress"].get("seconds", 0) >= 1, 25, "it solves"
    )

    main = stack.processes["solver"].pid
    below = descendants(main)
    children = [pid for pid in below if is_solver(pid)]
    assert len(children) == 1
    killed = stack.kill("solver", spare=children)
    assert set(killed) == {main, *below} - set(children)
    stack.wait_until(lambda: not is_solver(children[0]), 5, "the search ends with its worker")
    assert said(api.get(f"/operations/{operation}/"))["status"] == "running"

    stack.start("solver")
    row = ended(stack, api, operation, 60)
    assert (row["status"], row["error"]) == ("succeeded", None)
    assert stack.one("select tries from core_operation where id = %s", operation) == 2
    assert events(stack, operation, "operation.succeeded") == 1
    assert events(stack, plan["id"], "plan.optimized") == 1
    stops = said(api.get("/stops/", params={"plan": plan["id"], "limit": 100}))["results"]
    assert len(stops) == ORDERS
    assert sum(stop["route"] is not None for stop in stops) == row["result"]["assigned"] >= ORDERS - 2
    routes = said(api.get("/routes/", params={"plan": plan["id"]}))["results"]
    assert len(routes) == row["result"]["routes"]
    assert sum(route["stops_total"] for route in routes) == row["result"]["assigned"]


def test_a_file_is_taken_while_the_broker_is_down_and_imported_when_it_is_back(
    stack: Stack, api: httpx.Client, day: date
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["reference", "recipient_name", "address", "lat", "lon"])
    for row in rows_around(stack, api, "BROKER", 12):
        place = row["place"]
        writer.writerow([row["reference"], row["recipient"]["name"], place["line"], place["lat"], place["lon"]])
    stack.valkey.stop()
    try:
        asked = time.monotonic()
        told = said(
            api.post(
                "/imports/",
                data={"day": (day + timedelta(days=1)).isoformat()},
                files={"file": ("broker.csv", text.getvalue().encode(), "text/csv")},
            ),
            202,
        )
        assert time.monotonic() - asked < 10
        operation = told["operation"]["id"]
        stack.wait_until(lambda: owed(stack) == 0, 20, "events are handed out without a broker, too")
        assert said(api.get(f"/operations/{operation}/"))["status"] == "queued"
    finally:
        stack.valkey.start()
    row = ended(stack, api, operation, 60)
    assert row["status"] == "succeeded", row
    assert (row["result"]["created"], row["result"]["failed"]) == (12, 0)
    assert stack.one("select tries from core_operation where id = %s", operation) == 1
    stack.wait_until(stack.healthy, 30, "every part has found the broker again")


def test_events_wait_for_a_relay_that_was_killed(stack: Stack, api: httpx.Client, day: date) -> None:
    stack.wait_until(lambda: owed(stack) == 0, 30, "nothing is owed from before")
    stack.kill("relay")
    on = (day + timedelta(days=2)).isoformat()
    orders = [row | {"delivery_on": on} for row in rows_around(stack, api, "RELAY", 25)]
    said(api.post("/orders:bulk", json={"orders": orders}))
    assert owed(stack) >= 25
    stack.start("relay")
    stack.wait_until(lambda: owed(stack) == 0, 30, "every event is handed out")
    assert stack.one("select count(*) from core_delivery where parked") == 0

    # And once more in the midst of its work, as often as it takes to meet it there.
    for number in range(3):
        orders = [row | {"delivery_on": on} for row in rows_around(stack, api, f"RELAY-{number}", 40)]
        said(api.post("/orders:bulk", json={"orders": orders}))
        os.kill(stack.processes["relay"].pid, signal.SIGKILL)
        stack.processes.pop("relay").wait(10)
        stack.start("relay")
    stack.wait_until(lambda: owed(stack) == 0, 40, "every event is handed out after all")
    assert stack.one("select count(*) from core_delivery where parked") == 0
    ready = stack.one("select count(*) from orders_order where reference like 'RELAY%%' and status = 'ready'")
    assert ready == 25 + 3 * 40


def owed(stack: Stack) -> int:
    """How many events have not been handed to somebody who hears them."""
    count: int = stack.one("select count(*) from core_delivery")
    return count
