"""The roof's own tasks: the pulse of each queue, and an hourly tidying."""

from datetime import timedelta

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from lastmile import health


@shared_task(name="lastmile.tasks.pulse", acks_late=False)
def pulse(part: str) -> None:
    """Prove that a worker of this part consumes its queue."""
    health.beat(part)


@shared_task(name="lastmile.tasks.tidy")
def tidy() -> None:
    """Delete sessions that have ended and failed sign-ins that count no more."""
    SessionStore.clear_expired()
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - 2 * cool_off).delete()
