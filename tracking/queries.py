"""Where the drivers are and were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID

from dispatch.models import Route
from routing.roads import polyline
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


def last_position(driver_id: UUID) -> LastPosition | None:
    row: LastPosition | None = LastPosition.objects.filter(driver_id=driver_id).first()
    return row


def route_under_way(driver_id: UUID) -> Route | None:
    """The route that the driver is on: the latest that was started, else the distributed one whose shift begins first.

    A route that a driver forgot to end yesterday does not get today's positions.
    """
    rows = Route.objects.defer("geometry", "legs").filter(
        shift__driver_id=driver_id, status__in=["started", "distributed"]).order_by("shift__starts_at")
    found: list[Route] = list(rows)
    started = [row for row in found if row.status == "started"]
    return started[-1] if started else found[0] if found else None


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
