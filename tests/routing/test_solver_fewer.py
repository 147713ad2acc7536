"""Plans that do without a van: found where they are cheaper, not looked for where they cannot be."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from routing.solver import Problem, Travel, Vehicle, Visit, Window, check
from routing.solver.annealer import Annealer, Pace, Tours
from routing.solver.fewer import fewer_vans
from routing.solver.laying import lay
from routing.solver.schedule import Scheduler
from tests.routing.solver_cases import line

HOUR = 3600
#: Twelve places along a street, a minute apart; the depot is at its beginning.
STREET = line([[abs(a - b) * 60 for b in range(13)] for a in range(13)])
#: Three vans that each make every third stop: as much driving as can be, in tours that annealing alone would keep.
MIXED: Tours = {0: [0, 3, 6, 9], 1: [1, 4, 7, 10], 2: [2, 5, 8, 11]}


def _street() -> tuple[Problem, Travel]:
    visits = tuple(Visit(id=f"v{at}", place=at, service_s=300, load=(1,)) for at in range(1, 13))
    van = Vehicle(
        id="0", start_place=0, end_place=0, shift=Window(0, 4 * HOUR), capacity=(12,),
        fixed_cents=3000, cents_per_hour=2500, cents_per_km=50,
    )  # fmt: skip
    return Problem(visits, tuple(replace(van, id=str(number)) for number in range(3)), ("parcels",)), STREET


def _begun(problem: Problem, travel: Travel, tours: Tours) -> tuple[Scheduler, Annealer]:
    scheduler = Scheduler(problem, travel)
    annealer = Annealer(scheduler, seed=1, on=lambda: True)
    annealer.begin(range(len(problem.visits)), tours)
    return scheduler, annealer


def test_vans_are_emptied_as_long_as_that_is_cheaper() -> None:
    problem, travel = _street()
    scheduler, annealer = _begun(problem, travel, MIXED)
    assert fewer_vans(annealer, scheduler, lambda: Pace(time.monotonic() + 60, 2000), lambda: True)
    assert len(annealer.tours) == 1
    assert annealer.absent() == []
    (van, codes), *_ = annealer.tours.items()
    plan = lay(problem, travel, {problem.vehicles[van].id: [problem.visits[at].id for at in codes]})
    assert check(problem, travel, plan) == []


def test_a_van_too_few_leaves_everything_as_it_was() -> None:
    problem, travel = _street()
    problem = replace(problem, vehicles=tuple(replace(one, max_visits=7) for one in problem.vehicles))
    scheduler, annealer = _begun(problem, travel, {0: list(range(6)), 1: list(range(6, 12))})
    before, units = annealer.tours, annealer.units
    tried: list[float] = []

    def pace() -> Pace:
        tried.append(time.monotonic())
        return Pace(time.monotonic() + 60, 2000)

    assert not fewer_vans(annealer, scheduler, pace, lambda: True)
    assert len(tried) == 1
    assert (annealer.tours, annealer.units, annealer.absent()) == (before, units, [])


@pytest.mark.parametrize("why", ["cheap", "locked", "stopped"])
def test_what_cannot_pay_is_not_looked_for(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, travel = _street()
    if why == "cheap":
        problem = replace(problem, vehicles=tuple(replace(one, fixed_cents=1) for one in problem.vehicles))
    if why == "locked":
        owners = {f"v{at + 1}": str(van) for van, codes in MIXED.items() for at in codes}
        visits = tuple(replace(one, allowed_vehicles=frozenset({owners[one.id]})) for one in problem.visits)
        problem = replace(problem, visits=visits)
    scheduler, annealer = _begun(problem, travel, MIXED)
    monkeypatch.setattr(annealer, "without", lambda *_: pytest.fail("it was looked for"))
    assert not fewer_vans(annealer, scheduler, lambda: Pace(time.monotonic(), 1), lambda: why != "stopped")
    assert annealer.tours == MIXED
