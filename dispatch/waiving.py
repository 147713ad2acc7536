"""The waivers of a plan as planning sees them."""

from __future__ import annotations

from dataclasses import replace

from dispatch import planning
from dispatch.models import Plan, Waiver


def applied(plan: Plan, day: planning.DayFacts) -> planning.DayFacts:
    """The day's facts without the rules that somebody let go on this plan."""
    rows = list(Waiver.objects.filter(plan=plan))
    if not rows:
        return day
    more: dict[str, list[int]] = {}
    without: dict[str, set[str]] = {}
    for row in rows:
        if row.kind == "capacity":
            sums = more.setdefault(str(row.shift_id), [0] * len(planning.DIMENSIONS))
            more[str(row.shift_id)] = [a + b for a, b in zip(sums, row.amounts, strict=True)]
        else:
            without.setdefault(str(row.stop_id), set()).update(row.skills)
    return replace(
        day,
        shifts=tuple(_roomier(shift, more[shift.id]) if shift.id in more else shift for shift in day.shifts),
        stops=tuple(
            replace(stop, skills=stop.skills - without[stop.id]) if stop.id in without else stop for stop in day.stops
        ),
    )


def _roomier(shift: planning.ShiftFacts, more: list[int]) -> planning.ShiftFacts:
    weight, volume, pieces, pallets = (
        None if most is None else most + extra for most, extra in zip(shift.capacity, more, strict=True)
    )
    return replace(shift, capacity=(weight, volume, pieces, pallets))
