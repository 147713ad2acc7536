"""What could be done about an exception: each fix with its consequence in words, worked out before anybody clicks.

A fix is a key (what `tracking.actions.fixing` does), a title, and a sentence that says what it leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from core import errors
from core.vocabulary import title, word
from core.words import day as day_words
from core.words import say
from dispatch import facts, nearest
from dispatch.actions import reordering, retiming
from dispatch.models import Stop
from fleet.models import Driver
from orders.actions import answering
from orders.models import Order
from routing import solver
from tracking import conflicts, exception_queries, queries, story
from tracking import states as exception_states
from tracking.exception_queries import HistoryRow
from tracking.models import DayException


class FixRow(TypedDict):
    """`does`: do (by its key), open (a stop or page: `href`), call (`href`). `reason`: one has to be given."""

    key: str
    icon: str
    title: str
    consequence: str
    does: str
    href: str
    reason: bool
    best: bool


class VersionRow(TypedDict):
    """One side of a contradiction: who says what, and when it was."""

    who: str
    says: str
    at: str


class FixesRow(TypedDict):
    """`versions` are the two sides of a report that contradicts the plan."""

    fixes: list[FixRow]
    versions: list[VersionRow]
    history: list[HistoryRow]


def fix(
    key: str, icon: str, title: str, consequence: str, *, does: str = "do", href: str = "", reason: bool = False
) -> FixRow:
    return {"key": key, "icon": icon, "title": title, "consequence": consequence, "does": does, "href": href,
            "reason": reason, "best": False}


def of(exception: DayException, *, at: datetime) -> FixesRow:
    """The fixes for an exception as it stands; none for one that is closed."""
    found: list[FixRow] = []
    versions: list[VersionRow] = []
    if exception.status in exception_states.LIVE:
        zone = facts.zone_of_tenant()
        found = KINDS[exception.kind](exception, at, zone)
        if exception.kind == "report_conflict":
            versions = _versions(exception)
        for one in found[:1]:
            one["best"] = one["does"] == "do"
    return {"fixes": found, "versions": versions, "history": exception_queries.history(exception)}


def stop_of(exception: DayException) -> Stop | None:
    """The stop it is about; for a route the first of its late ones."""
    stop_id = exception.subject_id if exception.subject_kind == "stop" else exception.about.get("stop")
    if not stop_id:
        return None
    row: Stop | None = (
        Stop.objects.select_related("place", "plan", "route__shift__driver").filter(id=stop_id).first())
    return row


def order_of(exception: DayException) -> Order | None:
    order_id = exception.subject_id if exception.subject_kind == "order" else exception.about.get("order")
    row: Order | None = Order.objects.select_related("place").filter(id=order_id).first() if order_id else None
    return row


def _late(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    stop = stop_of(exception)
    if stop is None:
        return []
    return [*_moves(stop, at, zone), *_sooner(stop, at, zone), *_tell(exception, stop, at, zone),
            *_retime(stop, at), *_call(exception)]


def _retime(stop: Stop, at: datetime) -> list[FixRow]:
    """A van that should have left: its whole day moves."""
    waits = retiming.waits(stop.route, at) if stop.route is not None else None
    if not waits:
        return []
    return [fix("retime", "clock", say("Re-time the route"),
                say("All its stops are expected {minutes} min later, here and on the recipients' pages; nobody is "
                    "written to.", minutes=round(waits.total_seconds() / 60)))]


def _sooner(stop: Stop, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    """What is aboard is done sooner, on the route it is on."""
    try:
        found = reordering.sooner(stop, here=conflicts.here(stop.route), at=at)
    except (errors.Refused, solver.ProblemError):
        return []
    if found is None:
        return []
    name, reached = who(stop), found.arrivals[stop.id]
    kept = say("in time") if found.late_s == 0 else say("still {minutes} min late", minutes=round(found.late_s / 60))
    return [fix("reorder", "up", say("Do {name} sooner", name=name),
                say("Before {before}: there at {time}, {kept}; {minutes} on the road, nobody else becomes late.",
                    before=found.before, time=hhmm(reached, zone), kept=kept, minutes=signed_minutes(found.delta_s)))]


def _moves(stop: Stop, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    """Other vans that can still load it; a solver that cannot be asked offers none."""
    try:
        places = nearest.places(stop, at=at)
    except errors.Refused:
        return []
    name = who(stop)
    return [
        fix(f"move:{one.shift_id}:{one.position}", "move", say("Move {name} to {driver}", name=name, driver=one.driver),
            say("{minutes} for {driver}, there at {time}, "
                "{kept}.", minutes=signed_minutes(one.delta_s), driver=one.driver,
                time=hhmm(one.arrival_at, zone), kept=say("in time") if one.in_time else say("still late")))
        for one in places
    ]


def _tell(exception: DayException, stop: Stop, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    told = tellable(exception, at)
    if not told:
        return []
    if len(told) > 1:
        return [fix("tell", "send", say("Tell {count} recipients their new times", count=len(told)),
                    say("Everybody of this route who will be reached after the promise gets a message; the promises "
                        "stay as they are in the figures."))]
    (one, reached), = told
    start, end = story.eta_window(max(reached, at), at)
    return [fix("tell", "send", say("Tell the recipient the new time"),
                say("{name} is told {time} to {time2}; the promise stays as it is in the "
                    "figures.", name=who(one), time=hhmm(start, zone), time2=hhmm(end, zone)))]


def tellable(exception: DayException, at: datetime) -> list[tuple[Stop, datetime]]:
    """The late stops whose recipients can be told, with when they will be reached."""
    stops = Stop.objects.select_related("place", "route").filter(status__in=TELLABLE, eta_at__isnull=False)
    if exception.subject_kind == "route":
        stops = stops.filter(route_id=exception.subject_id)
    else:
        stops = stops.filter(id=exception.subject_id)
    rows = list(stops.order_by("position"))
    served, found = facts.orders_of(rows), []
    for stop in rows:
        orders = served.get(str(stop.id), [])
        reached = retiming.reached(stop, at)
        ends = [order.promised_end_at for order in orders if order.promised_end_at]
        due = min(ends) if ends else stop.window_end_at
        late = due is not None and reached > due
        if late and any(order.recipient_email or order.recipient_phone for order in orders):
            found.append((stop, reached))
    return found


TELLABLE = ("allocated", "out_for_delivery", "next")


def _failed(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    order = order_of(exception)
    if order is None or order.status != "attempt_failed":
        return []
    today = at.astimezone(zone).date()
    return [
        fix("again:tomorrow", "calendar", say("Plan again tomorrow"),
            say("{reference} waits for the plan of {day}; its old window and promise are dropped.",
                reference=order.reference, day=day_words(today + timedelta(days=1), "weekday"))),
        fix("again:today", "refresh", say("Plan again today"),
            say("{reference} waits for a route of today once it is back at the depot; its attempt is "
                "kept.", reference=order.reference)),
        fix("return", "depot", say("Return to depot"), say("{reference} goes back to its sender. It is not tried "
                                                           "again.", reference=order.reference)),
        *_call(exception),
    ]


def _unconfirmed(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    order = order_of(exception)
    if order is None or order.status not in answering.COMING:
        return []
    name = order.recipient_name or order.reference
    call = _call_recipient(order)
    put_off = [_put_off(order, at, zone)] if order.status == "scheduled" else []
    if order.recipient_answer == "declined":
        # What has left is the driver's: they see the answer on their phone, and can be called.
        return [*put_off, *call, *([] if put_off else _call(exception)),
                fix("confirmed", "check", say("Confirmed by phone"),
                    say("{name} will be there after all: written down as said to you. The visit stays as it is.",
                        name=name))]
    return [*_ask(order, at, zone), *call,
            fix("confirmed", "check", say("Confirmed by phone"),
                say("Written down as said to you; {name}'s page and the driver's phone show it.", name=name)),
            *put_off]


def _ask(order: Order, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    """Not offered again before there was time to answer."""
    before = answering.asked_at(order)
    if before is not None and at - before < answering.ASKED_AGAIN_AFTER:
        return []
    name = order.recipient_name or order.reference
    once = (
        say("{name} gets a message with the link to answer. This stays here until they do.", name=name)
        if before is None else
        say("{name} was asked at {time} and gets another message with the link to answer. This stays here until they "
            "do.", name=name, time=hhmm(before, zone)))
    return [fix("ask", "send", say("Ask again"), once)]


def _put_off(order: Order, at: datetime, zone: ZoneInfo) -> FixRow:
    """For what still lies at the depot."""
    day, today = next_day(order, at, zone), at.astimezone(zone).date()
    words = day_words(day, "weekday")
    title = (
        say("Plan again tomorrow") if day == today + timedelta(days=1) else say("Plan again on {day}", day=words))
    return fix("put_off", "calendar", title,
               say("{reference} is taken off its route and waits for the plan of {day}; its old window and promise are "
                   "dropped.", reference=order.reference, day=words))


def next_day(order: Order, at: datetime, zone: ZoneInfo) -> date:
    """The day after the visit's: the visit of tomorrow is not put off to tomorrow."""
    return max(order.delivery_on, at.astimezone(zone).date()) + timedelta(days=1)


