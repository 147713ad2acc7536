"""The judge of money: every term of every tour and of the plan, each rounded once, half a cent up."""

from __future__ import annotations

from fractions import Fraction

from routing.solver.check_rules import outside
from routing.solver.fault import Fault, Found
from routing.solver.halts import Course
from routing.solver.plan import Costs, Plan
from routing.solver.problem import Problem


def of_tour(course: Course) -> Found:
    """The terms of one tour, from its times and visits as they are written."""
    vehicle, tour, prices = course.vehicle, course.tour, course.problem.prices
    visits = [halt.visit for halt in course.halts if halt.visit is not None]
    late = sum(
        (
            Fraction((halt.visit.late_cents_per_hour or 0) * halt.late_s(halt.written.start_s), 3600)
            for halt in course.halts
            if halt.visit is not None
        ),
        Fraction(0),
    )
    over_s = max(0, tour.end_s - vehicle.shift.latest_s)
    strange = sum(bool(visit.familiar) and vehicle.id not in visit.familiar for visit in visits)
    beyond = 0 if vehicle.zones_hard else sum(outside(visit, vehicle) for visit in visits)
    changed = sum(course.problem.before.get(visit.id, vehicle.id) != vehicle.id for visit in visits)
    right = Costs(
        fixed=vehicle.fixed_cents,
        hours=_cents(vehicle.cents_per_hour, tour.end_s - tour.start_s, 3600),
        km=_cents(vehicle.cents_per_km, tour.metres, 1000),
        overtime=_cents(vehicle.overtime.cents_per_hour, over_s, 3600) if vehicle.overtime else 0,
        late=_rounded(late),
        unfamiliar=strange * prices.unfamiliar_cents,
        zones=beyond * prices.out_of_zone_cents,
        changes=changed * prices.change_cents,
    )
    yield from _compared(right, tour.costs, vehicle.id)


def of_plan(problem: Problem, plan: Plan) -> Found:
    """The terms of the plan: those of its tours added up, imbalance, and what is left out."""
    terms = {
        name: sum(tour.costs.terms()[name] for tour in plan.tours)
        for name in Costs().terms()
        if name not in ("balance", "left_out")
    }
    spans = sorted(tour.end_s - tour.start_s for tour in plan.tours)
    right = Costs(
        **terms,
        balance=_cents(problem.prices.balance_cents_per_hour, spans[-1] - spans[0] if spans else 0, 3600),
        left_out=sum(problem.visit(one.visit).price_cents for one in plan.unassigned if problem.has_visit(one.visit)),
    )
    yield from _compared(right, plan.costs, None)


def _cents(rate: int, amount: int, per: int) -> int:
    """`amount` at `rate` cents for `per` units."""
    return _rounded(Fraction(rate * amount, per))


def _rounded(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()


def _compared(right: Costs, written: Costs, vehicle_id: str | None) -> Found:
    for name, amount in right.terms().items():
        if written.terms()[name] != amount:
            text = f"The cost term {name} is {amount} cents, not {written.terms()[name]}."
            yield Fault("cost_wrong", text, vehicle_id)
