"""The rows of a plan's day as everybody gets them: pages, the API, live sockets, the driver's phone."""

from __future__ import annotations

from typing import TypedDict

from accounts.queries import OperationRow
from fleet.queries import Capacity, DepotRow, DriverRow, ShiftRow, Span, VehicleRow, ZoneRow
from orders import queries as orders
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
    recipient_answer: str


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
    lock: str | None
    version: int


class ArrivalRow(TypedDict):
    """Of a stop only when it is expected, at its `version`: thousands change while vans move, and nothing else of them
    does. It says nothing about a held row that is newer, and leaves an older one its own version."""

    id: str
    eta_at: str | None
    late_s: int
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
    clock: str
    language: str


class DayOrdersRow(TypedDict):
    ready: list[orders.OrderRow]
    needs_attention: list[orders.OrderRow]


class DayRow(TypedDict):
    """A plan's day for the board; `tracking` adds the positions."""

    at: str
    day: str
    organization: OrganizationRow
    depots: list[DepotRow]
    zones: list[ZoneRow]
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
