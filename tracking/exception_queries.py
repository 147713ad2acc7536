"""The exceptions queue as rows: for the API, the board's snapshot and live rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from core.models import Event
from core.words import say
from dispatch.day_rows import NamedRow
from dispatch.models import Stop
from fleet.models import Driver
from orders.models import Order
from tracking import detection, live, states
from tracking.models import DayException
from tracking.queries import instant


class ExceptionDriverRow(TypedDict):
    id: str
    name: str
    phone: str


class ProposedFixRow(TypedDict):
    """What automation would do: the fix's key and its sentence."""

    rule: str
    fix: str
    words: str


class ExceptionRow(TypedDict):
    """One entry of the queue. `numbers`: late_s, not_left_s, stood_s, silent_s, off_m, stops and codes, by kind."""

    id: str
    kind: str
    status: str
    urgency: int
    subject: str
    subject_id: str
    day: str
    depot: str | None
    stop: str | None
    route: str | None
    order: str | None
    reference: str
    recipient: str
    place: str
    driver: ExceptionDriverRow | None
    opened_at: str
    since_at: str
    closed_at: str | None
    numbers: dict[str, Any]
    proposal: ProposedFixRow | None
    taken_by: NamedRow | None
    resolution: str
    version: int


class HistoryRow(TypedDict):
    at: str
    event: str
    actor: str
    reason: str


def rows(exceptions: Iterable[DayException]) -> list[ExceptionRow]:
    """Rows with the names they are told by: three queries for all of them."""
    exceptions = list(exceptions)
    stops = _named(Stop.objects.select_related("place"), exceptions, "stop")
    orders = _named(Order.objects.select_related("place"), exceptions, "order")
    drivers = _named(Driver.objects.all(), exceptions, "driver")
    return [_row(one, stops, orders, drivers) for one in exceptions]


def _named(found: Any, exceptions: Sequence[DayException], name: str) -> dict[str, Any]:
    wanted = {UUID(one.about[name]) for one in exceptions if one.about.get(name)}
    wanted |= {one.subject_id for one in exceptions if one.subject_kind == name}
    return {str(row.id): row for row in found.filter(id__in=wanted)} if wanted else {}


def _row(
    one: DayException, stops: dict[str, Stop], orders: dict[str, Order], drivers: dict[str, Driver]
) -> ExceptionRow:
    about = {**one.about, one.subject_kind: str(one.subject_id)}
    stop, order, driver = (
        named.get(about.get(name, "")) for named, name in ((stops, "stop"), (orders, "order"), (drivers, "driver")))
    held = stop or order
    place = held.place if isinstance(held, Stop | Order) else None
    proposal: ProposedFixRow | None = None
    if one.proposal:
        proposal = {"rule": one.proposal["rule"], "fix": one.proposal["fix"], "words": one.proposal["words"]}
    return {
        "id": str(one.id), "kind": one.kind, "status": one.status,
        "urgency": detection.urgency(one.kind, one.numbers), "subject": one.subject_kind,
        "subject_id": str(one.subject_id), "day": one.day_on.isoformat(),
        "depot": str(one.depot_id) if one.depot_id else None,
        "stop": about.get("stop"), "route": about.get("route"), "order": about.get("order"),
        "reference": order.reference if isinstance(order, Order) else "",
        "recipient": order.recipient_name if isinstance(order, Order) else "",
        "place": place.line if place is not None else "",
        "driver": {"id": str(driver.id), "name": driver.name, "phone": driver.phone}
        if isinstance(driver, Driver) else None,
        "opened_at": instant(one.opened_at), "since_at": instant(one.since_at),
        "closed_at": instant(one.closed_at) if one.closed_at else None, "numbers": one.numbers, "proposal": proposal,
        "taken_by": {"id": str(one.taken_by_id or ""), "name": one.taken_by} if one.taken_by else None,
        "resolution": say(one.resolution), "version": one.version,
    }


def live_rows(exceptions: Sequence[DayException]) -> list[Any]:
    """For the boards: what has left the queue is gone."""
    shown = [one for one in exceptions if one.status in states.LIVE]
    return [*rows(shown), *(live.gone(one.id, one.version) for one in exceptions if one.status not in states.LIVE)]


def of_day(day: date) -> list[ExceptionRow]:
    """The queue of that day, with what is left over from the days before it."""
    return rows(DayException.objects.filter(day_on__lte=day, status__in=states.LIVE).order_by("id"))


def history(exception: DayException) -> list[HistoryRow]:
    """What happened to it, oldest first."""
    events = Event.objects.filter(subject_id=exception.id).order_by("sequence")
    return [{"at": instant(event.at), "event": event.kind.partition(".")[2], "actor": event.actor_label,
             "reason": event.reason} for event in events]


