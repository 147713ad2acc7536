"""Who hears of what, on one page: events to handlers, and kinds of operations to those who run them."""

from __future__ import annotations

from collections.abc import Sequence

import analytics.handlers
import dispatch.automation_handlers
import dispatch.handlers
import dispatch.proposing
import dispatch.solving
import dispatch.solving_parts
import notifications.handlers
import notifications.hearing
import notifications.message_handlers
import orders.handlers
import orders.jobs
import tracking.exception_handlers
import tracking.handlers
from core import journal, operations, tasks

BOARD = tracking.handlers.on_board_change
FACT = analytics.handlers.on_attempt
LINK_ENDS = tracking.handlers.on_order_end
QUEUE = tracking.exception_handlers.on_day_changed
OCCASION = dispatch.automation_handlers.on_occasion
ARRIVALS = tracking.handlers.on_route_disturbed
LEAVES_STOP = dispatch.handlers.on_order_off
SOLVE_ENDED = dispatch.handlers.on_operation_ended

EVENTS: dict[str, Sequence[journal.Handler]] = {
    # "subject.*" hears every event of the subject.
    "order.*": [BOARD, QUEUE],
    "order.ready": [OCCASION],
    "order.received": [orders.handlers.on_order_received],
    "order.needs_attention": [LEAVES_STOP],
    "order.delivered": [FACT, LINK_ENDS],
    "order.attempt_failed": [FACT],
    "order.cancelled": [LEAVES_STOP, LINK_ENDS],
    "order.returned": [LINK_ENDS],
    "order.message_sent": [notifications.message_handlers.on_message_sent],
    "stop.*": [BOARD, QUEUE],
    "stop.allocated": [tracking.handlers.on_stop_allocated],
    "stop.proposed": [tracking.exception_handlers.on_proposed],
    "stop.unassigned": [ARRIVALS],
    "stop.cancelled": [ARRIVALS],
    "stop.skipped": [ARRIVALS],
    "route.*": [BOARD, QUEUE],
    "route.completed": [analytics.handlers.on_route_completed],
    "exception.opened": [OCCASION],
    "plan.*": [BOARD],
    "operation.*": [BOARD],
    "operation.failed": [SOLVE_ENDED],
    "operation.cancelled": [SOLVE_ENDED],
    "driver.*": [BOARD, QUEUE],
    "vehicle.*": [BOARD],
    "depot.*": [BOARD],
    "zone.*": [BOARD],
    "shift.*": [BOARD],
}

OPERATIONS: dict[str, operations.Runner] = {
    **orders.jobs.RUNNERS,
    "solve": dispatch.solving.run,
    dispatch.solving_parts.KIND: dispatch.solving_parts.run,
    "propose": dispatch.proposing.run,
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
