"""What happened below may need a person, or no longer: the queue is looked at anew."""

from __future__ import annotations

from django.db import transaction

from core import clock, tenancy
from core.actor import Actor
from core.models import Event
from tracking import tasks
from tracking.actions import exceptions


def on_day_changed(events: list[Event]) -> None:
    """Facts changed: have the day looked at. Hears stop, route, order and driver.

    A worker looks: a day of three hundred vans takes the better part of a second of a processor, and boards wait for
    what the relay does.
    """
    tenant_id = tenancy.current()
    if tasks.may_look(tenant_id):
        transaction.on_commit(lambda: tasks.wake(tenant_id))


def on_proposed(events: list[Event]) -> None:
    """Automation would do something about a stop: it stands beside its exception. Hears stop.proposed."""
    exceptions.look(at=clock.now())
    for event in events:
        proposal = {name: event.data[name] for name in ("rule", "fix", "words")}
        exceptions.propose(event.data["kind"], event.subject_id, proposal, exception_id=event.data.get("exception"),
                           by=Actor(event.actor_kind, event.actor_id, event.actor_label), at=event.at)
