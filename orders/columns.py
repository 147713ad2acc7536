"""The columns a list of orders can have: what they are called and what stands in them, on the page and in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from core.vocabulary import title
from core.words import mark, say
from orders import narrowing
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Column:
    """A column by name. `kind` says how the page draws it: reference, status, priority, number or text."""

    name: str
    label: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    text: str


@dataclass(frozen=True, slots=True)
class RowOf:
    order: Order
    cells: list[Cell]


def _span(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    return f"{timezone.localtime(start):%H:%M}–{timezone.localtime(end):%H:%M}"


def _load(order: Order) -> str:
    parts = [f"{order.weight_g / 1000:,.3f}".rstrip("0").rstrip(".") + " kg", say("{count} pcs", count=order.pieces)]
    return ", ".join(parts)


def _confirmation(order: Order) -> str:
    if order.recipient_answer:
        return str(order.get_recipient_answer_display())
    return say("Asked for") if order.confirmation_required else ""


_OWN: dict[str, tuple[Column, Callable[[Order], str]]] = {
    column.name: (column, text)
    for column, text in (
        (Column("reference", mark("Reference"), "reference"), lambda order: order.reference),
        (Column("status", mark("State"), "status"), lambda order: title(order.status)),
        (Column("priority", mark("Priority"), "priority"), lambda order: str(order.get_priority_display())),
        (Column("recipient", mark("Recipient")), lambda order: order.recipient_name),
        (Column("address", mark("Address")), lambda order: order.place.line),
        (Column("postcode", mark("Postcode")), lambda order: order.place.postcode),
        (Column("phone", mark("Phone"), "number"), lambda order: order.recipient_phone),
        (Column("day", mark("Day"), "number"), lambda order: order.delivery_on.isoformat()),
        (Column("window", mark("Window"), "number"), lambda order: _span(order.window_start_at, order.window_end_at)),
        (
            Column("promised", mark("Promised"), "number"),
            lambda order: _span(order.promised_start_at, order.promised_end_at),
        ),
        (Column("confirmation", mark("Confirmation")), _confirmation),
        (Column("merchant", mark("Merchant")), lambda order: order.merchant.name if order.merchant else ""),
        (Column("load", mark("Load"), "number"), _load),
        (Column("attention", mark("What to look at")), lambda order: say(order.attention_reason)),
    )
}
USUAL = ("reference", "status", "recipient", "address", "day", "window", "merchant", "driver")


def offered() -> list[Column]:
    """Every column there is."""
    return [column for column, _ in _OWN.values()] + [Column(one.name, one.label) for one in narrowing.EXTRAS.values()]


def chosen(names: str) -> list[Column]:
    """The columns named (separated by commas), in that order; the usual ones when none of them exists."""
    known = {column.name: column for column in offered()}
    found = [known[name] for name in dict.fromkeys(names.split(",")) if name in known]
    return found or [known[name] for name in USUAL if name in known]


def table(orders: Sequence[Order], columns: Sequence[Column]) -> list[RowOf]:
    """The texts of these columns for these orders; times by the clock that Django's current time zone says."""
    extras: dict[str, dict[UUID, str]] = {
        column.name: narrowing.EXTRAS[column.name].texts(orders)
        for column in columns
        if column.name in narrowing.EXTRAS
    }

    def text(order: Order, column: Column) -> str:
        if column.name in extras:
            return extras[column.name].get(order.id, "")
        return _OWN[column.name][1](order)

    return [RowOf(order, [Cell(column, text(order, column)) for column in columns]) for order in orders]
