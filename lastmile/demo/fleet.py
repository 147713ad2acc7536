"""The demonstration's depot, vans and drivers: as many as the orders need, and more when a later day needs more."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from core import journal
from core.actor import SYSTEM
from fleet import actions
from fleet.models import Depot, Driver, Vehicle
from lastmile.demo import order_file
from lastmile.demo.order_file import Demand
from lastmile.demo.people import DRIVERS, Desk, Login
from orders.importing.drafts import Draft
from routing import roads
from routing.atlas import folder

HOURS = ("usual_start", "usual_end", "break_earliest", "break_latest")
EARLY = dict(zip(HOURS, (time(8), time(18), time(11, 30), time(13, 30)), strict=True))
LATE = dict(zip(HOURS, (time(12), time(21, 30), time(15, 30), time(17, 30)), strict=True))
BREAK_MINUTES = 30
# Every skill that orders ask for is held by at least two of five vans.
SHARE_WITH_SKILL = 0.4
ROOM = 1.8
USUAL_SKILLS = ("fridge", "two_person")


def depot_at(
    center: Callable[[], tuple[float, float]], title: str, *, at: datetime, prefix: str = ""
) -> Depot:
    """The depot of this place, on the road nearest to the centre of its orders. Other places' depots are retired.

    A depot that was made for this place before stays where it is: there may be plans on it.
    """
    name = f"{prefix}{title} depot"[:80]
    for other in Depot.objects.filter(status="active").exclude(name=name):
        journal.transition(other, "retired", by=SYSTEM, at=at, reason="the demonstration moved to another place")
    depot: Depot | None = Depot.objects.filter(name=name).first()
    if depot is None:
        snap = roads.from_settings().nearest(center())
        depot = actions.add_depot(name=name, line=f"{title}, depot", lat=snap.point[0], lon=snap.point[1],
                                  opens=time(6), closes=time(22), by=SYSTEM, at=at)
    elif depot.status != "active":
        journal.transition(depot, "active", by=SYSTEM, at=at, reason="the demonstration is back at this place")
    return depot


def crew(
    depot: Depot, demand: Demand, desk: Desk, slug: str, *, at: datetime, names: Sequence[str] = DRIVERS
) -> list[Login]:
    """At least as many drivers as the orders need, each with a van; returns the log-ins of all of them."""
    skills = sorted({*USUAL_SKILLS, *demand.skills})
    wanted = min(len(names), demand.drivers)
    late = late_seats(wanted, demand.late_drivers)
    logins = []
    for number, name in enumerate(names):
        email = f"driver{number + 1:02d}@{slug}.example"
        driver: Driver | None = Driver.objects.filter(name=name).first()
        if driver is None and number >= wanted:
            break
        if driver is None:
            membership, login = desk.member(email, name, "driver", group=f"drivers of {slug}")
            van = _van(number, _skills_of(number, skills), demand, wanted, at=at)
            hours = LATE if number in late else EARLY
            actions.add_driver(
                name=name, phone=f"+493023125{300 + number}", membership=membership, depot=depot, vehicle=van,
                skills=[], cents_per_hour=2200 + 50 * (number % 5), break_minutes=BREAK_MINUTES, **hours,
                by=SYSTEM, at=at)
        else:
            login = desk.member(email, name, "driver", group=f"drivers of {slug}")[1]
            if driver.depot_id != depot.id:
                actions.change(driver, {"depot": depot}, by=SYSTEM, at=at)
        logins.append(login)
    return logins


def late_seats(drivers: int, late: int) -> set[int]:
    """Which of the drivers work late: evenly spread, so that each skill is there in the evening, too."""
    step = drivers / max(1, late)
    return {min(drivers - 1, math.floor(step * (index + 0.5))) for index in range(late)}


def _skills_of(number: int, skills: list[str]) -> list[str]:
    """A van's skills: dealt out so that every skill is on `SHARE_WITH_SKILL` of the vans, and every mix is there."""
    return [skill for index, skill in enumerate(skills)
            if ((number * (2 * index + 3) + index) % 5) < SHARE_WITH_SKILL * 5]


def _van(number: int, skills: list[str], demand: Demand, drivers: int, *, at: datetime) -> Vehicle:
    """A van with room for `ROOM` times its share of the day: a day takes most of the vans, not a few."""
    name = f"Van {number + 1:02d}"
    held: Vehicle | None = Vehicle.objects.filter(name=name).first()
    if held is not None:
        return held
    share: dict[str, Any] = {
        "weight_g": max((800_000, 950_000, 1_200_000)[number % 3], round(ROOM * demand.weight_g / drivers)),
        "pieces": max(24, math.ceil(ROOM * demand.pieces / drivers)),
        "volume_ml": max((6_000_000, 8_500_000, 11_000_000)[number % 3], round(ROOM * demand.volume_ml / drivers)),
    }
    return actions.add_vehicle(
        name=name, plate=f"AL {1200 + 7 * number}", kind="van", pallets=None, skills=skills,
        day_cents=(3800, 4200, 4800)[number % 3], cents_per_km=(28, 31, 36)[number % 3], **share, by=SYSTEM, at=at)


def middle_of(drafts: list[Draft], atlas: folder.Atlas) -> tuple[float, float]:
    """Where the depot belongs: amid the orders, else amid the map. (latitude, longitude)"""
    lon, lat = atlas.center
    return order_file.middle(drafts) or (lat, lon)
