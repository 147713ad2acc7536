"""From an instance to our problem: one unit of distance costs one cent, everything is to be served."""

from __future__ import annotations

from routing.instances.errors import InstanceError
from routing.instances.instance import Instance
from routing.solver.plan import Plan
from routing.solver.problem import Pair, Problem, ProblemError, Travel, Vehicle, Visit, Window
from routing.solver.validity import MAX_CENTS

#: One metre stands for one unit of distance, so that the plan's cost is the instance's.
CENTS_PER_KM = 1000


def model(instance: Instance) -> tuple[Problem, Travel]:
    """The problem and the travel of an instance; visit k is place k + 1. `InstanceError` where it does not fit."""
    distance = instance.distance
    travel = Travel(instance.duration, distance)
    horizon = _horizon(instance)
    # More than all tours together can ever cost: to leave a customer out never pays.
    price = min(MAX_CENTS, (instance.customers + instance.fleet) * int(distance.max()) + 1)
    paired = {place for pair in instance.pairs for place in pair}
    visits = tuple(
        Visit(
            id=str(instance.numbers[place]),
            place=place,
            windows=_windows(instance, place, horizon),
            service_s=instance.service[place],
            load=(0 if place in paired else instance.demand[place],),
            price_cents=price,
        )
        for place in range(1, instance.customers + 1)
    )
    opens, closes = instance.depot_window
    shift = Window(opens, min(closes, horizon))
    vehicles = tuple(
        Vehicle(
            id=f"v{number}",
            start_place=0,
            end_place=0,
            shift=shift,
            capacity=(instance.capacity,),
            cents_per_km=CENTS_PER_KM,
        )
        for number in range(1, min(instance.fleet, instance.customers) + 1)
    )
    pairs = tuple(
        Pair(str(instance.numbers[pickup]), str(instance.numbers[delivery]), (instance.demand[pickup],))
        for pickup, delivery in instance.pairs
    )
    try:
        problem = Problem(visits, vehicles, ("load",), horizon_s=horizon, pairs=pairs)
    except ProblemError as error:
        raise InstanceError(error.code, str(error)) from error
    return problem, travel


def routes(problem: Problem, plan: Plan) -> list[list[int]]:
    """The plan's tours as routes of places."""
    return [[problem.visit(one).place for one in tour.visits] for tour in plan.tours]


def _horizon(instance: Instance) -> int:
    """When all is over: the last window's end, or sooner, where no tour that waits for nothing can last so long."""
    windows = [window for window in instance.windows if window is not None]
    longest = sum(instance.service) + int(instance.duration.max(axis=1).sum(dtype="int64"))
    return max(1, min(max(closes for _, closes in windows), max(opens for opens, _ in windows) + longest))


def _windows(instance: Instance, place: int, horizon: int) -> tuple[Window, ...]:
    window = instance.windows[place]
    return () if window is None else (Window(window[0], min(window[1], horizon)),)
