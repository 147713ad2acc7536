"""`manage.py relay`: hand the outbox's events to their handlers until told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from lastmile.relay import Relay


class Command(BaseCommand):
    help = "Hand out the outbox's events to their handlers until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        Relay().run()
