"""What tracking does by the clock: arrivals of drivers who are silent, and positions kept long enough."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.core.cache import cache
from redis import RedisError

from core import clock, errors, tenancy
from dispatch.models import Route
from tracking.actions import etas, exceptions
from tracking.models import Position

log = logging.getLogger(__name__)

KEEP = timedelta(days=60)
AT_ONCE = 20_000
ROUTES_AT_ONCE = 100
"""So many are projected in one transaction: reports wait for it as long as it holds their stops."""
DAY_S = 86_400


@shared_task(ignore_result=True)
def sweep() -> None:
    """Every ten seconds: where the vans are now tells when they will be elsewhere. A driver who stands still or is
    out of reach is later with every minute, and boards say so."""
    for tenant_id in tenancy.tenant_ids():
        with tenancy.scope(tenant_id):
            started = list(Route.objects.filter(status="started").order_by("id").values_list("id", flat=True))
        for first in range(0, len(started), ROUTES_AT_ONCE):
            try:
                with tenancy.scope(tenant_id):
                    etas.project_etas(started[first:first + ROUTES_AT_ONCE], at=clock.now(), wait=False)
            except errors.Conflict:
                # A driver reported at this very moment: that projection is the newer one.
                log.info("projection overtaken")
    if _once_a_day():
        forget(clock.now() - KEEP)


@shared_task(ignore_result=True)
def watch() -> None:
    """Every quarter of a minute: what needs a person opens, what has passed closes (`tracking.actions.exceptions`)."""
    now = clock.now()
    for tenant_id in tenancy.tenant_ids():
        try:
            with tenancy.scope(tenant_id):
                exceptions.look(at=now)
        except errors.Conflict:
            # Somebody took or closed one at this very moment; the next look sees it.
            log.info("look overtaken")


def forget(before: datetime) -> int:
    """Delete the positions of before that instant, a part at a time. Returns how many."""
    gone = 0
    for tenant_id in tenancy.tenant_ids():
        while True:
            with tenancy.scope(tenant_id):
                old = list(Position.objects.filter(received_at__lt=before).values_list("id", flat=True)[:AT_ONCE])
                gone += Position.objects.filter(id__in=old).delete()[0]
            if len(old) < AT_ONCE:
                break
    return gone


def _once_a_day() -> bool:
    try:
        return bool(cache.add("tracking-forgets", 1, DAY_S))
    except (RedisError, OSError):
        return False
