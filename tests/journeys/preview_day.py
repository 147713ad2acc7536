"""A day of its own for the journeys of previews and of "why not?": orders around the depot, planned by the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import httpx

from tests.journeys.stack import Stack

FREE = 20
"""So many days ahead no other journey has orders."""


class Day:
    """A day of the demonstration's organization that no other journey drives, with what the API says of it."""

    def __init__(self, stack: Stack, api: httpx.Client, after: int) -> None:
        self.stack, self.api = stack, api
        self.on = (date.fromisoformat(stack.demo["day"]) + timedelta(days=FREE + after)).isoformat()
        self.plan = ""

    def said(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.api.request(method, path, json=body)
        assert answer.status_code == status, answer.text[:500]
        return answer.json()

    def laid(self, prefix: str, *, vans: int = 2, each: int = 7, already: int = 0) -> None:
        """Orders beside the depot, laid by hand on the first `vans` shifts, each in a zigzag with much to win.

        `already` orders are ready on that day and stay on no route.
        """
        depot = self.said("GET", f"/depots/{self.stack.demo['depot']}/")
        orders = [
            {
                "reference": f"{prefix}-{number}",
                "recipient": {"name": f"Recipient {number}"},
                "place": {
                    "line": f"{prefix.title()} street {number + 1}, Town",
                    "lat": depot["lat"] + 0.003 * (number % each - each // 2),
                    "lon": depot["lon"] + 0.012 * (1 if number // each % 2 else -1) + 0.002 * (number % 3),
                },
                "service_s": 180,
                "load": {"pieces": 1, "weight_g": 1000, "volume_ml": 2000},
                "delivery_on": self.on,
            }
            for number in range(vans * each)
        ]
        self.said("POST", "/orders:bulk", {"orders": orders})
        self.ready(len(orders) + already)
        self.plan = self.said("POST", "/plans/", {"day": self.on, "depot": self.stack.demo["depot"]}, 201)["id"]
        board = self.board()
        stops = {stop["orders"][0]["reference"]: stop["id"] for stop in board["stops"]}
        for van, shift in enumerate(board["shifts"][:vans]):
            own = [stops[f"{prefix}-{van * each + at}"] for at in range(each)]
            for stop in [*own[::2], *own[1::2]]:
                self.said("POST", f"/stops/{stop}:move", {"shift": shift["id"], "position": 0})

    def ready(self, count: int) -> None:
        """Until so many orders of the day are ready."""

        def look() -> bool:
            rows = self.api.get("/orders/", params={"delivery_on": self.on, "status": "ready", "limit": 100}).json()
            return len(rows["results"]) == count

        self.stack.wait_until(look, 90, "the orders are ready")

    def solved(self, operation: str) -> None:
        """Until the operation has succeeded."""

        def look() -> bool:
            row = self.said("GET", f"/operations/{operation}/")
            assert row["status"] not in ("failed", "cancelled"), row["error"]
            return bool(row["status"] == "succeeded")

        self.stack.wait_until(look, 60, "the solve has ended")

    def board(self) -> dict[str, Any]:
        row: dict[str, Any] = self.said("GET", f"/board/?day={self.on}")
        return row

    def order(self) -> dict[str, list[str]]:
        """Stop ids in order, by shift."""
        board = self.board()
        shifts = {route["id"]: route["shift"] for route in board["routes"]}
        found: dict[str, list[str]] = {shift: [] for shift in shifts.values()}
        for stop in sorted((one for one in board["stops"] if one["route"]), key=lambda one: one["sequence"]):
            found[shifts[stop["route"]]].append(stop["id"])
        return found

    def muddled(self) -> dict[str, list[str]]:
        """Every route's last stop comes first and its middle one last, so that there is something to win on each."""
        for shift, stops in self.order().items():
            self.said("POST", f"/stops/{stops[-1]}:move", {"shift": shift, "position": 0})
            self.said("POST", f"/stops/{stops[len(stops) // 2]}:move", {"shift": shift, "position": len(stops) - 1})
        return self.order()


@contextmanager
def day_after(stack: Stack, after: int) -> Iterator[Day]:
    """The demonstration's day so many days later, by its API key."""
    headers = {"Authorization": f"Bearer {stack.demo['api_key']}"}
    with httpx.Client(base_url=f"{stack.base_url}/api/v1", headers=headers, timeout=30, trust_env=False) as client:
        yield Day(stack, client, after)
