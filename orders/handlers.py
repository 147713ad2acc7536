"""What orders do when something happened."""

from __future__ import annotations

from core import clock
from core.actor import SYSTEM
from core.models import Event
from orders.actions import locating


def on_order_received(events: list[Event]) -> None:
    """New orders, or orders with a new address, are located: one queued operation for however many there are."""
    if events:
        locating.request_location(by=SYSTEM, at=clock.now())
