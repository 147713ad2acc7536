"""A phone's clock is kept as it was and corrected as well as it can be."""

from __future__ import annotations

from datetime import datetime, timedelta

SKEW_WORTH = timedelta(minutes=2)
OLDEST = timedelta(days=7)


def skew_of(sent_at: datetime | None, now: datetime) -> timedelta:
    """How far the phone's clock is behind, by when it says it sent the request; small differences are the network's."""
    if sent_at is None or abs(now - sent_at) < SKEW_WORTH:
        return timedelta(0)
    return now - sent_at


def corrected(device_at: datetime, skew: timedelta, now: datetime) -> datetime:
    """When it happened, as well as it can be known: never in the future, and now when the clock makes no sense."""
    try:
        happened = device_at + skew
    except OverflowError:
        return now
    return now if happened < now - OLDEST else min(happened, now)
