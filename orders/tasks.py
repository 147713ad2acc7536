"""Orders' sweep: what a lost message or a geocoder that was away left behind is taken up again."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core import tenancy
from core.actor import SYSTEM
from core.models import Operation
from orders.actions import locating, staging
from orders.models import Order

LEFT_AFTER = timedelta(seconds=60)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue the location of orders that have waited for more than a minute, unless that is under way."""
    for tenant_id in tenancy.tenant_ids():
        with tenancy.scope(tenant_id):
            sweep_tenant()


@shared_task(ignore_result=True)
def tidy() -> None:
    """Delete the rows of import grids that nobody needs any more."""
    for tenant_id in tenancy.tenant_ids():
        with tenancy.scope(tenant_id):
            staging.drop_old_lines(at=timezone.now())


def sweep_tenant() -> Operation | None:
    """One organization's sweep, in its scope. Returns the queued operation, if there is something to do."""
    now = timezone.now()
    if not Order.objects.filter(status="received", changed_at__lt=now - LEFT_AFTER).exists():
        return None
    latest = Operation.objects.filter(kind=locating.LOCATE).order_by("-id").first()
    if latest is not None and (latest.status in ("queued", "running") or latest.created_at > now - LEFT_AFTER):
        return None
    return locating.request_location(by=SYSTEM, at=now)
