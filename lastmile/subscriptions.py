"""Who hears of what, on one page: events to handlers, and kinds of operations to those who run them."""

from __future__ import annotations

from collections.abc import Sequence

import analytics.handlers
import dispatch.handlers
import dispatch.solving
import notifications.handlers
import notifications.hearing
import orders.handlers
import orders.jobs
import tracking.handlers
from core import journal, operations, tasks

BOARD = tracking.handlers.on_board_change
FACT = analytics.handlers.on_attempt
LINK_ENDS = tracking.handlers.on_order_end
ARRIVALS = tracking.handlers.on_route_disturbed
LEAVES_STOP = dispatch.handlers.on_order_off
SOLVE_ENDED = dispatch.handlers.on_operation_ended

EVENTS: dict[str, Sequence[journal.Handler]] = {
    # "subject.*" hears every event of the subject.
    "order.*": [BOARD],
    "order.received": [orders.handlers.on_order_received],
    "order.needs_attention": [LEAVES_STOP],
    "order.delivered": [FACT, LINK_ENDS],
    "order.attempt_failed": [FACT],
    "order.cancelled": [LEAVES_STOP, LINK_ENDS],
    "order.returned": [LINK_ENDS],
    "stop.*": [BOARD],
    "stop.allocated": [tracking.handlers.on_stop_allocated],
    "stop.unassigned": [ARRIVALS],
    "stop.cancelled": [ARRIVALS],
    "stop.skipped": [ARRIVALS],
    "route.*": [BOARD],
    "route.completed": [analytics.handlers.on_route_completed],
    "plan.*": [BOARD],
    "operation.*": [BOARD],
    "operation.failed": [SOLVE_ENDED],
    "operation.cancelled": [SOLVE_ENDED],
    "driver.*": [BOARD],
    "vehicle.*": [BOARD],
    "depot.*": [BOARD],
    "shift.*": [BOARD],
}

OPERATIONS: dict[str, operations.Runner] = {
    **orders.jobs.RUNNERS,
    "solve": dispatch.solving.run,
}


def connect() -> None:
    """Wire the house: called once when Django is ready."""
    heard: dict[str, Sequence[journal.Handler]] = dict(EVENTS)
    for kind in notifications.hearing.HEARING:
        heard[kind] = [*heard.get(kind, ()), notifications.handlers.on_tellable]
    journal.subscribe(heard)
    for kind, runner in OPERATIONS.items():
        operations.register(kind, runner)
    operations.on_wake(tasks.wake_worker)
    operations.on_progress(tracking.handlers.show_progress)
