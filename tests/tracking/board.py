"""A board as the browser keeps it: a snapshot with rows applied on top."""

from __future__ import annotations

from typing import Any

from dispatch import queries as dispatch
from tests.fixtures import NOW, World
from tracking import queries

LISTS = {"stop": "stops", "route": "routes", "driver": "drivers", "vehicle": "vehicles", "depot": "depots",
         "zone": "zones", "shift": "shifts", "operation": "operations", "position": "positions"}
WAITING = ("ready", "needs_attention")


def snapshot(world: World) -> dict[str, Any]:
    day = dispatch.day(on=world.day, depot_id=world.depot.id, organization=world.organization, at=NOW)
    positions = queries.last_positions([driver.id for driver in world.drivers])
    return {**day, "positions": queries.position_rows(positions)}


class Board:
    """What a board holds by kind and id; a row replaces an older or equal version."""

    def __init__(self, row: dict[str, Any], day: str) -> None:
        self.day = day
        self.held: dict[tuple[str, str], dict[str, Any]] = {}
        self.arrivals: dict[str, dict[str, Any]] = {}
        for kind, name in LISTS.items():
            for one in row[name]:
                self.held[kind, one["id"]] = one
        for status in WAITING:
            for one in row["orders"][status]:
                self.held["order", one["id"]] = one
        if row["plan"]:
            self.held["plan", row["plan"]["id"]] = row["plan"]

    def apply(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        for kind, some in rows.items():
            for row in some:
                if kind == "arrival":
                    self._expect(row)
                    continue
                if kind == "stop":
                    row = self._expected(row)
                before = self.held.get((kind, row["id"]))
                if before is not None and row["version"] < before["version"]:
                    continue
                if row.get("gone"):
                    self.held.pop((kind, row["id"]), None)
                else:
                    self.held[kind, row["id"]] = row

    def _expect(self, arrival: dict[str, Any]) -> None:
        """A stop is expected at another time: its row keeps its version, since the rest of it may be older."""
        stop = self.held.get(("stop", arrival["id"]))
        known = max(stop["version"], self.arrivals.get(arrival["id"], stop)["version"]) if stop else 0
        if stop and arrival["version"] > known:
            self.arrivals[arrival["id"]] = arrival
            self.held["stop", arrival["id"]] = self._expected(stop)

    def _told(self, kind: str, one: str) -> int:
        return self.arrivals[one]["version"] if kind == "stop" and one in self.arrivals else 0

    def _expected(self, stop: dict[str, Any]) -> dict[str, Any]:
        arrival = self.arrivals.get(stop["id"])
        if stop.get("gone") or arrival is None or arrival["version"] <= stop["version"]:
            return stop
        return {**stop, "eta_at": arrival["eta_at"], "late_s": arrival["late_s"]}

    def shown(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What the board draws: waiting orders only while they wait, the running operations and the plan's own. A stop
        is drawn with its newest arrival, which counts in the version that the database has."""
        placed = {
            order["id"] for (kind, _), row in self.held.items() if kind == "stop" for order in row["orders"]}
        planned = {row["operation"] for (kind, _), row in self.held.items() if kind == "plan"}
        return {
            (kind, one): {**row, "version": max(row["version"], self._told(kind, one))}
            for (kind, one), row in self.held.items()
            if (kind != "order" or (row["status"] in WAITING and row["delivery_on"] == self.day and one not in placed))
            and (kind != "operation" or row["status"] in ("queued", "running") or one in planned)
        }
