"""A recipient says on their page whether they will be there; who cannot be there is put off to another day."""

from __future__ import annotations

from datetime import date, datetime

from core import errors
from core.actor import Actor
from core.words import say
from dispatch.actions import plans
from orders import progress
from orders.actions import answering
from orders.models import Order
from tracking import story


def answer(order: Order, told: story.Story, said: str, *, at: datetime) -> Order:
    """The recipient's own word, by their link; `told` is the order's story as of now.

    Raises `Conflict` ("too_late") once the driver is at the door, and what `orders.actions.answering.answer` raises.
    """
    if not told.may_answer:
        raise errors.Conflict("too_late", say("Your answer can no longer be changed here."))
    actor = Actor("recipient", None, order.recipient_name or "Recipient")
    return answering.answer(order, said, by=actor, at=at)


def put_off(order: Order, day: date, *, by: Actor, at: datetime) -> None:
    """The visit does not take place: the order leaves its stop and waits for the plan of `day`.

    Raises `Conflict` ("van_has_left") once the parcel is under way: its driver may be at the door with no connection,
    and what happens there is an attempt.
    """
    if order.status != "scheduled":
        raise errors.Conflict("van_has_left", say("The van has left, or the visit is off: look again."))
    reason = say("the recipient cannot be there")
    plans.drop_order(order, reason=reason, by=by, at=at)
    progress.reattempt(order, day=day, reason=reason, by=by, at=at)
