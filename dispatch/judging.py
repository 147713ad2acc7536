"""What a plan is judged by, stored with it and shown: the objective's terms, their prices, how much there is of each.

`Plan.objective` holds `Stored`, `Route.amounts` a route's share. A term is counted in its base (seconds, metres, stops,
vans) and shown in its unit (hours, kilometres), `per` of the base. Prices are those of the day it was judged on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from core.words import say
from dispatch import planning
from dispatch.models import Plan, Route
from routing import solver
from routing.solver import objective

Amounts = dict[str, list[int]]
"""{term: [amount in its base, cents]}."""

OF_A_PLAN = frozenset({"balance", "left_out"})
"""Terms that no route has, only a plan."""


class StoredTerm(TypedDict):
    name: str
    kind: str
    unit: str
    per: int
    price: list[int] | None
    sentence: str


class Stored(TypedDict):
    """`normal_cents` is what leaving out a stop of normal priority counts."""

    preset: str
    normal_cents: int
    terms: list[StoredTerm]
    amounts: Amounts


class PriceRow(TypedDict):
    """What a unit costs, in cents: from the cheapest to the dearest van or stop."""

    from_cents: int
    to_cents: int


class TermRow(TypedDict):
    """One term: `hard` is never broken, `soft` is paid for. `amount` is in `unit`; None before the first plan."""

    name: str
    kind: str
    unit: str
    sentence: str
    price: PriceRow | None
    amount: float | None
    cents: int | None


class AmountRow(TypedDict):
    name: str
    unit: str
    amount: float
    cents: int


class RouteAmountsRow(TypedDict):
    """`cost_cents` is what is really paid; the terms' cents are what the objective counts."""

    route: str
    driver: str
    vehicle: str
    cost_cents: int
    terms: list[AmountRow]


class ObjectiveRow(TypedDict):
    plan: str
    objective: str
    terms: list[TermRow]
    routes: list[RouteAmountsRow]


def stored(day: planning.DayFacts, problem: solver.Problem, plan: solver.Plan | None) -> Stored:
    """What to keep of a plan's objective; without a plan its terms and prices alone."""
    told: Amounts = {}
    if plan is not None:
        told = {one.term.name: [one.amount, one.cents] for one in objective.explain(problem, plan).plan}
    return {
        "preset": day.objective,
        "normal_cents": planning.normal_cents(day, problem),
        "terms": [_term(term) for term in objective.terms(problem)],
        "amounts": told,
    }


def _term(term: objective.Term) -> StoredTerm:
    price = None if term.price is None else list(term.price)
    return {
        "name": term.name,
        "kind": term.kind,
        "unit": term.unit,
        "per": term.per,
        "price": price,
        "sentence": say(term.sentence),
    }


def adjusted(judged: Stored, routes: Sequence[tuple[Amounts, int]], left_out: Iterable[str]) -> Stored:
    """The same after routes were changed by hand: (amounts, seconds) of all routes, priorities of all stops left out.

    Terms and prices stay those of the last solve.
    """
    amounts: Amounts = {}
    for route_amounts, _ in routes:
        for name, (amount, paid) in route_amounts.items():
            total = amounts.setdefault(name, [0, 0])
            total[0], total[1] = total[0] + amount, total[1] + paid
    spans = [duration_s for _, duration_s in routes]
    gap_s = max(spans) - min(spans) if spans else 0
    rate = next((term["price"][0] for term in judged["terms"] if term["name"] == "balance" and term["price"]), 0)
    amounts["balance"] = [gap_s, (gap_s * rate + 1800) // 3600]
    times = [planning.TIMES_NORMAL[priority] for priority in left_out]
    amounts["left_out"] = [len(times), sum(times) * judged["normal_cents"]]
    return {**judged, "amounts": amounts}


def cents(judged: Stored) -> dict[str, int]:
    """Cents of each term, and of all together."""
    terms = {name: amount[1] for name, amount in judged["amounts"].items()}
    return {**terms, "total": sum(terms.values())}


def row(plan: Plan, judged: Stored, routes: Iterable[Route]) -> ObjectiveRow:
    """For the API and the page; routes loaded with shift, driver and vehicle."""
    soft = [term for term in judged["terms"] if term["kind"] == "soft"]
    return {
        "plan": str(plan.id),
        "objective": judged["preset"],
        "terms": [_row(term, judged["amounts"].get(term["name"])) for term in judged["terms"]],
        "routes": [
            {
                "route": str(route.id),
                "driver": route.shift.driver.name,
                "vehicle": route.shift.vehicle.name,
                "cost_cents": route.cost_cents,
                "terms": [
                    {
                        "name": term["name"],
                        "unit": term["unit"],
                        "amount": _in_units(term, route.amounts[term["name"]][0]),
                        "cents": route.amounts[term["name"]][1],
                    }
                    for term in soft
                    if term["name"] in route.amounts and term["name"] not in OF_A_PLAN
                ],
            }
            for route in routes
        ],
    }


def _row(term: StoredTerm, amount: list[int] | None) -> TermRow:
    price: PriceRow | None = None
    if term["price"] is not None:
        price = {"from_cents": term["price"][0], "to_cents": term["price"][1]}
    return {
        "name": term["name"],
        "kind": term["kind"],
        "unit": term["unit"],
        "sentence": say(term["sentence"]),
        "price": price,
        "amount": None if amount is None else _in_units(term, amount[0]),
        "cents": None if amount is None else amount[1],
    }


def _in_units(term: StoredTerm, amount: int) -> float:
    return round(amount / term["per"], 3)
