"""Changes of the fleet: depots, vehicles, drivers, zones, rosters, duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core import errors, journal
from core.actor import Actor
from core.models import Journaled
from core.vocabulary import word
from core.words import say
from fleet import zoning
from fleet.models import Depot, Driver, Shift, Vehicle, Zone, ZoneDriver

COLORS = (
    "#2563eb",
    "#db2777",
    "#059669",
    "#d97706",
    "#7c3aed",
    "#0891b2",
    "#dc2626",
    "#4d7c0f",
    "#c026d3",
    "#0d9488",
    "#9a3412",
    "#4338ca",
    "#be185d",
    "#15803d",
    "#a16207",
    "#6d28d9",
)


def _name_once(model: type[Journaled], name: str, but: UUID | None = None) -> None:
    taken = model.objects.filter(name=name)
    if model is Zone:
        taken = taken.filter(status="active")
    if but is not None:
        taken = taken.exclude(id=but)
    if taken.exists():
        raise errors.Conflict(
            "name_taken",
            say("There is already a {subject} named {name}.", subject=word(model.subject), name=name),
            param="name",
        )


def add_depot(*, by: Actor, at: datetime, **values: Any) -> Depot:
    _name_once(Depot, values["name"])
    _in_order(values["opens"], values["closes"], "closes")
    row = Depot(**values)
    journal.born([row], "added", by=by, at=at)
    return row


def add_vehicle(*, by: Actor, at: datetime, **values: Any) -> Vehicle:
    _name_once(Vehicle, values["name"])
    row = Vehicle(**values)
    journal.born([row], "added", by=by, at=at)
    return row


def add_driver(*, by: Actor, at: datetime, **values: Any) -> Driver:
    """A new driver; the next colour of the palette is theirs unless one is given."""
    _name_once(Driver, values["name"])
    _in_order(values["usual_start"], values["usual_end"], "usual_end")
    values.setdefault("color", COLORS[Driver.objects.count() % len(COLORS)])
    row = Driver(**values)
    journal.born([row], "added", by=by, at=at)
    return row


def change(row: Journaled, values: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """Change fields of a depot, vehicle or driver; says in the journal which."""
    if "name" in values:
        _name_once(type(row), values["name"], but=row.id)
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(row, Depot):
        _in_order(row.opens, row.closes, "closes")
    if isinstance(row, Driver):
        _in_order(row.usual_start, row.usual_end, "usual_end")
    journal.record(row, "changed", by=by, at=at, changes=list(values), data={"fields": sorted(values)})


def add_zone(*, by: Actor, at: datetime, drivers: Sequence[Driver] = (), **values: Any) -> Zone:
    """A new zone with the drivers who keep to it; the next colour of the palette is its own unless one is given."""
    _name_once(Zone, values["name"])
    values["outline"] = zoning.outline_of(values["outline"])
    values.setdefault("color", COLORS[Zone.objects.count() % len(COLORS)])
    row = Zone(**values)
    with journal.together():
        journal.born([row], "added", by=by, at=at)
        ZoneDriver.objects.bulk_create([ZoneDriver(zone=row, driver=driver) for driver in drivers])
    return row


def change_zone(zone: Zone, values: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """Change fields of a zone, and who keeps to it (`drivers`); `status` retires it or takes it up again."""
    fields = {name: value for name, value in values.items() if name not in ("drivers", "status")}
    to = values.get("status", zone.status)
    if to == "active" and ("name" in fields or zone.status != to):
        _name_once(Zone, fields.get("name", zone.name), but=zone.id)
    if "outline" in fields:
        fields["outline"] = zoning.outline_of(fields["outline"])
    for name, value in fields.items():
        setattr(zone, name, value)
    with journal.together():
        if "drivers" in values:
            _keep_to(zone, values["drivers"])
        said = sorted(name for name in values if name != "status")
        if said:
            journal.record(zone, "changed", by=by, at=at, changes=list(fields), data={"fields": said})
        if to != zone.status:
            journal.transition(zone, to, by=by, at=at)


def _keep_to(zone: Zone, drivers: Sequence[Driver]) -> None:
    """Exactly these drivers keep to the zone."""
    wanted = {driver.id for driver in drivers}
    links = ZoneDriver.objects.filter(zone=zone)
    known = set(links.values_list("driver_id", flat=True))
    links.exclude(driver_id__in=wanted).delete()
    ZoneDriver.objects.bulk_create([ZoneDriver(zone=zone, driver_id=driver_id) for driver_id in wanted - known])


def _in_order(start: time, end: time, param: str) -> None:
    if end <= start:
        raise errors.Invalid(
            "ends_before_start",
            say("{end} is not after {start}.", end=f"{end:%H:%M}", start=f"{start:%H:%M}"),
            param=param,
        )


def roster(*, day: date, zone: ZoneInfo, by: Actor, at: datetime) -> list[Shift]:
    """Shifts for the day from everybody's usual hours and vehicle; who has one already keeps it. Returns the new
    ones."""
    taken = list(Shift.objects.filter(day_on=day).values_list("driver_id", "vehicle_id"))
    drivers_taken, vehicles_taken = {driver for driver, _ in taken}, {vehicle for _, vehicle in taken}
    shifts = []
    for driver in Driver.objects.filter(active=True, vehicle__status="active").order_by("name"):
        if driver.id in drivers_taken or driver.vehicle_id in vehicles_taken:
            continue
        vehicles_taken.add(driver.vehicle_id)
        shifts.append(
            Shift(
                day_on=day,
                driver=driver,
                vehicle_id=driver.vehicle_id,
                depot_id=driver.depot_id,
                starts_at=_instant(day, driver.usual_start, zone),
                ends_at=_instant(day, driver.usual_end, zone),
                break_s=driver.break_minutes * 60,
                break_earliest_at=_instant(day, driver.break_earliest, zone) if driver.break_minutes else None,
                break_latest_at=_instant(day, driver.break_latest, zone) if driver.break_minutes else None,
            )
        )
    journal.born(shifts, "rostered", by=by, at=at)
    return shifts


def _instant(day: date, clock: time | None, zone: ZoneInfo) -> datetime:
    assert clock is not None, "the database pairs a break with its window"
    return datetime.combine(day, clock, zone)


def set_duty(driver: Driver, to: str, *, by: Actor, at: datetime, device_at: datetime | None = None) -> None:
    """The driver goes on duty, off duty or on a break; saying the same again changes nothing."""
    if driver.status != to:
        journal.transition(driver, to, by=by, at=at, device_at=device_at)
