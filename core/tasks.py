"""Celery doors of the core: a message wakes a worker, the operation's row says what there is to do."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from core import operations, tenancy
from core.models import Operation

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def run_operation(tenant_id: str, operation_id: str) -> None:
    operations.run(UUID(tenant_id), UUID(operation_id))


@shared_task(ignore_result=True)
def sweep_operations() -> None:
    for tenant_id in tenancy.tenant_ids():
        operations.sweep(tenant_id)


def wake_worker(tenant_id: UUID, operation: Operation) -> None:
    """A broker that is down costs nothing but time: the sweep wakes a worker later."""
    try:
        run_operation.apply_async((str(tenant_id), str(operation.id)), queue=operation.queue, retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("no worker woken", extra={"operation": str(operation.id), "error": type(error).__name__})
