"""What was written with drivers and recipients, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core import errors
from core.models import Event
from dispatch.models import StopOrder
from notifications.models import Thread, ThreadMessage, ThreadRead
from orders.models import Order
from tracking.queries import instant

OPEN_AFTER_END = timedelta(hours=24)
ENDED = ("delivered", "partly_delivered", "cancelled", "returned")
PAGE = 50


class AboutRow(TypedDict):
    """The stop that a line is about."""

    id: str
    line: str


class MessageRow(TypedDict):
    """`state`: queued (on its way), sent (the service or the phone has it), failed, read."""

    id: str
    thread: str
    author: str
    author_name: str
    text: str
    at: str
    device_at: str | None
    stop: AboutRow | None
    broadcast: str | None
    client_id: str
    channel: str
    state: str
    error: str
    delivered_at: str | None
    read_at: str | None
    version: int


class ThreadDriverRow(TypedDict):
    id: str
    name: str
    color: str


class ThreadOrderRow(TypedDict):
    """`stop`: where the order is served now, if it is on a stop."""

    id: str
    reference: str
    recipient: str
    line: str
    delivery_on: str
    stop: str | None


class SeenRow(TypedDict):
    member: str
    seen: int


class ThreadRow(TypedDict):
    """A member's unread lines are `received` less what `seen` says of them."""

    id: str
    kind: str
    driver: ThreadDriverRow | None
    order: ThreadOrderRow | None
    last: MessageRow | None
    last_at: str
    received: int
    seen: list[SeenRow]
    version: int


def threads() -> QuerySet[Thread]:
    rows: QuerySet[Thread] = Thread.objects.select_related("driver", "order__place")
    return rows


def thread_of(thread_id: UUID) -> Thread:
    row: Thread | None = threads().filter(id=thread_id).first()
    if row is None:
        raise errors.Missing("conversation")
    return row


def lines() -> QuerySet[ThreadMessage]:
    rows: QuerySet[ThreadMessage] = ThreadMessage.objects.select_related("stop__place", "carrier", "thread")
    return rows


def thread_rows(rows: Iterable[Thread]) -> list[ThreadRow]:
    """Rows of threads (loaded with their driver or order), each with its newest line."""
    rows = list(rows)
    ids = [row.id for row in rows]
    newest = lines().filter(thread_id__in=ids).order_by("thread_id", "-id").distinct("thread_id")
    last = {line.thread_id: line for line in newest}
    seen: dict[UUID, list[SeenRow]] = {}
    for mark in ThreadRead.objects.filter(thread_id__in=ids).order_by("member_id"):
        seen.setdefault(mark.thread_id, []).append({"member": str(mark.member_id), "seen": mark.seen})
    orders = [row.order_id for row in rows if row.order_id]
    stops = dict(StopOrder.objects.filter(order_id__in=orders, live=True).values_list("order_id", "stop_id"))
    return [_thread_row(row, last.get(row.id), seen.get(row.id, []), stops) for row in rows]


def _thread_row(row: Thread, last: ThreadMessage | None, seen: list[SeenRow], stops: dict[UUID, UUID]) -> ThreadRow:
    driver, order = row.driver, row.order
    return {
        "id": str(row.id),
        "kind": "driver" if driver else "recipient",
        "driver": {"id": str(driver.id), "name": driver.name, "color": driver.color} if driver else None,
        "order": {
            "id": str(order.id),
            "reference": order.reference,
            "recipient": order.recipient_name,
            "line": order.place.line,
            "delivery_on": order.delivery_on.isoformat(),
            "stop": str(stops[order.id]) if order.id in stops else None,
        }
        if order
        else None,
        "last": message_rows([last])[0] if last else None,
        "last_at": instant(row.last_at),
        "received": row.received,
        "seen": seen,
        "version": row.version,
    }


def message_rows(rows: Iterable[ThreadMessage]) -> list[MessageRow]:
    """Rows of lines (loaded with their stop and carrier)."""
    return [
        {
            "id": str(row.id),
            "thread": str(row.thread_id),
            "author": row.author,
            "author_name": row.author_name,
            "text": row.text,
            "at": instant(row.sent_at),
            "device_at": instant(row.device_at) if row.device_at else None,
            "stop": {"id": str(row.stop_id), "line": row.stop.place.line} if row.stop else None,
            "broadcast": str(row.broadcast_id) if row.broadcast_id else None,
            "client_id": str(row.client_id),
            "channel": row.carrier.channel if row.carrier else "",
            "state": state_of(row),
            "error": row.error,
            "delivered_at": instant(row.delivered_at) if row.delivered_at else None,
            "read_at": instant(row.read_at) if row.read_at else None,
            "version": row.version,
        }
        for row in rows
    ]


def state_of(row: ThreadMessage) -> str:
    if row.read_at:
        return "read"
    if row.failed_at:
        return "failed"
    return "sent" if row.delivered_at else "queued"


def newest_threads(*, before: tuple[datetime, UUID] | None = None, kind: str = "", most: int = PAGE) -> list[Thread]:
    """Threads in which something was written, the newest first, after the one whose last line and id are `before`."""
    rows = threads().filter(Exists(ThreadMessage.objects.filter(thread=OuterRef("id"))))
    if kind:
        rows = rows.filter(driver__isnull=kind != "driver")
    if before is not None:
        rows = rows.filter(Q(last_at__lt=before[0]) | Q(last_at=before[0], id__lt=before[1]))
    return list(rows.order_by("-last_at", "-id")[:most])


def unread_threads(member_id: UUID | None) -> list[Thread]:
    """Every thread with incoming lines that this member has not seen, the newest first."""
    rows = threads().filter(received__gt=0)
    if member_id is not None:
        seen = ThreadRead.objects.filter(member_id=member_id, seen__gte=F("thread__received")).values("thread_id")
        rows = rows.exclude(id__in=seen)
    return list(rows.order_by("-last_at", "-id")[: PAGE * 4])


def thread_lines(thread: Thread, *, before: UUID | None = None, most: int = PAGE) -> list[ThreadMessage]:
    """The newest lines of a thread (or those before one), the oldest of them first."""
    rows = lines().filter(thread=thread)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:most])[::-1]


def lines_about(order: Order) -> list[ThreadMessage]:
    """What was written with the order's recipient, and with drivers about a stop that serves it; oldest first."""
    stops = StopOrder.objects.filter(order=order).values("stop_id")
    rows = lines().filter(Q(thread__order=order) | Q(thread__driver__isnull=False, stop_id__in=stops))
    return list(rows.order_by("-id")[: PAGE * 4])[::-1]


def closes_at(order: Order) -> datetime | None:
    """Until when its recipient may write: a day after the order has ended; None while it has not."""
    if order.status not in ENDED:
        return None
    ended = Event.objects.filter(subject_id=order.id, kind=f"order.{order.status}").order_by("-sequence").first()
    at: datetime = ended.at if ended else order.changed_at
    return at + OPEN_AFTER_END
