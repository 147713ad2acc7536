"""Putting a stop on another van on the day itself, and sending the change to its driver."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core import errors
from core.actor import Actor
from core.words import say
from dispatch.actions import moving, plans
from dispatch.actions.moving import ConsequenceRow
from dispatch.models import Plan, Route, Stop
from fleet.models import Shift


def place(stop: Stop, *, shift_id: UUID, position: int, lead_s: int = 0, by: Actor, at: datetime) -> ConsequenceRow:
    """Move the stop there if its van leaves in `lead_s` or later, and send it if nothing else waits to be sent.

    Somebody's unfinished changes are not sent along: then this one waits with them as a pending change. Raises
    `Conflict` ("van_has_left") when the van cannot load it any more, and what `moving.move_stop` raises.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(id=stop.plan_id)
    shift = Shift.objects.filter(
        id=shift_id, day_on=plan.day_on, depot_id=plan.depot_id, status="rostered").select_related("driver").first()
    if shift is None:
        raise errors.Invalid("not_found", say("There is no such shift at this depot on that day."), param="fix")
    soonest = at + timedelta(seconds=lead_s)
    route = Route.objects.filter(plan=plan, shift=shift).exclude(status="cancelled").first()
    if route is not None and (
        route.status not in ("optimized", "distributed") or (route.starts_at or soonest) < soonest):
        raise errors.Conflict("van_has_left", say("{driver} has left, or is about to: look "
                                                  "again.", driver=shift.driver.name))
    sends = plan.status == "distributed"
    row = moving.move_stop(
        moving.Move(stop, shift_id, position, not_before=soonest), dry_run=False, by=by, at=at)
    plan.refresh_from_db()
    if sends and plan.status == "optimized":
        plans.distribute(plan, by=by, at=at)
    return row
