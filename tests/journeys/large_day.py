"""A day of any size for the board alone: rows as the server sends them, made without a solver.

A journey about what the board draws answers the board's own request with these; the rest stays the real server's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journeys.people import Dispatcher
from tests.journeys.stack import Stack

COLORS = ("#2563eb", "#0e9f6e", "#d97706", "#9333ea", "#0891b2", "#dc2626", "#4d7c0f", "#be185d")
PLAN: dict[str, Any] = {
    "edits/": {"results": [], "undo": None, "redo": None, "edit": None},
    "proposals/?*": {"results": []},
    "consequences/": {
        "delta_s": 240, "delta_m": 1900, "delta_cents": 130, "broken": [], "locked": [], "newly_late": [],
        "promises_broken": [], "applied": False, "place": {"shift": None, "positions": []},
    },
}  # fmt: skip
"""Answers of the doors under the made-up plan: nothing was edited or proposed, and every move costs a little."""
STEP_S = 600
SERVICE_S = 180


def clock(at: datetime) -> str:
    """An instant as the server writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_of(real: dict[str, Any], *, routes: int, stops: int, begins: datetime, now: datetime) -> dict[str, Any]:
    """A snapshot with the real one's organization, depot and map: `stops` spread evenly over `routes`, from `begins`.

    Each route's stops come every ten minutes with three of service; the third of each is 7 minutes late, and before the
    fifth the van waits for its window. The first route is on the road with two stops done; its position is fresh, the
    second one's is three minutes old. Two stops are on no route, and one driver has none.
    """
    depot = real["depots"][0]
    plan_id, per = "plan-1", stops // routes
    rows: dict[str, Any] = {"drivers": [], "vehicles": [], "shifts": [], "routes": [], "stops": [], "positions": []}
    for number in range(routes + 1):
        name = f"Driver {number + 1:03}"
        rows["drivers"].append(
            {
                "id": f"driver-{number}",
                "version": 1,
                "name": name,
                "phone": "",
                "skills": [],
                "duty": "active",
                "color": COLORS[number % 8],
                "vehicle": f"van-{number}",
            }
        )
        rows["vehicles"].append(
            {
                "id": f"van-{number}",
                "version": 1,
                "name": f"Van {number + 1:03}",
                "skills": [],
                "plate": f"LM {number + 1:03}",
                "kind": "van",
                "capacity": load(900),
                "status": "ready",
            }
        )
        rows["shifts"].append(
            {
                "id": f"shift-{number}",
                "version": 1,
                "day": real["day"],
                "driver": f"driver-{number}",
                "vehicle": f"van-{number}",
                "depot": depot["id"],
                "starts_at": clock(begins),
                "ends_at": clock(begins + timedelta(hours=9)),
                "status": "rostered",
            }
        )
    for number in range(routes):
        made = list(stops_of(number, per, depot, begins, plan_id))
        rows["stops"] += made
        under_way = number < 2
        rows["routes"].append({
            "id": f"route-{number}", "version": 1, "plan": plan_id, "shift": f"shift-{number}",
            "driver": {"id": f"driver-{number}", "name": f"Driver {number + 1:03}"},
            "vehicle": {"id": f"van-{number}", "name": f"Van {number + 1:03}"}, "depot": depot["id"],
            "status": "started" if under_way else "distributed", "color": COLORS[number % 8],
            "starts_at": clock(begins), "ends_at": clock(begins + timedelta(seconds=STEP_S * (per + 1))),
            "started_at": clock(begins) if under_way else None, "completed_at": None, "distance_m": 40_000 + number,
            "duration_s": STEP_S * (per + 1), "cost_cents": 12_000, "stops_total": per, "stops_done": 0,
            "load": load(per * 10), "capacity": load(900), "rest": None, "geometry": ""})  # fmt: skip
    for number, age_s in ((0, 5), (1, 180)):
        rows["positions"].append(
            {
                "id": f"driver-{number}",
                "version": 1,
                "driver": f"driver-{number}",
                "route": f"route-{number}",
                "lat": depot["lat"] + number / 500,
                "lon": depot["lon"],
                "heading": 90,
                "speed_mps": 8,
                "fix_at": clock(now - timedelta(seconds=age_s)),
            }
        )
    off = list(stops_of(routes, 2, depot, begins, plan_id))
    for stop in off:
        stop |= {"route": None, "sequence": None, "status": "unassigned", "planned_arrival_at": None, "late_s": 0,
                 "planned_departure_at": None,
                 "unassigned": {"code": "no_capacity", "message": "Every van is full."}}  # fmt: skip
    rows["stops"] += off
    summary = {
        "distance_m": 0,
        "duration_s": 0,
        "cost_cents": 0,
        "stops": stops,
        "unassigned": 2,
        "routes": routes,
        "late": 0,
    }
    return real | rows | {
        "at": clock(now), "operations": [], "orders": {"ready": [], "needs_attention": []},
        "plan": {"id": plan_id, "version": 1, "day": real["day"], "depot": depot["id"], "status": "distributed",
                 "operation": None, "roads": "osrm", "pending": 0, "summary": summary}}  # fmt: skip


