"""The relay: hands the outbox's events to their handlers, tenant by tenant, in batches and in order.

Woken through Redis the moment a transaction with events commits; without Redis it looks every `SWEEP_S` seconds, so
that a lost hint costs time and nothing else. Several relays may run: rows are claimed with SKIP LOCKED. A handler that
fails does not hold up others: its batch is tried one by one, what fails is tried again later with growing pauses, and
after `MAX_TRIES` it is parked for a person.

Two loops run side by side: one for what somebody waits for before a screen, one for all else, so that a board never
waits for what others work out from the same events.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from uuid import UUID

import redis
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from core import journal, tenancy, wake
from core.models import Delivery
from lastmile import health
from lastmile.subscriptions import BOARD

log = logging.getLogger(__name__)

BATCH = 500
SWEEP_S = 5.0
MAX_TRIES = 8
FIRST_PAUSE = timedelta(seconds=2)
SWITCH_S = 0.0005
"""How long one loop may compute on while the other has its answer from the database and waits for Python: with the
usual 5 ms, after each of its statements, the loop for screens waits too much."""
SHOWN = (journal.name_of(BOARD),)
"""The handlers that somebody waits for before a screen."""


def hand_out(tenant_id: UUID, *, only: Collection[str] = (), but: Collection[str] = ()) -> int:
    """Hand out one batch of the tenant's due deliveries in a transaction of its own; returns how many were handled.

    Of these handlers `only`, if any are named, and of none of those in `but`.
    """
    failed: list[Delivery] = []
    with tenancy.scope(tenant_id):
        wanted = Delivery.objects.filter(due_at__lte=timezone.now(), parked=False)
        if only:
            wanted = wanted.filter(handler__in=list(only))
        if but:
            wanted = wanted.exclude(handler__in=list(but))
        due = list(
            wanted.select_for_update(of=("self",), skip_locked=True)
            .select_related("event")
            .order_by("event_id")[:BATCH]
        )
        by_handler: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in due:
            by_handler[delivery.handler].append(delivery)
        for name, deliveries in by_handler.items():
            done = _handle(name, deliveries)
            Delivery.objects.filter(id__in=[delivery.id for delivery in done]).delete()
            kept = {delivery.id for delivery in done}
            failed += [delivery for delivery in deliveries if delivery.id not in kept]
    return len(due) - len(failed)


def _handle(name: str, deliveries: list[Delivery]) -> list[Delivery]:
    """Run a handler over its events, all at once, or one by one when that fails. Returns what was handled."""
    handler = journal.handler_named(name)
    if handler is None:
        # Nobody by this name listens any more: the subscription was taken away.
        return deliveries
    try:
        with transaction.atomic():
            handler([delivery.event for delivery in deliveries])
        return deliveries
    except Exception as error:
        if len(deliveries) == 1:
            _postpone(deliveries[0], error)
            return []
    done = []
    for delivery in deliveries:
        try:
            with transaction.atomic():
                handler([delivery.event])
            done.append(delivery)
        except Exception as error:
            _postpone(delivery, error)
    return done


def _postpone(delivery: Delivery, error: Exception) -> None:
    park = delivery.tries + 1 >= MAX_TRIES
    log.log(
        logging.ERROR if park else logging.WARNING,
        "handler failed",
        exc_info=error,
        extra={"handler": delivery.handler, "event": str(delivery.event_id), "tries": delivery.tries + 1},
    )
    journal.postpone(
        delivery, f"{type(error).__name__}: {error}", timezone.now() + FIRST_PAUSE * 2**delivery.tries, park=park
    )


def _show_pulse() -> None:
    """Without Redis nobody sees the pulse, but events are handed out all the same."""
    try:
        health.beat("relay")
    except health.PulseError as error:
        log.warning("pulse not written", extra={"error": str(error)[:200]})


class Relay:
    """The relay's loops: `run()` until SIGTERM, or until one of them fails."""

    def __init__(self) -> None:
        self.stopping = False
        self._heard: dict[str, float] = {}

    def run(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        screens = threading.Thread(target=self._serve, args=("screens",), kwargs={"only": SHOWN}, name="screens")
        screens.start()
        self._serve("rest", but=SHOWN)
        screens.join()

    def _serve(self, loop: str, **handlers: Collection[str]) -> None:
        """One loop. Where it ends, the other does too, and the supervisor starts the relay anew."""
        swept = 0.0
        try:
            for woken in self._hints():
                if self.stopping:
                    return
                self._beat(loop)
                try:
                    close_old_connections()
                    tenants = woken
                    if time.monotonic() - swept > SWEEP_S:
                        swept = time.monotonic()
                        tenants = set(tenancy.tenant_ids())
                    for tenant_id in tenants:
                        while hand_out(tenant_id, **handlers) == BATCH and not self.stopping:
                            self._beat(loop)
                except OperationalError as error:
                    log.warning("database away", extra={"error": str(error)[:200]})
                    time.sleep(1)
        finally:
            self.stopping = True
            connection.close()

    def _beat(self, loop: str) -> None:
        """Show the relay's pulse as long as both loops go round."""
        now = self._heard[loop] = time.monotonic()
        if len(self._heard) == 2 and now - min(self._heard.values()) < health.PULSE_TTL_S:
            _show_pulse()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _hints(self) -> Iterator[set[UUID]]:
        """The tenants woken since last time, or nobody after a second of silence."""
        while not self.stopping:
            try:
                client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2)
                with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(wake.RELAY_CHANNEL)
                    while not self.stopping:
                        yield self._drained(channel)
            except redis.RedisError as error:
                log.warning("redis away", extra={"error": type(error).__name__})
                yield set()
                time.sleep(1)

    @staticmethod
    def _drained(channel: redis.client.PubSub) -> set[UUID]:
        woken: set[UUID] = set()
        message = channel.get_message(timeout=1.0)
        while message is not None:
            if message["type"] == "message":
                woken.add(UUID(message["data"].decode()))
            message = channel.get_message(timeout=0.0)
        return woken
