"""Where the drivers are and were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID

from core import prepared, tenancy
from routing.roads import polyline
from tracking import intake
from tracking.models import LastPosition, Position

CRUMBS_MOST = 20_000


class PositionRow(TypedDict):
    id: str
    driver: str
    route: str | None
    lat: float
    lon: float
    heading: float | None
    speed_mps: float | None
    fix_at: str
    version: int


class BreadcrumbRow(TypedDict):
    """The recorded way of a route: an encoded polyline (5 digits), and each point's seconds after the first fix."""

    route: str
    points: int
    first_fix_at: str | None
    geometry: str
    seconds: list[int]


def instant(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def position_rows(rows: Iterable[LastPosition]) -> list[PositionRow]:
    return [{
        "id": str(row.driver_id), "driver": str(row.driver_id), "route": str(row.route_id) if row.route_id else None,
        "lat": round(row.lat, 6), "lon": round(row.lon, 6), "heading": row.heading, "speed_mps": row.speed_mps,
        "fix_at": instant(row.fix_at), "version": int(row.fix_at.timestamp() * 1000),
    } for row in rows]


def last_positions(driver_ids: Iterable[UUID]) -> list[LastPosition]:
    """The newest position of each of these drivers who has one."""
    return list(LastPosition.objects.filter(driver_id__in=list(driver_ids)).order_by("driver_id"))


@dataclass(frozen=True, slots=True)
class Driving:
    """The route that a driver is on, and when it was started (None: it is the next to be)."""

    route_id: UUID
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of a driver when positions come in."""

    last: intake.Point | None
    driving: Driving | None


_WHEREABOUTS = """
select last.fix_at, last.lat, last.lon, last.speed_mps, last.heading, driven.id, driven.started_at
from (values (%s::uuid, %s::uuid)) as asked (tenant_id, driver_id)
left join tracking_lastposition last using (tenant_id, driver_id)
left join lateral (
    select route.id, route.started_at
    from fleet_shift shift join dispatch_route route on route.tenant_id = shift.tenant_id and route.shift_id = shift.id
    where shift.tenant_id = asked.tenant_id and shift.driver_id = asked.driver_id
        and route.status in ('started', 'distributed')
    order by route.status desc, case route.status when 'started' then shift.starts_at end desc, shift.starts_at
    limit 1
) driven on true
"""
"""By hand: hundreds of vans tell their position every two seconds, and Django takes longer to put the two questions
into SQL and the answers into objects than PostgreSQL to answer them. `started` comes before `distributed`; of several
started routes the latest is driven, of several distributed ones the first."""


def whereabouts(driver_id: UUID) -> Whereabouts:
    """The driver's newest position, and the route that the next ones belong to: the latest that was started, else the
    distributed one whose shift begins first.

    A route that a driver forgot to end yesterday does not get today's positions.
    """
    (row,) = prepared.rows(_WHEREABOUTS, [tenancy.current(), driver_id])
    fix_at, lat, lon, speed_mps, heading, route_id, started_at = row
    last = intake.Point(fix_at, lat, lon, None, speed_mps, heading) if fix_at else None
    return Whereabouts(last, Driving(route_id, started_at) if route_id else None)


def last_position(driver_id: UUID) -> LastPosition | None:
    row: LastPosition | None = LastPosition.objects.filter(driver_id=driver_id).first()
    return row


def breadcrumb(route_id: UUID) -> BreadcrumbRow:
    """The positions recorded on the route, oldest first."""
    rows = Position.objects.filter(route_id=route_id).order_by("fix_at")
    fixes = list(rows.values_list("fix_at", "lat", "lon")[:CRUMBS_MOST])
    first = fixes[0][0] if fixes else None
    return {
        "route": str(route_id), "points": len(fixes), "first_fix_at": instant(first) if first else None,
        "geometry": polyline.encode((lat, lon) for _, lat, lon in fixes),
        "seconds": [int((fix_at - first).total_seconds()) for fix_at, _, _ in fixes] if first else [],
    }
