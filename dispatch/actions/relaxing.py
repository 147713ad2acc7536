"""A rule gives way for a stop on no route: what is real is changed, in the journal with its reason, and the stop goes
on its route."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from core import errors, journal
from core.actor import Actor
from core.words import say
from dispatch import facts, why
from dispatch.actions import writing
from dispatch.models import Plan, Stop, Waiver
from fleet import rostering
from fleet.models import Shift
from orders.actions import editing
from routing.solver import relax


def relax_for(stop: Stop, key: str, *, by: Actor, at: datetime) -> why.WayRow:
    """Go this way out (its `key` in `dispatch.why`), all of it or nothing.

    Raises `Conflict` ("changed_meanwhile") when it is not what it was, `Refused` ("not_possible_here") for what has no
    home here, and ("rule_broken") in words when something else stands against it.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(id=stop.plan_id)
    if plan.status == "optimizing":
        raise errors.Conflict("plan_optimizing", say("The plan is being optimised: wait for it or cancel it first."))
    case = why.case(stop)
    way = next((one for one in why.ways(case) if one.row["key"] == key), None)
    if way is None:
        raise errors.Conflict(
            "changed_meanwhile", say("The plan has changed meanwhile, and this way with it: look again.")
        )
    if not way.row["possible"]:
        raise errors.Refused("not_possible_here", way.row["why_not"])
    reason = way.row["message"][:300]
    for step in way.steps:
        _give_way(case, plan, step, reason, by=by, at=at)
    shift, position = way.row["shift"], way.row["position"]
    order = list(case.day.sequences.get(shift, ()))
    order.insert(position, case.id)
    weighed = writing.weigh(plan, {shift: tuple(order)})
    writing.write(plan, weighed, {}, label=reason, by=by, at=at)
    return way.row


def _give_way(case: why.Case, plan: Plan, step: relax.Relaxation, reason: str, *, by: Actor, at: datetime) -> None:
    if step.code in ("window_later", "window_earlier"):
        _widen(case, step, reason, by=by, at=at)
    elif step.code in ("shift_later", "shift_earlier"):
        shift = Shift.objects.select_for_update(of=("self",)).get(id=step.vehicle)
        longer = timedelta(seconds=step.amount)
        later = step.code == "shift_later"
        rostering.change_hours(
            shift,
            starts_at=shift.starts_at if later else shift.starts_at - longer,
            ends_at=shift.ends_at + longer if later else shift.ends_at,
            reason=reason,
            by=by,
            at=at,
        )
    elif step.code == "over_capacity":
        _waive(plan, "capacity", reason, shift_id=step.vehicle, amounts=list(step.amounts), by=by, at=at)
    elif step.code == "ignore_skills":
        _waive(plan, "skill", reason, stop=case.stop, skills=sorted(case.facts.skills), by=by, at=at)
    elif step.code == "ignore_lock":
        unlock(plan, step.visits, reason, by=by, at=at)


def unlock(plan: Plan, stop_ids: Iterable[str], reason: str, *, by: Actor, at: datetime) -> None:
    """Take the locks off these stops of the plan, in the caller's transaction."""
    found = Stop.objects.select_for_update(of=("self",)).filter(plan=plan, id__in=list(stop_ids))
    held = list(found.exclude(lock="").order_by("id"))
    for stop in held:
        stop.lock = ""
    journal.record_many(held, "unlocked", by=by, at=at, reason=reason, changes=["lock"], data=lambda _: {"lock": ""})


def _widen(case: why.Case, step: relax.Relaxation, reason: str, *, by: Actor, at: datetime) -> None:
    """The planned window of the stop and its orders; what the recipient was promised stays."""
    start, end = why.window_then(case, step)
    stop = case.stop
    before = [stop.window_start_at, stop.window_end_at]
    for order in facts.orders_of([stop])[case.id]:
        editing.edit_order(order, values={"window_start_at": start, "window_end_at": end}, by=by, at=at)
    stop.window_start_at, stop.window_end_at = start, end
    journal.record(
        stop,
        "window_changed",
        by=by,
        at=at,
        reason=reason,
        changes=["window_start_at", "window_end_at"],
        data={
            "before": [one.isoformat() if one else None for one in before],
            "after": [start.isoformat(), end.isoformat()],
        },
    )


def _waive(plan: Plan, kind: str, reason: str, *, by: Actor, at: datetime, **what: object) -> None:
    Waiver.objects.create(plan=plan, kind=kind, reason=reason, given_by=by.label, given_at=at, **what)
    data = {name: str(value.id) if isinstance(value, Stop) else value for name, value in what.items()}
    journal.record(plan, f"{kind}_waived", by=by, at=at, reason=reason, data=data)
