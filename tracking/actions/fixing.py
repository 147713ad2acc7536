"""Doing one of the fixes that were shown (`tracking.fixes`): the change itself, then the exception is resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import day as day_words
from core.words import say, say_many
from dispatch import facts, queries
from dispatch.actions import placing, plans, reordering, retiming
from dispatch.models import Plan, Stop
from orders import progress
from orders.actions import answering
from orders.models import Order
from tracking import conflicts, fixes, states
from tracking.actions import answering as answers
from tracking.actions import exceptions, settling
from tracking.models import DayException, Report

Does = Callable[[DayException, list[str], str, Actor, datetime], str]
"""Makes the change; returns in words what was done."""


def apply(row: DayException, key: str, *, reason: str, by: Actor, at: datetime) -> DayException:
    """Do the fix and resolve the exception with what was done; one that does not end its cause only takes it.

    Raises `Conflict` ("closed_already") for an exception that is closed, `Invalid` ("unknown_fix") for a key that no
    fix of its kind has, and whatever the change itself refuses: nothing is changed then.
    """
    if row.status not in states.LIVE:
        raise errors.Conflict("closed_already", say("This has been closed meanwhile."))
    name, *arguments = key.split(":")
    does = DOES.get(name)
    if does is None or name not in ALLOWED[row.kind]:
        raise errors.Invalid("unknown_fix", say("There is no such fix for this."), param="fix")
    done = does(row, arguments, reason, by, at)
    row.refresh_from_db()
    if name in STAYS:
        return exceptions.acknowledge(row, reason=done, by=by, at=at)
    return exceptions.close(row, "resolved", reason=done, by=by, at=at)


def _stop(row: DayException) -> Stop:
    stop = fixes.stop_of(row)
    if stop is None:
        raise errors.Conflict("stop_gone", say("This stop is not there any more."))
    return stop


def _order(row: DayException) -> Order:
    order = fixes.order_of(row)
    if order is None:
        raise errors.Conflict("order_gone", say("This order is not there any more."))
    return order


def _move(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    stop = _stop(row)
    name = fixes.who(stop)
    try:
        shift_id, position = UUID(arguments[0]), int(arguments[1])
    except (ValueError, IndexError) as error:
        raise errors.Invalid("unknown_fix", say("There is no such fix for this."), param="fix") from error
    placing.place(stop, shift_id=shift_id, position=position, by=by, at=at)
    moved = queries.stops().select_related("route__shift__driver").get(id=stop.id)
    if moved.route is None:
        return say("{name} was moved.", name=name)
    return say("{name} was moved to {driver}.", name=name, driver=moved.route.shift.driver.name)


def _tell(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    told = fixes.tellable(row, at)
    if not told:
        raise errors.Conflict("nothing_to_tell", say("The stop has been reached, or nobody knows when it will be."))
    for route in {stop.route_id: stop.route for stop, _ in told if stop.route is not None}.values():
        retiming.retime(route, by=by, at=at)  # what is told must be what the recipient's page shows
    stops = list(Stop.objects.filter(id__in=[stop.id for stop, _ in told]).order_by("id"))
    journal.record_many(stops, "delayed", by=by, at=at, data=lambda stop: {"eta_at": stop.eta_at.isoformat()})
    return say("The recipient was told the new time.") if len(stops) == 1 else (
        say("{count} recipients were told their new times.", count=len(stops)))


def _retime(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    stop = _stop(row)
    moved = retiming.retime(stop.route, by=by, at=at) if stop.route is not None else 0
    if not moved:
        raise errors.Conflict("nothing_to_retime", say("The van has left, or is not late any more."))
    return say_many("{count} stop is expected later.", "{count} stops are expected later.", moved)


def _again(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = _order(row)
    if order.status != "attempt_failed":
        raise errors.Conflict("decided_already", say("What comes next for this order was decided meanwhile."))
    today = at.astimezone(facts.zone_of_tenant()).date()
    day = today if arguments == ["today"] else today + timedelta(days=1)
    progress.reattempt(order, day=day, by=by, at=at)
    if day == today:
        return say("{reference} is planned again today.", reference=order.reference)
    return say("{reference} is planned again tomorrow.", reference=order.reference)


def _return(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = _order(row)
    journal.transition(order, "returning", by=by, at=at, reason=reason or say("returned after a failed attempt"))
    return say("{reference} goes back.", reference=order.reference)


def _ask(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = _order(row)
    answering.ask(order, by=by, at=at)
    return say("{name} was asked again.", name=order.recipient_name or order.reference)


def _confirmed(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = answering.answer(_order(row), "confirmed", reason=say("by phone"), by=by, at=at)
    return say("{name} will be there: confirmed by phone.", name=order.recipient_name or order.reference)


def _put_off(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = _order(row)
    day = fixes.next_day(order, at, facts.zone_of_tenant())
    answers.put_off(order, day, by=by, at=at)
    return say("{reference} is planned again on {day}.", reference=order.reference, day=day_words(day, "weekday"))


def _plan(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    order = _order(row)
    plan = Plan.objects.filter(day_on=order.delivery_on, depot_id=row.depot_id).first() or (
        Plan.objects.filter(day_on=order.delivery_on).order_by("id").first())
    if plan is None:
        raise errors.Conflict("no_plan", say("There is no plan for that day any more."))
    plans.gather(plan, by=by, at=at)
    return say("{reference} is on the plan and waits for a van.", reference=order.reference)


def _reorder(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    stop = _stop(row)
    name = fixes.who(stop)
    found = reordering.reorder(stop, here=conflicts.here(stop.route), by=by, at=at)
    if not found.before:
        return say("{name} is done at another place.", name=name)
    return say("{name} is done before {before}.", name=name, before=found.before)


def _keep(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    return settling.keep(_report(row), by=by, at=at)


def _undo(row: DayException, arguments: list[str], reason: str, by: Actor, at: datetime) -> str:
    return settling.undo(_report(row), reason=reason, by=by, at=at)


def _report(row: DayException) -> Report:
    report = conflicts.report_of(row)
    if report is None:
        raise errors.Conflict("settled_already", say("This report was settled meanwhile."))
    return report


DOES: Mapping[str, Does] = {
    "move": _move, "reorder": _reorder, "retime": _retime, "tell": _tell, "again": _again, "return": _return,
    "plan": _plan, "keep": _keep, "undo": _undo, "ask": _ask, "confirmed": _confirmed, "put_off": _put_off,
}
STAYS = frozenset({"ask"})
"""What is only begun by it: it stays in the queue, taken by whoever did it."""
ALLOWED: Mapping[str, frozenset[str]] = {
    "late": frozenset({"move", "reorder", "retime", "tell"}),
    "predicted_late": frozenset({"move", "reorder", "retime", "tell"}),
    "unconfirmed": frozenset({"ask", "confirmed", "put_off"}),
    "failed": frozenset({"again", "return"}), "unassigned": frozenset({"move", "plan"}),
    "report_conflict": frozenset({"keep", "undo"}), "stale_position": frozenset(), "stuck": frozenset(),
    "off_route": frozenset(),
}
