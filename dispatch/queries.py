"""What plans, routes and stops look like: rows for pages, the API, live sockets and the driver's phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts import languages
from accounts.queries import OperationRow, operation_rows
from core import errors
from core.models import Operation
from core.words import say
from dispatch import day_routes, day_rows, day_stops, facts, judging, planning, states
from dispatch.models import Attempt, Plan, Proof, Route, Stop, StopOrder
from fleet import queries as fleet
from fleet.queries import Span
from orders import queries as orders
from orders.models import Order
from routing import solver


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def span(start: datetime | None, end: datetime | None) -> Span | None:
    return {"start": start.isoformat(), "end": end.isoformat()} if start and end else None


def late_s(stop: Stop, served: Sequence[Order]) -> int:
    """Seconds after the end of the window told to the recipient (else the planned one) at which the stop is or was
    reached."""
    return _late_s(stop, [order.promised_end_at for order in served if order.promised_end_at])


def _late_s(stop: Stop, promised_ends: Sequence[datetime]) -> int:
    reached = stop.arrived_at or stop.eta_at or stop.planned_arrival_at
    end = min(promised_ends, default=stop.window_end_at)
    if reached is None or end is None:
        return 0
    return max(0, round((reached - end).total_seconds()))


def stop_rows(stops: Iterable[Stop]) -> list[day_rows.StopRow]:
    """Rows of stops (loaded with their place), with the orders they serve."""
    stops = list(stops)
    served = _served(StopOrder.objects.filter(stop_id__in=[stop.id for stop in stops]))
    return [_stop_row(stop, served[stop.id]) for stop in stops]


def arrival_rows(stops: Sequence[Stop]) -> list[day_rows.ArrivalRow]:
    """When these stops are expected now."""
    ends: dict[UUID, list[datetime]] = defaultdict(list)
    promised = StopOrder.objects.filter(
        stop_id__in=[stop.id for stop in stops], order__promised_end_at__isnull=False)
    for stop_id, end in promised.values_list("stop_id", "order__promised_end_at"):
        ends[stop_id].append(end)
    return [
        {
            "id": str(stop.id),
            "eta_at": iso(stop.eta_at),
            "late_s": _late_s(stop, ends[stop.id]),
            "version": stop.version,
        }
        for stop in stops
    ]


_ORDER_COLUMNS = (
    *("reference", "recipient_name", "recipient_phone", "status", "priority", "proof_required", "instructions"),
    "recipient_answer",
    *("skills", "promised_start_at", "promised_end_at", "weight_g", "volume_ml", "pieces", "pallets"),
)


def _served(rows: QuerySet[StopOrder]) -> dict[UUID, list[Order]]:
    """The orders of these rows by stop, with the columns that rows of stops are made of and no others."""
    served: dict[UUID, list[Order]] = defaultdict(list)
    lean = rows.select_related("order").only("stop_id", *(f"order__{name}" for name in _ORDER_COLUMNS))
    for row in lean.order_by("id"):
        served[row.stop_id].append(row.order)
    return served


def _stop_row(stop: Stop, served: list[Order]) -> day_rows.StopRow:
    load = facts.load_of(served)
    promises = [order for order in served if order.promised_start_at]
    return {
        "id": str(stop.id),
        "plan": str(stop.plan_id),
        "route": str(stop.route_id) if stop.route_id else None,
        "sequence": stop.position,
        "status": stop.status,
        "place": {"line": stop.place.line, "lat": stop.place.lat, "lon": stop.place.lon},
        "orders": [
            {
                "id": str(order.id),
                "reference": order.reference,
                "recipient": order.recipient_name,
                "phone": order.recipient_phone,
                "status": order.status,
                "priority": order.priority,
                "proof_required": order.proof_required,
                "instructions": order.instructions,
                "recipient_answer": order.recipient_answer,
            }
            for order in served
        ],
        "window": span(stop.window_start_at, stop.window_end_at),
        "promised": span(promises[0].promised_start_at, promises[0].promised_end_at) if promises else None,
        "service_s": stop.service_s,
        "planned_arrival_at": iso(stop.planned_arrival_at),
        "planned_departure_at": iso(stop.planned_departure_at),
        "eta_at": iso(stop.eta_at),
        "arrived_at": iso(stop.arrived_at),
        "departed_at": iso(stop.departed_at),
        "late_s": late_s(stop, served),
        "unassigned": {"code": stop.unassigned_code, "message": say(stop.unassigned_message)}
        if stop.status == "unassigned"
        else None,
        "skills": sorted({skill for order in served for skill in order.skills}),
        "load": {
            "weight_g": load.weight_g,
            "volume_ml": load.volume_ml,
            "pieces": load.pieces,
            "pallets": load.pallets,
        },
        "priority": facts.priority_of(served),
        "outcome": stop.outcome or None,
        "lock": stop.lock or None,
        "version": stop.version,
    }


def route_rows(routes: Iterable[Route]) -> list[day_rows.RouteRow]:
    """Rows of routes (loaded with shift, driver, vehicle), with how many of their stops are done."""
    routes = list(routes)
    counts = {
        row["route_id"]: row
        for row in Stop.objects.filter(route_id__in=[route.id for route in routes])
        .values("route_id")
        .annotate(total=Count("id"), done=Count("id", filter=Q(status__in=states.DONE)))
    }
    return [_route_row(route, counts.get(route.id, {"total": 0, "done": 0})) for route in routes]


def _route_row(route: Route, count: dict[str, Any]) -> day_rows.RouteRow:
    shift = route.shift
    load = {name: int(route.load.get(name, 0)) for name in ("weight_g", "volume_ml", "pieces", "pallets")}
    return {
        "id": str(route.id),
        "plan": str(route.plan_id),
        "shift": str(shift.id),
        "driver": {"id": str(shift.driver_id), "name": shift.driver.name},
        "vehicle": {"id": str(shift.vehicle_id), "name": shift.vehicle.name},
        "depot": str(shift.depot_id),
        "status": route.status,
        "color": shift.driver.color,
        "starts_at": iso(route.starts_at),
        "ends_at": iso(route.ends_at),
        "started_at": iso(route.started_at),
        "completed_at": iso(route.completed_at),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "cost_cents": route.cost_cents,
        "stops_total": count["total"],
        "stops_done": count["done"],
        "load": load,  # type: ignore[typeddict-item]
        "capacity": fleet.capacity_of(shift.vehicle),
        "rest": span(route.break_start_at, route.break_end_at),
        "geometry": route.geometry,
        "version": route.version,
    }


def _counted(rows: QuerySet[Stop]) -> Iterable[Any]:
    """Of each plan how many of these stops there are, off the routes and not sent yet."""
    return rows.values("plan_id").annotate(
        n=Count("id"),
        off=Count("id", filter=Q(status="unassigned")),
        pending=Count("id", filter=Q(status="planned")),
    )


def _late(rows: QuerySet[Stop]) -> dict[UUID, int]:
    """Of each plan how many of these stops are late, as `late_s` says it.

    Asked for in two parts, which the database joins; "the first promise, else the window" for each of thousands of
    stops took longer than all else that a board is told of an edit.
    """
    reached = Coalesce("arrived_at", "eta_at", "planned_arrival_at")
    on_routes = rows.exclude(status="unassigned").annotate(just=reached - timedelta(seconds=0.5))
    promises = StopOrder.objects.filter(stop_id=OuterRef("id"), order__promised_end_at__isnull=False)
    late: dict[UUID, int] = defaultdict(int)
    for part in (
        on_routes.filter(stop_orders__order__promised_end_at__lt=F("just")),
        on_routes.filter(~Exists(promises), window_end_at__lt=F("just")),
    ):
        for row in part.values("plan_id").annotate(n=Count("id", distinct=True)):
            late[row["plan_id"]] += row["n"]
    return late


def plan_rows(plans: Iterable[Plan]) -> list[day_rows.PlanRow]:
    """Rows of plans with the sums of their routes."""
    plans = list(plans)
    sums: dict[UUID, day_rows.PlanSummaryRow] = defaultdict(
        lambda: {"distance_m": 0, "duration_s": 0, "cost_cents": 0, "stops": 0, "unassigned": 0, "routes": 0, "late": 0}
    )
    pending: dict[UUID, int] = defaultdict(int)
    routes_of = Route.objects.filter(plan__in=plans).exclude(status="cancelled").order_by()
    for row in routes_of.values("plan_id").annotate(
        distance_m=Sum("distance_m"), duration_s=Sum("duration_s"), cost_cents=Sum("cost_cents"), routes=Count("id")
    ):
        sums[row.pop("plan_id")].update(row)
    planned = Stop.objects.filter(plan__in=plans).exclude(status="cancelled").order_by()
    late = _late(planned)
    for row in _counted(planned):
        plan_id = row["plan_id"]
        pending[plan_id] = row["pending"]
        total = sums[plan_id]
        total["stops"], total["unassigned"], total["late"] = row["n"], row["off"], late[plan_id]
    return [
        {
            "id": str(plan.id),
            "day": plan.day_on.isoformat(),
            "depot": str(plan.depot_id),
            "status": plan.status,
            "operation": str(plan.operation_id) if plan.operation_id else None,
            "roads": plan.roads,
            "pending": pending[plan.id],
            "summary": sums[plan.id],
            "version": plan.version,
        }
        for plan in plans
    ]


def objective_row(plan: Plan) -> judging.ObjectiveRow:
    """What the plan is judged by; of a plan that was never optimised, what it will be judged by."""
    judged = plan.objective
    if not judged:
        day = facts.of_plan(plan)
        try:
            judged = judging.stored(day, planning.to_problem(day), None)
        except solver.ProblemError as error:
            raise errors.Refused(error.code, str(error)) from error
    shown = routes().filter(plan=plan).exclude(status="cancelled").order_by("shift__driver__name", "id")
    return judging.row(plan, judged, shown)


def attempt_rows(attempts: Iterable[Attempt]) -> list[day_rows.AttemptRow]:
    attempts = list(attempts)
    proofs: dict[UUID | None, list[dict[str, str]]] = defaultdict(list)
    for proof in Proof.objects.filter(attempt__in=attempts).order_by("created_at"):
        proofs[proof.attempt_id].append({"id": str(proof.id), "kind": proof.kind, "url": f"/api/v1/proofs/{proof.id}"})
    return [
        {
            "id": str(row.id),
            "order": str(row.order_id),
            "stop": str(row.stop_id),
            "driver": row.driver.name,
            "number": row.number,
            "outcome": row.outcome,
            "succeeded": row.succeeded,
            "note": row.note,
            "name": row.name,
            "at": row.at.isoformat(),
            "proofs": proofs[row.id],
        }
        for row in attempts
    ]


def stops() -> QuerySet[Stop]:
    """Stops as rows want them."""
    rows: QuerySet[Stop] = Stop.objects.select_related("place")
    return rows


def routes() -> QuerySet[Route]:
    """Routes as rows want them."""
    rows: QuerySet[Route] = Route.objects.select_related("shift", "shift__driver", "shift__vehicle")
    return rows


def driver_route(driver_id: UUID, day: date) -> Route | None:
    """The driver's route of that day once it is distributed."""
    row: Route | None = (
        routes()
        .select_related("shift__depot", "plan")
        .filter(shift__driver_id=driver_id, shift__day_on=day, status__in=["distributed", "started", "completed"])
        .first()
    )
    return row


