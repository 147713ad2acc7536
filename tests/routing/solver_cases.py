"""Small random problems and the best plan by brute force, for the solver's tests."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from routing.solver import Break, Overtime, Problem, Travel, Vehicle, Visit, Window
from routing.solver.schedule import Scheduler
from tests.routing.rich_cases import FEATURES, rich_problems

__all__ = ["DAY_S", "FEATURES", "cheapest", "line", "rich_problems", "small_problems", "windows"]

DAY_S = 40_000


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """None, one, or two windows."""
    starts = sorted(draw(st.lists(st.integers(0, 30), max_size=2, unique=True)))
    found, free = [], -1
    for start in starts:
        begin = max(start * 1000, free)
        end = begin + draw(st.integers(0, 8)) * 500
        found.append(Window(begin, end))
        free = end + 500
    return tuple(found)


@st.composite
def small_problems(draw: st.DrawFn, *, visits: int = 5, vehicles: int = 2) -> tuple[Problem, Travel]:
    """Up to so many visits and vehicles, with every feature switched on and off."""
    count, fleet = draw(st.integers(0, visits)), draw(st.integers(1, vehicles))
    places = count + 2
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    at = chance.uniform(0, 3000, (places, 2))
    metres = (np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) * chance.uniform(1, 1.4, (places, places))).astype(
        int
    )
    np.fill_diagonal(metres, 0)
    travel = Travel(metres.astype(np.int32), (metres * 7).astype(np.int32))
    vans = tuple(
        Vehicle(
            id=f"van{number}",
            start_place=draw(st.sampled_from([0, 1])),
            end_place=draw(st.sampled_from([0, 1, None])),
            shift=Window(draw(st.sampled_from([0, 3000])), draw(st.sampled_from([12_000, 25_000]))),
            capacity=(draw(st.integers(0, 12)),),
            skills=frozenset(draw(st.sets(st.sampled_from("ab")))),
            fixed_cents=draw(st.sampled_from([0, 2000])),
            cents_per_hour=draw(st.sampled_from([0, 1800, 3600])),
            cents_per_km=draw(st.sampled_from([0, 50])),
            breaks=draw(
                st.sampled_from([(), (Break(5000, 8000, 1200),), (Break(4000, 5000, 600), Break(9000, 14_000, 900))])
            ),
            overtime=draw(st.sampled_from([None, Overtime(3000, 2400)])),
            max_visits=draw(st.sampled_from([None, None, 2])),
            max_metres=draw(st.sampled_from([None, None, 40_000])),
            max_duration_s=draw(st.sampled_from([None, None, 9000])),
            initial_load=draw(st.sampled_from([None, (0,)])),
        )
        for number in range(fleet)
    )
    stops = []
    for number in range(count):
        own = draw(windows())
        locks: Any = [None, None, None, frozenset({"van0"}), frozenset()]
        stops.append(
            Visit(
                id=f"v{number}",
                place=number + 2,
                windows=own,
                service_s=draw(st.sampled_from([0, 300, 900])),
                load=(draw(st.integers(0, 5)),),
                skills=frozenset(draw(st.sampled_from(["", "", "", "a", "ab"]))),
                price_cents=draw(st.sampled_from([500, 5000, 100_000])),
                late_cents_per_hour=draw(st.sampled_from([None, None, 1000])) if own else None,
                allowed_vehicles=draw(st.sampled_from(locks)),
            )
        )
    return Problem(tuple(stops), vans, ("kg",), DAY_S), travel


def cheapest(problem: Problem, travel: Travel) -> int:
    """Cost of the best plan, found by looking at every order of every subset on every vehicle."""
    scheduler, count = Scheduler(problem, travel), len(problem.visits)
    best = {0: 0}
    for van in range(len(problem.vehicles)):
        able = [at for at in range(count) if scheduler.may_serve(van, at)]
        tours: dict[int, int] = {0: 0}
        for size in range(1, len(able) + 1):
            for order in permutations(able, size):
                cents = scheduler.price(van, order)
                served = sum(1 << at for at in order)
                if cents is not None and cents < tours.get(served, 1 << 60):
                    tours[served] = cents
        merged: dict[int, int] = {}
        for done, cents in best.items():
            for served, more in tours.items():
                if not done & served:
                    both = done | served
                    merged[both] = min(merged.get(both, 1 << 60), cents + more)
        best = merged
    prices = [visit.price_cents for visit in problem.visits]
    return min(cents + sum(p for at, p in enumerate(prices) if not done >> at & 1) for done, cents in best.items())


def line(seconds: list[list[int]]) -> Travel:
    """Travel from plain lists; ten metres a second."""
    table = np.array(seconds, dtype=np.int32)
    return Travel(table, table * 10)
