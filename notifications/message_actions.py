"""Writing with drivers and recipients: a line is stored once, recorded on its order's history, and shown at once.

The journal holds the line's id and never its text. What goes to a recipient leaves as an e-mail or SMS through the
same rows as every other notification; what goes to a driver is fetched by the phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Membership, Organization
from core import errors, journal, tenancy
from core.actor import Actor
from core.models import Event
from core.words import mark, number, say
from dispatch.models import Stop, StopOrder
from fleet.models import Driver
from notifications import message_live, message_queries, message_text, writing
from notifications.message_models import INCOMING, OUTGOING, TEXT_MOST
from notifications.models import Message, Thread, ThreadMessage, ThreadRead
from orders.models import Order
from tracking import links

BROADCAST_MOST = 500
RECIPIENT_A_MINUTE = 5
RECIPIENT_A_DAY = 60
TEMPLATE = "message"
UNREACHABLE = mark("There is no e-mail address or phone number; it is shown on the tracking page.")


class TooFast(errors.Refused):
    status = 429


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody wrote. `client_id` names it where it was written; the same again is the same line."""

    text: str
    client_id: UUID = field(default_factory=uuid4)
    sent_at: datetime | None = None
    device_at: datetime | None = None
    stop: Stop | None = None
    broadcast_id: UUID | None = None


def open_threads(*, drivers: Iterable[Driver] = (), orders: Iterable[Order] = (), at: datetime) -> list[Thread]:
    """The threads of these drivers and orders' recipients, made where there are none yet."""
    drivers, orders = list(drivers), list(orders)
    Thread.objects.bulk_create(
        [
            *(Thread(driver=driver, last_at=at) for driver in drivers),
            *(Thread(order=order, last_at=at) for order in orders),
        ],
        ignore_conflicts=True,
    )
    found = message_queries.threads()
    return [*found.filter(driver__in=drivers).order_by("id"), *found.filter(order__in=orders).order_by("id")]


def send(thread: Thread, line: Line, *, author: str, by: Actor, at: datetime) -> ThreadMessage:
    """Write one line into a thread; the same `client_id` again changes nothing. Raises `Invalid` without a text."""
    return _send([thread], line, author=author, by=by, at=at)[0]


def broadcast(
    text: str, *, drivers: Iterable[Driver] = (), orders: Iterable[Order] = (), author: str, by: Actor, at: datetime
) -> list[ThreadMessage]:
    """Write the same line to many: one row in each thread, all with one broadcast id."""
    drivers, orders = list(drivers), list(orders)
    if not drivers and not orders:
        raise errors.Invalid("nobody", say("Choose at least one driver or recipient to write to."), param="drivers")
    if len(drivers) + len(orders) > BROADCAST_MOST:
        raise errors.Invalid(
            "too_many",
            say("At most {broadcast_most} people can be written to at once.", broadcast_most=BROADCAST_MOST),
            param="drivers",
        )
    rows = open_threads(drivers=drivers, orders=orders, at=at)
    return _send(rows, Line(text, broadcast_id=uuid4()), author=author, by=by, at=at)


def _send(rows: Sequence[Thread], line: Line, *, author: str, by: Actor, at: datetime) -> list[ThreadMessage]:
    text = message_text.clean(line.text)
    if not text:
        raise errors.Invalid("empty", say("Write something first."), param="text")
    if len(text) > TEXT_MOST:
        raise errors.Invalid(
            "too_long", say("A message has at most {text_most} characters.", text_most=number(TEXT_MOST)), param="text"
        )
    with transaction.atomic():
        # All in one order, so that two broadcasts never wait for each other crosswise.
        locked = Thread.objects.select_for_update(of=("self",), no_key=True).filter(id__in=[row.id for row in rows])
        held = {row.id: row for row in locked.select_related("driver", "order__place").order_by("id")}
        known = {
            row.thread_id: row
            for row in message_queries.lines().filter(thread_id__in=list(held), client_id=line.client_id)
        }
        fresh = [
            ThreadMessage(
                thread=thread,
                author=author,
                author_name=by.label[:120],
                text=text,
                stop=line.stop,
                broadcast_id=line.broadcast_id,
                client_id=line.client_id,
                sent_at=line.sent_at or at,
                device_at=line.device_at,
            )
            for thread in held.values()
            if thread.id not in known
        ]
        events = _record(fresh, by=by, at=at)
        _carry(fresh, events, at=at)
        ThreadMessage.objects.bulk_create(fresh)
        for message in fresh:
            thread = message.thread
            thread.version += 1
            thread.last_at = max(thread.last_at, at)
            thread.received += message.incoming
        Thread.objects.bulk_update([message.thread for message in fresh], ["version", "last_at", "received"])
        message_live.show(fresh)
    written = known | {message.thread_id: message for message in fresh}
    return [written[row.id] for row in rows]


