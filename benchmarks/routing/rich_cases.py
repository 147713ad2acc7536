"""Generated days with what real days have besides addresses and windows: each thing alone, and all of it together.

The same name, number of stops and seed give the same day. All days have vans for all stops, so that the question is
what it costs. Kinds:

breaks: lunch for everyone, for every third driver in two parts. reloads: small vans that come back to the depot to
load. pairs: two visits of five are a pickup and its delivery elsewhere. skills: a third of the visits needs a cooled
van, a lift or two people. soft: most windows are half an hour to an hour and may be missed at a price. drivers: a fifth
of the visits belongs to given drivers. locks: besides, some stops are locked in their order or their number. balance:
an hour between the longest and the shortest tour costs 30.00. mixed: all of it, with overtime, familiar places, zones,
apart and together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.routing.cities import roads
from routing.solver import Break, Lock, Overtime, Pair, Prices, Problem, Reload, Travel, Vehicle, Visit, Window

_HOUR = 3600
_OPENS, _CLOSES = 8 * _HOUR, 18 * _HOUR


@dataclass(slots=True)
class _Day:
    """A day in the making."""

    chance: np.random.Generator
    travel: Travel
    visits: list[Visit]
    vans: list[Vehicle]
    pairs: tuple[Pair, ...] = ()
    locks: tuple[Lock, ...] = ()
    together: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    prices: Prices = field(default_factory=Prices)

    def change_vans(self, **changes: object) -> None:
        """The same change for all vans."""
        self.vans = [replace(van, **changes) for van in self.vans]  # type: ignore[arg-type]

    def near(self, place: int, among: list[int], count: int) -> list[int]:
        """Those of the visits (by index) that are nearest to a place."""
        return sorted(among, key=lambda at: int(self.travel.seconds[place, self.visits[at].place]))[:count]


def rich_case(kind: str, stops: int, seed: int) -> tuple[Problem, Travel]:
    """The day of that kind."""
    day = _plain(stops, seed)
    for make in KINDS[kind]:
        make(day)
    problem = Problem(
        tuple(day.visits),
        tuple(day.vans),
        ("kg", "litres"),
        pairs=day.pairs,
        locks=day.locks,
        together=day.together,
        apart=day.apart,
        prices=day.prices,
    )
    return problem, day.travel


def _plain(stops: int, seed: int) -> _Day:
    """Two depots' worth of vans, 60 % of the visits with a window of 1–4 h."""
    chance = np.random.default_rng([seed, stops])
    at = chance.normal(0, 4500, (stops + 1, 2))
    at[0] = (2000, -1000)
    travel = roads(at, chance)
    visits = []
    for place in range(1, stops + 1):
        windows: tuple[Window, ...] = ()
        if chance.random() < 0.6:
            length = int(chance.integers(2, 9)) * _HOUR // 2
            start = int(chance.integers(_OPENS, _CLOSES - length))
            there_s, back_s = int(travel.seconds[0, place]), int(travel.seconds[place, 0])
            start = max(_OPENS + there_s - length + 600, min(start, _CLOSES - back_s - 1800))
            windows = (Window(start, start + length),)
        visits.append(
            Visit(
                id=f"v{place}",
                place=place,
                windows=windows,
                service_s=int(chance.integers(180, 720)),
                load=(int(chance.integers(1, 30)), int(chance.integers(5, 100))),
            )
        )
    vans = [
        Vehicle(
            id=f"van{number}",
            start_place=0,
            end_place=0,
            shift=Window(_OPENS, _CLOSES),
            capacity=(500, 1800),
            fixed_cents=3000,
            cents_per_hour=2500,
            cents_per_km=45,
        )
        for number in range(max(4, stops // 11))
    ]
    return _Day(chance, travel, visits, vans)


def _breaks(day: _Day) -> None:
    lunch = Break(11 * _HOUR, 14 * _HOUR, 1800)
    day.vans = [
        replace(van, breaks=(replace(lunch, parts=(900, 900)) if number % 3 == 0 else lunch,))
        for number, van in enumerate(day.vans)
    ]


def _reloads(day: _Day) -> None:
    depot = Reload(0, 600)
    day.change_vans(capacity=(140, 500), reloads=(depot,), max_reloads=3)


def _pairs(day: _Day) -> None:
    """Pickups are shifted to the morning and deliveries to the afternoon where they have windows."""
    count = len(day.visits) // 5
    chosen = [int(at) for at in day.chance.permutation(len(day.visits))[: 2 * count]]
    pairs = []
    for first, second in zip(chosen[:count], chosen[count:], strict=True):
        load = day.visits[first].load
        for at, window in ((first, Window(_OPENS + 1800, 13 * _HOUR)), (second, Window(11 * _HOUR, 17 * _HOUR))):
            windows = (window,) if day.visits[at].windows else ()
            day.visits[at] = replace(day.visits[at], load=(0, 0), windows=windows)
        pairs.append(Pair(day.visits[first].id, day.visits[second].id, load))
    day.pairs = tuple(pairs)


def _skills(day: _Day) -> None:
    wanted = ("cooled", "lift", "two people")
    for at, visit in enumerate(day.visits):
        if day.chance.random() < 0.33:
            needed = {str(day.chance.choice(wanted))} | ({"lift"} if day.chance.random() < 0.2 else set())
            day.visits[at] = replace(visit, skills=frozenset(needed))
    sets = (("cooled", "lift"), ("two people", "lift"), (), ("cooled", "two people", "lift"))
    day.vans = [replace(van, skills=frozenset(sets[number % 4])) for number, van in enumerate(day.vans)]


def _soft(day: _Day) -> None:
    for at, visit in enumerate(day.visits):
        if visit.windows and day.chance.random() < 0.8:
            begin = visit.windows[0].earliest_s
            length = int(day.chance.integers(1800, 3601))
            day.visits[at] = replace(
                visit,
                windows=(Window(begin, begin + length),),
                late_cents_per_hour=int(day.chance.choice([1500, 3000, 6000])),
            )


def _drivers(day: _Day) -> None:
    """Visits near each other belong to one driver; no more than two hours of service each."""
    free = [at for at, visit in enumerate(day.visits) if not visit.skills and not _paired(day, visit)]
    each = max(2, len(day.visits) // 5 // (len(day.vans) // 2))
    locks = []
    for van in day.vans[: len(day.vans) // 2]:
        heart = int(day.chance.integers(1, len(day.visits) + 1))
        taken = day.near(heart, free, each)
        free = [at for at in free if at not in taken]
        locks.append(Lock("driver", van.id, tuple(day.visits[at].id for at in taken)))
    day.locks += tuple(locks)


def _orders(day: _Day) -> None:
    """Stops that follow one another in the order of their windows, and stops that come first."""
    held = {name for lock in day.locks for name in lock.visits}
    free = [
        at
        for at, visit in enumerate(day.visits)
        if visit.id not in held and not visit.windows and not visit.skills and not _paired(day, visit)
    ]
    locks = []
    half = len(day.vans) // 2
    for number, van in enumerate(day.vans[half : half + max(2, half // 2)]):
        heart = int(day.chance.integers(1, len(day.visits) + 1))
        taken = day.near(heart, free, 3 if number % 2 else 2)
        free = [at for at in free if at not in taken]
        names = tuple(day.visits[at].id for at in taken)
        locks.append(Lock("order", van.id, names) if number % 2 else Lock("position", van.id, names, 0))
    day.locks += tuple(locks)


def _balance(day: _Day) -> None:
    day.prices = replace(day.prices, balance_cents_per_hour=3000)


def _mixture(day: _Day) -> None:
    """Overtime, drivers who know their places, zones, a slower driver, groups."""
    day.change_vans(overtime=Overtime(_HOUR, 1200))
    day.vans = [
        replace(van, service_percent=120 if number % 5 == 0 else 100, zones=frozenset({"ns"[number % 2]}))
        for number, van in enumerate(day.vans)
    ]
    names = [van.id for van in day.vans]
    for at, visit in enumerate(day.visits):
        known = frozenset(str(name) for name in day.chance.choice(names, 2, replace=False))
        familiar = known if day.chance.random() < 0.3 else frozenset()
        day.visits[at] = replace(visit, familiar=familiar, zone=str(day.chance.choice(["n", "s"])))
    held = {name for lock in day.locks for name in lock.visits}
    free = [at for at, one in enumerate(day.visits) if one.id not in held and not one.skills and not _paired(day, one)]
    pick = [day.visits[int(at)].id for at in day.chance.permutation(free)[:8]]
    day.together = (frozenset(pick[:2]), frozenset(pick[2:4]))
    day.apart = (frozenset(pick[4:6]), frozenset(pick[6:8]))
    day.prices = replace(day.prices, unfamiliar_cents=150, out_of_zone_cents=200)


def _paired(day: _Day, visit: Visit) -> bool:
    return any(visit.id in (pair.pickup, pair.delivery) for pair in day.pairs)


KINDS: dict[str, tuple[Callable[[_Day], None], ...]] = {
    "breaks": (_breaks,),
    "reloads": (_reloads,),
    "pairs": (_pairs,),
    "skills": (_skills,),
    "soft": (_soft,),
    "drivers": (_drivers,),
    "locks": (_drivers, _orders),
    "balance": (_balance,),
    "mixed": (_breaks, _pairs, _skills, _soft, _drivers, _orders, _reloads, _balance, _mixture),
}
