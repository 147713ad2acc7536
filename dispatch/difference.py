"""What changes from one picture of a plan to another: by route, by stop, in groups that can be taken one by one.

Pure: no Django, no clock. The differences of all routes add up to that of the plan, and `applied` to the first
picture's sequences they give the second's: a property test holds both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Literal, TypedDict

from dispatch.picture import LeftOut, Picture, RoutePicture, StopPicture, sequences

Kind = Literal["driver", "order", "shifted", "onto", "off", "retimed"]
"""driver: another driver; order: another place among the same stops; shifted: only its number, by what others do;
onto, off: on a route now, or on none any more; retimed: where it was, and its lateness has changed."""


class SpotRow(TypedDict):
    """Where a stop is: its route's shift, the number in its order from 1, and when it is reached."""

    shift: str
    position: int
    at: str
    late_s: int


class StopChangeRow(TypedDict):
    """`promise` is none, kept or broken after it; `promise_before` before."""

    stop: str
    kind: Kind
    group: str
    before: SpotRow | None
    after: SpotRow | None
    promise_before: str
    promise: str
    reason: str


class RouteChangeRow(TypedDict):
    """Seconds, metres and cents that the route gets (negative: less), and its stops gained, lost and reordered."""

    shift: str
    label: str
    imagined: bool
    group: str
    delta_s: int
    delta_m: int
    delta_cents: int
    delta_late_s: int
    stops_before: int
    stops_after: int
    gained: list[str]
    lost: list[str]
    reordered: list[str]


class GroupRow(TypedDict):
    """Changes that belong together, since stops go from one of these routes to another: taken as one, or not."""

    id: str
    shifts: list[str]
    moved: int
    delta_s: int
    delta_m: int
    delta_cents: int
    delta_late_s: int


class TermChangeRow(TypedDict):
    name: str
    before: int
    after: int
    delta: int


class FiguresRow(TypedDict):
    """A plan in figures. `terms` are the objective's, cents; `cost_cents` is what is really paid."""

    distance_m: int
    duration_s: int
    cost_cents: int
    late_stops: int
    late_s: int
    promises_broken: int
    unassigned: int
    stops: int
    vans: int
    terms: dict[str, int]


class TotalsRow(TypedDict):
    """`churn` is the share of stops whose driver or position changes."""

    delta_s: int
    delta_m: int
    delta_cents: int
    delta_late_s: int
    churn: float
    terms: list[TermChangeRow]
    before: FiguresRow
    after: FiguresRow


class DifferenceRow(TypedDict):
    totals: TotalsRow
    groups: list[GroupRow]
    routes: list[RouteChangeRow]
    stops: list[StopChangeRow]


def difference(present: Picture, proposed: Picture) -> DifferenceRow:
    """What changes from the present plan to the proposed one."""
    before, after = _spots(present), _spots(proposed)
    group_of = _grouped(before, after, present, proposed)
    routes = _routes(present, proposed, group_of)
    stops = _stops(before, after, _off(present), _off(proposed), routes, group_of)
    groups = _groups(routes, stops)
    stood = {group["id"] for group in groups}
    return {
        "totals": _totals(present, proposed, before, after),
        "groups": groups,
        "routes": [route for route in routes if route["group"] in stood or _differs(route)],
        "stops": stops,
    }


