"""What the fleet looks like: rows for pages, the API and live sockets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TypedDict
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Q, QuerySet, Sum

from fleet.models import Depot, Driver, Shift, Vehicle, Zone, ZoneDriver
from fleet.zoning import NO_ZONES, Area, Zoning


class Capacity(TypedDict):
    weight_g: int
    volume_ml: int
    pieces: int | None
    pallets: int | None


class DepotRow(TypedDict):
    id: str
    name: str
    line: str
    lat: float
    lon: float
    opens: str
    closes: str
    version: int


class VehicleRow(TypedDict):
    id: str
    name: str
    plate: str
    kind: str
    capacity: Capacity
    skills: list[str]
    day_cents: int
    cents_per_km: int
    status: str
    version: int


class DriverRow(TypedDict):
    id: str
    name: str
    phone: str
    skills: list[str]
    duty: str
    color: str
    depot: str
    vehicle: str | None
    usual_start: str
    usual_end: str
    cents_per_hour: int
    zones_strict: bool
    active: bool
    version: int


class ZoneRow(TypedDict):
    """`outline`: its corners as [latitude, longitude], not closed. `drivers`: who keeps to it, by id."""

    id: str
    name: str
    color: str
    outline: list[list[float]]
    drivers: list[str]
    status: str
    version: int


class Span(TypedDict):
    start: str
    end: str


class ShiftRow(TypedDict):
    id: str
    day: str
    driver: str
    vehicle: str
    depot: str
    starts_at: str
    ends_at: str
    status: str
    version: int


def depots() -> QuerySet[Depot]:
    rows: QuerySet[Depot] = Depot.objects.filter(status="active").order_by("name")
    return rows


def vehicles() -> QuerySet[Vehicle]:
    rows: QuerySet[Vehicle] = Vehicle.objects.filter(status="active").order_by("name")
    return rows


def drivers() -> QuerySet[Driver]:
    rows: QuerySet[Driver] = Driver.objects.filter(active=True).order_by("name")
    return rows


def zones() -> QuerySet[Zone]:
    rows: QuerySet[Zone] = Zone.objects.filter(status="active").order_by("name")
    return rows


def zoning() -> Zoning:
    """The zones as planning asks of them, in one statement."""
    keeping = ArrayAgg("zone_drivers__driver_id", filter=Q(zone_drivers__isnull=False), default=[])
    rows = zones().annotate(keeping=keeping).values_list("name", "outline", "keeping")
    areas = tuple(Area(name, outline, frozenset(drivers)) for name, outline, drivers in rows)
    return Zoning(areas) if areas else NO_ZONES


def zones_print() -> tuple[object, ...]:
    """Differs when any zone, or who keeps to it, differs."""
    return tuple(Zone.objects.aggregate(n=Count("id"), sum=Sum("version"), last=Max("changed_at")).values())


def shifts_on(day: date, depot_id: UUID | None = None) -> QuerySet[Shift]:
    """The day's rostered shifts with driver, vehicle and depot."""
    rows: QuerySet[Shift] = Shift.objects.filter(day_on=day, status="rostered")
    rows = rows.select_related("driver", "vehicle", "depot")
    if depot_id is not None:
        rows = rows.filter(depot_id=depot_id)
    return rows.order_by("starts_at", "id")


def driver_of(membership_id: UUID | None) -> Driver | None:
    """The driver who signs in with this membership."""
    row: Driver | None = (
        Driver.objects.filter(membership_id=membership_id, active=True).first() if membership_id else None
    )
    return row


def depot_rows(rows: Iterable[Depot]) -> list[DepotRow]:
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "line": row.line,
            "lat": row.lat,
            "lon": row.lon,
            "opens": row.opens.strftime("%H:%M"),
            "closes": row.closes.strftime("%H:%M"),
            "version": row.version,
        }
        for row in rows
    ]


def capacity_of(vehicle: Vehicle) -> Capacity:
    return {
        "weight_g": vehicle.weight_g,
        "volume_ml": vehicle.volume_ml,
        "pieces": vehicle.pieces,
        "pallets": vehicle.pallets,
    }


def vehicle_rows(rows: Iterable[Vehicle]) -> list[VehicleRow]:
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "plate": row.plate,
            "kind": row.kind,
            "capacity": capacity_of(row),
            "skills": row.skills,
            "day_cents": row.day_cents,
            "cents_per_km": row.cents_per_km,
            "status": row.status,
            "version": row.version,
        }
        for row in rows
    ]


def driver_rows(rows: Iterable[Driver]) -> list[DriverRow]:
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "phone": row.phone,
            "skills": row.skills,
            "duty": row.status,
            "color": row.color,
            "depot": str(row.depot_id),
            "vehicle": str(row.vehicle_id) if row.vehicle_id else None,
            "usual_start": row.usual_start.strftime("%H:%M"),
            "usual_end": row.usual_end.strftime("%H:%M"),
            "cents_per_hour": row.cents_per_hour,
            "zones_strict": row.zones_strict,
            "active": row.active,
            "version": row.version,
        }
        for row in rows
    ]


def zone_rows(rows: Iterable[Zone]) -> list[ZoneRow]:
    rows = list(rows)
    drivers: dict[UUID, list[str]] = defaultdict(list)
    if rows:
        links = ZoneDriver.objects.filter(zone_id__in=[row.id for row in rows]).order_by("driver_id")
        for zone_id, driver_id in links.values_list("zone_id", "driver_id"):
            drivers[zone_id].append(str(driver_id))
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "color": row.color,
            "outline": row.outline,
            "drivers": drivers[row.id],
            "status": row.status,
            "version": row.version,
        }
        for row in rows
    ]


def shift_rows(rows: Iterable[Shift]) -> list[ShiftRow]:
    return [
        {
            "id": str(row.id),
            "day": row.day_on.isoformat(),
            "driver": str(row.driver_id),
            "vehicle": str(row.vehicle_id),
            "depot": str(row.depot_id),
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "status": row.status,
            "version": row.version,
        }
        for row in rows
    ]
