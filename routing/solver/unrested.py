"""Days with breaks, begun without them.

A tour with breaks is timed by labels, at a sixth of the speed, and annealing that times nothing else comes too little
far. Shifts shortened by the breaks say nearly the same of a day, so most of its shape is found on these; what then does
not fit around the real breaks has to find a place in the vans that are used.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from routing.solver.annealer import Annealer, Pace, Tours
from routing.solver.fewer import fewer_vans
from routing.solver.kernel.alone import possible_visits
from routing.solver.kernel.timing import OUT_SIZE, room
from routing.solver.problem import Vehicle
from routing.solver.schedule import Scheduler
from routing.solver.usable import longest_possible

#: Shares of the time: annealing, each look for a plan with one van less.
ANNEALED, FEWER = 0.75, 0.25
#: How often a better plan is told while it is searched for.
TELL_EVERY_S = 1.0


def begun_without_breaks(
    scheduler: Scheduler,
    *,
    until: float,
    seed: int,
    threads: int,
    on: Callable[[], bool],
    hear: Callable[[Tours], None],
) -> Tours:
    """Tours that keep every rule, breaks included, from a search without breaks; some visits may be in none.

    `until` is a moment of `time.monotonic`; `on` is asked whether to go on; `hear` is told of such tours meanwhile.
    """
    problem = scheduler.problem
    light = Scheduler(replace(problem, vehicles=tuple(map(_unrested, problem.vehicles))), scheduler.travel)
    annealer = Annealer(light, seed=seed, on=on)
    whole_s, told_at = until - time.monotonic(), time.monotonic()

    def kept() -> Tours:
        tours = {van: longest_possible(scheduler, van, codes) for van, codes in annealer.tours.items()}
        return {van: codes for van, codes in tours.items() if codes}

    def look() -> bool:
        nonlocal told_at
        if time.monotonic() - told_at > TELL_EVERY_S:
            hear(kept())
            told_at = time.monotonic()
        return on()

    annealer.begin(possible_visits(light.data, room(), np.zeros(OUT_SIZE, np.int64)), {})
    if annealer.ready:
        annealer.run(Pace(until - (1 - ANNEALED) * whole_s, None), look, threads=threads)
        fewer_vans(annealer, light, lambda: Pace(time.monotonic() + FEWER * whole_s, None), on)
    return kept()


def _unrested(vehicle: Vehicle) -> Vehicle:
    """The vehicle with as much less of a shift as its breaks take."""
    shift, rest_s = vehicle.shift, sum(one.duration_s for one in vehicle.breaks)
    return replace(vehicle, breaks=(), shift=replace(shift, latest_s=max(shift.earliest_s, shift.latest_s - rest_s)))
