"""What was told to whom."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from core import errors
from notifications.models import Message, Promise
from orders.models import Order

LATEST = 100


def latest(text: str = "") -> list[Message]:
    """The newest messages, narrowed to those whose address, subject or order's reference holds `text`."""
    rows = Message.objects.select_related("order")
    if text:
        rows = rows.filter(
            Q(to__icontains=text) | Q(subject__icontains=text) | Q(order__reference__icontains=text))
    return list(rows.order_by("-created_at", "-id")[:LATEST])


def message_of(message_id: UUID) -> Message:
    row: Message | None = Message.objects.select_related("order").filter(id=message_id).first()
    if row is None:
        raise errors.Missing("message")
    return row


def told(order: Order) -> list[Message]:
    """Everything that this order's recipient was told, oldest first."""
    return list(Message.objects.filter(order=order).order_by("created_at", "id"))


def ledger(order: Order) -> list[Promise]:
    """Every window and arrival that the recipient was told, oldest first."""
    return list(Promise.objects.filter(order=order).select_related("message").order_by("told_at", "id"))
