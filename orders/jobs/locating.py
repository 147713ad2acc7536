"""Orders that were received are located, batch by batch; the work may be repeated and interrupted at any point."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from core import clock, errors
from core.operations import Job
from core.words import say
from orders import geocoding
from orders.actions import locating
from orders.models import Order

BATCH = 200
REMOTE_BATCH = 3
"""A server is asked one address at a time and may take its ten seconds: a batch must end within the job's lease."""


def locate_orders(job: Job) -> None:
    """The runner of `locate_orders` operations. Orders that it cannot get to stay `received` for the next one."""
    after: UUID | None = None
    counts: Counter[str] = Counter()
    seen = 0
    with job.scope():
        total = Order.objects.filter(status="received").count()
    while True:
        try:
            geocoder = geocoding.from_settings()
            local = isinstance(geocoder, (geocoding.AtlasGeocoder, geocoding.NoGeocoder))
            with job.scope():
                orders = locating.waiting(after=after, limit=BATCH if local else REMOTE_BATCH)
            if not orders:
                break
            # No transaction is open while the geocoder is asked.
            answers = locating.ask(geocoder, [order.place for order in orders])
        except geocoding.GeocoderUnavailable as error:
            raise errors.Refused(
                "geocoder_unavailable",
                say("The addresses cannot be looked up right now. The orders are kept and it is tried again soon."),
            ) from error
        after = orders[-1].id
        with job.scope():
            seen += len(orders)
            go_on = job.progress({"done": seen, "total": max(total, seen)})
            counts += locating.store([order.id for order in orders], answers, at=clock.now())
        if not go_on:
            with job.finish(to="cancelled") as result:
                result.update(counts)
            return
    with job.finish() as result:
        result.update({"ready": counts["ready"], "needs_attention": counts["needs_attention"]})
