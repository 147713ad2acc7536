"""Positions come in: sifted, stored at once, and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core import ids, tenancy
from core.actor import Actor
from dispatch.models import Route
from fleet.models import Driver
from tracking import intake, live, queries
from tracking.intake import Dropped, Point
from tracking.models import LastPosition, Position


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch: how many of its points are stored now, and which were dropped and why."""

    stored: int
    dropped: list[Dropped]


def record_positions(
    driver: Driver, route: Route | None, points: Sequence[Point], *, by: Actor, at: datetime
) -> Intake:
    """Store what can be believed of a driver's points at the time `at`; the same points again change nothing. What they
    say of arrivals is worked out for all vans together (`tracking.tasks.sweep`).

    `route` is the one under way. Points that waited in the phone belong to the route that was driven at their time.
    """
    last = queries.last_position(driver.id)
    kept, dropped = intake.sift(points, _point(last) if last else None, at)
    if not kept:
        return Intake(0, dropped)
    route_at = _routes_driven(driver, route, kept)
    Position.objects.bulk_create(
        [Position(driver=driver, route=route_at(point.fix_at), fix_at=point.fix_at, received_at=at, lat=point.lat,
                  lon=point.lon, accuracy_m=point.accuracy_m, speed_mps=point.speed_mps, heading=point.heading)
         for point in kept],
        ignore_conflicts=True,
    )
    newest = kept[-1]
    if last is None or newest.fix_at > last.fix_at:
        _show(driver, route, newest, at)
    return Intake(len(kept), dropped)


def _routes_driven(
    driver: Driver, under_way: Route | None, points: Sequence[Point]
) -> Callable[[datetime], Route | None]:
    """Which route the driver was on at a time; the one under way where no other was driven then."""
    if under_way is not None and under_way.started_at is not None and under_way.started_at <= points[0].fix_at:
        return lambda at: under_way
    driven: list[Route] = list(
        Route.objects.filter(shift__driver=driver, started_at__lte=points[-1].fix_at)
        .exclude(completed_at__lt=points[0].fix_at)
        .order_by("-started_at")
    )

    def at_time(at: datetime) -> Route | None:
        for route in driven:
            assert route.started_at is not None  # by the filter above
            if route.started_at <= at and (route.completed_at is None or at <= route.completed_at):
                return route
        return under_way

    return at_time


def _point(row: LastPosition) -> Point:
    return Point(row.fix_at, row.lat, row.lon, None, row.speed_mps, row.heading)


def _show(driver: Driver, route: Route | None, point: Point, received_at: datetime) -> None:
    """The newest position wins whichever request commits first: the database compares the instants."""
    tenant_id = tenancy.current()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tracking_lastposition as held"
            " (id, tenant_id, driver_id, route_id, fix_at, received_at, lat, lon, speed_mps, heading)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (tenant_id, driver_id) do update set route_id = excluded.route_id, fix_at = excluded.fix_at,"
            " received_at = excluded.received_at, lat = excluded.lat, lon = excluded.lon,"
            " speed_mps = excluded.speed_mps, heading = excluded.heading where excluded.fix_at > held.fix_at",
            [ids.new_id(), tenant_id, driver.id, route.id if route else None, point.fix_at, received_at, point.lat,
             point.lon, point.speed_mps, point.heading],
        )
        newer = cursor.rowcount == 1
    if newer:
        row = LastPosition(driver=driver, route=route, fix_at=point.fix_at, received_at=received_at, lat=point.lat,
                           lon=point.lon, speed_mps=point.speed_mps, heading=point.heading)
        live.publish(tenant_id, {"position": queries.position_rows([row])})

