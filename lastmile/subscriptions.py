"""Who hears of what, on one page: events to handlers, and kinds of operations to those who run them."""

from __future__ import annotations

from collections.abc import Sequence

import dispatch.handlers
import dispatch.solving
from core import journal, operations

EVENTS: dict[str, Sequence[journal.Handler]] = {
    "operation.failed": [dispatch.handlers.on_operation_ended],
    "operation.cancelled": [dispatch.handlers.on_operation_ended],
    "order.cancelled": [dispatch.handlers.on_order_off],
    "order.needs_attention": [dispatch.handlers.on_order_off],
}

OPERATIONS: dict[str, operations.Runner] = {
    "solve": dispatch.solving.run,
}


def connect() -> None:
    """Wire the house: called once when Django is ready."""
    journal.subscribe(EVENTS)
    for kind, runner in OPERATIONS.items():
        operations.register(kind, runner)
