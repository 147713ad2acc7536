"""A day of thousands of stops laid straight into the database, and its vans on the road. Runs beside the product.

    python -m benchmarks.large_day lay --tenant ID --day YYYY-MM-DD --stops 5000 --routes 300 --tomorrow 1000
    python -m benchmarks.large_day drive --tenant ID --seconds 60 --every 2

With the product's own environment and its runtime role, inside the organization's scope, by the product's models. No
search is made: neighbouring stops of a sector are a route, driven the nearest first, times reckoned by 30 km/h on 1.3
times the crow's way, lines drawn straight with a corner every 60 m. The journal's events of these rows are left out
(nothing that is measured reads them). The positions go the way of a phone's from behind its door:
`tracking.actions.record_positions`, one transaction for each van, spread over the interval.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import django

django.setup()

from accounts.models import Organization  # noqa: E402 - models come after the set-up
from core import clock, tenancy  # noqa: E402
from core.actor import SYSTEM  # noqa: E402
from dispatch.models import Plan, Route, Stop, StopOrder  # noqa: E402
from fleet.models import Depot, Driver, Shift, Vehicle  # noqa: E402
from orders.models import Order, Place  # noqa: E402
from routing.roads import polyline  # noqa: E402
from tracking import actions, intake  # noqa: E402

RADIUS_KM, MPS, DETOUR, SERVICE_S = 5.0, 30 / 3.6, 1.3, 180
CORNER_M, KM_LAT = 60.0, 111.2
LATER = 10
"""So many of the routes have not set out yet: what is on them can still be moved."""
COLORS = ("#2563eb", "#0e9f6e", "#d97706", "#9333ea", "#0891b2", "#dc2626", "#4d7c0f", "#be185d")
Point = tuple[float, float]


@dataclass(frozen=True)
class Laid:
    """What `lay` tells whoever called it."""

    depot: str
    plan: str
    tomorrow: str


def metres(a: Point, b: Point) -> float:
    """By the crow, near enough within a town."""
    east = (b[1] - a[1]) * math.cos(math.radians(a[0]))
    return math.hypot(b[0] - a[0], east) * KM_LAT * 1000


def sectors(centre: Point, stops: int, routes: int, chance: random.Random) -> list[list[Point]]:
    """`stops` places round the centre, dealt to `routes` by their bearing, each in the order nearest first."""
    squeeze = math.cos(math.radians(centre[0]))
    dealt: list[tuple[float, Point]] = []
    for _ in range(stops):
        angle, far = chance.random() * math.tau, RADIUS_KM * math.sqrt(0.04 + 0.96 * chance.random())
        lat = centre[0] + far * math.sin(angle) / KM_LAT
        dealt.append((angle, (round(lat, 6), round(centre[1] + far * math.cos(angle) / KM_LAT / squeeze, 6))))
    dealt.sort()
    cuts = [round(number * stops / routes) for number in range(routes + 1)]
    return [_nearest_first(centre, [place for _, place in dealt[a:b]]) for a, b in itertools.pairwise(cuts)]


def _nearest_first(start: Point, places: list[Point]) -> list[Point]:
    left, here, order = list(places), start, []
    while left:
        here = min(left, key=lambda place: metres(here, place))
        left.remove(here)
        order.append(here)
    return order


def line_of(points: Sequence[Point], chance: random.Random) -> list[Point]:
    """A line with a corner every 60 m, a little to the side as streets are."""
    line = [points[0]]
    for a, b in itertools.pairwise(points):
        parts = max(1, round(metres(a, b) / CORNER_M))
        for part in range(1, parts + 1):
            aside = chance.uniform(-0.0001, 0.0001) if part < parts else 0.0
            share = part / parts
            line.append((a[0] + (b[0] - a[0]) * share + aside, a[1] + (b[1] - a[1]) * share - aside))
    return line


class Maker:
    """Lays plans of one organization (inside its scope)."""

    def __init__(self, organization: Organization, depot: Depot, crew: list[Shift], seed: int) -> None:
        self.zone, self.depot, self.crew = ZoneInfo(organization.timezone), depot, crew
        self.chance = random.Random(seed)

    def plan(self, day: date, *, stops: int, routes: int, under_way: bool) -> Plan:
        """A day whose routes, all but the last few, have set out a minute ago; or, not under way, one just solved."""
        home = (self.depot.lat, self.depot.lon)
        now = clock.now()
        window = tuple(datetime.combine(day, day_time(hour), self.zone) for hour in (6, 22))
        begins = now - timedelta(minutes=1) if under_way else datetime.combine(day, day_time(9), self.zone)
        plan: Plan = Plan.objects.create(
            day_on=day, depot=self.depot, roads="crow", status="distributed" if under_way else "optimized")
        rows: dict[str, list[Any]] = {"places": [], "orders": [], "routes": [], "stops": [], "served": []}
        for number, order in enumerate(sectors(home, stops, routes, self.chance)):
            gone = under_way and number < routes - LATER
            later = under_way and not gone
            starts = begins + timedelta(hours=2) if later else begins
            self._route(plan, self.crew[number], number, order, starts, gone, later, window, rows)
        Place.objects.bulk_create(rows["places"], batch_size=2000)
        Order.objects.bulk_create(rows["orders"], batch_size=2000)
        Route.objects.bulk_create(rows["routes"])
        Stop.objects.bulk_create(rows["stops"], batch_size=2000)
        StopOrder.objects.bulk_create(rows["served"], batch_size=5000)
        return plan

    def _route(
        self, plan: Plan, shift: Shift, number: int, order: list[Point], starts: datetime, gone: bool, later: bool,
        window: tuple[datetime, ...], rows: dict[str, list[Any]],
    ) -> None:
        home = (self.depot.lat, self.depot.lon)
        legs = []
        for a, b in zip([home, *order], [*order, home], strict=True):
            far = metres(a, b) * DETOUR
            legs.append([round(far / MPS), round(far)])
        duration = sum(leg[0] for leg in legs) + SERVICE_S * len(order)
        length = sum(leg[1] for leg in legs)
        carried = {"weight_g": 4000 * len(order), "volume_ml": 16000 * len(order), "pieces": len(order), "pallets": 0}
        route = Route(
            plan=plan, shift=shift, starts_at=starts, ends_at=starts + timedelta(seconds=duration), load=carried,
            distance_m=length, duration_s=duration, cost_cents=4000 + length // 50, legs=legs,
            geometry=polyline.encode(line_of([home, *order, home], self.chance)),
            status="started" if gone else "distributed" if later else "optimized", started_at=starts if gone else None)
        rows["routes"].append(route)
        at = starts
        for index, (lat, lon) in enumerate(order):
            at += timedelta(seconds=legs[index][0])
            key = f"{plan.day_on}-{number:03}-{index:02}"
            place = Place(
                key=f"large {key}", line=f"{index + 1} Sector {number + 1}, Town", lat=lat, lon=lon, confidence=1.0,
                precision="given", review="sure", located_at=starts)
            stop = Stop(
                plan=plan, place=place, route=route, position=index + 1, window_start_at=window[0],
                window_end_at=window[1], service_s=SERVICE_S, planned_arrival_at=at,
                planned_departure_at=at + timedelta(seconds=SERVICE_S), eta_at=at if gone else None,
                status=("next" if index == 0 else "out_for_delivery") if gone else "allocated" if later else "planned")
            delivered = Order(
                reference=f"L-{key}", source="api", recipient_name=f"Recipient {number}.{index}", place=place,
                recipient_phone="+493023125999", delivery_on=plan.day_on, window_start_at=window[0],
                window_end_at=window[1], service_s=SERVICE_S, weight_g=4000, volume_ml=16000,
                status="out_for_delivery" if gone else "scheduled")
            rows["places"].append(place)
            rows["stops"].append(stop)
            rows["orders"].append(delivered)
            rows["served"].append(StopOrder(stop=stop, order=delivered))
            at += timedelta(seconds=SERVICE_S)


def crew_of(depot: Depot, count: int, days: Sequence[date], zone: ZoneInfo) -> list[list[Shift]]:
    """So many drivers on duty, each with a van, and their shifts of these days."""
    vans = Vehicle.objects.bulk_create(
        Vehicle(name=f"Van L{number:03}", plate=f"LM L {number:03}", weight_g=900_000, volume_ml=9_000_000, pieces=120,
                day_cents=4000, cents_per_km=20)
        for number in range(1, count + 1))
    drivers = Driver.objects.bulk_create(
        Driver(name=f"Driver {number:03}", phone="+493023125998", depot=depot, vehicle=van, cents_per_hour=2400,
               usual_start=day_time(6), usual_end=day_time(22), color=COLORS[number % 8], status="on_duty")
        for number, van in enumerate(vans, 1))
    return [
        Shift.objects.bulk_create(
            Shift(day_on=day, driver=driver, vehicle=van, depot=depot,
                  starts_at=datetime.combine(day, day_time(6), zone), ends_at=datetime.combine(day, day_time(22), zone))
            for driver, van in zip(drivers, vans, strict=True))
        for day in days]


def lay(tenant: UUID, day: date, *, stops: int, routes: int, tomorrow: int) -> Laid:
    """The day under way, and the next day's plan of `tomorrow` stops at 20 a route; at a depot of their own."""
    organization = Organization.objects.get(id=tenant)
    with tenancy.scope(tenant):
        near = Depot.objects.order_by("created_at")[0]
        depot: Depot = Depot.objects.create(
            name="Large depot", line="1 Large Street, Town", lat=near.lat, lon=near.lon, opens=day_time(5),
            closes=day_time(23))
        vans = max(routes, math.ceil(tomorrow / 20))
        today, next_day = crew_of(depot, vans, (day, day + timedelta(days=1)), ZoneInfo(organization.timezone))
        plan = Maker(organization, depot, today, 1).plan(day, stops=stops, routes=routes, under_way=True)
        other = Maker(organization, depot, next_day, 2).plan(
            day + timedelta(days=1), stops=tomorrow, routes=math.ceil(tomorrow / 20), under_way=False)
        return Laid(str(depot.id), str(plan.id), str(other.id))


