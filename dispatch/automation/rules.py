"""The rules: what each looks for, what it would do about one occasion, and why it leaves it alone.

A parcel lies at the depot until its van leaves, so a new order can only go to a van that has not: routes that are under
way are never given one (they would have to come back for it, and whether that pays is for a person to say). What is
aboard a van can only be done sooner on the same route. Changes of a plan that somebody is working on, or that is being
optimised, are left to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from uuid import UUID

from django.conf import settings as django_settings

from core import journal
from core.actor import Actor
from core.models import Event
from core.words import day as day_words
from core.words import say
from dispatch import facts, nearest
from dispatch.actions import placing, plans, reordering, retiming
from dispatch.automation import change, limits, settings
from dispatch.models import AutomaticChange, Automation, Plan, Route, Stop
from fleet.models import Depot
from orders.models import Order

FRESH = timedelta(minutes=30)
"""A promise that came into danger longer ago than this has been seen by a person."""
NOON = clock_time(12)


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is: the instant, and the organization's day and time of day."""

    at: datetime
    day: date
    time: clock_time

    @classmethod
    def of(cls, at: datetime) -> Moment:
        local = at.astimezone(facts.zone_of_tenant())
        return cls(at, local.date(), local.time().replace(tzinfo=None))


Act = Callable[[Automation, UUID, Moment], AutomaticChange | None]


# --- new orders of today ---------------------------------------------------------------------------------------------


def todays_new(now: Moment) -> list[UUID]:
    """Orders of today that are on no van: without a stop, or on one that no plan has looked at yet."""
    rows = Order.objects.filter(delivery_on=now.day, status="ready", place__lat__isnull=False).exclude(
        attempts__stop__route__status="started")  # tried today: the parcel is still in the van that tried
    waiting = rows.exclude(stop_orders__live=True).values_list("id", flat=True)
    added = rows.filter(
        stop_orders__live=True, stop_orders__stop__status="unassigned",
        stop_orders__stop__unassigned_code="not_planned_yet").values_list("id", flat=True)
    return list(dict.fromkeys([*waiting, *added]))


def assign_new(rule: Automation, order_id: UUID, now: Moment) -> AutomaticChange | None:
    """The day's routes have been sent: the order goes to the nearest van that has not left, and to its driver."""
    return _insert(rule, order_id, now, sent=True)


def insert_same_day(rule: Automation, order_id: UUID, now: Moment) -> AutomaticChange | None:
    """The day's routes are planned but not sent: the order gets its cheapest place among them."""
    return _insert(rule, order_id, now, sent=False)


def _insert(rule: Automation, order_id: UUID, now: Moment, *, sent: bool) -> AutomaticChange | None:
    plan = _plan_for(order_id, now.day, sent)
    if plan is None:
        return None
    by = change.actor(rule)
    plans.gather(plan, by=by, at=now.at)
    stop = _stop_of(order_id)
    if stop is None or stop.status != "unassigned":
        return None
    found = nearest.places(stop, at=now.at, lead_s=rule.lead_s, most=1)
    if not found or not found[0].in_time:
        return change.note(rule, order_id, "declined", say("No van that has not left can take it in time."), at=now.at)
    best, order = found[0], Order.objects.get(id=order_id)
    wish = limits.Wish(best.delta_s, best.delta_cents, round((best.leaves_at - now.at).total_seconds()))
    refused = limits.too_much(settings.limits_of(rule), wish)
    if refused is not None:
        return change.note(rule, order_id, "declined", refused, at=now.at)
    price = say("+{minutes}, there at {time}", minutes=limits.minutes(best.delta_s), time=_hhmm(best.arrival_at))
    if rule.status == "propose":
        words = say("Give {reference} to {driver} ({price}).", reference=order.reference, driver=best.driver,
                    price=price)
        fix = f"move:{best.shift_id}:{best.position}"
        return _propose(rule, stop, order_id, fix, words, kind="unassigned", now=now)

    def work(actor: Actor) -> str:
        placing.place(stop, shift_id=best.shift_id, position=best.position, lead_s=rule.lead_s, by=actor, at=now.at)
        return say(
            "{reference} came in and {driver} has the shortest way round for it that keeps every promise ({price}).",
            reference=order.reference, driver=best.driver, price=price)

    return change.make(rule, plan, work, occasion=order_id, at=now.at)


