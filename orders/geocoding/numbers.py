"""Find a house number in one street: mapped, in a range, on an interpolation line, between neighbours, or nowhere.

Every `Spot` says how likely (cost, negative log-likelihood) it is that the writer's house is there and how
far the true house may lie from it (`spread_m`).
"""

from __future__ import annotations

import dataclasses

from core.words import say
from orders.geocoding import geometry, text
from orders.geocoding.address import Precision
from orders.geocoding.catalogue import Cluster, Line, Mapped
from orders.geocoding.geometry import Point
from orders.geocoding.text import HouseNumber

ABSENT = 2.5  # the street is there, the number is not: maps of house numbers are seldom complete
IMPLAUSIBLE = 2.5  # so high a number in so short a street


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """A place in a street for the number asked for; `found` is how the map writes the number ("" = not)."""

    point: Point
    cost: float
    precision: Precision
    spread_m: float
    found: str
    note: str
    postcode: str = ""
    city: str = ""
    districts: tuple[str, ...] = ()


def spots(cluster: Cluster, number: str) -> list[Spot]:
    """Every place in `cluster` where `number` may be; never empty. Without a number: the street's middle."""
    wanted = text.house_numbers(number)
    if not wanted:
        return [_street(cluster, say("the address has no house number") if not number.strip() else "")]
    exact = [spot for mapped in cluster.mapped if (spot := _mapped(mapped, wanted[0], number)) is not None]
    exact += [spot for line in cluster.lines if (spot := _line(line, wanted[0])) is not None]
    if exact:
        best = min(spot.cost for spot in exact)
        return [spot for spot in exact if best > 0.1 or spot.cost <= 0.3]  # 1/49 itself leaves no doubt about 1/50
    near = _neighbours(cluster, wanted[0].first)
    return [near or _absent(cluster, wanted[0].first)]


def _mapped(mapped: Mapped, wanted: HouseNumber, number: str) -> Spot | None:
    costs = [cost for piece in mapped.numbers if (cost := likeness(wanted, piece)) is not None]
    if not costs and (not mapped.numbers and text.fold(number) == text.fold(mapped.text)):
        costs = [0.0]
    if not costs:
        return None
    best = min(costs)
    note = (
        ""
        if best <= 0.3
        else say("number {text} itself is not on the map, {text2} is", text=text.clean(number), text2=mapped.text)
    )
    return Spot(mapped.point, best, "address", 15.0, mapped.text, note, mapped.postcode, mapped.city, mapped.districts)


def likeness(wanted: HouseNumber, mapped: HouseNumber) -> float | None:
    """The cost of taking `mapped` for `wanted`; None when they are different houses."""
    if wanted == mapped:
        return 0.0
    if wanted.first == mapped.first:
        if wanted.last != mapped.last:
            return 0.1
        a, b = wanted.rest, mapped.rest
        letters = b.split("-")
        if len(letters) == 2 and len(a) == 1 and letters[0] <= a <= letters[1]:
            return 0.1
        if not a or not b:
            return 0.4 if (a or b).isdigit() else 0.6
        return 1.0
    if mapped.covers(wanted.first):
        return 0.2
    if wanted.last > wanted.first and wanted.covers(mapped.first):
        return 0.3
    return None


def _line(line: Line, wanted: HouseNumber) -> Spot | None:
    low, high = sorted((line.first, line.last))
    if not low <= wanted.first <= high or (wanted.first - line.first) % line.step:
        return None
    point = geometry.along(line.points, (wanted.first - line.first) / (line.last - line.first))
    return Spot(point, 0.5, "interpolated", 30.0, str(wanted.first), "", line.postcode, line.city)


def _neighbours(cluster: Cluster, number: int) -> Spot | None:
    """Between the next lower and next higher number of the same side, or beside the only near one.

    Spreads are what withheld numbers of real maps showed: between two neighbours a few metres, beside one on the
    same side about 12 m for each number, across the street more than 100 m for one house in seven.
    """
    pairs = [(n.first, m) for m in cluster.mapped for n in m.numbers]
    same = [pair for pair in pairs if (pair[0] - number) % 2 == 0]
    lower = max((pair for pair in same if pair[0] < number), key=lambda p: (p[0], p[1].point), default=None)
    upper = min((pair for pair in same if pair[0] > number), key=lambda p: (p[0], p[1].point), default=None)
    if lower and upper:
        gap_m = geometry.distance_m(lower[1].point, upper[1].point)
        steps = upper[0] - lower[0]
        if gap_m <= 500.0 and steps <= 60:
            point = geometry.between(lower[1].point, upper[1].point, (number - lower[0]) / steps)
            note = say(
                "number {number} is not on the map; placed between {text} and {text2}",
                number=number,
                text=lower[1].text,
                text2=upper[1].text,
            )
            return _beside(cluster, point, lower[1], 1.0 + steps / 40, max(25.0, gap_m * 0.3), note)
    for choice, reach, spread_m in ((same, 4, 25.0), (pairs, 6, 100.0)):
        near = min(choice, key=lambda p: (abs(p[0] - number), p[1].point), default=None)
        if near and abs(near[0] - number) <= reach:
            steps = abs(near[0] - number)
            note = say("number {number} is not on the map; placed beside {text}", number=number, text=near[1].text)
            return _beside(cluster, near[1].point, near[1], 1.6 + steps / 10, spread_m + 15.0 * steps, note)
    return None


def _beside(cluster: Cluster, point: Point, mapped: Mapped, cost: float, spread_m: float, note: str) -> Spot:
    farthest_m = geometry.distance_m(point, cluster.centre) + cluster.extent_m  # the street goes no farther
    spread_m = min(spread_m, max(25.0, farthest_m))
    return Spot(point, cost, "interpolated", spread_m, "", note, mapped.postcode, mapped.city, mapped.districts)


def _absent(cluster: Cluster, number: int) -> Spot:
    spot = _street(cluster, say("the map has the street but not number {number}", number=number))
    fits = max(cluster.length_m / 2.5 + 10, max((n.last for m in cluster.mapped for n in m.numbers), default=0) * 1.3)
    return dataclasses.replace(spot, cost=ABSENT + (IMPLAUSIBLE if number > fits else 0.0))


def _street(cluster: Cluster, note: str) -> Spot:
    return Spot(cluster.centre, 0.0, "street", cluster.extent_m, "", note)