def exceptions_of(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """Three things that need a person: a late stop, a van that is silent, and a failed attempt that somebody took."""
    depot, since = snapshot["depots"][0]["id"], snapshot["at"]
    driver = {"id": "driver-1", "name": "Driver 002", "phone": "+49151000011"}
    shared = {"version": 1, "day": snapshot["day"], "depot": depot, "route": "route-1", "place": "3 Lane 2, Oldtown",
              "driver": driver, "opened_at": since, "since_at": since, "closed_at": None, "proposal": None,
              "resolution": "", "reference": "REF-001-02", "recipient": "Recipient 1.2", "order": None}  # fmt: skip
    late = {"id": "exception-1", "kind": "predicted_late", "status": "open", "urgency": 70, "subject": "stop",
            "subject_id": "stop-1-2", "stop": "stop-1-2", "taken_by": None,
            "numbers": {"late_s": 420, "due_at": since, "reach_at": since},
            "proposal": {"rule": "rescue_late", "fix": "move", "words": "Move it to Driver 003."}}  # fmt: skip
    silent = {"id": "exception-2", "kind": "stale_position", "status": "open", "urgency": 30, "subject": "driver",
              "subject_id": "driver-1", "stop": None, "taken_by": None, "numbers": {"silent_s": 180}}  # fmt: skip
    failed = {"id": "exception-3", "kind": "failed", "status": "acknowledged", "urgency": 50, "subject": "stop",
              "subject_id": "stop-0-1", "stop": "stop-0-1", "taken_by": {"id": "m", "name": "Otto Other"},
              "numbers": {"code": "failed_not_home"}}  # fmt: skip
    return [shared | one for one in (late, silent, failed)]


def load(kilos: int) -> dict[str, int]:
    return {"weight_g": kilos * 1000, "volume_ml": kilos * 4000, "pieces": kilos // 5, "pallets": 0}


def stops_of(
    number: int, count: int, depot: dict[str, Any], begins: datetime, plan_id: str
) -> Iterable[dict[str, Any]]:
    """A route's stops on a ring round the depot."""
    for index in range(count):
        arrival = begins + timedelta(seconds=STEP_S * (index + 1))
        waits = timedelta(seconds=240 if index == 4 else 0)
        departure = arrival + waits + timedelta(seconds=SERVICE_S)
        done, late_s = number == 0 and index < 2, 420 if index == 2 else 0
        key = f"{number}-{index}"
        yield {
            "id": f"stop-{key}", "version": 1, "plan": plan_id, "route": f"route-{number}", "sequence": index + 1,
            "status": "departed" if done else "out_for_delivery" if number < 2 else "allocated",
            "place": {"line": f"{index + 1} Lane {number + 1}, Oldtown",
                      "lat": depot["lat"] + 0.02 * ((number * 37 + index * 11) % 17 - 8) / 8,
                      "lon": depot["lon"] + 0.03 * ((number * 23 + index * 7) % 19 - 9) / 9},
            "orders": [{"id": f"order-{key}", "reference": f"REF-{number:03}-{index:02}", "phone": "",
                        "status": "scheduled",
                        "recipient": f"Recipient {number}.{index}", "priority": "normal", "proof_required": "none",
                        "instructions": ""}],
            "window": {"start": clock(arrival + waits), "end": clock(arrival + timedelta(hours=1))},
            "service_s": SERVICE_S, "planned_arrival_at": clock(arrival), "planned_departure_at": clock(departure),
            "eta_at": clock(arrival + timedelta(seconds=late_s)) if late_s else None,
            "arrived_at": clock(arrival) if done else None, "departed_at": clock(departure) if done else None,
            "late_s": late_s, "unassigned": None, "skills": [], "load": load(10), "priority": "normal",
            "outcome": "delivered_to_recipient" if done else None}  # fmt: skip


def _tell(said: Any, route: Route) -> None:
    route.fulfill(json=said)


def show(page: Page, snapshot: dict[str, Any]) -> None:
    """From now on the page's board shows this day."""
    body = json.dumps(snapshot)

    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="application/json")

    page.route("**/api/v1/board/?*", answer)
    # What the board asks about its plan, of which the server knows nothing.
    for asked, said in PLAN.items():
        page.route(f"**/api/v1/plans/plan-1/{asked}", partial(_tell, said))


def at_the_board(
    browser: Browser, stack: Stack, *, routes: int, stops: int, exceptions: bool = False
) -> Dispatcher:
    """A dispatcher in front of a day of that size, at eight twenty-five (UTC).

    The day is one on which nothing happens in the running product, so that no live row of it comes in between.
    """
    desk = Dispatcher(browser, stack, stack.demo["dispatcher"])
    desk.sign_in()
    day = date.fromisoformat(stack.demo["day"]) + timedelta(days=40)
    real = desk.api(f"/api/v1/board/?day={day}")
    begins = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    now = begins + timedelta(minutes=25)
    snapshot = day_of(real, routes=routes, stops=stops, begins=begins, now=now)
    show(desk.page, snapshot | {"exceptions": exceptions_of(snapshot)} if exceptions else snapshot)
    desk.visit(f"/board/?day={day}")
    expect(desk.page.locator(".connection")).to_have_text("Live")
    expect(desk.page.locator(".gantt-lead").first).to_be_visible()
    return desk


def plane(desk: Dispatcher) -> Locator:
    """The timeline's grid."""
    return desk.page.get_by_role("grid", name=re.compile("Routes over the day"))