def _plan_for(order_id: UUID, day: date, sent: bool) -> Plan | None:
    """The plan that the order belongs to, where it has routes, nobody works on it, and it is sent or not as asked."""
    stop = _stop_of(order_id)
    found = Plan.objects.select_for_update(of=("self",)).filter(day_on=day)
    if stop is not None:
        found = found.filter(id=stop.plan_id)
    plans_of_day: list[Plan] = list(found.order_by("id"))
    for plan in plans_of_day:
        routes = set(Route.objects.filter(plan=plan).exclude(status="cancelled").values_list("status", flat=True))
        was_sent = bool(routes & {"distributed", "started", "completed"})
        if not routes or was_sent != sent or plan.status not in ("distributed" if sent else "optimized",):
            continue  # pending changes are somebody's work
        return plan
    return None


def _stop_of(order_id: UUID) -> Stop | None:
    row: Stop | None = (
        Stop.objects.select_related("place", "plan", "route__shift__driver")
        .filter(stop_orders__order_id=order_id, stop_orders__live=True).first())
    return row


# --- planning ahead --------------------------------------------------------------------------------------------------


def days_to_plan(rule: Automation, now: Moment) -> list[date]:
    """After the planning hour: today when it is a morning hour, else tomorrow."""
    if rule.plan_at is None or now.time < rule.plan_at:
        return []
    return [now.day if rule.plan_at < NOON else now.day + timedelta(days=1)]


def plan_ahead(rule: Automation, depot_id: UUID, now: Moment) -> AutomaticChange | None:
    """The day's ready orders come onto its plan, which is optimised when it has no routes yet. Nothing is sent."""
    days = days_to_plan(rule, now)
    depot = Depot.objects.filter(id=depot_id, status="active").first()
    if not days or depot is None:
        return None
    waiting = (
        Order.objects.filter(delivery_on=days[0], status="ready", place__lat__isnull=False)
        .exclude(stop_orders__live=True).count())
    if waiting == 0:
        return None
    held = Plan.objects.filter(day_on=days[0], depot=depot).first()
    if held is not None and held.status in ("optimizing", "distributed"):
        return None
    plan = plans.open_plan(day=days[0], depot=depot, by=change.actor(rule), at=now.at)

    def work(actor: Actor) -> str:
        has_routes = Route.objects.filter(plan=plan).exclude(status="cancelled").exists()
        if not has_routes and facts.of_plan(plan).shifts:
            plans.request_solve(plan, seconds=django_settings.SOLVE_SECONDS, by=actor, at=now.at)
            return say("{waiting} orders were put on the plan of {day} and it is being optimised.", waiting=waiting,
                       day=day_words(days[0], "day_short"))
        return say("{waiting} orders were put on the plan of {day}.", waiting=waiting,
                   day=day_words(days[0], "day_short"))

    return change.make(rule, plan, work, occasion=plan.id, at=now.at)


# --- promises in danger ----------------------------------------------------------------------------------------------


def endangered(now: Moment) -> dict[UUID, Event]:
    """Stops whose promise came into danger in the last half hour, with the event that says so; the latest counts."""
    rows = Event.objects.filter(kind="exception.opened", at__gte=now.at - FRESH, data__kind="predicted_late")
    found: dict[UUID, Event] = {}
    for event in rows.order_by("id"):
        stops = event.data.get("numbers", {}).get("all") or [event.data.get("about", {}).get("stop")]
        found |= {UUID(stop_id): event for stop_id in stops if stop_id}
    return found


def rescue_late(rule: Automation, stop_id: UUID, now: Moment) -> AutomaticChange | None:
    """A stop will be late: another van takes it while it lies at the depot; aboard, it is done sooner."""
    event = endangered(now).get(stop_id)
    stop = (
        Stop.objects.select_related("place", "plan", "route__shift__driver", "route__shift__vehicle")
        .filter(id=stop_id).first())
    if event is None or stop is None or stop.route is None or stop.plan.status == "optimizing":
        return None
    if not _is_late(stop, now.at):
        return None  # another change has helped it already
    if stop.route.status == "started":
        return _bring_forward(rule, stop, event, now)
    if stop.status != "allocated" or stop.plan.status != "distributed":
        return None
    found = nearest.places(stop, at=now.at, lead_s=rule.lead_s, most=1)
    if not found or not found[0].in_time:
        return change.note(rule, stop_id, "declined", say("No other van can take it in time."), at=now.at)
    best = found[0]
    starts_at = stop.route.starts_at or now.at
    leaves_in_s = round((min(best.leaves_at, starts_at if starts_at > now.at else best.leaves_at) - now.at)
                        .total_seconds())
    refused = limits.too_much(settings.limits_of(rule), limits.Wish(best.delta_s, best.delta_cents, leaves_in_s))
    if refused is not None:
        return change.note(rule, stop_id, "declined", refused, at=now.at)
    label, before = _label(stop), stop.route.shift.driver.name
    price = say("+{minutes}, there at {time}, "
                "in time", minutes=limits.minutes(best.delta_s), time=_hhmm(best.arrival_at))
    if rule.status == "propose":
        words = say("Move {label} from {before} to {driver} ({price}).", label=label, before=before, driver=best.driver,
                    price=price)
        return _propose(rule, stop, stop_id, f"move:{best.shift_id}:{best.position}", words, kind="predicted_late",
                        now=now, exception=str(event.subject_id))

    def work(actor: Actor) -> str:
        placing.place(stop, shift_id=best.shift_id, position=best.position, lead_s=rule.lead_s, by=actor, at=now.at)
        return say("{label} would have been late with {before} and went to {driver} "
                   "({price}).", label=label, before=before, driver=best.driver, price=price)

    return change.make(rule, stop.plan, work, occasion=stop_id, at=now.at)


