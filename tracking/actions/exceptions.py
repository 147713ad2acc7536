"""Exceptions open, change and close by themselves with their cause; a person takes, resolves or dismisses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core import errors, journal, tenancy
from core.actor import SYSTEM, Actor
from core.words import mark, say
from dispatch import facts
from dispatch.models import Route, Stop, StopOrder
from orders.models import Order
from tracking import detection, exception_queries, live, sights, states
from tracking.detection import Finding
from tracking.models import DayException

BY_ITSELF: Mapping[str, str] = {
    "late": mark("The stop was reached, or is on this route no more."),
    "predicted_late": mark("It is expected in time again, or was reached."),
    "stuck": mark("The van moves again, or stands where it should."),
    "off_route": mark("The van is back on its route."),
    "stale_position": mark("The driver is heard of again."),
    "unconfirmed": mark("The recipient confirmed, was reached, or is not on this route any more."),
    "failed": mark("What comes next for the order was decided."),
    "unassigned": mark("It has a route now, or is not to be delivered any more."),
    "report_conflict": mark("The report was settled."),
}


def look(*, at: datetime) -> None:
    """Look at the whole organization's day and settle what is found (inside its scope).

    A fixed number of queries however many vans there are. Two looks at a time wait for each other, so that none opens
    what the other closes.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exceptions {tenancy.current()}"])
    today = at.astimezone(facts.zone_of_tenant()).date()
    held = {(row.kind, str(row.subject_id)): row for row in DayException.objects.filter(ended_at__isnull=True)}
    known = frozenset(held)
    seen = sights.remember(sights.of_routes(today=today), at=at)
    found = [finding for one in seen for finding in detection.look(one.seen, now=at, known=known)]
    found += detection.unconfirmed(sights.visits(today=today), now=at, known=known)
    found += sights.failed(at=at, today=today)
    found += sights.unassigned(at=at, today=today)
    found += sights.conflicts(at=at)
    settle(found, held, {str(one.route.id): one for one in seen}, today=today, at=at)


def settle(
    found: Sequence[Finding], held: Mapping[tuple[str, str], DayException], seen: Mapping[str, sights.Sight], *,
    today: date, at: datetime,
) -> None:
    """Open what is new, bring up to date what has changed, close what has gone; tell the boards."""
    findings = {(one.kind, one.subject_id): one for one in found}
    fresh: list[Finding] = []
    updated: list[DayException] = []
    silenced: list[DayException] = []
    for key, finding in findings.items():
        row = held.get(key)
        if row is None:
            fresh.append(finding)
        elif row.status in states.LIVE:
            if detection.changed(row.numbers, finding.numbers):
                row.numbers = dict(finding.numbers)
                updated.append(row)
        elif detection.worse(row.numbers, finding.numbers):
            row.ended_at = at
            silenced.append(row)
            fresh.append(finding)
    gone = [row for key, row in held.items() if key not in findings]
    ended = [row for row in gone if row.status not in states.LIVE]
    for row in ended:
        row.ended_at = at
    closing = [row for row in gone if row.status in states.LIVE]
    journal.touch(updated, ["numbers"])
    journal.touch([*silenced, *ended], ["ended_at"])
    for row in closing:
        row.ended_at = row.closed_at = at
        row.resolution = BY_ITSELF[row.kind]
    for row in closing:
        journal.transition(row, "resolved", by=SYSTEM, at=at, reason=row.resolution,
                           changes=["ended_at", "closed_at", "resolution"], data={"kind": row.kind, "by_itself": True})
    opened = _opened(fresh, seen, today=today, at=at)
    _tell([*updated, *closing, *opened])


def _opened(
    fresh: Sequence[Finding], seen: Mapping[str, sights.Sight], *, today: date, at: datetime
) -> list[DayException]:
    if not fresh:
        return []
    routes = {route_id: sight.route for route_id, sight in seen.items()}
    here = {route_id: sight.seen.fix for route_id, sight in seen.items()}
    named: dict[str, set[UUID]] = {"stop": set(), "order": set()}
    for one in fresh:
        if one.subject in named:
            named[one.subject].add(UUID(one.subject_id))
        if "stop" in one.numbers:
            named["stop"].add(UUID(one.numbers["stop"]))
    stops = {str(stop.id): stop for stop in Stop.objects.select_related("plan", "route__shift").filter(
        id__in=named["stop"])}
    first: dict[str, str] = {}
    for link in StopOrder.objects.filter(stop_id__in=list(stops)).order_by("-id"):
        first[str(link.stop_id)] = str(link.order_id)
    orders = {str(order.id): order for order in Order.objects.filter(id__in=named["order"])}
    rows = [_row(one, routes, stops, first, orders, today=today, at=at) for one in fresh]
    journal.born(rows, "opened", by=SYSTEM, at=at, data=lambda row: {
        "kind": row.kind, "subject": row.subject_kind, "subject_id": str(row.subject_id), "numbers": row.numbers,
        "about": row.about, "here": here.get(row.about.get("route", ""))})
    return rows


