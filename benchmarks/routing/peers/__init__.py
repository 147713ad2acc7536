"""Ours and other open solvers on our own nouns: same problem in, a plan in our own reckoning out.

Each is `name(problem, travel, seconds, seed) -> Plan | None`: None where the solver cannot express the problem, found
nothing, or answered with tours that break a rule. Model building counts against the time. Whatever a solver says that
its answer costs, only the order of its stops is taken: our scheduler sets the times and reckons the cost, and the
independent check judges it.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.routing.peers.with_ortools import by_insertion, ortools
from benchmarks.routing.peers.with_pyvrp import pyvrp
from benchmarks.routing.peers.with_vroom import vroom
from routing.solver import Plan, Problem, Travel, solve

__all__ = ["INSERTED", "OURS", "SOLVERS", "Solver", "ortools", "ours", "pyvrp", "vroom"]

Solver = Callable[[Problem, Travel, float, int], Plan | None]
OURS = "Lastmile"
INSERTED = "OR-Tools by insertion"


def ours(problem: Problem, travel: Travel, seconds: float, seed: int, threads: int = 1) -> Plan | None:
    """`routing.solver.solve` as the platform calls it."""
    return solve(problem, travel, seconds=seconds, seed=seed, threads=threads)


SOLVERS: dict[str, Solver] = {OURS: ours, "PyVRP": pyvrp, "VROOM": vroom, "OR-Tools": ortools, INSERTED: by_insertion}