def route_stops(route_id: UUID) -> list[Stop]:
    """The route's stops in order."""
    return list(stops().filter(route_id=route_id).order_by("position"))


def stop_attempts(stop_id: UUID) -> list[day_rows.AttemptRow]:
    return attempt_rows(Attempt.objects.filter(stop_id=stop_id).select_related("driver").order_by("at"))


def order_attempts(order_id: UUID) -> list[day_rows.AttemptRow]:
    return attempt_rows(Attempt.objects.filter(order_id=order_id).select_related("driver").order_by("number"))


def _unplanned(ready: Sequence[Order]) -> list[Order]:
    """The orders that are on no stop yet."""
    on_stops = set(StopOrder.objects.filter(live=True, order__in=ready).values_list("order_id", flat=True))
    return [order for order in ready if order.id not in on_stops]


def live_operation_rows(plan: Plan | None) -> list[OperationRow]:
    """What is at work, and what was last done to this plan."""
    last = Q(id=plan.operation_id if plan else None)
    return operation_rows(Operation.objects.filter(Q(status__in=["queued", "running"]) | last).order_by("created_at"))


def organization_row(organization: Any) -> day_rows.OrganizationRow:
    """Whose day it is, and how its numbers and instants are written."""
    return {
        "id": str(organization.id),
        "name": organization.name,
        "timezone": organization.timezone,
        "currency": organization.currency,
        "distance_unit": organization.distance_unit,
        "clock": organization.clock,
        "language": languages.tag(),
    }


def day(*, on: date, depot_id: UUID | None, organization: Any, at: datetime) -> day_rows.DayRow:
    """One day of one depot (the first one when none is named), complete."""
    depots = list(fleet.depots())
    depot_id = depot_id or (depots[0].id if depots else None)
    plan = Plan.objects.filter(day_on=on, depot_id=depot_id).first()
    return {
        "at": at.isoformat(),
        "day": on.isoformat(),
        "organization": organization_row(organization),
        "depots": fleet.depot_rows(depots),
        "zones": fleet.zone_rows(fleet.zones()),
        "drivers": fleet.driver_rows(fleet.drivers()),
        "vehicles": fleet.vehicle_rows(fleet.vehicles()),
        "shifts": fleet.shift_rows(fleet.shifts_on(on, depot_id).select_related(None)),
        "plan": plan_rows([plan])[0] if plan else None,
        "routes": day_routes.plan_route_rows(plan) if plan else [],
        "stops": day_stops.plan_stop_rows(plan) if plan else [],
        "orders": {
            "ready": orders.order_rows(_unplanned(orders.ready_orders(on))),
            "needs_attention": orders.order_rows(orders.day_orders(on, ["needs_attention"])),
        },
        "operations": live_operation_rows(plan),
    }
