"""What dispatch says of orders as they move along: scheduled, out, delivered, failed, back again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core import journal
from core.actor import Actor
from orders.actions import answering
from orders.models import Order

PROMISE_BEFORE = timedelta(minutes=30)
PROMISE_AFTER = timedelta(minutes=90)
QUARTER = timedelta(minutes=15)


def schedule(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    """They are on a plan now."""
    journal.transition_many([order for order in orders if order.status == "ready"], "scheduled", by=by, at=at)


def unschedule(orders: Sequence[Order], *, reason: str, by: Actor, at: datetime) -> None:
    """They are off the plan and wait for another."""
    waiting = [order for order in orders if order.status in ("scheduled", "out_for_delivery", "attempt_failed")]
    journal.transition_many(waiting, "ready", by=by, at=at, reason=reason)


def promise(planned: Sequence[tuple[Order, datetime]], *, by: Actor, at: datetime) -> None:
    """Promise a window to those who have none: from half an hour before the planned arrival to an hour and a half
    after."""
    unpromised = []
    for order, arrival_at in planned:
        if order.promised_start_at is None:
            order.promised_start_at = _quarter(arrival_at - PROMISE_BEFORE)
            order.promised_end_at = _quarter(arrival_at + PROMISE_AFTER)
            unpromised.append(order)
    journal.record_many(unpromised, "promised", by=by, at=at, changes=["promised_start_at", "promised_end_at"])


def _quarter(at: datetime) -> datetime:
    """The quarter of an hour at or before the instant."""
    return at - timedelta(seconds=at.timestamp() % QUARTER.total_seconds())


def set_out(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    journal.transition_many(
        [order for order in orders if order.status == "scheduled"], "out_for_delivery", by=by, at=at
    )


def attempted(
    order: Order, *, succeeded: bool, data: dict[str, Any], by: Actor, at: datetime, device_at: datetime
) -> None:
    """An attempt was made: delivered, or failed with its code in `data`."""
    journal.transition(
        order, "delivered" if succeeded else "attempt_failed", by=by, at=at, device_at=device_at, data=data
    )


def reattempt(order: Order, *, day: Any, reason: str = "another attempt", by: Actor, at: datetime) -> None:
    """Try an order again on that day; its old windows and its recipient's answer go with the day they were for."""
    if order.delivery_on != day:
        order.delivery_on = day
        order.window_start_at = order.window_end_at = None
    order.promised_start_at = order.promised_end_at = None
    forgotten = answering.forget(order)
    journal.transition(
        order,
        "ready",
        by=by,
        at=at,
        reason=reason,
        changes=[
            *("delivery_on", "window_start_at", "window_end_at", "promised_start_at", "promised_end_at"),
            *forgotten,
        ],
    )