def applied(
    changes: DifferenceRow, order: Mapping[str, Collection[str]], groups: Collection[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """These sequences (stop ids by shift) with the changes made; of some groups alone when `groups` says which."""
    places: dict[str, dict[int, str]] = defaultdict(dict)
    made = [row for row in changes["stops"] if groups is None or row["group"] in groups]
    touched = {row["stop"] for row in made}
    for shift, stops in order.items():
        for position, stop in enumerate(stops, start=1):
            if stop not in touched:
                places[shift][position] = stop
    for row in made:
        if row["after"] is not None:
            places[row["after"]["shift"]][row["after"]["position"]] = row["stop"]
    return {shift: tuple(spots[at] for at in sorted(spots)) for shift, spots in places.items() if spots}


def figures(picture: Picture) -> FiguresRow:
    """A plan in figures."""
    stops = [stop for route in picture["routes"] for stop in route["stops"]]
    return {
        "distance_m": sum(route["distance_m"] for route in picture["routes"]),
        "duration_s": sum(route["duration_s"] for route in picture["routes"]),
        "cost_cents": sum(route["cost_cents"] for route in picture["routes"]),
        "late_stops": sum(stop["late_s"] > 0 for stop in stops),
        "late_s": sum(stop["late_s"] for stop in stops),
        "promises_broken": sum(one["promise"] == "broken" for one in [*stops, *picture["off"]]),
        "unassigned": len(picture["off"]),
        "stops": len(stops) + len(picture["off"]),
        "vans": len(picture["routes"]),
        "terms": picture["terms"],
    }


Spots = dict[str, tuple[SpotRow, StopPicture]]


def _spots(picture: Picture) -> Spots:
    return {
        stop["id"]: (
            {"shift": route["shift"], "position": position, "at": stop["arrival_at"], "late_s": stop["late_s"]},
            stop,
        )
        for route in picture["routes"]
        for position, stop in enumerate(route["stops"], start=1)
    }


def _off(picture: Picture) -> dict[str, LeftOut]:
    return {one["id"]: one for one in picture["off"]}


def _grouped(before: Spots, after: Spots, *pictures: Picture) -> dict[str, str]:
    """{shift: group}: routes between which a stop goes are one group, named after its first shift."""
    owner = {route["shift"]: route["shift"] for picture in pictures for route in picture["routes"]}

    def find(shift: str) -> str:
        while owner[shift] != shift:
            owner[shift] = owner[owner[shift]]
            shift = owner[shift]
        return shift

    for stop in before.keys() & after.keys():
        a, b = sorted((find(before[stop][0]["shift"]), find(after[stop][0]["shift"])))
        owner[b] = a
    return {shift: find(shift) for shift in owner}


def _routes(present: Picture, proposed: Picture, group_of: Mapping[str, str]) -> list[RouteChangeRow]:
    old = {route["shift"]: route for route in present["routes"]}
    new = {route["shift"]: route for route in proposed["routes"]}
    rows = []
    for shift in [*old, *(one for one in new if one not in old)]:
        a, b = old.get(shift), new.get(shift)
        shown = b or a
        assert shown is not None
        was = [stop["id"] for stop in a["stops"]] if a else []
        now = [stop["id"] for stop in b["stops"]] if b else []
        rows.append(
            RouteChangeRow(
                shift=shift,
                label=shown["label"],
                imagined=shown["imagined"],
                group=group_of[shift],
                delta_s=_of(b, "duration_s") - _of(a, "duration_s"),
                delta_m=_of(b, "distance_m") - _of(a, "distance_m"),
                delta_cents=_of(b, "cost_cents") - _of(a, "cost_cents"),
                delta_late_s=_of(b, "late_s") - _of(a, "late_s"),
                stops_before=len(was),
                stops_after=len(now),
                gained=[stop for stop in now if stop not in set(was)],
                lost=[stop for stop in was if stop not in set(now)],
                reordered=_reordered(was, now),
            )
        )
    return rows


def _differs(route: RouteChangeRow) -> bool:
    return any((route["delta_s"], route["delta_m"], route["delta_cents"], route["delta_late_s"]))


def _of(route: RoutePicture | None, name: Literal["duration_s", "distance_m", "cost_cents", "late_s"]) -> int:
    return route[name] if route is not None else 0


def _reordered(was: list[str], now: list[str]) -> list[str]:
    """The fewest of the stops that stay which have to be taken out so that the others keep their order."""
    number = {stop: at for at, stop in enumerate(was)}
    kept = [stop for stop in now if stop in number]
    tails: list[int] = []
    ends: list[int] = []
    came: list[int] = [-1] * len(kept)
    for at, stop in enumerate(kept):
        spot = bisect_left(tails, number[stop])
        tails[spot : spot + 1] = [number[stop]]
        ends[spot : spot + 1] = [at]
        came[at] = ends[spot - 1] if spot else -1
    stays: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        stays.add(at)
        at = came[at]
    return [stop for at, stop in enumerate(kept) if at not in stays]


def _stops(
    before: Spots,
    after: Spots,
    off_before: Mapping[str, LeftOut],
    off_after: Mapping[str, LeftOut],
    routes: list[RouteChangeRow],
    group_of: Mapping[str, str],
) -> list[StopChangeRow]:
    reordered = {stop for route in routes for stop in route["reordered"]}
    rows: list[StopChangeRow] = []
    for stop in sorted(before.keys() | after.keys()):
        a, b = before.get(stop), after.get(stop)
        kind = _kind(a and a[0], b and b[0], stop in reordered)
        if kind is None:
            continue
        spot = b or a
        assert spot is not None, "every stop here is on a route before or after"
        left = off_after.get(stop)
        came = off_before.get(stop)
        rows.append(
            {
                "stop": stop,
                "kind": kind,
                "group": group_of[spot[0]["shift"]],
                "before": a[0] if a else None,
                "after": b[0] if b else None,
                "promise_before": a[1]["promise"] if a else came["promise"] if came else "none",
                "promise": b[1]["promise"] if b else left["promise"] if left else "none",
                "reason": left["message"] if left else "",
            }
        )
    return rows


def _kind(a: SpotRow | None, b: SpotRow | None, reordered: bool) -> Kind | None:
    if a is None:
        return "onto"
    if b is None:
        return "off"
    if a["shift"] != b["shift"]:
        return "driver"
    if reordered:
        return "order"
    if a["position"] != b["position"]:
        return "shifted"
    return "retimed" if a["late_s"] != b["late_s"] else None


def _groups(routes: list[RouteChangeRow], stops: list[StopChangeRow]) -> list[GroupRow]:
    """The groups in which some stop goes elsewhere, those that save most first."""
    moved: dict[str, int] = defaultdict(int)
    for row in stops:
        moved[row["group"]] += row["kind"] in ("driver", "order", "onto", "off")
    found: dict[str, GroupRow] = {}
    for route in routes:
        if not moved[route["group"]]:
            continue
        group = found.setdefault(
            route["group"],
            {
                "id": route["group"], "shifts": [], "moved": moved[route["group"]],
                "delta_s": 0, "delta_m": 0, "delta_cents": 0, "delta_late_s": 0,
            },
        )  # fmt: skip
        group["shifts"].append(route["shift"])
        group["delta_s"] += route["delta_s"]
        group["delta_m"] += route["delta_m"]
        group["delta_cents"] += route["delta_cents"]
        group["delta_late_s"] += route["delta_late_s"]
    return sorted(found.values(), key=lambda group: (group["delta_cents"], group["id"]))


def _totals(present: Picture, proposed: Picture, before: Spots, after: Spots) -> TotalsRow:
    a, b = figures(present), figures(proposed)
    known = before.keys() | after.keys() | {one["id"] for one in [*present["off"], *proposed["off"]]}
    changed = sum(_place(before.get(stop)) != _place(after.get(stop)) for stop in known)
    names = dict.fromkeys([*present["terms"], *proposed["terms"]])
    return {
        "delta_s": b["duration_s"] - a["duration_s"],
        "delta_m": b["distance_m"] - a["distance_m"],
        "delta_cents": b["cost_cents"] - a["cost_cents"],
        "delta_late_s": b["late_s"] - a["late_s"],
        "churn": round(changed / len(known), 4) if known else 0.0,
        "terms": [
            {
                "name": name,
                "before": present["terms"].get(name, 0),
                "after": proposed["terms"].get(name, 0),
                "delta": proposed["terms"].get(name, 0) - present["terms"].get(name, 0),
            }
            for name in names
        ],
        "before": a,
        "after": b,
    }


def _place(spot: tuple[SpotRow, StopPicture] | None) -> tuple[str, int] | None:
    return None if spot is None else (spot[0]["shift"], spot[0]["position"])


__all__ = ["DifferenceRow", "FiguresRow", "applied", "difference", "figures", "sequences"]
