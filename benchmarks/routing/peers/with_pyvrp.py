"""PyVRP by itself: `pyvrp.solve` on one model of the whole problem.

Its parameters are the default ones but for the largest penalty, which is PyVRP's for costs of about one per second or
metre and is put into the unit of our costs: without that it breaks rules for pennies and finds less.
"""

from __future__ import annotations

import time

import pyvrp as library
from pyvrp.stop import MaxRuntime

from benchmarks.routing.peers.rebuilt import rebuilt
from routing.solver import Plan, Problem, Travel
from routing.solver.fit import Fit
from routing.solver.pyvrp_engine import penalties
from routing.solver.pyvrp_fit import reason
from routing.solver.pyvrp_model import Model


def pyvrp(problem: Problem, travel: Travel, seconds: float, seed: int) -> Plan | None:
    """All visits compulsory, as PyVRP's users have them: optional ones make it several times slower."""
    began = time.monotonic()
    vans, visits = range(len(problem.vehicles)), range(len(problem.visits))
    fit = Fit(problem, vans, visits)
    if reason(problem, travel, vans, visits, fit) is not None:
        return None
    model = Model(problem, travel, vans, visits, fit, frozenset(visits))
    left_s = max(0.01, seconds - (time.monotonic() - began))
    options = library.SolveParams(penalty=library.PenaltyParams(max_penalty=penalties(model)[1]))
    found = library.solve(model.data, MaxRuntime(left_s), seed=seed, collect_stats=False, params=options)
    return rebuilt(problem, travel, model.tours(found.best)) if found.is_feasible() else None
