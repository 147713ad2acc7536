"""What a plan is judged by, as named terms: hard rules first, then what is paid for, each with its unit and price.

`terms` lists them for one problem, `explain` says how much of each a plan has (to the cent), `PRESETS` re-price a
problem to what an organization wants most.

Hard before soft. No plan breaks a hard rule; that is no matter of price. Leaving a stop out is the dearest of the soft
terms: `hard_before_soft` raises the price of every stop that was left at the usual one (`DEFAULT_PRICE_CENTS`) above
all that a whole plan of this problem could cost otherwise, so that as many stops are made as can be. A price that the
caller has set stands: such a stop is left out where serving it costs more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from core.words import mark, say
from routing.solver.kernel.layout import outside
from routing.solver.plan import Costs, Plan, Tour
from routing.solver.problem import DEFAULT_PRICE_CENTS, UNREACHABLE, Problem, Travel, Vehicle, Visit
from routing.solver.validity import MAX_CENTS


@dataclass(frozen=True, slots=True)
class Term:
    """One term: `kind` hard (never broken) or soft (paid for).

    A soft term is counted in `base` (whole seconds, metres, stops, vans) and priced per `unit`, which is `per` of
    these: hours of 3,600 seconds. `price` is the least and the most that a unit costs in this problem, in cents; None
    for hard terms and for terms that are switched off.
    """

    name: str
    kind: str
    unit: str
    price: tuple[int, int] | None
    sentence: str
    base: str = ""
    per: int = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a term there is: `amount` in the term's base, and its `cents`."""

    term: Term
    amount: int
    cents: int

    @property
    def in_units(self) -> float:
        """The amount in the term's unit (hours, kilometres)."""
        return self.amount / self.term.per


@dataclass(frozen=True, slots=True)
class Explained:
    """Every soft term's amount for each route and for the plan; the plan's cents are its costs, term by term.

    `routes` are by vehicle; what only a plan has (imbalance, stops left out) is 0 there.
    """

    routes: Mapping[str, tuple[Amount, ...]]
    plan: tuple[Amount, ...]


def terms(problem: Problem) -> tuple[Term, ...]:
    """The objective of a problem: the hard rules that it has, then all soft terms in the order of `Costs`."""
    return (*_hard(problem), *_soft(problem))


def explain(problem: Problem, plan: Plan) -> Explained:
    """How much of each soft term every route and the whole plan have. Raises `ProblemError` for unknown ids."""
    soft = _soft(problem)
    routes = {tour.vehicle: _amounts(soft, _counted(problem, tour), tour.costs) for tour in plan.tours}
    counts = {term.name: 0 for term in soft}
    for tour in plan.tours:
        for name, count in _counted(problem, tour).items():
            counts[name] += count
    spans = [tour.duration_s for tour in plan.tours]
    counts["balance"] = max(spans) - min(spans) if spans else 0
    counts["left_out"] = len(plan.unassigned)
    return Explained(routes, _amounts(soft, counts, plan.costs))


def hard_before_soft(problem: Problem, travel: Travel | None = None) -> Problem:
    """The same problem in which no soft term is worth leaving out a stop whose price was left at the usual one.

    Without `travel` a van is taken to drive no faster than 130 km/h.
    """
    limit = min(MAX_CENTS, max(DEFAULT_PRICE_CENTS, _most_cents(problem, travel) + 1))
    return replace(
        problem,
        visits=tuple(
            replace(visit, price_cents=limit) if visit.price_cents == DEFAULT_PRICE_CENTS else visit
            for visit in problem.visits
        ),
    )


# -- presets -----------------------------------------------------------------------------------------------------------

