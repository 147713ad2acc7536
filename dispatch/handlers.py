"""What dispatch does when something happened elsewhere. May run twice."""

from __future__ import annotations

from core import clock
from core.actor import SYSTEM
from core.models import Event, Operation
from dispatch.actions import plans
from dispatch.models import Plan
from orders.models import Order


def on_operation_ended(events: list[Event]) -> None:
    """A solve failed or was cancelled: the plan is what it was before."""
    ended = Operation.objects.filter(
        id__in=[event.subject_id for event in events], kind="solve", status__in=["failed", "cancelled"]
    )
    for operation in ended:
        plan = Plan.objects.select_for_update(of=("self",)).filter(operation=operation).first()
        if plan is not None:
            plans.give_up_solve(plan, reason=operation.error or "cancelled", by=SYSTEM, at=clock.now())


def on_order_off(events: list[Event]) -> None:
    """An order was cancelled, or went back for attention: it leaves its stop."""
    gone = Order.objects.filter(
        id__in=[event.subject_id for event in events], status__in=["cancelled", "needs_attention", "received"]
    )
    for order in gone:
        plans.drop_order(
            order, reason=f"order {order.reference} is {order.status.replace('_', ' ')}", by=SYSTEM, at=clock.now()
        )
