"""Messages are written down first, with the promises in them, then sent until they have gone or will not go."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from core import tenancy
from core.models import Event
from dispatch.models import Attempt, Stop, StopOrder
from notifications import channels, message_actions, writing
from notifications.hearing import HEARING, Telling
from notifications.models import Message, Promise
from orders.models import Order
from tracking import links, story

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
MOST_TRIES = 5
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Case:
    """One order that one event may be told of."""

    event: Event
    telling: Telling
    order: Order
    stop: Stop | None


def tell(events: Sequence[Event], *, at: datetime) -> list[Message]:
    """Write the messages that these events call for, and the promises in them; the same events again write nothing.

    `at` is the house's time, by which the words are chosen.
    """
    cases = [case for case in _cases(events) if _fresh(case)]
    if not cases:
        return []
    said = _said_before([case.order for case in cases])
    organization = Organization.objects.get(id=tenancy.current())
    addresses = links.links_for({case.order.id: case.order for case in cases}.values())
    attempts = _attempts(cases)
    messages: list[Message] = []
    promises: list[Promise] = []
    due_at = timezone.now()
    for case in cases:
        telling, order = case.telling, case.order
        span = _span(case, at)
        mine = said.setdefault(order.id, [])
        channel, to = _reach(order, telling.channels)
        if not to or (telling.promises and span is None) or not _may_say(case, mine, span):
            continue
        words = writing.write(telling.template, channel, writing.Occasion(
            order, case.stop, organization, addresses[order.id], at, span, attempts.get((case.event.id, order.id))))
        message = Message(
            order=order, event=case.event, template=telling.template, channel=channel, to=to, subject=words.subject,
            text=words.text, html=words.html, due_at=due_at)
        messages.append(message)
        mine.append(_Said(case.event.id, telling.template, case.event.subject_id, span))
        if telling.promises and span is not None:
            promises.append(Promise(order=order, message=message, kind=telling.promises, start_at=span[0],
                                    end_at=span[1], told_at=at))
    Message.objects.bulk_create(messages)
    Promise.objects.bulk_create(promises)
    return messages


def _cases(events: Sequence[Event]) -> list[_Case]:
    heard = [event for event in events if event.kind in HEARING]
    stop_ids = [event.subject_id for event in heard if event.subject == "stop"]
    order_ids = [event.subject_id for event in heard if event.subject == "order"]
    stops = {stop.id: stop for stop in Stop.objects.filter(id__in=stop_ids).select_related("route")}
    served: dict[UUID, list[Order]] = {}
    for link in StopOrder.objects.filter(stop_id__in=stop_ids, live=True).select_related("order__place").order_by("id"):
        served.setdefault(link.stop_id, []).append(link.order)
    orders = {order.id: order for order in Order.objects.filter(id__in=order_ids).select_related("place")}
    cases = []
    for event in heard:
        telling = HEARING[event.kind]
        if event.subject == "stop":
            stop = stops.get(event.subject_id)
            cases += [_Case(event, telling, order, stop) for order in served.get(event.subject_id, ())]
        elif event.subject_id in orders:
            cases.append(_Case(event, telling, orders[event.subject_id], None))
    return cases


def _fresh(case: _Case) -> bool:
    """What was reported late must not be told as news."""
    state = case.stop.status if case.stop is not None else case.order.status
    return state in case.telling.still


@dataclass(frozen=True, slots=True)
class _Said:
    event_id: UUID
    template: str
    subject_id: UUID
    window: tuple[datetime, datetime] | None


def _said_before(orders: Iterable[Order]) -> dict[UUID, list[_Said]]:
    said: dict[UUID, list[_Said]] = {}
    windows: Mapping[UUID, tuple[datetime, datetime]] = {
        row.message_id: (row.start_at, row.end_at)
        for row in Promise.objects.filter(order__in=list(orders), message__isnull=False)
    }
    for message in Message.objects.filter(order__in=list(orders)).select_related("event").order_by("created_at"):
        said.setdefault(message.order_id, []).append(
            _Said(message.event_id, message.template, message.event.subject_id, windows.get(message.id)))
    return said


def _may_say(case: _Case, said: Sequence[_Said], span: tuple[datetime, datetime] | None) -> bool:
    telling = case.telling
    same = [one for one in said if one.template == telling.template]
    if any(one.event_id == case.event.id for one in same):
        return False
    if telling.after_others and not said:
        return False
    if telling.once == "stop":
        return all(one.subject_id != case.event.subject_id for one in same)
    if telling.once == "window":
        return not same or same[-1].window != span
    return True


def _span(case: _Case, at: datetime) -> tuple[datetime, datetime] | None:
    """What the message names: the promised window, or the expected arrival."""
    order, stop = case.order, case.stop
    if case.telling.promises == "eta" and stop is not None and stop.eta_at is not None:
        return story.eta_window(stop.eta_at, at)
    if order.promised_start_at is not None and order.promised_end_at is not None:
        return order.promised_start_at, order.promised_end_at
    return None


def _reach(order: Order, preferred: Sequence[str]) -> tuple[str, str]:
    """The first channel by which the recipient can be reached, and the address there; empty when there is none."""
    known = {"email": order.recipient_email, "sms": order.recipient_phone}
    return next(((channel, known[channel]) for channel in preferred if known[channel]), ("", ""))


def _attempts(cases: Sequence[_Case]) -> dict[tuple[UUID, UUID], Attempt]:
    """The attempt that each event tells of."""
    named = {
        (case.event.id, case.order.id): UUID(case.event.data["attempt"])
        for case in cases if isinstance(case.event.data.get("attempt"), str)
    }
    rows = {row.id: row for row in Attempt.objects.filter(id__in=list(named.values()))}
    return {key: rows[attempt_id] for key, attempt_id in named.items() if attempt_id in rows}


def claim(now: datetime) -> list[Message]:
    """Take messages that are due, so that no other worker takes them for the next two minutes (inside the scope)."""
    rows = list(
        Message.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(status="queued", due_at__lte=now).order_by("due_at", "id")[:AT_ONCE]
    )
    for row in rows:
        row.tries += 1
        row.due_at = now + LEASE
    Message.objects.bulk_update(rows, ["tries", "due_at"])
    return rows


def send_due(tenant_id: UUID) -> int:
    """Send what is due of this organization; returns how many went. Each row is claimed, sent outside of any
    transaction, and marked: a worker that dies in between leaves the row to be sent again after its lease."""
    gone = 0
    while True:
        with tenancy.scope(tenant_id):
            sender = Organization.objects.get(id=tenant_id).name
            rows = claim(timezone.now())
        for row in rows:
            gone += _send(tenant_id, row, sender)
        if len(rows) < AT_ONCE:
            return gone


def _send(tenant_id: UUID, row: Message, sender: str) -> bool:
    try:
        channels.send(row, sender=sender)
    except channels.NotSent as error:
        row.error = str(error)[:300]
        if error.final or row.tries >= MOST_TRIES:
            row.status = "failed"
            log.warning("message failed", extra={"message_id": str(row.id), "error": row.error})
        else:
            row.due_at = timezone.now() + FIRST_PAUSE * 4 ** (row.tries - 1)
    else:
        row.status, row.sent_at, row.error = "sent", timezone.now(), ""
    with tenancy.scope(tenant_id), transaction.atomic():
        row.save(update_fields=["status", "sent_at", "error", "due_at"])
        if row.template == message_actions.TEMPLATE:
            message_actions.carried(row)
    return row.status == "sent"
