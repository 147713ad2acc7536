"""What plans, routes and stops look like: rows for pages, the API, live sockets and the driver's phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.queries import OperationRow, operation_rows
from core.models import Operation
from dispatch import facts, states
from dispatch.models import Attempt, Plan, Proof, Route, Stop, StopOrder
from fleet import queries as fleet
from fleet.queries import Capacity, DepotRow, DriverRow, ShiftRow, Span, VehicleRow
from orders import queries as orders
from orders.models import Order
from orders.queries import LoadRow


class NamedRow(TypedDict):
    id: str
    name: str


class StopPlaceRow(TypedDict):
    line: str
    lat: float | None
    lon: float | None


class StopOrderRow(TypedDict):
    id: str
    reference: str
    recipient: str
    phone: str
    status: str
    priority: str
    proof_required: str
    instructions: str


class ReasonRow(TypedDict):
    code: str
    message: str


class StopRow(TypedDict):
    id: str
    plan: str
    route: str | None
    sequence: int | None
    status: str
    place: StopPlaceRow
    orders: list[StopOrderRow]
    window: Span | None
    promised: Span | None
    service_s: int
    planned_arrival_at: str | None
    planned_departure_at: str | None
    eta_at: str | None
    arrived_at: str | None
    departed_at: str | None
    late_s: int
    unassigned: ReasonRow | None
    skills: list[str]
    load: LoadRow
    priority: str
    outcome: str | None
    version: int


class RouteRow(TypedDict):
    id: str
    plan: str
    shift: str
    driver: NamedRow
    vehicle: NamedRow
    depot: str
    status: str
    color: str
    starts_at: str | None
    ends_at: str | None
    started_at: str | None
    completed_at: str | None
    distance_m: int
    duration_s: int
    cost_cents: int
    stops_total: int
    stops_done: int
    load: LoadRow
    capacity: Capacity
    rest: Span | None
    geometry: str
    version: int


class PlanSummaryRow(TypedDict):
    distance_m: int
    duration_s: int
    cost_cents: int
    stops: int
    unassigned: int
    routes: int
    late: int


class PlanRow(TypedDict):
    id: str
    day: str
    depot: str
    status: str
    operation: str | None
    roads: str
    pending: int
    summary: PlanSummaryRow
    version: int


class OrganizationRow(TypedDict):
    id: str
    name: str
    timezone: str
    currency: str
    distance_unit: str


class DayOrdersRow(TypedDict):
    ready: list[orders.OrderRow]
    needs_attention: list[orders.OrderRow]


class DayRow(TypedDict):
    """A plan's day for the board; `tracking` adds the positions."""

    at: str
    day: str
    organization: OrganizationRow
    depots: list[DepotRow]
    drivers: list[DriverRow]
    vehicles: list[VehicleRow]
    shifts: list[ShiftRow]
    plan: PlanRow | None
    routes: list[RouteRow]
    stops: list[StopRow]
    orders: DayOrdersRow
    operations: list[OperationRow]


class AttemptRow(TypedDict):
    id: str
    order: str
    stop: str
    driver: str
    number: int
    outcome: str
    succeeded: bool
    note: str
    name: str
    at: str
    proofs: list[dict[str, str]]


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def span(start: datetime | None, end: datetime | None) -> Span | None:
    return {"start": start.isoformat(), "end": end.isoformat()} if start and end else None


def late_s(stop: Stop, served: Sequence[Order]) -> int:
    """Seconds after the end of the window told to the recipient (else the planned one) at which the stop is or was
    reached."""
    reached = stop.arrived_at or stop.eta_at or stop.planned_arrival_at
    ends = [order.promised_end_at for order in served if order.promised_end_at] or (
        [stop.window_end_at] if stop.window_end_at else []
    )
    if reached is None or not ends:
        return 0
    return max(0, round((reached - min(ends)).total_seconds()))


def stop_rows(stops: Iterable[Stop]) -> list[StopRow]:
    """Rows of stops (loaded with their place), with the orders they serve."""
    stops = list(stops)
    served = facts.orders_of(stops)
    return [_stop_row(stop, served[str(stop.id)]) for stop in stops]


def _stop_row(stop: Stop, served: list[Order]) -> StopRow:
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
        "unassigned": {"code": stop.unassigned_code, "message": stop.unassigned_message}
        if stop.status == "unassigned"
        else None,
        "skills": sorted({skill for order in served for skill in order.skills}),
        "load": {
            "weight_g": load.weight_g,
            "volume_ml": load.volume_ml,
            "pieces": load.pieces,
            "pallets": load.pallets,
        },
        "priority": max((order.priority for order in served), key=facts.RANK.__getitem__, default="normal"),
        "outcome": stop.outcome or None,
        "version": stop.version,
    }


