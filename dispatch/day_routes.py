"""The routes of a plan's day for a board that begins: hundreds of rows, read as plain tuples.

The rows are those of `dispatch.queries.route_rows` (tests/dispatch/test_day_rows.py proves it).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Value

from dispatch import states
from dispatch.day_rows import RouteRow
from dispatch.instants import iso, span_of, texts
from dispatch.models import Plan, Route, Stop

LOAD = ("weight_g", "volume_ml", "pieces", "pallets")
_SHIFT = (
    *("id", "driver_id", "driver__name", "vehicle_id", "vehicle__name", "depot_id", "driver__color"),
    *(f"vehicle__{name}" for name in LOAD),
)
_ROUTE = ("id", "status", "distance_m", "duration_s", "cost_cents", "load", "version")
_INSTANTS = ("starts_at", "ends_at", "started_at", "completed_at", "break_start_at", "break_end_at")


def plan_route_rows(plan: Plan, *, lines: bool = True) -> list[RouteRow]:
    """The rows of all the plan's routes but the cancelled ones, by id; without their `lines`, `geometry` is empty."""
    counted = Stop.objects.filter(plan=plan, route__isnull=False).order_by().values("route_id")
    counts = {
        row["route_id"]: (row["total"], row["done"])
        for row in counted.annotate(total=Count("id"), done=Count("id", filter=Q(status__in=states.DONE)))
    }
    shift = (f"shift__{name}" for name in _SHIFT)
    line = "geometry" if lines else Value("")
    found = Route.objects.filter(plan=plan).exclude(status="cancelled").order_by("id")
    name = str(plan.id)
    return [_row(name, one, counts) for one in found.values_list(*_ROUTE, *shift, line, *texts(_INSTANTS))]


def _row(plan: str, route: tuple[Any, ...], counts: dict[UUID, tuple[int, int]]) -> RouteRow:
    id, status, distance_m, duration_s, cost_cents, load, version = route[:7]
    shift, driver, driver_name, vehicle, vehicle_name, depot, color, weight_g, volume_ml, pieces, pallets = route[7:18]
    line, starts, ends, started, completed, rests, goes_on = route[18:]
    total, done = counts.get(id, (0, 0))
    return {
        "id": str(id),
        "plan": plan,
        "shift": str(shift),
        "driver": {"id": str(driver), "name": driver_name},
        "vehicle": {"id": str(vehicle), "name": vehicle_name},
        "depot": str(depot),
        "status": status,
        "color": color,
        "starts_at": iso(starts),
        "ends_at": iso(ends),
        "started_at": iso(started),
        "completed_at": iso(completed),
        "distance_m": distance_m,
        "duration_s": duration_s,
        "cost_cents": cost_cents,
        "stops_total": total,
        "stops_done": done,
        "load": {name: int(load.get(name, 0)) for name in LOAD},  # type: ignore[typeddict-item]
        "capacity": {"weight_g": weight_g, "volume_ml": volume_ml, "pieces": pieces, "pallets": pallets},
        "rest": span_of(rests, goes_on),
        "geometry": line,
        "version": version,
    }
