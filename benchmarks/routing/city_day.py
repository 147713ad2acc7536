"""A generated city day, solved by ours and by plain OR-Tools on the same model in the same time, one after the other.

    python benchmarks/routing/city_day.py --stops 300 --seconds 10 [--seed 1] [--plain]

Prints one line per solver: cost, vans, visits left out, wall time, faults found by the independent check.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.routing.cities import city_day
from routing.solver import Plan, Problem, Travel, Unassigned, check, solve
from routing.solver.ortools_engine import Part
from routing.solver.plan import total_costs
from routing.solver.schedule import Scheduler


def guided_local_search(problem: Problem, travel: Travel, seconds: float) -> Plan:
    """OR-Tools as most people use it: one model, parallel insertion, guided local search until the time is up."""
    part = Part(problem, travel, range(len(problem.vehicles)), range(len(problem.visits)))
    found = part.search(None, seconds=seconds) or {}
    scheduler = Scheduler(problem, travel)
    tours = [tour for van, sequence in sorted(found.items()) if (tour := scheduler.tour(van, sequence)) is not None]
    made = {step.visit for tour in tours for step in tour.steps}
    out = [Unassigned(one.id, "left_out", "Left out.") for one in problem.visits if one.id not in made]
    left_out = sum(problem.visit(one.visit).price_cents for one in out)
    return Plan(tuple(tours), tuple(out), total_costs(tours, left_out))


def main() -> None:
    """Run both and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stops", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="hard windows and capacities alone")
    given = parser.parse_args()
    problem, travel = city_day(given.stops, seed=given.seed, rich=not given.plain)
    solvers = {
        "ours": lambda: solve(problem, travel, seconds=given.seconds, seed=given.seed),
        "or-tools": lambda: guided_local_search(problem, travel, given.seconds),
    }
    for name, run in solvers.items():
        began = time.monotonic()
        plan = run()
        wall = time.monotonic() - began
        faults = check(problem, travel, plan)
        print(
            f"{name:9} cost {plan.costs.total / 100:10.2f}  vans {len(plan.tours):3}  left out {len(plan.unassigned):3}"
            f"  km {sum(tour.metres for tour in plan.tours) / 1000:7.1f}  {wall:5.1f} s  faults {len(faults)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
