"""One change to many orders: each for itself, with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from core import errors
from core.actor import Actor
from core.vocabulary import word
from core.words import say
from orders import states
from orders.actions import editing
from orders.models import PRIORITIES, Order

AT_ONCE = 500
CANCEL, DAY, PRIORITY = "cancel", "day", "priority"
ACTIONS = (CANCEL, DAY, PRIORITY)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one order; `problem` is the sentence of why nothing did ("": it is done)."""

    order: Order
    problem: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an action would do: to whom, to whom not and why, and what follows."""

    can: list[Order]
    cannot: list[Result]
    on_routes: int
    with_windows: int


def look(orders: Sequence[Order], action: str) -> Outlook:
    """The consequence before it is done."""
    can, cannot = [], []
    for order in orders:
        problem = _hindrance(order, action)
        if problem:
            cannot.append(Result(order, problem))
        else:
            can.append(order)
    return Outlook(
        can,
        cannot,
        sum(order.status == "scheduled" for order in can),
        sum(order.window_start_at is not None or order.promised_start_at is not None for order in can),
    )


def _hindrance(order: Order, action: str) -> str:
    state = word(order.status)
    if action == CANCEL:
        if states.ORDER.allows(order.status, "cancelled"):
            return ""
        return say("It is {state} and cannot be cancelled.", state=state)
    if order.status in states.EDITABLE:
        return ""
    told = say("It is {state}.", state=state)
    return f"{told} {say('Take it off its plan first.')}" if order.status == "scheduled" else told


def cancel_orders(orders: Sequence[Order], *, reason: str, by: Actor, at: datetime) -> list[Result]:
    """Take them back. A reason is needed, since nobody can ask each recipient later."""
    reason = " ".join(reason.replace("\0", "").split())[:300]
    if not reason:
        raise errors.Invalid("reason_missing", say("Say why these orders are cancelled."), param="reason")
    return _each(orders, lambda order: editing.cancel_order(order, reason=reason, by=by, at=at), CANCEL)


def set_day(orders: Sequence[Order], *, day: date, zone: ZoneInfo, by: Actor, at: datetime) -> list[Result]:
    """Deliver them on another day; their windows keep their times of day and move along."""
    if not -1 <= (day - at.astimezone(zone).date()).days <= 366:
        raise errors.Invalid(
            "bad_day", say("The delivery day lies between yesterday and a year from now."), param="day"
        )

    def move(order: Order) -> Order:
        by_days = timedelta(days=(day - order.delivery_on).days)
        values: dict[str, Any] = {"delivery_on": day}
        for name in ("window_start_at", "window_end_at", "promised_start_at", "promised_end_at"):
            values[name] = _moved(getattr(order, name), by_days, zone)
        return editing.edit_order(order, values=values, by=by, at=at)

    return _each(orders, move, DAY)


def set_priority(orders: Sequence[Order], *, priority: str, by: Actor, at: datetime) -> list[Result]:
    """Make them normal, high or urgent."""
    if priority not in dict(PRIORITIES):
        raise errors.Invalid("bad_priority", say("The priority is normal, high or urgent."), param="priority")
    values = {"priority": priority}
    return _each(orders, lambda order: editing.edit_order(order, values=values, by=by, at=at), PRIORITY)


def _each(orders: Sequence[Order], change: Any, action: str) -> list[Result]:
    results = []
    for order in orders:
        problem = _hindrance(order, action)
        if not problem:
            try:
                with transaction.atomic():
                    change(order)
            except errors.Refused as refused:
                problem = refused.message
        results.append(Result(order, problem))
    return results


def _moved(at: datetime | None, by_days: timedelta, zone: ZoneInfo) -> datetime | None:
    """The same time of day on another day, also across a change of the clocks."""
    if at is None:
        return None
    return (at.astimezone(zone) + by_days).astimezone(ZoneInfo("UTC"))
