"""How soon a driver's position is on the dispatcher's board.

    python -m benchmarks.live [--drivers 10] [--seconds 60] [--every 2] [--extract FILE.osm.pbf --orders FILE.csv]

Drivers on the road send one fix at a time, at the moment of the fix (a phone's own batching is not in it); a board
listens on the live socket. Measured from just before the request to the row's arrival, both by this process's clock.
Goal: under a second for 95 of 100.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.first_paint import prepare
from benchmarks.running import Api, arguments, machine, quantile, running, say
from routing.roads import decode
from tests.journeys.stack import Stack

GOAL_MS = 1000
ORDERS_A_DRIVER = 50  # so many that every one of them gets a route


class Board:
    """Listens; remembers when each fix of each driver arrived."""

    def __init__(self) -> None:
        self.arrived: dict[tuple[str, str], float] = {}

    async def listen(self, socket: ClientConnection) -> None:
        """Until the socket is closed."""
        async for text in socket:
            now = time.perf_counter()
            for one in json.loads(text).get("rows", {}).get("position", ()):
                self.arrived.setdefault((one["driver"], f"{one['lat']:.6f}"), now)


async def on_the_road(client: httpx.AsyncClient, login: dict[str, str]) -> dict[str, Any]:
    """Sign a driver in and start the route; returns what the phone knows of its day."""
    body = {"email": login["email"], "password": login["password"], "device": "benchmark"}
    told = _said(await client.post("/api/v1/driver/sign-in", json=body))
    headers = {"Authorization": f"Bearer {told['token']}"}
    day: dict[str, Any] = _said(await client.get("/api/v1/driver/day", headers=headers))
    if day["route"] is not None:
        reports = [
            {"id": str(uuid.uuid4()), "type": kind, "device_at": day["at"], "sequence": number, "data": {}}
            for number, kind in enumerate(("duty_on", "route_started"), 1)
        ]
        results = _said(await client.post("/api/v1/driver/reports", json={"reports": reports}, headers=headers))
        assert results["results"][-1]["status"] == "applied", results
    return {**day, "headers": headers, "offset": datetime.fromisoformat(day["at"]) - datetime.now(UTC)}


async def drive(client: httpx.AsyncClient, phone: dict[str, Any], seconds: float, every_s: float) -> list[Any]:
    """Send fixes along the route's line; returns (driver, latitude as text, when it was sent)."""
    lat, lon = decode(phone["route"]["geometry"])[0]
    sent = []
    until = time.monotonic() + seconds
    await asyncio.sleep(random.random() * every_s)
    while time.monotonic() < until:
        lat += 0.00002 + random.random() * 0.00002
        fix = {
            "fix_at": (datetime.now(UTC) + phone["offset"]).isoformat(), "lat": round(lat, 6), "lon": round(lon, 6),
            "accuracy_m": 5, "speed_mps": 2, "heading": 0,
        }  # fmt: skip
        at = time.perf_counter()
        answer = _said(await client.post(
            "/api/v1/driver/positions", json={"positions": [fix]}, headers=phone["headers"]))  # fmt: skip
        if answer["stored"]:
            sent.append((phone["driver"]["id"], f"{fix['lat']:.6f}", at))
        await asyncio.sleep(max(0.0, every_s - (time.perf_counter() - at)))
    return sent


def _said(answer: httpx.Response) -> Any:
    if answer.status_code >= 400:
        raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:400]}")
    return answer.json()


async def measure(stack: Stack, drivers: int, seconds: float, every_s: float) -> None:
    """Drive and listen, then print the quantiles."""
    board = Board()
    key = {"Authorization": f"Bearer {stack.demo['api_key']}"}
    address = stack.base_url.replace("http", "ws", 1) + "/ws/board/"
    async with (
        connect(address, additional_headers=key, proxy=None, max_size=2**24) as socket,
        httpx.AsyncClient(base_url=stack.base_url, timeout=30, trust_env=False) as client,
    ):
        listening = asyncio.create_task(board.listen(socket))
        phones = [await on_the_road(client, login) for login in stack.demo["drivers"]]
        phones = [phone for phone in phones if phone["route"] is not None][:drivers]
        if len(phones) < drivers:
            say(f"only {len(phones)} drivers have a route on this day")
        sent = [one for part in await asyncio.gather(*(drive(client, phone, seconds, every_s) for phone in phones))
                for one in part]  # fmt: skip
        await asyncio.sleep(3)
        listening.cancel()
    shown = [(board.arrived[driver, lat] - at) * 1000 for driver, lat, at in sent if (driver, lat) in board.arrived]
    p50, p95 = quantile(shown, 0.5), quantile(shown, 0.95)
    overtaken = len(sent) - len(shown)
    say(f"{len(phones)} drivers, {len(sent)} fixes stored, {overtaken} overtaken by a newer one of the same driver")
    say(f"fix → socket: p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {max(shown):.0f} ms   "
        f"goal {GOAL_MS} ms for p95: {'met' if p95 <= GOAL_MS else 'MISSED'}")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--drivers", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=2, metavar="S", help="seconds between a driver's fixes")
    given = parser.parse_args()
    say(machine())
    with running(given.extract, given.orders) as stack:
        prepare(stack, Api(stack), orders=ORDERS_A_DRIVER * given.drivers)
        asyncio.run(measure(stack, given.drivers, given.seconds, given.every))


if __name__ == "__main__":
    main()