def _record(fresh: Sequence[ThreadMessage], *, by: Actor, at: datetime) -> dict[tuple[UUID, UUID], Event]:
    """An event on the history of every order that a line is about, by line and order."""
    pairs = [(message, order_id) for message in fresh for order_id in _about(message)]
    ids = {order_id for _, order_id in pairs}
    orders = {
        row.id: row
        for row in Order.objects.select_for_update(of=("self",), no_key=True).filter(id__in=ids).order_by("id")
    }
    events: dict[tuple[UUID, UUID], Event] = {}
    while pairs:
        # An order takes one event at a time: each has a number of its own.
        once: dict[UUID, ThreadMessage] = {}
        for message, order_id in pairs:
            once.setdefault(order_id, message)
        pairs = [(message, order_id) for message, order_id in pairs if once[order_id] is not message]
        for incoming in (False, True):
            some = {order_id: message for order_id, message in once.items() if message.incoming == incoming}

            def data(order: Any, some: dict[UUID, ThreadMessage] = some) -> dict[str, Any]:
                message = some[order.id]
                whom = "driver" if message.thread.driver_id else "recipient"
                return {"message": str(message.id), "thread": str(message.thread_id), "with": whom}

            word = "message_received" if incoming else "message_sent"
            rows = [orders[order_id] for order_id in sorted(some)]
            for event in journal.record_many(rows, word, by=by, at=at, data=data):
                events[some[event.subject_id].id, event.subject_id] = event
    return events


def _about(message: ThreadMessage) -> list[UUID]:
    if message.thread.order_id:
        return [message.thread.order_id]
    if message.stop is None:
        return []
    return list(StopOrder.objects.filter(stop=message.stop, live=True).values_list("order_id", flat=True))


def _carry(fresh: Sequence[ThreadMessage], events: dict[tuple[UUID, UUID], Event], *, at: datetime) -> None:
    """Give each line to a recipient the e-mail or SMS it goes by."""
    outgoing = [message for message in fresh if message.thread.order_id and not message.incoming]
    if not outgoing:
        return
    organization = Organization.objects.get(id=tenancy.current())
    addresses = links.links_for(message.thread.order for message in outgoing)
    carriers = []
    for message in outgoing:
        order = message.thread.order
        channel, to = reach(order)
        if not channel:
            message.failed_at, message.error = at, UNREACHABLE
            continue
        words = writing.write(
            TEMPLATE,
            channel,
            writing.Occasion(order, None, organization, addresses[order.id], at, None, None, said=message.text),
        )
        message.carrier = Message(
            order=order,
            event=events[message.id, order.id],
            template=TEMPLATE,
            channel=channel,
            to=to,
            subject=words.subject,
            text=words.text,
            html=words.html,
            due_at=timezone.now(),
        )
        carriers.append(message.carrier)
    Message.objects.bulk_create(carriers)


def reach(order: Order) -> tuple[str, str]:
    """By which channel the recipient is written to, and the address there; empty when there is none."""
    if order.recipient_email:
        return "email", order.recipient_email
    return ("sms", order.recipient_phone) if order.recipient_phone else ("", "")


