"""A plan's life: opened, filled with the day's orders, solved, distributed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any, TypedDict

from django.db import transaction

from core import errors, journal, operations
from core.actor import Actor
from core.models import Operation
from core.vocabulary import word
from core.words import mark, say
from dispatch import facts, states
from dispatch.models import Plan, Route, Stop, StopOrder
from fleet import actions as fleet_actions
from fleet.models import Depot, Shift
from orders import progress
from orders.models import Order

SAME_PLACE_EXTRA_S = 60
"""Each further order at a stop adds this to the longest service time of its orders."""


def open_plan(*, day: date, depot: Depot, by: Actor, at: datetime) -> Plan:
    """The plan of that day and depot, made when there is none yet; shifts come from the roster, stops from ready
    orders."""
    plan: Plan | None = Plan.objects.filter(day_on=day, depot=depot).first()
    if plan is None:
        plan = Plan(day_on=day, depot=depot)
        journal.born([plan], "opened", by=by, at=at)
    if not Shift.objects.filter(day_on=day, depot=depot).exists():
        fleet_actions.roster(day=day, zone=facts.zone_of_tenant(), by=by, at=at)
    gather(plan, by=by, at=at)
    return plan


def gather(plan: Plan, *, by: Actor, at: datetime) -> list[Stop]:
    """Make stops of the day's ready orders that are on no plan yet; orders at one place in one window share a stop."""
    waiting = (
        Order.objects.filter(delivery_on=plan.day_on, status="ready", place__lat__isnull=False)
        .exclude(stop_orders__live=True)
        .select_related("place")
        .order_by("id")
    )
    groups: dict[tuple[Any, ...], list[Order]] = defaultdict(list)
    for order in waiting:
        groups[order.place_id, order.window_start_at, order.window_end_at, tuple(sorted(order.skills))].append(order)
    stops, links = [], []
    for orders in groups.values():
        first = orders[0]
        stop = Stop(
            plan=plan,
            place=first.place,
            window_start_at=first.window_start_at,
            window_end_at=first.window_end_at,
            service_s=max(order.service_s for order in orders) + SAME_PLACE_EXTRA_S * (len(orders) - 1),
            unassigned_code="not_planned_yet",
            unassigned_message=mark("Waits for the plan to be optimised."),
        )
        stops.append(stop)
        links += [StopOrder(stop=stop, order=order) for order in orders]
    journal.born(stops, "added", by=by, at=at)
    StopOrder.objects.bulk_create(links, batch_size=1000)
    return stops


class Near(TypedDict):
    """How much of the present routes may change; `changed` are stop ids, for the narrowest scope."""

    scope: str
    max_changes: int | None
    change_cents: int
    changed: list[str]


def request_solve(plan: Plan, *, seconds: int, near: Near | None = None, by: Actor, at: datetime) -> Operation:
    """Ask for the plan to be optimised; a worker does it, `dispatch.solving` applies it.

    With `near` it starts from the present routes and stays as close to them as asked.
    """
    if plan.status == "optimizing":
        raise errors.Conflict("already_optimizing", say("This plan is being optimised right now."))
    gather(plan, by=by, at=at)
    day = facts.of_plan(plan)
    if not day.shifts:
        raise errors.Refused(
            "no_shifts", say("No driver has a shift at this depot on that day: add drivers or a roster first.")
        )
    if not day.stops:
        raise errors.Refused("no_stops", say("There is nothing to plan: no located order waits for that day."))
    if near is not None and not any(day.sequences.values()):
        raise errors.Refused(
            "nothing_to_reoptimize", say("No route is left to optimise again: there is none, or all have set out.")
        )
    before = plan.status
    params: dict[str, Any] = {"plan": str(plan.id), "seconds": seconds, "before": before}
    operation = operations.start(
        kind="solve", queue="solve", params=params if near is None else {**params, "near": near}, by=by, at=at
    )
    plan.operation = operation
    journal.transition(plan, "optimizing", by=by, at=at, changes=["operation"], data={"seconds": seconds})
    return operation


def give_up_solve(plan: Plan, *, reason: str, by: Actor, at: datetime) -> None:
    """The solve ended without a plan: what was there before stands."""
    if plan.status == "optimizing":
        routes = Route.objects.filter(plan=plan).exclude(status="cancelled").exists()
        journal.transition(
            plan, "optimized" if routes else "editing", by=by, at=at, reason=reason, event="solve_failed"
        )


def distribute(plan: Plan, *, by: Actor, at: datetime) -> None:
    """Send the routes to their drivers. What was planned becomes allocated, and recipients may be told.

    A stop that was sent before and only changed its driver or place since needs nothing of this: both drivers see it
    as it is. A plan of which nothing is new is then simply distributed again.
    """
    if plan.status != "optimized":
        raise errors.Conflict(
            "nothing_to_distribute",
            say("This plan is {status}: optimise it before it is distributed.", status=word(plan.status)),
        )
    routes = list(Route.objects.select_for_update(of=("self",)).filter(plan=plan, status="optimized"))
    stops = list(Stop.objects.select_related("place").filter(plan=plan, status="planned", route__isnull=False))
    if not routes and not stops:
        if not Route.objects.filter(plan=plan, status__in=states.SENT).exists():
            raise errors.Conflict("nothing_to_distribute", say("This plan has no route to distribute."))
        reason = mark("the drivers have it all already")
        journal.transition(plan, "distributed", by=by, at=at, reason=reason)
        return
    with transaction.atomic():
        served = facts.orders_of(stops)
        progress.promise(
            [
                (order, stop.planned_arrival_at)
                for stop in stops
                for order in served[str(stop.id)]
                if stop.planned_arrival_at is not None
            ],
            by=by,
            at=at,
        )
        journal.transition_many(routes, "distributed", by=by, at=at)
        journal.transition_many(stops, "allocated", by=by, at=at)
        journal.transition(plan, "distributed", by=by, at=at)


def drop_order(order: Order, *, reason: str, by: Actor, at: datetime) -> None:
    """An order was cancelled or changed its place or day: it leaves its stop; an empty stop leaves its route."""
    link = StopOrder.objects.select_related("stop").filter(order=order, live=True).first()
    if link is None:
        return
    stop = link.stop
    if stop.status in states.DONE:
        return
    link.delete()
    if not StopOrder.objects.filter(stop=stop, live=True).exists():
        stop.route, stop.position = None, None
        journal.transition(stop, "cancelled", by=by, at=at, reason=reason, changes=["route", "position"])
    else:
        journal.record(stop, "changed", by=by, at=at, reason=reason)
