"""Changing one shift of one day: somebody comes in, works longer, or does not come."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core import errors, journal
from core.actor import Actor
from core.words import say
from fleet.models import Depot, Driver, Shift, Vehicle


def usual(*, day: date, driver: Driver, vehicle: Vehicle, depot: Depot, zone: ZoneInfo) -> Shift:
    """A shift of the driver's usual hours with that vehicle; not saved."""
    rest = driver.break_minutes > 0
    first, last = (one if rest else None for one in (driver.break_earliest, driver.break_latest))
    return Shift(
        day_on=day,
        driver=driver,
        vehicle=vehicle,
        depot=depot,
        starts_at=datetime.combine(day, driver.usual_start, zone),
        ends_at=datetime.combine(day, driver.usual_end, zone),
        break_s=driver.break_minutes * 60 if rest else 0,
        break_earliest_at=datetime.combine(day, first, zone) if first else None,
        break_latest_at=datetime.combine(day, last, zone) if last else None,
    )


def open_shift(
    *, day: date, driver: Driver, vehicle: Vehicle, depot: Depot, zone: ZoneInfo, reason: str, by: Actor, at: datetime
) -> Shift:
    """The driver comes in that day with that vehicle. Raises `Conflict` when either is taken."""
    for name, row in (("driver", driver), ("vehicle", vehicle)):
        taken = Shift.objects.filter(day_on=day, status="rostered", **{name: row}).exists()
        if taken:
            raise errors.Conflict(f"{name}_taken", say("{row} has a shift that day already.", row=row.name), param=name)
    # A shift that was called off is taken up again: a driver and a vehicle have one row a day.
    old = list(Shift.objects.filter(day_on=day, status="cancelled", driver=driver))
    if Shift.objects.filter(day_on=day, status="cancelled", vehicle=vehicle).exclude(driver=driver).exists():
        words = say("{vehicle} stands in a shift that was called off.", vehicle=vehicle.name)
        raise errors.Conflict("vehicle_taken", words, param="vehicle")
    fresh = usual(day=day, driver=driver, vehicle=vehicle, depot=depot, zone=zone)
    if not old:
        journal.born([fresh], "rostered", by=by, at=at, data=lambda _: {"reason": reason})
        return fresh
    shift: Shift = old[0]
    names = ["vehicle", "depot", "starts_at", "ends_at", "break_s", "break_earliest_at", "break_latest_at"]
    for name in names:
        setattr(shift, name, getattr(fresh, name))
    journal.transition(shift, "rostered", by=by, at=at, reason=reason, changes=names)
    return shift


def change_hours(shift: Shift, *, starts_at: datetime, ends_at: datetime, reason: str, by: Actor, at: datetime) -> None:
    """The shift begins and ends at other times."""
    if ends_at <= starts_at:
        raise errors.Invalid("ends_before_start", say("A shift ends after it begins."), param="ends_at")
    before = {"starts_at": shift.starts_at.isoformat(), "ends_at": shift.ends_at.isoformat()}
    shift.starts_at, shift.ends_at = starts_at, ends_at
    now = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    journal.record(
        shift,
        "hours_changed",
        by=by,
        at=at,
        reason=reason[:300],
        changes=["starts_at", "ends_at"],
        data={"before": before, "after": now},
    )


def call_off(shift: Shift, *, reason: str, by: Actor, at: datetime) -> None:
    """The driver does not come that day."""
    journal.transition(shift, "cancelled", by=by, at=at, reason=reason)
