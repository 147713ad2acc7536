"""Who hears of what, on one page: events to handlers, and kinds of operations to those who run them."""

from __future__ import annotations

from collections.abc import Sequence

import analytics.handlers
import dispatch.handlers
import dispatch.solving
import orders.handlers
import orders.jobs
import tracking.handlers
from core import journal, operations, tasks

BOARD = tracking.handlers.on_board_change

EVENTS: dict[str, Sequence[journal.Handler]] = {
    # "subject.*" hears every event of the subject.
    "order.*": [BOARD],
    "stop.*": [BOARD],
    "route.*": [BOARD],
    "plan.*": [BOARD],
    "operation.*": [BOARD],
    "driver.*": [BOARD],
    "vehicle.*": [BOARD],
    "depot.*": [BOARD],
    "shift.*": [BOARD],
    "order.received": [orders.handlers.on_order_received],
    "order.cancelled": [dispatch.handlers.on_order_off],
    "order.needs_attention": [dispatch.handlers.on_order_off],
    "order.delivered": [analytics.handlers.on_attempt],
    "order.attempt_failed": [analytics.handlers.on_attempt],
    "route.completed": [analytics.handlers.on_route_completed],
    "operation.failed": [dispatch.handlers.on_operation_ended],
    "operation.cancelled": [dispatch.handlers.on_operation_ended],
}

OPERATIONS: dict[str, operations.Runner] = {
    **orders.jobs.RUNNERS,
    "solve": dispatch.solving.run,
}


def connect() -> None:
    """Wire the house: called once when Django is ready."""
    journal.subscribe(EVENTS)
    for kind, runner in OPERATIONS.items():
        operations.register(kind, runner)
    operations.on_wake(tasks.wake_worker)
    operations.on_progress(tracking.handlers.show_progress)
