"""A distributed route for the tests, written straight into the tables: no solver, no roads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from core import journal
from core.actor import SYSTEM
from dispatch.models import Plan, Route, Stop, StopOrder
from orders.models import Order
from tests.fixtures import NOW, World, located_order

LEG_S, LEG_M, SERVICE_S = 300, 2000, 180


@dataclass
class Day:
    """A route with stops two kilometres apart, due north of the depot; leaves at nine local time."""

    world: World
    plan: Plan
    route: Route
    stops: list[Stop]
    orders: list[Order]
    starts_at: datetime

    def at(self, minutes: float) -> datetime:
        return self.starts_at + timedelta(minutes=minutes)

    def report(self, kind: str, minutes: float, stop: Stop | None = None, **values: Any) -> dict[str, Any]:
        """A report of the phone, `minutes` after the route's start."""
        return {
            "id": str(values.pop("id", None) or uuid4()), "type": kind, "device_at": self.at(minutes).isoformat(),
            "sequence": values.pop("sequence", int(minutes * 60)), **({"stop": str(stop.id)} if stop else {}), **values,
        }

    def fix(self, minutes: float, metres_north: float, **values: Any) -> dict[str, Any]:
        """A fix on the way north."""
        return {
            "fix_at": self.at(minutes).isoformat(), "lat": self.world.depot.lat + metres_north / 111_195,
            "lon": self.world.depot.lon, "accuracy_m": 5, **values}


def distributed(world: World, count: int = 3, *, driver: int = 0, **order_values: Any) -> Day:
    """Inside the world's scope: a plan whose route for the driver has been distributed."""
    starts_at = datetime.combine(world.day, time(9), ZoneInfo(world.organization.timezone))
    plan, _ = Plan.objects.get_or_create(day_on=world.day, depot=world.depot, defaults={"status": "distributed"})
    route = Route.objects.create(
        plan=plan, shift=world.shifts[driver], status="distributed", starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2), legs=[[LEG_S, LEG_M]] * (count + 1), distance_m=LEG_M * (count + 1),
        duration_s=LEG_S * (count + 1), load={"weight_g": 2000 * count})
    stops, orders = [], []
    clock = starts_at
    for number in range(1, count + 1):
        clock += timedelta(seconds=LEG_S)
        order = located_order(
            world, f"{world.organization.name[:1]}{driver}-{number}", lat=world.depot.lat + number * LEG_M / 111_195,
            lon=world.depot.lon, status="scheduled", recipient_phone="+4915112345678",
            promised_start_at=clock - timedelta(minutes=30), promised_end_at=clock + timedelta(minutes=90),
            **order_values)
        stop = Stop.objects.create(
            plan=plan, place=order.place, route=route, position=number, service_s=SERVICE_S, status="allocated",
            planned_arrival_at=clock, planned_departure_at=clock + timedelta(seconds=SERVICE_S), eta_at=clock)
        StopOrder.objects.create(stop=stop, order=order)
        clock += timedelta(seconds=SERVICE_S)
        stops.append(stop)
        orders.append(order)
    journal.record_many(stops, "planned", by=SYSTEM, at=NOW, data=lambda stop: {
        "route": str(stop.route_id), "position": stop.position})
    return Day(world, plan, route, stops, orders, starts_at)


def reload(row: Any) -> Any:
    return type(row).objects.get(id=row.id)


def ids(rows: list[Any]) -> list[UUID]:
    return [row.id for row in rows]