def _call_recipient(order: Order) -> list[FixRow]:
    if not order.recipient_phone:
        return []
    return [fix("call_recipient", "phone", say("Call {name}", name=order.recipient_name or order.reference),
                order.recipient_phone, does="call", href=f"tel:{order.recipient_phone}")]


def _unassigned(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    stop = stop_of(exception)
    if stop is None:
        return [fix("plan", "route", say("Put it on the plan"),
                    say("It becomes a stop of today's plan; then its best place is looked for."))]
    found = _moves(stop, at, zone)
    return [*found, fix("open", "pin", say("Open the stop"), say("See it on the map and put it on a route by hand."),
                        does="open", href=str(stop.id))]


def _conflict(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    report = conflicts.report_of(exception)
    if report is None:
        return []
    name = report.driver.name
    found = []
    if conflicts.obstacle(report) is None:
        found.append(fix(
            "keep", "check", say("Keep what the driver did"),
            say("The stop counts as {name}'s, with the attempt of {time} and its "
                "proof.", name=name, time=hhmm(report.device_at, zone))))
    found.append(fix(
        "undo", "close", say("Undo it with a reason"),
        say("The plan stays as it is. The report and its photos are kept."),
        reason=True))
    return [*found, *_call(exception)]


def _stale(exception: DayException, at: datetime, zone: ZoneInfo) -> list[FixRow]:
    return _call(exception)


def _call(exception: DayException) -> list[FixRow]:
    driver_id = exception.about.get("driver") or (
        str(exception.subject_id) if exception.subject_kind == "driver" else None)
    driver = Driver.objects.filter(id=driver_id).first() if driver_id else None
    if driver is None or not driver.phone:
        return []
    title = say("Call {driver}", driver=driver.name)
    return [fix("call", "phone", title, driver.phone, does="call", href=f"tel:{driver.phone}")]


def _versions(exception: DayException) -> list[VersionRow]:
    report = conflicts.report_of(exception)
    if report is None:
        return []
    data = report.body.get("data") or {}
    outcome = title(str(data.get("outcome", "")))
    driver: VersionRow = {
        "who": say("{driver}'s phone", driver=report.driver.name), "at": queries.instant(report.device_at),
        "says": ". ".join(part for part in (outcome, data.get("name", ""), data.get("note", "")) if part)}
    change = conflicts.change_before(report)
    plan: VersionRow = {"who": say("The plan"), "says": say(report.message), "at": ""}
    if change is not None:
        deed = ": ".join(part for part in (word(change.kind.partition(".")[2]), say(change.reason)) if part)
        plan = {"who": change.actor_label, "at": queries.instant(change.at),
                "says": say("The stop: {deed}.", deed=deed)}
    return [driver, plan]


Finder = Callable[[DayException, datetime, ZoneInfo], list[FixRow]]
KINDS: Mapping[str, Finder] = {
    "late": _late, "predicted_late": _late, "unconfirmed": _unconfirmed,
    "failed": _failed, "unassigned": _unassigned, "stale_position": _stale,
    "stuck": _stale, "off_route": _stale, "report_conflict": _conflict,
}


def who(stop: Stop) -> str:
    """Whom the stop is for, as the dispatcher says it."""
    served: list[Any] = facts.orders_of([stop]).get(str(stop.id), [])
    return str(served[0].recipient_name or served[0].reference) if served else stop.place.line


def hhmm(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def signed_minutes(seconds: int) -> str:
    minutes = round(seconds / 60)
    return f"{'+' if minutes >= 0 else '−'}{abs(minutes)} min"

