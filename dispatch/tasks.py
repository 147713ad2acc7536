"""Celery doors of dispatch: a round of the automation, woken by events and swept by the clock."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from core import clock, tenancy
from dispatch.automation import rounds

log = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)
def automate(tenant_id: str) -> None:
    """One round for one organization; twice is as good as once."""
    rounds.run(UUID(tenant_id), at=clock.now())


@shared_task(ignore_result=True)
def sweep_automation() -> None:
    """Every minute: planning hours, and what a lost message would have woken."""
    for tenant_id in tenancy.tenant_ids():
        rounds.run(tenant_id, at=clock.now())


def wake(tenant_id: UUID) -> None:
    """A broker that is down costs nothing but time: the sweep comes by."""
    try:
        automate.apply_async((str(tenant_id),), queue="default", retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("no round woken", extra={"error": type(error).__name__})
