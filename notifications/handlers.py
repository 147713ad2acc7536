"""What notifications do when something happened: write what recipients are to be told, and wake the sender."""

from __future__ import annotations

from core import clock, tenancy
from core.models import Event
from notifications import actions, tasks
from notifications.hearing import HEARING

KINDS = tuple(HEARING)
"""The events that `on_tellable` is to hear."""


def on_tellable(events: list[Event]) -> None:
    """Tell the recipients of what these events mean for them."""
    if actions.tell(events, at=clock.now()):
        tasks.wake_sender(tenancy.current())
