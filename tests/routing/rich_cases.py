"""Random small problems with every feature of the solver switched on and off.

Numbers are small (legs of up to 45 s, a day of 400 s), so that everything can be tried out in reasonable time and
every coincidence (equal times, windows of no length, legs of no length) turns up often.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from routing.solver import (
    UNREACHABLE,
    Break,
    Lock,
    Overtime,
    Pair,
    Prices,
    Problem,
    Reload,
    Slot,
    Travel,
    Vehicle,
    Visit,
    Window,
)

HORIZON_S = 400
#: Rates that make whole cents of seconds, and some that do not.
RATES = (0, 3600, 7200, 1000, 5000)

#: What concerns the times, the lengths and the limits of one tour.
TOUR_FEATURES = (
    *("windows", "two_windows", "soft", "service", "service_percent", "parcels", "breaks", "split_breaks"),
    *("overtime", "late_shift", "max_visits", "max_metres", "max_duration", "open_end", "two_depots"),
    *("slots", "unreachable", "rates"),
)
#: What may be on board, and when.
LOAD_FEATURES = ("loads", "two_dimensions", "pickups", "initial_load", "aboard", "reloads", "under_way", "pairs")
#: Who may make a visit, and what it costs when another does.
CHOICE_FEATURES = (
    *("skills", "allowed", "zones", "zones_hard", "familiar", "locks", "together", "apart"),
    *("before", "max_changes", "balance", "prices"),
)
FEATURES = (*TOUR_FEATURES, *LOAD_FEATURES, *CHOICE_FEATURES)
STRENGTHS = ("driver", "order", "position")


class _Maker:
    """Draws the parts of one problem; `on` are the features that may appear."""

    def __init__(self, draw: st.DrawFn, on: Collection[str], visits: int, vehicles: int) -> None:
        self.draw, self.on = draw, on
        self.ids = [f"v{number}" for number in range(visits)]
        self.vans = [f"van{number}" for number in range(vehicles)]
        self.dimensions = 0 if "loads" not in on else 2 if "two_dimensions" in on else 1

    def pick(self, feature: str, choices: Sequence[Any], otherwise: Any) -> Any:
        """One of the choices if the feature is on."""
        return self.draw(st.sampled_from(choices)) if feature in self.on else otherwise

    def amounts(self, most: int) -> tuple[int, ...]:
        return tuple(self.draw(st.integers(0, most)) for _ in range(self.dimensions))

    def visit_windows(self) -> tuple[Window, ...]:
        if "windows" not in self.on or not self.draw(st.integers(0, 2)):
            return ()
        begin = self.draw(st.integers(0, 9)) * 15
        end = begin + self.draw(st.sampled_from([60, 30, 120, 15, 0]))
        if "two_windows" in self.on and self.draw(st.booleans()):
            again = end + self.draw(st.integers(1, 60))
            return Window(begin, end), Window(again, again + self.draw(st.sampled_from([0, 20, 60])))
        return (Window(begin, end),)

    def visit(self, number: int) -> Visit:
        own = self.visit_windows()
        carried = self.amounts(4)
        return Visit(
            id=self.ids[number],
            place=2 + (self.draw(st.integers(0, number)) if number and not self.draw(st.integers(0, 7)) else number),
            windows=own,
            service_s=self.pick("service", [0, 3, 10], 0),
            parcels=self.pick("parcels", [0, 1, 4], 0),
            load=carried,
            pickup=self.amounts(3) if "pickups" in self.on and self.draw(st.booleans()) else None,
            aboard=self.pick("aboard", [None, None, None, None, *self.vans], None),
            skills=frozenset(self.pick("skills", ["", "", "", "", "a", "ab"], "")),
            price_cents=self.pick("prices", [20, 100, 5000], 5000),
            late_cents_per_hour=self.pick("soft", [None, 3600, 1000, 0], None) if own else None,
            allowed_vehicles=self.pick(
                "allowed", [None, None, None, None, frozenset(self.vans[:1]), frozenset(self.vans[1:])], None
            ),
            familiar=frozenset(self.pick("familiar", [(), self.vans[:1], self.vans[1:]], ())),
            zone=self.draw(st.sampled_from([None, "n", "s"])) if {"zones", "zones_hard"} & set(self.on) else None,
        )

    def breaks(self) -> tuple[Break, ...]:
        def one(begin: int) -> Break:
            latest = begin + self.draw(st.sampled_from([5, 15, 0, 60]))
            parts: tuple[int, ...] = self.pick("split_breaks", [(5, 10), (), (8, 7), (4, 4, 4)], ())
            return Break(begin, latest, sum(parts) or self.draw(st.sampled_from([5, 12])), parts)

        starts: tuple[int, ...] = self.pick("breaks", [(30,), (40,), (20, 55), ()], ())
        return tuple(one(start) for start in starts)

    def reloads(self) -> tuple[Reload, ...]:
        windows: list[tuple[Window, ...]] = [(), (Window(20, 90),), (Window(0, 30), Window(60, 150))]
        return tuple(
            Reload(place, self.draw(st.sampled_from([0, 4])), self.draw(st.sampled_from(windows)))
            for place in self.pick("reloads", [(), (0,), (1,), (0, 1)], ())
        )

    def vehicle(self, number: int, own_place: int) -> Vehicle:
        under_way: bool = self.pick("under_way", [False, True], False)
        rests = self.breaks()
        start = own_place if under_way else self.pick("two_depots", [0, 1], 0)
        end_s = self.pick("overtime", [80, 120, 60], 300)
        if rests and self.draw(st.integers(0, 2)):  # so short that it is hard to rest before or after work
            end_s = min(end_s, self.draw(st.sampled_from([80, 100, 130])))
        zoned = {"zones", "zones_hard"} & set(self.on)
        zones: str | None = self.draw(st.sampled_from([None, "n", "s", "ns", "ns"])) if zoned else None
        return Vehicle(
            id=self.vans[number],
            start_place=start,
            end_place=self.pick("open_end", [None, None, 0, 1], 0 if under_way else start),
            shift=Window(self.pick("late_shift", [0, 10, 40], 0), end_s),
            capacity=tuple(self.draw(st.integers(3, 14)) for _ in range(self.dimensions)),
            skills=frozenset(self.pick("skills", ["ab", "a", ""], "")),
            fixed_cents=self.pick("rates", [0, 30, 200], 0),
            cents_per_hour=self.pick("rates", RATES, 3600),
            cents_per_km=self.pick("rates", [0, 10, 37], 0),
            breaks=rests,
            overtime=self.pick("overtime", [None, Overtime(20, 1800), Overtime(100, 9000)], None),
            max_visits=self.pick("max_visits", [None, 3, 5, 2], None),
            max_metres=self.pick("max_metres", [None, 9000, 6000], None),
            max_duration_s=self.pick("max_duration", [None, 150, 90], None),
            initial_load=self.pick("initial_load", [None, (1, 0)[: self.dimensions], (2, 2)[: self.dimensions]], None),
            under_way=under_way,
            reloads=(reloads := self.reloads()),
            max_reloads=self.draw(st.sampled_from([1, 2, 0])) if reloads else 0,
            service_percent=self.pick("service_percent", [100, 50, 133], 100),
            parcel_s=self.pick("parcels", [0, 1, 3], 0),
            zones=None if zones is None else frozenset(zones),
            zones_hard="zones_hard" in self.on and ("zones" not in self.on or self.draw(st.booleans())),
        )

    def some(self, least: int, most: int) -> list[str]:
        """A few visits in any order, none if there are too few."""
        if len(self.ids) < least:
            return []
        most = min(most, len(self.ids))
        return self.draw(st.lists(st.sampled_from(self.ids), min_size=least, max_size=most, unique=True))

    def pairs(self) -> tuple[Pair, ...]:
        if "pairs" not in self.on:
            return ()
        chosen = self.some(2, 4)
        return tuple(
            Pair(pickup, delivery, self.amounts(3) if self.draw(st.booleans()) else ())
            for pickup, delivery in zip(chosen[::2], chosen[1::2], strict=False)
        )

    def locks(self) -> tuple[Lock, ...]:
        chosen = self.some(1, 4) if "locks" in self.on else []
        found: list[Lock] = []
        taken: set[tuple[str, int]] = set()
        while chosen:
            size = self.draw(st.integers(1, len(chosen)))
            some, chosen = tuple(chosen[:size]), chosen[size:]
            van, strength = self.draw(st.sampled_from(self.vans)), self.draw(st.sampled_from(STRENGTHS))
            if strength != "position":
                found.append(Lock(strength, van, some))
                continue
            position = self.draw(st.integers(0, 2))
            spots = {(van, position + number) for number in range(size)}
            if not spots & taken:
                taken |= spots
                found.append(Lock(strength, van, some, position))
        return tuple(found)

    def groups(self, pairs: Sequence[Pair]) -> tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]:
        """Sets that share a van, and sets that do not, without a contradiction."""
        chosen = self.some(2, 4) if "together" in self.on else []
        together = tuple(frozenset(group) for group in (chosen[:2], chosen[2:]) if len(group) > 1)
        tied = [*together, *(frozenset((pair.pickup, pair.delivery)) for pair in pairs)]
        apart = frozenset(self.some(2, 3)) if "apart" in self.on else frozenset()
        fits = len(apart) > 1 and all(len(apart & group) < 2 for group in tied)
        return together, (apart,) if fits else ()


def _travel(draw: st.DrawFn, on: Collection[str], places: int) -> Travel:
    """Asymmetric legs; the triangle inequality holds at times."""
    chance = np.random.default_rng(draw(st.integers(0, 1 << 16)))
    at = chance.uniform(0, 20, (places, 2))
    away = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) * chance.uniform(0.8, 1.6, (places, places))
    seconds = np.ceil(away).astype(np.int32)
    if draw(st.booleans()):  # a leg here and there is far longer than a way round
        seconds = np.where(chance.random((places, places)) < 0.1, seconds * 3, seconds).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    closed = chance.random((places, places)) < (0.06 if "unreachable" in on else 0)
    np.fill_diagonal(closed, False)

    def matrix(legs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.where(closed, UNREACHABLE, legs).astype(np.int32)

    slots = []
    for from_s in draw(st.sampled_from([(20,), (60,), (15, 80), (40, 41)])) if "slots" in on else ():
        legs = np.floor(seconds * chance.choice([0.5, 1.0, 1.5, 2.0], (places, places)))
        slots.append(Slot(from_s, matrix(legs)))
    base = matrix(seconds)
    metres = base if not draw(st.integers(0, 3)) else matrix(seconds * 97 + chance.integers(0, 50, seconds.shape))
    return Travel(base, metres, tuple(slots))


@st.composite
def rich_problems(
    draw: st.DrawFn,
    *,
    max_visits: int = 9,
    max_vehicles: int = 3,
    min_visits: int = 0,
    features: Collection[str] = FEATURES,
    always: Collection[str] = (),
) -> tuple[Problem, Travel]:
    """A problem with some of the `features` (each is on in every other case, `always` in all), and its travel."""
    on = {name for name in features if draw(st.booleans())} | set(always)
    middle = (min_visits + max_visits) // 2  # few visits try little out, so they are drawn less often
    visits = draw(st.sampled_from([*range(min_visits, max_visits + 1), *range(middle, max_visits + 1)]))
    vehicles = draw(st.integers(1, max_vehicles))
    make = _Maker(draw, on, visits, vehicles)
    vans = tuple(make.vehicle(number, 2 + visits + number) for number in range(vehicles))
    stops = tuple(make.visit(number) for number in range(visits))
    pairs = make.pairs()
    together, apart = make.groups(pairs)
    known = make.some(1, visits) if visits and {"before", "max_changes"} & on else []
    problem = Problem(
        stops,
        vans,
        ("kg", "l")[: make.dimensions],
        HORIZON_S,
        pairs=pairs,
        locks=make.locks(),
        together=together,
        apart=apart,
        before={one: draw(st.sampled_from(make.vans)) for one in known},
        max_changes=make.pick("max_changes", [0, 1, 2], None),
        prices=Prices(
            unfamiliar_cents=make.pick("familiar", [15, 40], 0),
            out_of_zone_cents=make.pick("zones", [10, 60], 0),
            change_cents=make.pick("before", [12, 50], 0),
            balance_cents_per_hour=make.pick("balance", [3600, 1000, 9000], 0),
        ),
    )
    return problem, _travel(draw, on, 2 + visits + vehicles)
