"""Which day a demonstration plays, and where in it its clock stands."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import Max

from dispatch.models import Plan, Route, Stop
from fleet.models import Depot, Shift
from tracking.models import LastPosition

BEGINS, ENDS = time(7, 0), time(23, 0)


@dataclass(frozen=True, slots=True)
class Played:
    """The day and the instant at which it goes on."""

    day: date
    at: datetime
    until: datetime
    fresh: bool
    """True when nothing of the day has been played yet."""


def chosen(title: str, zone: ZoneInfo, *, today: date) -> Played:
    """The unfinished day of this place's depot, else the first day that nothing was planned on, from today on."""
    depot = Depot.objects.filter(name=f"{title} depot"[:80]).first()
    plans = Plan.objects.filter(depot=depot).order_by("-day_on") if depot else Plan.objects.none()
    for plan in plans[:1]:
        routes = Route.objects.filter(plan=plan).exclude(status="cancelled")
        if not routes.exists() or routes.exclude(status="completed").exists():
            at = _left_at(plan, zone)
            return Played(plan.day_on, at, max(_instant(plan.day_on, ENDS, zone), at), fresh=not routes.exists())
    day = max([today, *(last + timedelta(days=1) for last in _taken_days())])
    return Played(day, _instant(day, BEGINS, zone), _instant(day, ENDS, zone), fresh=True)


def _taken_days() -> list[date]:
    """The last day on which anybody has a shift: a driver has one a day, wherever."""
    last = Shift.objects.order_by("-day_on").values_list("day_on", flat=True).first()
    return [last] if last else []


def _left_at(plan: Plan, zone: ZoneInfo) -> datetime:
    """The last instant of the day that anything is known of."""
    begins = _instant(plan.day_on, BEGINS, zone)
    routes = Route.objects.filter(plan=plan)
    fixes = LastPosition.objects.filter(route__plan=plan).values_list("fix_at", flat=True)
    starts = [at for at in routes.values_list("started_at", flat=True) if at is not None]
    ends = [at for at in routes.values_list("completed_at", flat=True) if at is not None]
    visits = Stop.objects.filter(plan=plan).aggregate(arrived=Max("arrived_at"), departed=Max("departed_at"))
    left_at: datetime = max([begins, *fixes, *starts, *ends, *(at for at in visits.values() if at is not None)])
    return left_at


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def wind(path: Path, played: Played, *, speed: float, real_at: datetime) -> dict[str, object]:
    """Write the clock's file (see `core.clock`); returns its values."""
    values: dict[str, object] = {
        "played_at": played.at.isoformat(), "real_at": real_at.isoformat(), "speed": speed,
        "until": played.until.isoformat()}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".clock")
    with os.fdopen(handle, "w") as part:
        json.dump(values, part)
    os.replace(name, path)
    return values
