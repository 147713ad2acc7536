"""Celery doors of notifications: a message wakes the sender, the rows say what is to be sent."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from core import tenancy
from notifications import actions

log = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)
def send_due(tenant_id: str) -> None:
    """Send what is due of one organization."""
    actions.send_due(UUID(tenant_id))


@shared_task(ignore_result=True)
def sweep() -> None:
    """Send what no worker was woken for, and what is due to be tried again."""
    for tenant_id in tenancy.tenant_ids():
        actions.send_due(tenant_id)


def wake_sender(tenant_id: UUID) -> None:
    """Wake a worker after the commit. A broker that is down costs nothing but time: the sweep sends later."""
    def wake() -> None:
        try:
            send_due.apply_async((str(tenant_id),), retry=False)
        except (OperationalError, ConnectionError, OSError) as error:
            log.warning("no sender woken", extra={"error": type(error).__name__})

    transaction.on_commit(wake)
