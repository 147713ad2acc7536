"""One van less: plans that do without a van that is in use.

Annealing does not empty a tour by itself, since nearly all of its visits have to fit elsewhere before that pays. Here
the van is taken away, and what it made has to find a place among the others (fleet minimization by absent customers:
Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914).
"""

from __future__ import annotations

from collections.abc import Callable

from routing.solver.annealer import Annealer, Pace, Report
from routing.solver.kernel.layout import HARD_END, SHIFT_EARLY, UNITS_PER_CENT
from routing.solver.schedule import Scheduler

#: A van is worth emptying where its fixed cost is such a share of the whole.
WORTH = 0.005


def fewer_vans(annealer: Annealer, scheduler: Scheduler, pace: Callable[[], Pace], report: Report) -> bool:
    """Do without one used van after the other as long as that is cheaper, each time for a `pace`; whether it was."""
    found = False
    while report() and (van := annealer.spare()) is not None and _worth_emptying(annealer, scheduler, van):
        if not annealer.without(van, pace(), report):
            break
        found = True
    return found


def _worth_emptying(annealer: Annealer, scheduler: Scheduler, van: int) -> bool:
    """Whether the van costs enough, and the shifts of the others have as many hours as are worked now."""
    if scheduler.problem.vehicles[van].fixed_cents * UNITS_PER_CENT < WORTH * annealer.units:
        return False
    spans = {one: scheduler.outline(one, codes) for one, codes in annealer.tours.items()}
    busy_s = sum(outline.end_s - outline.start_s for outline in spans.values() if outline is not None)
    others = scheduler.data.van[[one for one in spans if one != van]]
    return busy_s <= int((others[:, HARD_END] - others[:, SHIFT_EARLY]).sum())
