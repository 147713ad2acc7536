"""A person or a program changes or cancels an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import errors, journal
from core.actor import Actor
from core.vocabulary import word
from core.words import mark, say
from orders import states
from orders.actions import answering, locating, placing, receiving
from orders.importing.drafts import Draft
from orders.models import Order

CONTACT = ("recipient_name", "recipient_phone", "recipient_email", "instructions")
PLAIN = (
    *CONTACT,
    "delivery_on",
    "window_start_at",
    "window_end_at",
    "promised_start_at",
    "promised_end_at",
    "service_s",
    "weight_g",
    "volume_ml",
    "pieces",
    "pallets",
    "priority",
    "skills",
    "proof_required",
    "confirmation_required",
)


def edit_order(
    order: Order,
    *,
    values: Mapping[str, Any],
    address: Draft | None = None,
    merchant: str | None = None,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Order:
    """Change the fields named in `values` (those of `PLAIN`), the address and the merchant (by name; "" for none).

    `version` is the one the editor saw: another in the database raises `Conflict` ("changed_meanwhile"). An order that
    is planned or underway takes new contact data and instructions only: `Refused` ("order_underway"). A new address
    sends the order back to be located.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("place", "merchant").get(id=order.id)
    if version is not None and version != order.version:
        raise errors.Conflict(
            "changed_meanwhile",
            say("This order was changed by somebody else meanwhile: load it again."),
            param="version",
        )
    changed = [name for name in PLAIN if name in values and getattr(order, name) != values[name]]
    for name in changed:
        setattr(order, name, values[name])
    if merchant is not None and merchant != (order.merchant.name if order.merchant else ""):
        order.merchant = placing.merchants_for([merchant])[merchant] if merchant else None
        changed.append("merchant")
    moved = False
    if address is not None:
        place = placing.places_for([address], at=at)[0]
        if place.id != order.place_id:
            order.place = place
            order.attention_reason = ""
            changed += ["place", "attention_reason"]
            moved = True
    _check(order, changed)
    if order.proof_required == "pin" and not order.pin:
        order.pin = receiving.new_pin()
        changed.append("pin")
    if "delivery_on" in changed:
        changed += answering.forget(order)
    if not changed:
        return order
    data = {"fields": receiving.told(changed)}
    if moved and order.status != "received":
        journal.transition(order, "received", by=by, at=at, changes=changed, data=data, reason=mark("another address"))
    else:
        journal.record(order, "changed", by=by, at=at, changes=changed, data=data)
    if moved:
        locating.settle([order], at=at)
        locating.request_location(by=by, at=at)
    return order


def _check(order: Order, changed: list[str]) -> None:
    beyond = [name for name in changed if name not in CONTACT]
    if beyond and order.status not in states.EDITABLE:
        raise errors.Refused(
            "order_underway",
            say(
                "This order is {status}: only its contact and instructions can be changed now.",
                status=word(order.status),
            )
            + (" " + say("Take it off its plan to change the rest.") if order.status == "scheduled" else ""),
            param=beyond[0],
        )
    if changed and order.status not in (*states.OPEN, "attempt_failed"):
        raise errors.Refused(
            "order_ended", say("This order is {status} and cannot be changed.", status=word(order.status))
        )
    for start, end, param in (
        (order.window_start_at, order.window_end_at, "window"),
        (order.promised_start_at, order.promised_end_at, "promised"),
    ):
        if (start is None) != (end is None):
            raise errors.Invalid("window_incomplete", say("A window has a start and an end."), param=param)
        if start is not None and end is not None and end <= start:
            raise errors.Invalid("window_order", say("The window ends before it begins."), param=param)


def cancel_order(order: Order, *, reason: str = "", by: Actor, at: datetime) -> Order:
    """Take the order back. Only before it is out for delivery: later it raises `Conflict` ("illegal_move")."""
    order = Order.objects.select_for_update(of=("self",)).select_related("place", "merchant").get(id=order.id)
    if order.status == "cancelled":
        return order
    journal.transition(order, "cancelled", by=by, at=at, reason=reason)
    return order