#: On time: an hour late costs as much as so many hours of the dearest van. So a van makes a detour of twenty minutes
#: rather than be a minute late, and a van more for the day rather than half an hour.
LATE_HOURS = 20
#: Fewest vans: a van costs so many whole shifts of the dearest van (with a kilometre driven each minute) on top. To
#: empty a van its stops must go to others, which takes at most about a shift of theirs; two shifts leave a margin.
SHIFTS_PER_VAN = 2
#: Balanced: an hour between the longest and the shortest tour costs so many hours of the dearest van. Work that goes
#: from the longest to the shortest tour narrows the gap by twice itself, so up to two hours are paid to move one.
GAP_HOURS = 1.0
#: What an hour of a van counts for where the fleet has no hourly price: the presets must mean something there, too.
USUAL_CENTS_PER_HOUR = 3_000


def cheapest(problem: Problem) -> Problem:
    """Only money that is really paid: hours, kilometres, vans, overtime, and lateness at the caller's own price.

    Imbalance and unfamiliar places cost nothing; prices of changes and zones stay, they are the caller's word.
    """
    prices = replace(problem.prices, balance_cents_per_hour=0, unfamiliar_cents=0)
    return hard_before_soft(replace(problem, prices=prices))


def on_time(problem: Problem) -> Problem:
    """Lateness comes before money: soft windows cost at least `LATE_HOURS` hours of the dearest van an hour."""
    rate = min(MAX_CENTS, LATE_HOURS * _cents_per_hour(problem))
    visits = tuple(
        visit
        if visit.late_cents_per_hour is None
        else replace(visit, late_cents_per_hour=max(rate, visit.late_cents_per_hour))
        for visit in problem.visits
    )
    return hard_before_soft(replace(problem, visits=visits))


def fewest_vans(problem: Problem) -> Problem:
    """A van less is worth more than the way it saves: each costs `SHIFTS_PER_VAN` full shifts more than it does."""
    vehicles = tuple(
        replace(vehicle, fixed_cents=min(MAX_CENTS, vehicle.fixed_cents + _shift_cents(problem) * SHIFTS_PER_VAN))
        for vehicle in problem.vehicles
    )
    prices = replace(problem.prices, balance_cents_per_hour=0)
    return hard_before_soft(replace(problem, vehicles=vehicles, prices=prices))


def balanced(problem: Problem) -> Problem:
    """Tours of the same length: an hour between the longest and the shortest costs `GAP_HOURS` hours of a van."""
    rate = max(problem.prices.balance_cents_per_hour, int(GAP_HOURS * _cents_per_hour(problem)))
    return hard_before_soft(
        replace(problem, prices=replace(problem.prices, balance_cents_per_hour=min(MAX_CENTS, rate)))
    )


PRESETS: Mapping[str, Callable[[Problem], Problem]] = {
    "cheapest": cheapest,
    "on_time": on_time,
    "fewest_vans": fewest_vans,
    "balanced": balanced,
}


def _cents_per_hour(problem: Problem) -> int:
    """An hour of the dearest van."""
    return max((vehicle.cents_per_hour for vehicle in problem.vehicles), default=0) or USUAL_CENTS_PER_HOUR


def _shift_cents(problem: Problem) -> int:
    """A whole shift of the dearest van, a kilometre driven each minute."""

    def cents(vehicle: Vehicle) -> int:
        span_s = _work_s(problem, vehicle)
        return (vehicle.cents_per_hour or USUAL_CENTS_PER_HOUR) * span_s // 3600 + vehicle.cents_per_km * span_s // 60

    return max(map(cents, problem.vehicles), default=0)


# -- the dearest plan --------------------------------------------------------------------------------------------------


def _hard_end_s(problem: Problem, vehicle: Vehicle) -> int:
    extra = vehicle.overtime.max_s if vehicle.overtime else 0
    return min(vehicle.shift.latest_s + extra, problem.horizon_s)


def _work_s(problem: Problem, vehicle: Vehicle) -> int:
    """The longest a tour of the vehicle can last."""
    span_s = max(0, _hard_end_s(problem, vehicle) - vehicle.shift.earliest_s)
    return span_s if vehicle.max_duration_s is None else min(span_s, vehicle.max_duration_s)


