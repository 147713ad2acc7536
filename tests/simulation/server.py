"""A small server of the driver's API, in memory: takes reports once, moves stops, fails when told to."""

from __future__ import annotations

import json
from typing import Any

import httpx

from simulation.path import Point, shifted

MOVES = {"arrived": "arrived", "attempted": "attempted", "departed": "departed", "skipped": "skipped"}


class Server:
    """One driver's day. `failing` requests are answered 503 first; `down` refuses every connection."""

    def __init__(self, depot: Point, stops: list[dict[str, Any]], route: dict[str, Any]) -> None:
        self.depot, self.stops, self.route = depot, stops, route
        self.reports: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.fixes: list[dict[str, Any]] = []
        self.uploads: dict[str, str] = {}
        self.failing, self.down, self.requests = 0, False, 0
        self.lose_answers = 0
        """So many answers get lost after the work was done."""
        self.again: set[str] = set()
        """Kinds of reports whose first try is answered "changed_meanwhile"."""
        self.pins: dict[str, str] = {}

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.down:
            raise httpx.ConnectError("down", request=request)
        if self.failing:
            self.failing -= 1
            return httpx.Response(503, json={"code": "busy", "message": "Later."})
        response = self._take(request)
        if self.lose_answers and request.url.path.endswith("reports"):
            self.lose_answers -= 1
            raise httpx.ReadError("lost", request=request)
        return response

    def _take(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("sign-in"):
            return httpx.Response(200, json={"token": "key", "driver": {"id": "d1", "name": "Ada"}})
        if request.headers.get("Authorization") != "Bearer key":
            return httpx.Response(401, json={"code": "not_authenticated", "message": "No."})
        if path.endswith("day"):
            return httpx.Response(200, json=self.day())
        if path.endswith("uploads"):
            body = request.content.decode("latin-1")
            upload_id = body.split('name="id"')[1].split("\r\n")[2]
            self.uploads[upload_id] = body.split('name="kind"')[1].split("\r\n")[2]
            return httpx.Response(201, json={"id": upload_id})
        if path.endswith("positions"):
            fixes = json.loads(request.content)["positions"]
            self.fixes += fixes
            return httpx.Response(200, json={"stored": len(fixes), "dropped": []})
        if path.endswith("reports"):
            results = [self._report(one) for one in json.loads(request.content)["reports"]]
            return httpx.Response(200, json={"results": results})
        return httpx.Response(404, json={"code": "not_found", "message": path})

    def _report(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["id"] in self.reports:
            return {"id": body["id"], "status": "duplicate", "code": "", "message": ""}
        if body["type"] in self.again:
            self.again.discard(body["type"])
            return {"id": body["id"], "status": "conflict", "code": "changed_meanwhile", "message": "Again."}
        if any(upload not in self.uploads for upload in body["data"].get("uploads", ())):
            return {"id": body["id"], "status": "rejected", "code": "unknown_upload", "message": "Not here."}
        refused = self._refusal(body)
        self.reports[body["id"]] = body
        self.order.append(body["type"])
        if refused:
            return {"id": body["id"], "status": "rejected", "code": refused, "message": refused}
        self._move(body)
        return {"id": body["id"], "status": "applied", "code": "", "message": ""}

    def _refusal(self, body: dict[str, Any]) -> str:
        if body["type"] != "attempted" or not body["data"]["outcome"].startswith("delivered"):
            return ""
        stop = next(stop for stop in self.stops if stop["id"] == body["stop"])
        for order in stop["orders"]:
            kinds = [self.uploads[upload] for upload in body["data"].get("uploads", ())]
            if order["proof_required"] in ("photo", "signature") and order["proof_required"] not in kinds:
                return "proof_missing"
            if order["proof_required"] == "pin" and body["data"].get("pin") != self.pins.get(order["id"]):
                return "wrong_pin"
        return ""

    def _move(self, body: dict[str, Any]) -> None:
        if body["type"] == "route_started":
            self.route["status"] = "started"
        elif body["type"] == "route_completed":
            self.route["status"] = "completed"
        elif body["type"] in MOVES:
            stop = next(stop for stop in self.stops if stop["id"] == body["stop"])
            stop["status"] = MOVES[body["type"]]
            if body["type"] == "attempted":
                stop["outcome"] = body["data"]["outcome"]
                stop["departed_at"] = body["device_at"]

    def day(self) -> dict[str, Any]:
        return {
            "route": self.route, "stops": self.stops, "driver": {"duty": "on_duty"},
            "depot": {"lat": self.depot[0], "lon": self.depot[1]},
        }


def stop_row(number: int, depot: Point, at: str, left: str, proof: str = "none") -> dict[str, Any]:
    """A stop 400 m further east for each number."""
    lat, lon = shifted(depot, 400.0 * number, 0)
    return {
        "id": f"s{number}", "sequence": number, "status": "allocated", "place": {"lat": lat, "lon": lon},
        "orders": [{"id": f"o{number}", "reference": f"R{number}", "recipient": "Mia", "proof_required": proof}],
        "window": None, "service_s": 120, "planned_arrival_at": at, "planned_departure_at": left, "arrived_at": None,
        "departed_at": None, "outcome": None,
    }
