"""What tracking does by the clock: arrivals of drivers who are silent, and positions kept long enough."""

from __future__ import annotations

import contextlib
import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError
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
LOOK_EVERY_S = 3.0
LOOK_SHARE = 20
"""By its events a day is looked at every few seconds at most, and never for more than a twentieth of the time. The
sweep sees what comes in between."""


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
    for tenant_id in tenancy.tenant_ids():
        _look(tenant_id)


@shared_task(ignore_result=True)
def look(tenant_id: str) -> None:
    """The same for one organization in whose day something has happened."""
    began = time.monotonic()
    _look(UUID(tenant_id))
    rest_s = (time.monotonic() - began) * LOOK_SHARE
    if rest_s > LOOK_EVERY_S:
        with contextlib.suppress(RedisError, OSError):
            cache.set(_look_key(tenant_id), 1, rest_s)


def may_look(tenant_id: UUID) -> bool:
    """Whether it is time for another look at the organization's day; the next one has to wait then."""
    try:
        return bool(cache.add(_look_key(tenant_id), 1, LOOK_EVERY_S))
    except (RedisError, OSError):
        return True


def wake(tenant_id: UUID) -> None:
    """Have a worker look. A broker that is down costs nothing but time: `watch` comes by."""
    try:
        look.apply_async((str(tenant_id),), retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("no look woken", extra={"error": type(error).__name__})


def _look_key(tenant_id: UUID | str) -> str:
    return f"exceptions:{tenant_id}"


def _look(tenant_id: UUID) -> None:
    try:
        with tenancy.scope(tenant_id):
            exceptions.look(at=clock.now())
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