def _most_cents(problem: Problem, travel: Travel | None) -> int:
    """More than the soft terms of any plan can come to, stops left out not counted."""
    prices, total = problem.prices, 0
    end_s = max((_hard_end_s(problem, vehicle) for vehicle in problem.vehicles), default=0)
    for vehicle in problem.vehicles:
        work_s = _work_s(problem, vehicle)
        total += vehicle.fixed_cents + vehicle.cents_per_hour * work_s // 3600 + 1
        if vehicle.overtime is not None:
            total += vehicle.overtime.cents_per_hour * vehicle.overtime.max_s // 3600 + 1
    total += _most_cents_of_km(problem, travel)
    for visit in problem.visits:
        if visit.windows and visit.late_cents_per_hour is not None:
            total += visit.late_cents_per_hour * max(0, end_s - visit.windows[-1].latest_s) // 3600 + 1
    each = prices.unfamiliar_cents + prices.out_of_zone_cents + prices.change_cents
    return total + each * len(problem.visits) + prices.balance_cents_per_hour * problem.horizon_s // 3600 + 1


def _most_cents_of_km(problem: Problem, travel: Travel | None) -> int:
    vehicles = problem.vehicles
    if travel is None:
        ways_m = [
            min(_work_s(problem, one) * 36, one.max_metres if one.max_metres is not None else 1 << 60)
            for one in vehicles
        ]
        return sum(one.cents_per_km * way_m // 1000 + 1 for one, way_m in zip(vehicles, ways_m, strict=True))
    real = travel.metres[travel.metres < UNREACHABLE]
    longest_m = int(real.max()) if real.size else 0
    legs = len(problem.visits) + sum(one.max_reloads + 1 for one in vehicles)
    return max((one.cents_per_km for one in vehicles), default=0) * longest_m * legs // 1000 + len(vehicles)


# -- hard terms --------------------------------------------------------------------------------------------------------


def _hard(problem: Problem) -> Iterable[Term]:
    visits, vehicles = problem.visits, problem.vehicles

    def rule(name: str, unit: str, sentence: str) -> Term:
        return Term(name, "hard", unit, None, sentence)

    if any(visit.windows and visit.late_cents_per_hour is None for visit in visits):
        yield rule("windows", "h", mark("Service begins within the stop's time windows."))
    if vehicles:
        yield rule("shifts", "h", mark("Work lies in the driver's shift and the overtime allowed."))
    if any(vehicle.breaks for vehicle in vehicles):
        yield rule("breaks", "h", mark("Drivers take their breaks within the breaks' windows, never during service."))
    for name in problem.dimensions:
        yield rule(f"capacity {name}", name, say("No van ever carries more {name} than it may.", name=name))
    if any(visit.skills for visit in visits):
        yield rule("skills", "stops", mark("Drivers and vans have every skill that a stop needs."))
    if any(visit.allowed_vehicles is not None for visit in visits):
        yield rule("allowed_vehicles", "stops", mark("Stops go with the vehicles that are allowed for them."))
    if any(visit.aboard is not None for visit in visits):
        yield rule("aboard", "stops", mark("What is loaded stays in its van."))
    if any(vehicle.zones_hard and vehicle.zones is not None for vehicle in vehicles):
        yield rule("zones", "stops", mark("Vans do not leave their zones."))
    if problem.locks:
        yield rule("locks", "stops", mark("Locked stops keep their vehicle, their order or their place."))
    if problem.pairs:
        yield rule("pairs", "stops", mark("A pickup and its delivery are made by one van, in this order."))
    if problem.together:
        yield rule("together", "stops", mark("Stops that belong together share a van."))
    if problem.apart:
        yield rule("apart", "stops", mark("Stops that must be kept apart never share a van."))
    if problem.max_changes is not None:
        yield rule(
            "max_changes",
            "stops",
            say("At most {max_changes} stops change their driver.", max_changes=problem.max_changes),
        )
    if any(vehicle.max_visits is not None for vehicle in vehicles):
        yield rule("max_visits", "stops", mark("No tour makes more stops than its vehicle may."))
    if any(vehicle.max_metres is not None for vehicle in vehicles):
        yield rule("max_metres", "km", mark("No tour is longer than its vehicle may drive."))
    if any(vehicle.max_duration_s is not None for vehicle in vehicles):
        yield rule("max_duration", "h", mark("No tour lasts longer than its vehicle may be under way."))
    if any(vehicle.reloads for vehicle in vehicles):
        yield rule("max_reloads", "reloads", mark("No van comes back to reload more often than it may."))


# -- soft terms --------------------------------------------------------------------------------------------------------


def _soft(problem: Problem) -> tuple[Term, ...]:
    visits, vehicles, prices = problem.visits, problem.vehicles, problem.prices
    late = [one.late_cents_per_hour for one in visits if one.windows and one.late_cents_per_hour is not None]
    zoned = any(one.zones is not None and not one.zones_hard for one in vehicles)
    known = any(visit.familiar for visit in visits)

    def soft(name: str, unit: str, base: str, per: int, cents: Iterable[int], sentence: str) -> Term:
        amounts = [one for one in cents if one]
        return Term(name, "soft", unit, (min(amounts), max(amounts)) if amounts else None, sentence, base, per)

    return (
        soft("fixed", "vans", "vans", 1, (one.fixed_cents for one in vehicles), mark("Each van that is used.")),
        soft(
            "hours", "h", "s", 3600, (one.cents_per_hour for one in vehicles),
            mark("Paid time from departure to the end of the tour, waiting and breaks included."),
        ),
        soft("km", "km", "m", 1000, (one.cents_per_km for one in vehicles), mark("The way driven.")),
        soft(
            "overtime", "h", "s", 3600, (one.overtime.cents_per_hour for one in vehicles if one.overtime),
            mark("The supplement for work after the shift's end."),
        ),
        soft("late", mark("h late"), "s", 3600, late, mark("Service that begins after the end of a window that may be "
                                                           "missed.")),
        soft(
            "unfamiliar", "stops", "stops", 1, [prices.unfamiliar_cents * known],
            mark("A stop made by a driver who does not know the place, where another does."),
        ),
        soft(
            "zones", "stops", "stops", 1, [prices.out_of_zone_cents * zoned],
            mark("A stop made outside the zones in which the vehicle works."),
        ),
        soft(
            "changes", "stops", "stops", 1, [prices.change_cents * bool(problem.before)],
            mark("A stop made by another driver than in the plan before."),
        ),
        soft(
            "balance", "h", "s", 3600, [prices.balance_cents_per_hour],
            mark("By how much the longest tour is longer than the shortest."),
        ),
        soft("left_out", "stops", "stops", 1, (one.price_cents for one in visits), mark("A stop that is not made.")),
    )  # fmt: skip


def _counted(problem: Problem, tour: Tour) -> dict[str, int]:
    """How much of each soft term a tour has, in the terms' bases."""
    vehicle = problem.vehicle(tour.vehicle)
    visits = [problem.visit(step.visit) for step in tour.steps]
    return {
        "fixed": 1,
        "hours": tour.duration_s,
        "km": tour.metres,
        "overtime": max(0, tour.end_s - vehicle.shift.latest_s) if vehicle.overtime else 0,
        "late": sum(step.late_s for step in tour.steps),
        "unfamiliar": sum(_unfamiliar(one, vehicle) for one in visits),
        "zones": sum(outside(one, vehicle) for one in visits),
        "changes": sum(problem.before.get(one.id, vehicle.id) != vehicle.id for one in visits),
        "balance": 0,
        "left_out": 0,
    }


def _unfamiliar(visit: Visit, vehicle: Vehicle) -> bool:
    return bool(visit.familiar) and vehicle.id not in visit.familiar


def _amounts(soft: Iterable[Term], counts: Mapping[str, int], costs: Costs) -> tuple[Amount, ...]:
    cents = costs.terms()
    return tuple(Amount(term, counts[term.name], cents[term.name]) for term in soft)
