"""The roof's own tasks: the pulse of each queue."""

from celery import shared_task

from lastmile import health


@shared_task(name="lastmile.tasks.pulse", acks_late=False)
def pulse(part: str) -> None:
    """Prove that a worker of this part consumes its queue."""
    health.beat(part)
