"""What notifications do when a line was written: wake the sender of e-mails and SMS."""

from __future__ import annotations

from core import tenancy
from core.models import Event
from notifications import tasks


def on_message_sent(events: list[Event]) -> None:
    """A line to a recipient waits to be sent. Hears order.message_sent."""
    if any(event.data.get("with") == "recipient" for event in events):
        tasks.wake_sender(tenancy.current())