def route_rows(routes: Iterable[Route]) -> list[RouteRow]:
    """Rows of routes (loaded with shift, driver, vehicle), with how many of their stops are done."""
    routes = list(routes)
    counts = {
        row["route_id"]: row
        for row in Stop.objects.filter(route_id__in=[route.id for route in routes])
        .values("route_id")
        .annotate(total=Count("id"), done=Count("id", filter=Q(status__in=states.DONE)))
    }
    return [_route_row(route, counts.get(route.id, {"total": 0, "done": 0})) for route in routes]


def _route_row(route: Route, count: dict[str, Any]) -> RouteRow:
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


def plan_rows(plans: Iterable[Plan]) -> list[PlanRow]:
    """Rows of plans with the sums of their routes."""
    plans = list(plans)
    sums: dict[UUID, PlanSummaryRow] = defaultdict(
        lambda: {"distance_m": 0, "duration_s": 0, "cost_cents": 0, "stops": 0, "unassigned": 0, "routes": 0, "late": 0}
    )
    pending: dict[UUID, int] = defaultdict(int)
    for route in Route.objects.filter(plan__in=plans).exclude(status="cancelled"):
        total = sums[route.plan_id]
        total["distance_m"] += route.distance_m
        total["duration_s"] += route.duration_s
        total["cost_cents"] += route.cost_cents
        total["routes"] += 1
    stops = list(Stop.objects.filter(plan__in=plans).exclude(status="cancelled").select_related("place"))
    served = facts.orders_of(stops)
    for stop in stops:
        total = sums[stop.plan_id]
        total["stops"] += 1
        total["unassigned"] += stop.status == "unassigned"
        total["late"] += stop.status != "unassigned" and late_s(stop, served[str(stop.id)]) > 0
        pending[stop.plan_id] += stop.status == "planned"
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


def attempt_rows(attempts: Iterable[Attempt]) -> list[AttemptRow]:
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


def stop_attempts(stop_id: UUID) -> list[AttemptRow]:
    return attempt_rows(Attempt.objects.filter(stop_id=stop_id).select_related("driver").order_by("at"))


def order_attempts(order_id: UUID) -> list[AttemptRow]:
    return attempt_rows(Attempt.objects.filter(order_id=order_id).select_related("driver").order_by("number"))


def _unplanned(ready: Sequence[Order]) -> list[Order]:
    """The orders that are on no stop yet."""
    on_stops = set(StopOrder.objects.filter(live=True, order__in=ready).values_list("order_id", flat=True))
    return [order for order in ready if order.id not in on_stops]


def day(*, on: date, depot_id: UUID | None, organization: Any, at: datetime) -> DayRow:
    """One day of one depot (the first one when none is named), complete."""
    depots = list(fleet.depots())
    depot_id = depot_id or (depots[0].id if depots else None)
    plan = Plan.objects.filter(day_on=on, depot_id=depot_id).first()
    live_operations = Operation.objects.filter(
        Q(status__in=["queued", "running"]) | Q(id=plan.operation_id if plan else None)
    ).order_by("created_at")
    return {
        "at": at.isoformat(),
        "day": on.isoformat(),
        "organization": {
            "id": str(organization.id),
            "name": organization.name,
            "timezone": organization.timezone,
            "currency": organization.currency,
            "distance_unit": organization.distance_unit,
        },
        "depots": fleet.depot_rows(depots),
        "drivers": fleet.driver_rows(fleet.drivers()),
        "vehicles": fleet.vehicle_rows(fleet.vehicles()),
        "shifts": fleet.shift_rows(fleet.shifts_on(on, depot_id)),
        "plan": plan_rows([plan])[0] if plan else None,
        "routes": route_rows(routes().filter(plan=plan).exclude(status="cancelled").order_by("id")) if plan else [],
        "stops": stop_rows(stops().filter(plan=plan).exclude(status="cancelled").order_by("id")) if plan else [],
        "orders": {
            "ready": orders.order_rows(_unplanned(orders.ready_orders(on))),
            "needs_attention": orders.order_rows(orders.day_orders(on, ["needs_attention"])),
        },
        "operations": operation_rows(live_operations),
    }
