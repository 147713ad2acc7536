"""OR-Tools as most people use it: one model of everything, a first solution, guided local search until the time is up.

The model is the one our own engine has (see `routing/solver/ortools_engine.py`), so nothing that helps is kept from it.
It has no seed.
"""

from __future__ import annotations

from benchmarks.routing.peers.rebuilt import rebuilt
from routing.solver import Plan, Problem, Travel
from routing.solver.ortools_engine import Part


def ortools(problem: Problem, travel: Travel, seconds: float, seed: int) -> Plan | None:
    """PATH_CHEAPEST_ARC first; where that places nothing, PARALLEL_CHEAPEST_INSERTION, with all the time once more."""
    plan = _searched(problem, travel, seconds, "PATH_CHEAPEST_ARC")
    return plan if plan is not None and plan.tours else by_insertion(problem, travel, seconds, seed) or plan


def by_insertion(problem: Problem, travel: Travel, seconds: float, seed: int) -> Plan | None:
    """PARALLEL_CHEAPEST_INSERTION first."""
    return _searched(problem, travel, seconds, "PARALLEL_CHEAPEST_INSERTION")


def _searched(problem: Problem, travel: Travel, seconds: float, first: str) -> Plan | None:
    part = Part(problem, travel, range(len(problem.vehicles)), range(len(problem.visits)))
    found = part.search(None, seconds=seconds, first=first)
    return None if found is None else rebuilt(problem, travel, found)
