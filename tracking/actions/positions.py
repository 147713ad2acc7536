"""Positions come in: sifted, stored at once, and shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import ids, prepared, tenancy
from core.actor import Actor
from dispatch.models import Route
from tracking import intake, live, queries
from tracking.intake import Dropped, Point
from tracking.models import LastPosition
from tracking.queries import Driving


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch: how many of its points are stored now, and which were dropped and why."""

    stored: int
    dropped: list[Dropped]


def record_positions(driver_id: UUID, points: Sequence[Point], *, by: Actor, at: datetime) -> Intake:
    """Store what can be believed of a driver's points at the time `at`; the same points again change nothing. What they
    say of arrivals is worked out for all vans together (`tracking.tasks.sweep`).

    Points that waited in the phone belong to the route that was driven at their time.
    """
    known = queries.whereabouts(driver_id)
    kept, dropped = intake.sift(points, known.last, at)
    if not kept:
        return Intake(0, dropped)
    route_at = _routes_driven(driver_id, known.driving, kept)
    row = _stored(driver_id, [(point, route_at(point.fix_at)) for point in kept], known.driving, at)
    if row is not None:
        live.publish(tenancy.current(), {"position": queries.position_rows([row])})
    return Intake(len(kept), dropped)


def _routes_driven(
    driver_id: UUID, under_way: Driving | None, points: Sequence[Point]
) -> Callable[[datetime], UUID | None]:
    """Which route the driver was on at a time; the one under way where no other was driven then."""
    now = under_way.route_id if under_way else None
    if under_way is not None and under_way.started_at is not None and under_way.started_at <= points[0].fix_at:
        return lambda at: now
    driven: list[Route] = list(
        Route.objects.filter(shift__driver_id=driver_id, started_at__lte=points[-1].fix_at)
        .exclude(completed_at__lt=points[0].fix_at)
        .order_by("-started_at")
    )

    def at_time(at: datetime) -> UUID | None:
        for route in driven:
            assert route.started_at is not None  # by the filter above
            if route.started_at <= at and (route.completed_at is None or at <= route.completed_at):
                return route.id
        return now

    return at_time


_STORE = """
with given as (
    select * from json_to_recordset(%s) as given(
        id uuid, route_id uuid, fix_at timestamptz, lat float8, lon float8, accuracy_m float8, speed_mps float8,
        heading float8)
), sampled as (
    insert into tracking_position
        (id, tenant_id, driver_id, route_id, fix_at, received_at, lat, lon, accuracy_m, speed_mps, heading)
    select id, %s, %s, route_id, fix_at, %s, lat, lon, accuracy_m, speed_mps, heading from given
    on conflict (tenant_id, driver_id, fix_at) do nothing
)
insert into tracking_lastposition as held
    (id, tenant_id, driver_id, route_id, fix_at, received_at, lat, lon, speed_mps, heading)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (tenant_id, driver_id) do update set route_id = excluded.route_id, fix_at = excluded.fix_at,
    received_at = excluded.received_at, lat = excluded.lat, lon = excluded.lon, speed_mps = excluded.speed_mps,
    heading = excluded.heading
where excluded.fix_at > held.fix_at
returning driver_id
"""
"""One statement for the samples and the newest of them, which wins whichever request commits first: the database
compares the instants."""


def _stored(
    driver_id: UUID, samples: Sequence[tuple[Point, UUID | None]], under_way: Driving | None, received_at: datetime
) -> LastPosition | None:
    """Store points with their routes, oldest first; the driver's position, if the last of them is newer than it was."""
    tenant_id, newest = tenancy.current(), samples[-1][0]
    given = [
        {"id": str(ids.new_id()), "route_id": str(route_id) if route_id else None, "fix_at": point.fix_at.isoformat(),
         "lat": point.lat, "lon": point.lon, "accuracy_m": point.accuracy_m, "speed_mps": point.speed_mps,
         "heading": point.heading}
        for point, route_id in samples]
    row = LastPosition(
        tenant_id=tenant_id, driver_id=driver_id, route_id=under_way.route_id if under_way else None,
        fix_at=newest.fix_at, received_at=received_at, lat=newest.lat, lon=newest.lon, speed_mps=newest.speed_mps,
        heading=newest.heading)
    newer = prepared.rows(
        _STORE,
        [json.dumps(given), tenant_id, driver_id, received_at, row.id, tenant_id, driver_id, row.route_id, row.fix_at,
         received_at, row.lat, row.lon, row.speed_mps, row.heading],
    )
    return row if newer else None
