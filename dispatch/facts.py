"""A plan's rows as the facts that planning works with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Organization
from core import tenancy
from dispatch import planning, states, waiving
from dispatch.models import Plan, Route, Stop, StopOrder
from fleet import queries as fleet
from fleet.models import Shift
from fleet.zoning import Zoning
from orders.models import Order

RANK = {"normal": 0, "high": 1, "urgent": 2}


class Served(NamedTuple):
    """Of an order at a stop what planning asks for: a whole row has thrice as many columns, and a day has thousands."""

    reference: str
    recipient_name: str
    priority: str
    skills: list[str]
    weight_g: int
    volume_ml: int
    pieces: int
    pallets: int
    promised_start_at: datetime | None
    promised_end_at: datetime | None


def zone_of_tenant() -> ZoneInfo:
    return ZoneInfo(_tenant().timezone)


def _tenant() -> Organization:
    row: Organization = Organization.objects.get(id=tenancy.current())
    return row


def objective_of_tenant() -> str:
    return _tenant().objective


def orders_of(stops: Iterable[Stop]) -> dict[str, list[Order]]:
    """The orders served at each stop, by stop id."""
    served: dict[str, list[Order]] = defaultdict(list)
    rows = StopOrder.objects.filter(stop_id__in=[stop.id for stop in stops]).select_related("order", "order__merchant")
    for row in rows.order_by("id"):
        served[str(row.stop_id)].append(row.order)
    return served


def served_at(stops: Iterable[Stop]) -> dict[str, list[Served]]:
    """What planning asks of the orders at each stop, by stop id."""
    served: dict[str, list[Served]] = defaultdict(list)
    columns = [f"order__{name}" for name in Served._fields]
    rows = StopOrder.objects.filter(stop_id__in=[stop.id for stop in stops]).order_by("id")
    for stop_id, *values in rows.values_list("stop_id", *columns):
        served[str(stop_id)].append(Served(*values))
    return served


def movable_stops(plan: Plan, *, shift_ids: Collection[UUID] | None = None, also: Iterable[Stop] = ()) -> list[Stop]:
    """The stops that may still be moved, with place and route: of these shifts and `also`, or all of the plan."""
    stops = Stop.objects.filter(plan=plan, status__in=states.MOVABLE).select_related("place", "route")
    # A route's shape is long, is not needed here and would come once for each of its stops.
    stops = stops.defer("route__geometry", "route__legs", "route__amounts", "route__load")
    if shift_ids is None:
        return list(stops)
    chosen = list(stops.filter(route__shift_id__in=shift_ids))
    named = {stop.id for stop in chosen}
    return [*chosen, *(stop for stop in also if stop.id not in named)]


def of_plan(
    plan: Plan,
    *,
    shift_ids: Collection[UUID] | None = None,
    also: Iterable[Stop] = (),
    rows: Sequence[Stop] | None = None,
    not_before: datetime | None = None,
) -> planning.DayFacts:
    """What may still be planned: shifts that have not set out, and stops that no driver is on the way to.

    `shift_ids` narrows it to these shifts and their stops plus `also`, for looking at one move; `rows` are those stops
    where the caller has read them already (`movable_stops`). `not_before` is the
    earliest time at which a van can leave, for changes on the day itself; a driver who was told when to leave does not
    leave sooner.
    """
    gone = Route.objects.filter(plan=plan, status__in=states.GONE).values("shift_id")
    rostered = fleet.shifts_on(plan.day_on, plan.depot_id).exclude(id__in=gone)
    shifts = list(rostered if shift_ids is None else rostered.filter(id__in=shift_ids))
    stops = movable_stops(plan, shift_ids=shift_ids, also=also) if rows is None else rows
    rows = [stop for stop in stops if stop.place.lat is not None]
    served = served_at(rows)
    sequences: dict[str, list[Stop]] = defaultdict(list)
    for stop in rows:
        if stop.route is not None:
            sequences[str(stop.route.shift_id)].append(stop)
    leaves: dict[object, datetime] = {}
    if not_before is not None:
        told = Route.objects.filter(plan=plan, status="distributed", starts_at__gt=not_before)
        leaves = dict(told.values_list("shift_id", "starts_at"))
    organization = _tenant()
    zones = fleet.zoning()
    day = planning.DayFacts(
        start_at=datetime.combine(plan.day_on, time(0), ZoneInfo(organization.timezone)),
        objective=organization.objective,
        stops=tuple(stop_facts(stop, served[str(stop.id)], zones) for stop in rows),
        shifts=tuple(_later(shift_facts(shift, zones), leaves.get(shift.id, not_before)) for shift in shifts),
        sequences={
            shift_id: tuple(str(stop.id) for stop in sorted(order, key=lambda stop: stop.position or 0))
            for shift_id, order in sequences.items()
        },
    )
    return waiving.applied(plan, day)


def _later(shift: planning.ShiftFacts, not_before: datetime | None) -> planning.ShiftFacts:
    """The shift as if it began at `not_before`, if that is later (and before its end)."""
    if not_before is None or not shift.start_at < not_before < shift.end_at:
        return shift
    return replace(shift, start_at=not_before)


def stop_facts(stop: Stop, orders: Sequence[Order | Served], zones: Zoning) -> planning.StopFacts:
    window = (stop.window_start_at, stop.window_end_at) if stop.window_start_at and stop.window_end_at else None
    assert stop.place.lat is not None and stop.place.lon is not None, "only located stops are planned"
    return planning.StopFacts(
        id=str(stop.id),
        label=", ".join(order.reference for order in orders) or stop.place.line,
        point=(stop.place.lat, stop.place.lon),
        window=window,
        service_s=stop.service_s,
        load=load_of(orders),
        skills=frozenset(skill for order in orders for skill in order.skills),
        priority=priority_of(orders),
        recipient=", ".join(dict.fromkeys(order.recipient_name for order in orders if order.recipient_name)),
        promised=promised_of(orders),
        lock=stop.lock,
        zone=zones.zone_at((stop.place.lat, stop.place.lon)),
    )


def promised_of(orders: Iterable[Order | Served]) -> tuple[datetime, datetime] | None:
    """The promise of these orders that ends first."""
    told = [
        (order.promised_start_at, order.promised_end_at)
        for order in orders
        if order.promised_start_at and order.promised_end_at
    ]
    return min(told, key=lambda promise: promise[1], default=None)


def priority_of(orders: Iterable[Order | Served]) -> str:
    """A stop is as urgent as its most urgent order."""
    return max((order.priority for order in orders), key=RANK.__getitem__, default="normal")


def more_urgent(one: str | None, other: str | None) -> str:
    """The more urgent of two priorities; None is that of no order."""
    return max(one or "normal", other or "normal", key=RANK.__getitem__)


def load_of(orders: Iterable[Order | Served]) -> planning.Load:
    orders = list(orders)
    return planning.Load(
        sum(order.weight_g for order in orders),
        sum(order.volume_ml for order in orders),
        sum(order.pieces for order in orders),
        sum(order.pallets for order in orders),
    )


def shift_facts(shift: Shift, zones: Zoning) -> planning.ShiftFacts:
    van, driver = shift.vehicle, shift.driver
    rest = None
    if shift.break_s and shift.break_earliest_at and shift.break_latest_at:
        rest = (shift.break_earliest_at, shift.break_latest_at, shift.break_s)
    return planning.ShiftFacts(
        id=str(shift.id),
        label=f"{driver.name} ({van.name})",
        depot=(shift.depot.lat, shift.depot.lon),
        start_at=shift.starts_at,
        end_at=shift.ends_at,
        capacity=(van.weight_g, van.volume_ml, van.pieces, van.pallets),
        skills=frozenset([*van.skills, *driver.skills]),
        day_cents=van.day_cents,
        cents_per_hour=driver.cents_per_hour,
        cents_per_km=van.cents_per_km,
        rest=rest,
        driver=driver.name,
        zones=zones.kept_by(driver.id),
        zones_strict=driver.zones_strict,
    )
