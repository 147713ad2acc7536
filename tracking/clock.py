"""What time it is for a phone: the server's time, or the played time of a simulated day in development.

A simulation that plays a shift faster than life sends its own time with each request (`Lastmile-Clock`, RFC 3339).
It is heeded in development only, and only where a phone's own instants are judged; the journal keeps the server's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tracking.models import LastPosition

HEADER = "Lastmile-Clock"
SKEW_WORTH = timedelta(minutes=2)
OLDEST = timedelta(days=7)
PLAYED_FROM = timedelta(minutes=20)


def now_of(request: HttpRequest) -> datetime:
    """The time by which this phone's instants are judged."""
    text = request.headers.get(HEADER, "")
    if text and len(text) <= 40 and (settings.DEVELOPMENT or settings.TESTING):
        try:
            played = parse_datetime(text)
        except ValueError:
            played = None
        if played is not None and played.tzinfo is not None and 2000 < played.year < 3000:
            return played.astimezone(UTC)
    return timezone.now()


def played(last: LastPosition | None, at: datetime) -> datetime:
    """The phone's present time when the server's is `at`: another one only while a simulation plays its day."""
    if last is None or not (settings.DEVELOPMENT or settings.TESTING):
        return at
    ahead = last.fix_at - last.received_at
    return at + ahead if abs(ahead) > PLAYED_FROM else at


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