def write_as_recipient(
    order: Order, text: str, *, client_id: UUID, device_at: datetime | None = None, by: Actor, at: datetime
) -> ThreadMessage:
    """A recipient writes to the dispatchers, a few times a minute, until a day after the order has ended."""
    closes_at = message_queries.closes_at(order)
    if closes_at is not None and closes_at <= at:
        raise errors.Conflict("closed", say("This delivery is over: you cannot write about it any more."))
    (thread,) = open_threads(orders=[order], at=at)
    with transaction.atomic():
        Thread.objects.select_for_update(of=("self",), no_key=True).get(id=thread.id)
        own = ThreadMessage.objects.filter(thread=thread, author="recipient")
        recent = own.filter(sent_at__gt=at - timedelta(days=1)).exclude(client_id=client_id)
        if recent.filter(sent_at__gt=at - timedelta(minutes=1)).count() >= RECIPIENT_A_MINUTE:
            raise TooFast("too_fast", "That was a lot at once. Wait a minute, then write again.")
        if recent.count() >= RECIPIENT_A_DAY:
            raise TooFast("too_many", "You wrote a lot today. Call us instead, please.")
        return send(thread, Line(text, client_id, device_at=device_at), author="recipient", by=by, at=at)


def mark_read(thread: Thread, *, member_id: UUID | None, upto: int | None = None, at: datetime) -> None:
    """A member has looked at a thread's incoming lines: at all of them, or at the first `upto`."""
    with transaction.atomic():
        thread = Thread.objects.select_for_update(of=("self",), no_key=True).get(id=thread.id)
        seen = thread.received if upto is None else min(upto, thread.received)
        incoming = thread.lines.filter(author__in=INCOMING)
        later = list(incoming.order_by("-id").values_list("id", flat=True)[: thread.received - seen])
        changed = _read(incoming.filter(read_at=None).exclude(id__in=later), at)
        moved = member_id is not None and _seen(thread, member_id, seen, at)
        if changed or moved:
            _touch(thread, changed)


def _seen(thread: Thread, member_id: UUID, seen: int, at: datetime) -> bool:
    """Move the member's mark forward; whether it has moved."""
    mark, _ = ThreadRead.objects.get_or_create(
        thread=thread, member=Membership.objects.get(id=member_id), defaults={"seen": 0, "at": at}
    )
    if mark.seen >= seen:
        return False
    mark.seen, mark.at = seen, at
    mark.save(update_fields=["seen", "at"])
    return True


def read_by_other(thread: Thread, *, upto: UUID, at: datetime) -> None:
    """The driver or recipient has looked at the lines up to this one."""
    with transaction.atomic():
        thread = Thread.objects.select_for_update(of=("self",), no_key=True).get(id=thread.id)
        changed = _read(thread.lines.filter(author__in=OUTGOING, read_at=None, id__lte=upto).order_by("id"), at)
        if changed:
            _touch(thread, changed)


def _read(rows: Iterable[ThreadMessage], at: datetime) -> list[ThreadMessage]:
    found = list(rows)
    for row in found:
        row.read_at, row.delivered_at = at, row.delivered_at or at
        row.version += 1
    ThreadMessage.objects.bulk_update(found, ["read_at", "delivered_at", "version"])
    return found


def taken_by_phone(thread: Thread, *, at: datetime) -> None:
    """The driver's phone has fetched what was written."""
    waiting = thread.lines.filter(author__in=OUTGOING, delivered_at=None)
    found = list(waiting.select_for_update(of=("self",)).order_by("id"))
    if not found:
        return
    for row in found:
        row.delivered_at = at
        row.version += 1
    ThreadMessage.objects.bulk_update(found, ["delivered_at", "version"])
    _touch(thread, found)


def carried(carrier: Message) -> None:
    """An e-mail or SMS has gone or will not go: its line says so (inside the tenant's scope)."""
    row: ThreadMessage | None = ThreadMessage.objects.filter(carrier=carrier).select_related("thread").first()
    if row is None or carrier.status == "queued":
        return
    if carrier.status == "sent":
        row.delivered_at, row.failed_at, row.error = carrier.sent_at, None, ""
    else:
        row.failed_at, row.error = timezone.now(), carrier.error
    row.version += 1
    row.save(update_fields=["delivered_at", "failed_at", "error", "version"])
    _touch(row.thread, [row])


def _touch(thread: Thread, rows: Sequence[ThreadMessage]) -> None:
    """A thread's rows have changed: a newer version of it goes to the boards."""
    Thread.objects.filter(id=thread.id).update(version=F("version") + 1)
    message_live.show(rows, threads=[thread.id])
