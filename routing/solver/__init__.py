"""From a routing problem to a plan: pure, integers only, no clock but for budgets. See docs/routing.md."""

from routing.solver.check import Fault, check
from routing.solver.insert import Consequence, Option, insertions, move
from routing.solver.plan import Costs, Plan, Reloading, Rest, Step, Tour, Unassigned
from routing.solver.problem import (
    DEFAULT_PRICE_CENTS,
    UNREACHABLE,
    Break,
    Lock,
    Overtime,
    Pair,
    Prices,
    Problem,
    ProblemError,
    Reload,
    Slot,
    Travel,
    Vehicle,
    Visit,
    Window,
)
from routing.solver.relax import Relaxation
from routing.solver.search import Progress, solve
from routing.solver.standing import Standing
from routing.solver.why import explain_unassigned

__all__ = [
    "DEFAULT_PRICE_CENTS",
    "UNREACHABLE",
    "Break",
    "Consequence",
    "Costs",
    "Fault",
    "Lock",
    "Option",
    "Overtime",
    "Pair",
    "Plan",
    "Prices",
    "Problem",
    "ProblemError",
    "Progress",
    "Relaxation",
    "Reload",
    "Reloading",
    "Rest",
    "Slot",
    "Standing",
    "Step",
    "Tour",
    "Travel",
    "Unassigned",
    "Vehicle",
    "Visit",
    "Window",
    "check",
    "explain_unassigned",
    "insertions",
    "move",
    "solve",
]
