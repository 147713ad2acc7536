"""A day's hand-over: what was planned, what became of it, what is open, and what is at risk on the next day.

Numbers of attempts come from the same facts and formulas as the insights of that day (`analytics.metrics`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db.models import Count, Q, QuerySet

from analytics import queries
from analytics.models import HandoverNote
from analytics.queries import FailureRow, SummaryRow
from core.vocabulary import title
from core.words import mark, say
from dispatch.models import Route, Stop, StopOrder
from orders import states
from orders.models import Order
from tracking import exception_queries as exceptions

LISTED = 200
EXCEPTIONS = {
    "predicted_late": mark("Will be late"),
    "report_conflict": mark("Conflict"),
    "stale_position": mark("No position"),
    "unconfirmed": mark("Not confirmed"),
}
"""What the board calls them, where it is not the kind itself."""
STILL_OPEN = (*states.OPEN, "attempt_failed", "returning")


class OpenRow(TypedDict):
    """An order that somebody has to think of, with the reason in a sentence."""

    id: str
    reference: str
    recipient: str
    status: str
    driver: str
    promised_start_at: datetime | None
    promised_end_at: datetime | None
    why: str


class RouteSumRow(TypedDict):
    """How the day's routes stand."""

    routes: int
    completed: int
    on_the_road: int
    stops: int
    stops_done: int
    unassigned: int


class NoteRow(TypedDict):
    text: str
    author: str
    at: datetime


class WaitingRow(TypedDict):
    """An exception that still needs a person: what it is called, whom it is about, since when, who looks after it."""

    kind: str
    about: str
    driver: str
    since_at: datetime
    taken_by: str


class HandoverRow(TypedDict):
    """Everything of a day. `open` and `at_risk` list at most `LISTED`; the counts beside them count all."""

    day: date
    next_day: date
    orders: int
    planned: int
    by_status: list[tuple[str, int]]
    routes: RouteSumRow
    total: SummaryRow
    failures: list[FailureRow]
    failed: list[OpenRow]
    failed_count: int
    open: list[OpenRow]
    open_count: int
    next_orders: int
    next_unplanned: int
    at_risk: list[OpenRow]
    at_risk_count: int
    exceptions: list[WaitingRow]
    exceptions_count: int
    notes: list[NoteRow]


def handover(day: date, *, currency: str, at: datetime) -> HandoverRow:
    """The hand-over of this day as it stands at that moment."""
    insights = queries.insights(day, day, currency=currency)
    todays = Order.objects.filter(delivery_on=day)
    by_status = dict(todays.order_by().values_list("status").annotate(Count("id")))
    failed = todays.filter(status__in=["attempt_failed", "returning"])
    still_open = todays.filter(status__in=states.OPEN)
    next_day = day + timedelta(days=1)
    tomorrows = Order.objects.filter(delivery_on=next_day, status__in=states.OPEN)
    on_routes = StopOrder.objects.filter(live=True, stop__route__isnull=False)
    risks = _at_risk(tomorrows)
    waiting = _waiting(day)
    return {
        "day": day,
        "next_day": next_day,
        "orders": sum(by_status.values()),
        "planned": StopOrder.objects.filter(stop__plan__day_on=day, stop__route__isnull=False)
        .values("order_id")
        .distinct()
        .count(),
        "by_status": [(status, by_status[status]) for status in states.ORDER.states if by_status.get(status)],
        "routes": _routes(day),
        "total": insights["total"],
        "failures": insights["failures"],
        "failed": _rows(failed, _why_failed),
        "failed_count": failed.count(),
        "open": _rows(still_open, lambda order, stop: _why_open(order, stop, at)),
        "open_count": still_open.count(),
        "next_orders": tomorrows.count(),
        "next_unplanned": tomorrows.exclude(id__in=on_routes.values("order_id")).count(),
        "at_risk": risks[:LISTED],
        "at_risk_count": len(risks),
        "exceptions": waiting[:LISTED],
        "exceptions_count": len(waiting),
        "notes": notes(day),
    }


