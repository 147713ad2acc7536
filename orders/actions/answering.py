"""What a recipient says of the visit: they will be there, or they cannot be. An answer is for one day."""

from __future__ import annotations

from datetime import datetime, timedelta

from core import errors, journal
from core.actor import Actor
from core.models import Event
from core.words import say
from orders.models import Order

FIELDS = ("recipient_answer", "answered_at")
COMING = ("scheduled", "out_for_delivery")
"""States of an order whose visit lies ahead."""
ASKED_AGAIN_AFTER = timedelta(minutes=15)
ASKED = "confirmation_asked"


def answer(order: Order, said: str, *, reason: str = "", by: Actor, at: datetime) -> Order:
    """Write down that the recipient said `confirmed` or `declined`; the same again changes nothing.

    `by` is the recipient, or who heard it from them. Raises `Invalid` ("unknown_answer") for another word and
    `Conflict` ("not_coming") where no visit lies ahead.
    """
    if said not in ("confirmed", "declined"):
        raise errors.Invalid("unknown_answer", say("The answer is confirmed or declined."), param="answer")
    order = Order.objects.select_for_update(of=("self",)).select_related("place").get(id=order.id)
    if order.status not in COMING:
        raise errors.Conflict("not_coming", say("There is no visit ahead that could be confirmed."))
    if order.recipient_answer != said:
        order.recipient_answer, order.answered_at = said, at
        journal.record(order, f"recipient_{said}", by=by, at=at, reason=reason, changes=FIELDS)
    return order


def forget(order: Order) -> list[str]:
    """The answer was for another day: it goes. Returns the fields to be saved; the journal keeps what was said."""
    if not order.recipient_answer:
        return []
    order.recipient_answer, order.answered_at = "", None
    return list(FIELDS)


def asked_at(order: Order) -> datetime | None:
    """When the recipient was asked again last."""
    event = Event.objects.filter(subject_id=order.id, kind=f"order.{ASKED}").order_by("-sequence").first()
    return event.at if event else None


def ask(order: Order, *, by: Actor, at: datetime) -> None:
    """Ask the recipient whether they will be there: they get a message with their link.

    Raises `Conflict` ("not_coming"), ("unreachable") where there is no address, and ("asked_lately").
    """
    order = Order.objects.select_for_update(of=("self",)).get(id=order.id)
    if order.status not in COMING:
        raise errors.Conflict("not_coming", say("There is no visit ahead that could be confirmed."))
    if not (order.recipient_email or order.recipient_phone):
        raise errors.Conflict("unreachable", say("There is no address to write to."))
    before = asked_at(order)
    if before is not None and at - before < ASKED_AGAIN_AFTER:
        raise errors.Conflict("asked_lately", say("They were asked a moment ago: give them some minutes."))
    journal.record(order, ASKED, by=by, at=at)