def _bring_forward(rule: Automation, stop: Stop, event: Event, now: Moment) -> AutomaticChange | None:
    here = event.data.get("here")
    point = (float(here[0]), float(here[1])) if here else None
    found = reordering.sooner(stop, here=point, at=now.at)
    if found is None or found.late_s > 0:
        words = say("No other order of its route would keep the promise.")
        return change.note(rule, stop.id, "declined", words, at=now.at)
    assert stop.route is not None
    shift = stop.route.shift
    hours, km = found.delta_s / 3600, found.delta_m / 1000
    cents = round(hours * shift.driver.cents_per_hour + km * shift.vehicle.cents_per_km)
    refused = limits.too_much(settings.limits_of(rule), limits.Wish(found.delta_s, cents, None))
    if refused is not None:
        return change.note(rule, stop.id, "declined", refused, at=now.at)
    label = _label(stop)
    price = say("there at {time}, in time", time=_hhmm(found.arrivals[stop.id]))
    if rule.status == "propose":
        words = say("Do {label} before {before} ({price}).", label=label, before=found.before, price=price)
        return _propose(rule, stop, stop.id, "reorder", words, kind="predicted_late", now=now,
                        exception=str(event.subject_id))

    def work(actor: Actor) -> str:
        reordering.reorder(stop, here=point, by=actor, at=now.at)
        return say("{label} would have been late and is now done before {before} "
                   "({price}).", label=label, before=found.before, price=price)

    return change.make(rule, stop.plan, work, occasion=stop.id, at=now.at)


def _is_late(stop: Stop, at: datetime) -> bool:
    orders = facts.orders_of([stop]).get(str(stop.id), [])
    ends = [order.promised_end_at for order in orders if order.promised_end_at]
    due = min(ends) if ends else stop.window_end_at
    return due is not None and retiming.reached(stop, at) > due


# --- together --------------------------------------------------------------------------------------------------------


def _propose(
    rule: Automation, stop: Stop, occasion: UUID, fix: str, words: str, *, kind: str, now: Moment,
    exception: str | None = None,
) -> AutomaticChange:
    """The proposal travels up as an event; the exceptions queue shows it beside what it is about."""
    journal.record(stop, "proposed", by=change.actor(rule), at=now.at, reason=words, data={
        "rule": rule.rule, "fix": fix, "words": words, "kind": kind, "exception": exception})
    return change.note(rule, occasion, "proposed", words, at=now.at)


def _label(stop: Stop) -> str:
    served = facts.orders_of([stop]).get(str(stop.id), [])
    return ", ".join(order.reference for order in served) or stop.place.line


def _hhmm(at: datetime) -> str:
    return f"{at.astimezone(facts.zone_of_tenant()):%H:%M}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule looks for (ids of occasions) and what it does about one of them."""

    occasions: Callable[[Automation, Moment], list[UUID]]
    act: Act


def _depots(rule: Automation, now: Moment) -> list[UUID]:
    """The depot of the plan: the first where there are several, since orders are of none before they are planned."""
    if not days_to_plan(rule, now):
        return []
    return list(Depot.objects.filter(status="active").order_by("id").values_list("id", flat=True)[:1])


ALL: Mapping[str, Rule] = {
    "assign_new": Rule(lambda rule, now: todays_new(now), assign_new),
    "insert_same_day": Rule(lambda rule, now: todays_new(now), insert_same_day),
    "plan_ahead": Rule(_depots, plan_ahead),
    "rescue_late": Rule(lambda rule, now: list(endangered(now)), rescue_late),
}
