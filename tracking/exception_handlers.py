"""What happened below may need a person, or no longer: the queue is looked at anew."""

from __future__ import annotations

import time

from django.core.cache import cache
from redis import RedisError

from core import clock, tenancy
from core.actor import Actor
from core.models import Event
from tracking.actions import exceptions

EVERY_S = 3.0
SHARE = 20
"""By its events a day is looked at every few seconds at most, and never for more than a twentieth of the time: a day
of three hundred vans takes the better part of a second. The sweep sees what comes in between."""


def on_day_changed(events: list[Event]) -> None:
    """Facts changed: look at the day. Hears stop, route, order and driver."""
    key = f"exceptions:{tenancy.current()}"
    if not _turn(key):
        return
    began = time.monotonic()
    exceptions.look(at=clock.now())
    _rest(key, (time.monotonic() - began) * SHARE)


def on_proposed(events: list[Event]) -> None:
    """Automation would do something about a stop: it stands beside its exception. Hears stop.proposed."""
    exceptions.look(at=clock.now())
    for event in events:
        proposal = {name: event.data[name] for name in ("rule", "fix", "words")}
        exceptions.propose(event.data["kind"], event.subject_id, proposal, exception_id=event.data.get("exception"),
                           by=Actor(event.actor_kind, event.actor_id, event.actor_label), at=event.at)


def _turn(key: str) -> bool:
    try:
        return bool(cache.add(key, 1, EVERY_S))
    except (RedisError, OSError):
        return True


def _rest(key: str, seconds: float) -> None:
    if seconds > EVERY_S:
        try:
            cache.set(key, 1, seconds)
        except (RedisError, OSError):
            pass