def _waiting(day: date) -> list[WaitingRow]:
    """The exceptions queue as it stands, the most urgent first, with what the days before left over."""
    rows = sorted(exceptions.of_day(day), key=lambda row: (-row["urgency"], row["since_at"], row["id"]))
    found: list[WaitingRow] = []
    for row in rows:
        driver = row["driver"]["name"] if row["driver"] else ""
        about = row["recipient"] or row["reference"] or row["place"] or driver
        found.append(
            {
                "kind": say(EXCEPTIONS.get(row["kind"]) or "") or title(row["kind"]),
                "about": about,
                "driver": "" if about == driver else driver,
                "since_at": datetime.fromisoformat(row["since_at"]),
                "taken_by": row["taken_by"]["name"] if row["taken_by"] else "",
            }
        )
    return found


def notes(day: date) -> list[NoteRow]:
    """What was written down about the day, the earliest first."""
    rows = HandoverNote.objects.filter(day_on=day).order_by("at", "id")
    return [{"text": row.text, "author": row.author, "at": row.at} for row in rows]


def _routes(day: date) -> RouteSumRow:
    routes = Route.objects.filter(plan__day_on=day).exclude(status="cancelled")
    stops = Stop.objects.filter(plan__day_on=day).exclude(status="cancelled")
    done = stops.aggregate(
        all=Count("id"),
        done=Count("id", filter=Q(status__in=["attempted", "departed"])),
        off=Count("id", filter=Q(status="unassigned")),
    )
    return {
        "routes": routes.count(),
        "completed": routes.filter(status="completed").count(),
        "on_the_road": routes.filter(status="started").count(),
        "stops": done["all"],
        "stops_done": done["done"],
        "unassigned": done["off"],
    }


def _stops_of(orders: Iterable[Order]) -> dict[object, StopOrder]:
    rows = StopOrder.objects.filter(order__in=[order.id for order in orders]).select_related(
        "stop", "stop__route__shift__driver"
    )
    # The latest stop of an order stands for it, whether it is still live or not.
    return {row.order_id: row for row in rows.order_by("live", "id")}


def _rows(orders: QuerySet[Order], why: Callable[[Order, StopOrder | None], str]) -> list[OpenRow]:
    chosen: list[Order] = list(orders.order_by("promised_end_at", "id")[:LISTED])
    on = _stops_of(chosen)
    return [_row(order, on.get(order.id), why(order, on.get(order.id))) for order in chosen]


def _row(order: Order, on: StopOrder | None, why: str) -> OpenRow:
    route = on.stop.route if on else None
    return {
        "id": str(order.id),
        "reference": order.reference,
        "recipient": order.recipient_name,
        "status": order.status,
        "driver": route.shift.driver.name if route else "",
        "promised_start_at": order.promised_start_at,
        "promised_end_at": order.promised_end_at,
        "why": why,
    }


def _why_failed(order: Order, on: StopOrder | None) -> str:
    code = on.stop.outcome if on else ""
    return code.removeprefix("failed_").replace("cant", "can’t").replace("_", " ").capitalize() if code else ""


def _why_open(order: Order, on: StopOrder | None, at: datetime) -> str:
    if order.status in ("received", "needs_attention"):
        return say(order.attention_reason) or say("Its place is not known yet.")
    if order.status == "ready":
        return say(on.stop.unassigned_message if on and on.live else "") or say("On no route.")
    if order.promised_end_at and order.promised_end_at < at:
        return say("Its promise has passed.")
    if order.status == "out_for_delivery":
        return say("On its way.")
    sent = on is not None and on.stop.status == "allocated"
    return say("Its driver has it on a route that has not left.") if sent else say("Planned, not sent out.")


def _at_risk(orders: QuerySet[Order]) -> list[OpenRow]:
    """Promises of these orders that cannot be kept as things stand."""
    promised = list(orders.exclude(promised_end_at=None).order_by("promised_end_at", "id"))
    on = _stops_of(promised)
    found = []
    for order in promised:
        why = _risk(order, on.get(order.id))
        if why:
            found.append(_row(order, on.get(order.id), why))
    return found


def _risk(order: Order, on: StopOrder | None) -> str:
    if order.status in ("received", "needs_attention"):
        return say(order.attention_reason) or say("Its place is not known yet.")
    if on is None or not on.live or on.stop.route_id is None:
        return say(on.stop.unassigned_message if on and on.live else "") or say("On no route yet.")
    reached = on.stop.eta_at or on.stop.planned_arrival_at
    if reached is not None and order.promised_end_at is not None and reached > order.promised_end_at:
        late = round((reached - order.promised_end_at).total_seconds() / 60)
        return say("Planned {late} min after its promise.", late=late)
    return ""
