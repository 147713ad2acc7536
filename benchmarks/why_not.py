"""How long "why not?" takes for one stop beside a thousand on routes: `./run test` runs its body with a database
(`./run test -s benchmarks/why_not.py`).

Routes are laid in rings by hand (no search); then the reasons of stops that no window, van or driver has room for are
asked for, each as the API asks. Prints the times of each part.
"""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from dispatch import facts, planning, queries, why
from dispatch.actions import plans
from dispatch.models import Plan, Stop
from dispatch.travel import travel_between
from routing.solver import laying as sequences
from tests.dispatch.by_hand import lay
from tests.fixtures import NOW, World, _truncate_as_owner, django_db_setup, located_order, make_world

__all__ = ["_truncate_as_owner", "django_db_setup"]

VANS, EACH, LEFT = 40, 25, 6


@pytest.fixture
def big(db: None) -> tuple[World, Plan]:
    world = make_world("Amber", lat=49.41, lon=8.69, drivers=VANS)
    with world.scope():
        for number in range(VANS * EACH):
            turn, out = 2 * math.pi * (number // EACH) / VANS, 0.01 + 0.002 * (number % EACH)
            located_order(world, f"N{number:04d}", lat=49.41 + out * math.sin(turn), lon=8.69 + out * math.cos(turn))
        for number in range(LEFT):
            more: dict[str, Any] = [{"skills": ["crane"]}, {"weight_g": 790_000}, {"weight_g": 790_000}][number % 3]
            located_order(world, f"OUT{number}", lat=49.43 + 0.002 * number, lon=8.70, **more)
        plan = plans.open_plan(day=world.day, depot=world.depot, by=world.dispatcher, at=NOW)
    routes = {van: [f"N{van * EACH + at:04d}" for at in range(EACH)] for van in range(VANS)}
    lay(world, plan, routes, [f"OUT{number}" for number in range(LEFT)])
    return world, plan


@pytest.mark.django_db
def test_time(big: tuple[World, Plan]) -> None:
    world, plan = big
    with world.scope():
        stops = list(queries.stops().select_related("plan", "route").filter(status="unassigned"))
        why.row(stops[0])  # compiled code is read once by each process
        for stop in stops:
            began, cpu = time.perf_counter(), time.process_time()
            row = why.row(stop)
            spent, worked = time.perf_counter() - began, time.process_time() - cpu
            print(f"{row['code']:24} {len(row['ways'])} ways  {spent:6.2f} s  ({worked:.2f} s of a processor)")
        began = time.process_time()
        day = facts.of_plan(plan)
        a = time.process_time()
        travel = travel_between(day.points())[0]
        b = time.process_time()
        problem = planning.to_problem(day)
        c = time.process_time()
        sequences.lay(problem, travel, day.sequences)
        d = time.process_time()
        print(f"facts {a - began:.2f}  travel {b - a:.2f}  problem {c - b:.2f}  laying {d - c:.2f}")
        assert Stop.objects.filter(status="planned").count() == VANS * EACH
