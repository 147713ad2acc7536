"""Somebody who looks at the board: counts what the live socket tells, and how fast it tells it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import websockets
from websockets.asyncio.client import connect

from simulation.clock import Clock
from simulation.door import Door
from simulation.phone import Tally

PING_S = 20.0
KEPT = 20_000


def quantile(values: list[float], share: float) -> float | None:
    """The nearest-rank quantile; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


class Watcher:
    """The board of one day by API key: snapshot first, then every newer row."""

    def __init__(self, door: Door, clock: Clock, tally: Tally, *, base_url: str, key: str, day: str) -> None:
        self.door, self.clock, self.tally, self.key, self.day = door, clock, tally, key, day
        self._url = base_url.replace("http", "ws", 1) + "/ws/board/"
        self.stops: dict[str, dict[str, Any]] = {}
        self.routes: dict[str, dict[str, Any]] = {}
        self.from_sending_s: list[float] = []
        """From the moment when a phone began to send its newest fix to the moment when the socket showed it."""
        self.from_fix_s: list[float] = []
        """From the fix itself, which waits in the phone for the next sending."""
        self.reconnects, self.gaps = -1, 0
        self.drawn = asyncio.Event()
        """Set once there is a picture."""
        self._epoch, self._seq, self._plan = "", 0, ""

    async def run(self) -> None:
        """Watch for ever, coming back after every interruption."""
        wait_s = 0.3
        while True:
            try:
                async with connect(self._url, additional_headers={"Authorization": f"Bearer {self.key}"},
                                   ping_interval=PING_S, max_size=2**24, proxy=None) as socket:
                    wait_s, self.reconnects = 0.3, self.reconnects + 1
                    async for text in socket:
                        await self._hear(json.loads(text))
            except (OSError, websockets.WebSocketException, TimeoutError):
                pass
            await asyncio.sleep(wait_s)
            wait_s = min(5.0, wait_s * 2)

    async def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "hello":
            self._epoch, self._seq = message["epoch"], message["seq"]
            await self.look()
        elif message["type"] == "rows":
            if message["seq"] != self._seq + 1:
                self.gaps += 1
                await self.look()
            self._seq = message["seq"]
            self._take(message["rows"])

    async def look(self) -> dict[str, Any]:
        """Fetch the whole picture."""
        board: dict[str, Any] = await self.door.ask("GET", "/api/v1/board/", key=self.key, params={"day": self.day})
        self._plan = board["plan"]["id"] if board["plan"] else ""
        self.stops = {row["id"]: row for row in board["stops"]}
        self.routes = {row["id"]: row for row in board["routes"]}
        self.drawn.set()
        return board

    def _take(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        # The socket tells of everything the organization does; another day's plan is not on this board.
        newer(self.routes, (row for row in rows.get("route", ()) if row.get("gone") or row["plan"] == self._plan))
        newer(self.stops, (row for row in rows.get("stop", ()) if row.get("gone") or row["plan"] == self._plan))
        for arrival in rows.get("arrival", ()):
            row = self.stops.get(arrival["id"])
            if row is not None and arrival["version"] > row["version"]:
                self.stops[row["id"]] = {**row, "eta_at": arrival["eta_at"], "late_s": arrival["late_s"]}
        now, real = time.monotonic(), time.time()
        for row in rows.get("position", ()):
            fix_at = datetime.fromisoformat(row["fix_at"])
            sent = self.tally.sent_at.pop((str(row["driver"]), round(fix_at.timestamp() * 1000)), None)
            if sent is not None and len(self.from_sending_s) < KEPT:
                self.from_sending_s.append(now - sent)
                ago_s = (self.clock.now() - fix_at).total_seconds() / self.clock.pace
                self.from_fix_s.append(max(0.0, ago_s - (time.time() - real)))

    def counts(self) -> Counter[str]:
        """Stops by what became of them: delivered, failed, left, unassigned; and how many of all are late."""
        found: Counter[str] = Counter()
        for stop in self.stops.values():
            found[fate(stop)] += 1
            found["late"] += stop["late_s"] > 0 and stop["status"] != "unassigned"
        return found

    def latency(self) -> str:
        """p50 and p95 in words."""
        parts = []
        for title, values in (("sent → board", self.from_sending_s), ("fix → board", self.from_fix_s)):
            p50, p95 = quantile(values, 0.5), quantile(values, 0.95)
            if p50 is not None and p95 is not None:
                parts.append(f"{title} p50 {p50:.2f} s, p95 {p95:.2f} s")
        return "; ".join(parts)


def fate(stop: dict[str, Any]) -> str:
    """What became of a stop: delivered, failed, unassigned, or left."""
    outcome = stop["outcome"] or ""
    if outcome.startswith("failed"):
        return "failed"
    if outcome:
        return "delivered"
    return "unassigned" if stop["status"] == "unassigned" else "left"


def newer(held: dict[str, dict[str, Any]], rows: Iterable[dict[str, Any]]) -> None:
    """Take each row whose version is newer than the one held; forget what is gone."""
    for row in rows:
        known = held.get(row["id"])
        if row.get("gone"):
            if known is None or row["version"] >= known["version"]:
                held.pop(row["id"], None)
        elif known is None or row["version"] > known["version"]:
            held[row["id"]] = row