def _row(
    one: Finding, routes: Mapping[str, Route], stops: Mapping[str, Stop], first: Mapping[str, str],
    orders: Mapping[str, Order], *, today: date, at: datetime,
) -> DayException:
    stop = stops.get(one.subject_id if one.subject == "stop" else str(one.numbers.get("stop", "")))
    route = routes.get(one.route) or (stop.route if stop is not None else None)
    about: dict[str, str] = {}
    day, depot_id = today, None
    if stop is not None:
        about["stop"] = str(stop.id)
        if str(stop.id) in first:
            about["order"] = first[str(stop.id)]
        day, depot_id = stop.plan.day_on, stop.plan.depot_id
    if route is not None:
        about |= {"route": str(route.id), "driver": str(route.shift.driver_id)}
        day, depot_id = route.shift.day_on, route.shift.depot_id
    if one.subject == "order":
        about["order"] = one.subject_id
        day = orders[one.subject_id].delivery_on if one.subject_id in orders else day
    if "report" in one.numbers:
        about["report"] = one.numbers["report"]
    return DayException(
        kind=one.kind, subject_kind=one.subject, subject_id=UUID(one.subject_id), day_on=day, depot_id=depot_id,
        opened_at=at, since_at=min(one.since, at), numbers=dict(one.numbers), about=about)


def _tell(rows: Sequence[DayException]) -> None:
    live.publish(tenancy.current(), {"exception": exception_queries.live_rows(rows)}, at_once=True)


def acknowledge(row: DayException, *, reason: str = "", by: Actor, at: datetime) -> DayException:
    """Somebody has taken it: the others see who, and what they did about it (`reason`) where that does not end it.

    Taking it again (over from somebody) only changes who.
    """
    before, row.taken_by_id, row.taken_by = row.taken_by_id, by.id, by.label[:120]
    if row.status == "acknowledged":
        event = "worked_on" if reason and before == by.id else "taken_over"
        journal.record(row, event, by=by, at=at, reason=reason, changes=["taken_by_id", "taken_by"])
    else:
        journal.transition(row, "acknowledged", by=by, at=at, reason=reason, changes=["taken_by_id", "taken_by"])
    _tell([row])
    return row


def close(row: DayException, to: str, *, reason: str, by: Actor, at: datetime) -> DayException:
    """A person resolves or dismisses it. It stays silent while its cause lasts, unless that gets much worse."""
    if to == "dismissed" and not reason:
        raise errors.Invalid("reason_needed", say("Say why it is dismissed, so that others know."), param="reason")
    row.closed_at, row.resolution = at, reason[:300]
    row.taken_by_id, row.taken_by = row.taken_by_id or by.id, row.taken_by or by.label[:120]
    journal.transition(row, to, by=by, at=at, reason=reason[:300], data={"kind": row.kind},
                       changes=["closed_at", "resolution", "taken_by_id", "taken_by"])
    _tell([row])
    return row


def propose(
    kind: str, stop_id: UUID, proposal: Mapping[str, Any], *, exception_id: str | None = None, by: Actor, at: datetime
) -> None:
    """Put what automation would do beside the exception it is about; twice changes nothing.

    It is the one named, else the open one of that kind about the stop.
    """
    held = DayException.objects.filter(ended_at__isnull=True, status__in=states.LIVE)
    named = held.filter(id=UUID(exception_id)) if exception_id else held.filter(kind=kind, subject_id=stop_id)
    row = named.first()
    if row is None or row.proposal == dict(proposal):
        return
    row.proposal = dict(proposal)
    journal.record(row, "proposed", by=by, at=at, reason=str(proposal.get("words", ""))[:300], changes=["proposal"],
                   data={"rule": proposal.get("rule", "")})
    _tell([row])
