"""Hints through Redis: they make things fast and nothing depends on them. Rows are the truth, sweeps find what a lost
hint left."""

from __future__ import annotations

import logging
from functools import cache
from uuid import UUID

import redis
from django.conf import settings

log = logging.getLogger(__name__)

RELAY_CHANNEL = "lastmile.relay"


@cache
def client() -> redis.Redis:
    """One client for this process, which gives up quickly: a hint must never hold up the work."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1, health_check_interval=30
    )


def publish(channel: str, message: str | bytes) -> bool:
    """Send a hint; False when Redis is away."""
    try:
        client().publish(channel, message)
    except redis.RedisError as error:
        log.warning("hint not sent", extra={"channel": channel, "error": type(error).__name__})
        return False
    return True


def relay(tenant_id: UUID) -> None:
    """Tell the relay that this tenant has events to hand out."""
    publish(RELAY_CHANNEL, str(tenant_id))