@dataclass
class Van:
    """A van on its line, `at_m` metres from the depot."""

    driver: Driver
    line: list[Point]
    lengths: list[float]
    at_m: float

    def fix(self, at: datetime, seconds: float) -> intake.Point:
        """Go on for so long; where it is then."""
        self.at_m = (self.at_m + MPS * seconds) % self.lengths[-1]
        index = next(i for i, far in enumerate(self.lengths) if far > self.at_m)
        (a, b), part = self.line[index - 1 : index + 1], self.lengths[index] - self.lengths[index - 1]
        share = (self.at_m - self.lengths[index - 1]) / (part or 1)
        east = (b[1] - a[1]) * math.cos(math.radians(a[0]))
        return intake.Point(
            at, a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, 5.0, round(MPS, 1),
            round(math.degrees(math.atan2(east, b[0] - a[0])) % 360, 1))


def vans_of(day: date) -> list[Van]:
    """The day's vans, each a little farther along than the one before, so that no two stand at one place."""
    found = []
    rows = Route.objects.filter(plan__day_on=day, shift__depot__name="Large depot").select_related("shift__driver")
    for number, route in enumerate(rows.order_by("shift__driver__name")):
        line = list(polyline.decode(route.geometry))
        lengths = [0.0]
        for a, b in itertools.pairwise(line):
            lengths.append(lengths[-1] + metres(a, b))
        found.append(Van(route.shift.driver, line, lengths, 40.0 + number % 20 * 25))
    return found


