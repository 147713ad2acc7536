"""What may concern a rule wakes a round, where any rule is on. May run twice."""

from __future__ import annotations

from django.db import transaction

from core import tenancy
from core.models import Event
from dispatch import tasks
from dispatch.models import Automation


def on_occasion(events: list[Event]) -> None:
    """Hears order.ready (an order came in or back) and exception.opened (a promise is in danger)."""
    if not Automation.objects.filter(status__in=["propose", "do"]).exists():
        return
    tenant_id = tenancy.current()
    transaction.on_commit(lambda: tasks.wake(tenant_id))
