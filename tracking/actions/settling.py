"""A person settles what a phone reported too late. What was done at a door wins, unless they say why not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import say
from dispatch.actions import driving
from dispatch.models import Stop, StopOrder
from tracking import conflicts
from tracking.models import Report


def keep(report: Report, *, by: Actor, at: datetime) -> str:
    """Record the attempt as the driver reported it: the stop goes back to their route. Returns what was done in words.

    Raises `Conflict` ("cannot_keep") with the obstacle in words, and what an attempt refuses (a proof that is missing).
    """
    obstacle = conflicts.obstacle(report)
    route = conflicts.route_of(report)
    if obstacle is not None or route is None:
        raise errors.Conflict("cannot_keep", say(obstacle) if obstacle else say("This driver has no route."))
    stop = Stop.objects.select_for_update(of=("self",)).get(id=report.stop_id)
    reason = say("{driver} had been there already", driver=report.driver.name)
    if stop.route_id != route.id or stop.status in ("unassigned", "planned", "allocated"):
        driving.put_back(stop, route, reason=reason, by=by, at=at)
    data = report.body.get("data") or {}
    live = StopOrder.objects.filter(stop=stop, live=True).values_list("order_id", flat=True)
    outcomes: dict[UUID, str] = dict.fromkeys(live, str(data.get("outcome", "")))
    for one in data.get("orders", []):
        if UUID(str(one["order"])) in outcomes:
            outcomes[UUID(str(one["order"]))] = str(one["outcome"])
    stop = Stop.objects.select_related("route__shift__driver", "place").get(id=stop.id)
    driving.record_attempt(
        stop, outcomes=outcomes, note=str(data.get("note", "")), name=str(data.get("name", "")),
        pin=str(data.get("pin", "")), proof_ids=[UUID(str(one)) for one in data.get("uploads", [])],
        lat=report.body.get("lat"), lon=report.body.get("lon"), report_id=report.client_id, afterwards=True, by=by,
        at=at, device_at=min(report.device_at, at))
    driving.depart(stop, by=by, at=at, device_at=min(report.device_at, at), head_on=False, afterwards=True)
    report.status = "applied"
    report.save(update_fields=["status"])
    return say("What {driver} did was kept.", driver=report.driver.name)


def undo(report: Report, *, reason: str, by: Actor, at: datetime) -> str:
    """The report counts for nothing, for a reason that is kept with the stop; the plan stays as it is."""
    if not reason:
        raise errors.Invalid("reason_needed", say("Say why what the driver did does not count."), param="reason")
    stop = report.stop
    if stop is not None:
        journal.record(stop, "report_refused", by=by, at=at, reason=reason, data={"report": str(report.client_id)})
    report.status, report.code, report.message = "rejected", "refused_by_dispatcher", reason[:300]
    report.save(update_fields=["status", "code", "message"])
    return say("{driver}'s report was not kept: {reason}", driver=report.driver.name, reason=reason)[:300]
