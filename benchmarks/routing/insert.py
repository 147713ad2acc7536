"""How long questions about a plan take: `python -m benchmarks.routing.insert [--stops N] [--seed N]`.

A generated city day with pairs among its stops, planned by insertion alone on about 20 stops a van; medians and the
slowest of many different stops, in milliseconds, on whatever core this process is bound to.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks.routing.cities import city_day
from routing.solver.insert import insertions, moved, options, warm_up
from routing.solver.plan import Costs, Plan, Unassigned
from routing.solver.problem import Pair, Problem, Travel
from routing.solver.reoptimize import mended, reoptimize
from routing.solver.standing import Standing
from routing.solver.why import explained


def day(stops: int, seed: int, *, rich: bool, pairs: int = 0) -> tuple[Problem, Travel, Plan]:
    """A problem and a plan for it in which every van that is used has about 20 stops."""
    problem, travel = city_day(stops, seed=seed, rich=rich, vans=stops // 10)
    paired = tuple(Pair(f"v{at}", f"v{at + 1}", (2, 2)) for at in range(1, 2 * pairs, 2))
    problem = replace(problem, pairs=paired)
    standing = mended(problem, travel, Plan((), (), Costs()), until=time.monotonic() + 120)
    left = [visit.id for at, visit in enumerate(problem.visits) if at not in standing.owner]
    return problem, travel, standing.written([Unassigned(one, "left", "Left out.") for one in left])


def measured(question: Callable[[str], object], visits: Iterable[str]) -> dict[str, float]:
    """Median and slowest of the question for each visit, in milliseconds."""
    spent = []
    for one in visits:
        began = time.perf_counter()
        question(one)
        spent.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(statistics.median(spent), 2), "slowest_ms": round(max(spent), 2), "asked": len(spent)}


def run(stops: int, seed: int, rich: bool) -> dict[str, object]:
    """All questions about one day."""
    problem, travel, plan = day(stops, seed, rich=rich, pairs=20)
    alone = [visit.id for visit in problem.visits[40 :: max(1, stops // 60)]]
    began = time.perf_counter()
    standing = Standing(problem, travel, plan)
    built = (time.perf_counter() - began) * 1000
    vans = [tour.vehicle for tour in plan.tours]

    def ranked(one: str) -> object:
        answer = options(standing, one)
        return [(each.newly_late, each.delta_late_s) for each in answer.options[:10]]

    def dragged(one: str) -> object:
        return moved(standing, one, vans[len(one) * 7 % len(vans)], 5)

    for warm in (ranked, dragged):
        warm(alone[0])
    options(standing, "v1")
    figures: dict[str, object] = {
        "stops": stops,
        "kind": "rich" if rich else "plain",
        "tours": len(plan.tours),
        "left_out": len(plan.unassigned),
        "places": len(options(standing, alone[0]).options) + len(options(standing, alone[0]).obstacles),
        "standing built, ms": round(built, 2),
        "all places of one stop": measured(lambda one: options(standing, one), alone),
        "and newly late of the best ten": measured(ranked, alone),
        "all places of a pair": measured(lambda one: options(standing, one), [f"v{at}" for at in range(1, 40, 4)]),
        "a drag: one place with all it breaks": measured(dragged, alone),
        "insertions() from nothing": measured(lambda one: insertions(problem, travel, plan, one), alone[:20]),
    }
    figures["why not, with ways out"] = _why(problem, travel, plan, alone[:20])
    figures["first answer of a re-optimisation, ms"] = _first(problem, travel, plan)
    return figures


def _why(problem: Problem, travel: Travel, plan: Plan, visits: list[str]) -> dict[str, float]:
    """Only the vans in use, and each stop asked for at an hour when nobody works."""
    used = {tour.vehicle for tour in plan.tours}
    fleet = tuple(one for one in problem.vehicles if one.id in used)
    count = 0

    def ask(one: str) -> object:
        nonlocal count
        changed = replace(
            problem,
            vehicles=fleet,
            visits=tuple(
                replace(
                    visit,
                    windows=(replace(visit.windows[0], earliest_s=0, latest_s=8 * 3600),),
                    late_cents_per_hour=None,
                )
                if visit.id == one and visit.windows
                else visit
                for visit in problem.visits
            ),
        )
        standing = Standing(changed, travel, plan).without([changed.visit_at(one)])
        why = explained(standing, one)
        count += len(why.relaxations)
        return why

    figures = measured(ask, visits)
    return {**figures, "ways_out": count}


def _first(problem: Problem, travel: Travel, plan: Plan) -> float:
    heard: list[float] = []
    fresh = tuple(replace(one, id=f"new {one.id}") for one in problem.visits[50:70])
    began = time.perf_counter()
    reoptimize(
        replace(problem, visits=(*problem.visits, *fresh)),
        travel,
        plan,
        seconds=1,
        seed=1,
        max_changes=30,
        progress=lambda _: heard.append((time.perf_counter() - began) * 1000),
        should_stop=lambda: bool(heard),
    )
    return round(heard[0], 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    warm_up()
    for kind in (True, False):
        print(json.dumps(run(asked.stops, asked.seed, kind), indent=1))
