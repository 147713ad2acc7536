"""Plans to ask questions about: random problems with what insertion alone puts into their tours."""

from __future__ import annotations

import time

from routing.solver.plan import Costs, Plan, Unassigned
from routing.solver.problem import Problem, Travel
from routing.solver.reoptimize import mended
from routing.solver.standing import Standing

EMPTY = Plan((), (), Costs())


def filled(problem: Problem, travel: Travel) -> Plan:
    """A plan made by putting one visit after the other where it costs least; the rest is left out."""
    standing = mended(problem, travel, EMPTY, until=time.monotonic() + 10)
    return written(standing)


def written(standing: Standing) -> Plan:
    """What stands as a plan; whatever is in no tour is left out."""
    return standing.written(
        [
            Unassigned(visit.id, "left", "Left out.")
            for at, visit in enumerate(standing.problem.visits)
            if at not in standing.owner
        ]
    )