def drive(tenant: UUID, day: date, *, seconds: float, every_s: float, vans: int) -> dict[str, Any]:
    """Each van moves every `every_s`; how many fixes were stored, and whether the pace was kept."""
    with tenancy.scope(tenant):
        fleet = vans_of(day)[:vans]
    stored, rounds, began = 0, [], time.monotonic()
    print(json.dumps({"vans": len(fleet)}), flush=True)
    while time.monotonic() - began < seconds:
        first = time.monotonic()
        for number, van in enumerate(fleet):
            early = first + every_s * number / len(fleet) - time.monotonic()
            if early > 0:
                time.sleep(early)
            with tenancy.scope(tenant):
                at = clock.now()
                taken = actions.record_positions(van.driver.id, [van.fix(at, every_s)], by=SYSTEM, at=at)
                stored += taken.stored
        rounds.append(time.monotonic() - first)
        time.sleep(max(0.0, first + every_s - time.monotonic()))
    return {
        "vans": len(fleet), "stored": stored, "rounds": len(rounds), "round_s": round(statistics.median(rounds), 2),
        "longest_round_s": round(max(rounds), 2), "fixes_a_second": round(stored / (time.monotonic() - began), 1)}


def main() -> None:
    """Lay or drive; the result is one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["lay", "drive"])
    parser.add_argument("--tenant", type=UUID, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--stops", type=int, default=5000)
    parser.add_argument("--routes", type=int, default=300)
    parser.add_argument("--tomorrow", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=2)
    given = parser.parse_args()
    if given.what == "lay":
        laid = lay(given.tenant, given.day, stops=given.stops, routes=given.routes, tomorrow=given.tomorrow)
        told: dict[str, Any] = vars(laid)
    else:
        told = drive(given.tenant, given.day, seconds=given.seconds, every_s=given.every, vans=given.routes)
    json.dump(told, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
